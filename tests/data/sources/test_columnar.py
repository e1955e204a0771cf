"""Parquet and Arrow: typed, in parts, from folders; damage is told with its place."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from roadworthy.data.source import RawTable, SourceContext
from roadworthy.data.sources import columnar
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Silent

NESTED = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["a", None, "c"],
        "tags": [["x", "y"], [], None],
        "place": [{"lat": 1.5}, {"lat": None}, None],
        "day": [date(2024, 1, 2), None, date(1999, 12, 31)],
    }
)


def read(root: Path, path: str, kind: str = "parquet", **options: Any) -> list[RawTable | Finding]:
    declared = Source(kind=kind, path=path, options=options)
    context = SourceContext(root=root, target="", data=Data(sources=(declared,)), progress=Silent())
    source = columnar.parquet if kind == "parquet" else columnar.arrow
    return list(source(declared, context=context))  # type: ignore[arg-type]  # no mail comes from these


def tables(found: list[RawTable | Finding]) -> list[RawTable]:
    return [one for one in found if isinstance(one, RawTable)]


@pytest.mark.parametrize(("kind", "write"), [("parquet", "parquet"), ("arrow", "ipc"), ("arrow", "ipc_stream")])
def test_types_nested_ones_too_come_as_they_are(tmp_path: Path, kind: str, write: str) -> None:
    getattr(NESTED, f"write_{write}")(tmp_path / "t")
    (found,) = tables(read(tmp_path, "t", kind))
    assert found.frame.equals(NESTED)
    assert found.frame.schema == NESTED.schema
    assert found.row_names().to_list() == ["t:1", "t:2", "t:3"]


def test_a_long_file_comes_in_parts_with_running_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "_PART", 100)
    frame = pl.DataFrame({"n": range(1000)})
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=150)
    parts = tables(read(tmp_path, "t.parquet"))
    assert len(parts) > 5
    assert pl.concat(part.frame for part in parts).equals(frame)
    names = pl.concat(part.row_names() for part in parts)
    assert names.to_list() == [f"t.parquet:{row}" for row in range(1, 1001)]


def test_folders_give_columns_and_other_files_are_left_alone(tmp_path: Path) -> None:
    for year, place in (("2023", "S%C3%A3o"), ("2024", "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "sales" / f"year={year}" / f"place={place}"
        folder.mkdir(parents=True)
        pl.DataFrame({"n": [int(year)]}).write_parquet(folder / "0.parquet")
        (folder / "_SUCCESS").touch()
        (folder / "readme.txt").write_text("no table")
    found = tables(read(tmp_path, "sales"))
    assert [table.frame.to_dicts() for table in found] == [
        [{"n": 2023, "year": "2023", "place": "São"}],
        [{"n": 2024, "year": "2024", "place": None}],
    ]
    assert tables(read(tmp_path, "sales", columns=["year"]))[0].frame.columns == ["year"]
    assert tables(read(tmp_path, "sales/*/*/*.parquet", partitions=False))[0].frame.columns == ["n"]


def test_a_truncated_file_is_a_finding_beside_whole_ones_and_an_error_alone(tmp_path: Path) -> None:
    whole = pl.DataFrame({"n": range(5000)})
    whole.write_parquet(tmp_path / "a.parquet")
    raw = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(raw[: len(raw) // 2])
    (tmp_path / "c.parquet").write_bytes(b"")
    found = read(tmp_path, "*.parquet")
    findings = [one for one in found if isinstance(one, Finding)]
    assert [one.subject for one in findings] == ["b.parquet", "c.parquet"]
    assert tables(found)[0].frame.height == 5000
    with pytest.raises(SourceError, match=r"b\.parquet"):
        read(tmp_path, "b.parquet")
    with pytest.raises(SourceError, match="damaged or of another kind"):
        read(tmp_path, "a.parquet", "arrow")


def test_a_file_that_breaks_in_the_middle_names_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "_PART", 1000)
    frame = pl.DataFrame({"n": [f"{row:08d}" * 4 for row in range(20_000)]})
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=2000, compression="zstd", use_pyarrow=False)
    raw = bytearray((tmp_path / "t.parquet").read_bytes())
    for at in range(len(raw) // 2, len(raw) // 2 + 2000):
        raw[at] ^= 0x5A
    (tmp_path / "t.parquet").write_bytes(raw)
    with pytest.raises(SourceError, match=r"t\.parquet, after row [\d,]+"):
        read(tmp_path, "t.parquet")


def test_wrong_words_offer_the_nearest(tmp_path: Path) -> None:
    NESTED.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(SourceError, match='did you mean "columns"'):
        read(tmp_path, "t.parquet", colums=["id"])
    with pytest.raises(SourceError, match='did you mean "name"'):
        read(tmp_path, "t.parquet", columns=["nam"])
