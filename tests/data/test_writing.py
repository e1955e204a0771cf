"""A table is written whole, in the format that the ending names, and can be read again."""

import json

import polars as pl
import pytest

from roadworthy.data.writing import read_written, write_table
from roadworthy.kernel.errors import PlaceError

FRAME = pl.DataFrame(
    {
        "n": [1, None],
        "w": ['a "quoted", word', "ü\n"],
        "l": [[1, 2], None],
        "s": [{"a": 1}, None],
        "b": [b"\x00\xff", None],
    }
)


def test_parquet_is_the_same_table(tmp_path):
    write_table(FRAME, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(FRAME)


def test_csv_writes_lists_as_json(tmp_path):
    write_table(FRAME, tmp_path / "t.csv")
    back = pl.read_csv(tmp_path / "t.csv")
    assert back["w"].to_list() == FRAME["w"].to_list()
    assert json.loads(back["l"][0]) == [1, 2]
    assert json.loads(back["s"][0]) == {"a": 1}
    assert back["b"][0] == "00ff"
    assert back["l"][1] is None


def test_json_lines(tmp_path):
    write_table(FRAME, tmp_path / "t.JSONL")
    first = json.loads((tmp_path / "t.JSONL").read_text("utf-8").splitlines()[0])
    assert first == {"n": 1, "w": 'a "quoted", word', "l": [1, 2], "s": {"a": 1}, "b": "00ff"}


def test_another_ending_is_refused_and_the_nearest_offered(tmp_path):
    with pytest.raises(PlaceError, match="parquet"):
        write_table(FRAME, tmp_path / "t.parqet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.jsonl"])
def test_what_was_written_is_read_as_it_was(tmp_path, name):
    texts = pl.DataFrame({"a": ["x", None, "", ' q "z", ', "12"], "b": ["ü\n", "1", None, "NA", ""]})
    write_table(texts, tmp_path / name)
    assert read_written(tmp_path / name).equals(texts)
    with pytest.raises(PlaceError, match="cannot be read"):
        read_written(tmp_path / f"no{name}")
