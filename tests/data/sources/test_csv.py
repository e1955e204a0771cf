"""Delimited text: what is written comes back, whatever the dialect; what is broken is told with its line."""

import bz2
import csv as standard
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.delimited import records, transcoding
from roadworthy.data.source import RawTable, SourceContext
from roadworthy.data.sources.csv import csv
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import RoadworthyError, SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Silent


class Read:
    """A file as it was read."""

    def __init__(self, root: Path, path: str, **options: Any) -> None:
        declared = Source(kind="csv", path=path, options=options)
        context = SourceContext(root=root, target="", data=Data(sources=(declared,)), progress=Silent())
        given = list(csv(declared, context=context))
        self.tables = [one for one in given if isinstance(one, RawTable)]
        self.frame = pl.concat([one.frame for one in self.tables])
        self.names = pl.concat([one.row_names() for one in self.tables]).to_list()
        self.findings = [one for one in given if isinstance(one, Finding)]

    def told(self, check: str) -> list[str]:
        return [one.summary for one in self.findings if one.check == check]


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Read]:
    def read(content: bytes | str, name: str = "t.csv", **options: Any) -> Read:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return Read(tmp_path, name, **options)

    return read


Reading = Callable[..., Read]


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("a,b\n1,2\n3,4\n", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("a;b\n1,5;2\n2,5;3", ["a", "b"], [("1,5", "2"), ("2,5", "3")]),
        ("a\tb\n1 x\t2\n", ["a", "b"], [("1 x", "2")]),
        ("a|b\n1|2\n", ["a", "b"], [("1", "2")]),
        ("1  2 3\n4 5   6\n", ["column_1", "column_2", "column_3"], [("1", "2", "3"), ("4", "5", "6")]),
        ('a,b\n"x, y","say ""hi"""\n', ["a", "b"], [("x, y", 'say "hi"')]),
        ("a;b\n'x; y';'z'\n'u';'v'\n", ["a", "b"], [("x; y", "z"), ("u", "v")]),
        ('id,text\n1,"two\nlines"\n2,one\n', ["id", "text"], [("1", "two\nlines"), ("2", "one")]),
        ('id\ttext\n1\tsay "hi\n2\tbye" now\n', ["id", "text"], [("1", 'say "hi'), ("2", 'bye" now')]),
        ("39, Priv, 7\n50, Gov, 8\n", ["column_1", "column_2", "column_3"], [("39", "Priv", "7"), ("50", "Gov", "8")]),
        ("a,b\r\n1,2\r\n3,4\n5,6\r\n", ["a", "b"], [("1", "2"), ("3", "4"), ("5", "6")]),
        ("a,b\r1,2\r3,4\r", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("# made by x\n# on 2024\na,b\n1,2\n3,4\n", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("sep=;\na;b\n1;2\n", ["a", "b"], [("1", "2")]),
        ("Report of sales\n\na,b\n1,2\n3,4\n", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("zip\n00123\n00456\n", ["zip"], [("00123",), ("00456",)]),
        ("a,b\n", ["a", "b"], []),
        ("\ufeffa,b\n1,2\n", ["a", "b"], [("1", "2")]),
        ("a,a,\n1,2,3\n", ["a", "a_2", "column_3"], [("1", "2", "3")]),
        ("in,2019,2020\nDE,3.4,3.5\nFR,2,3\n", ["in", "2019", "2020"], [("DE", "3.4", "3.5"), ("FR", "2", "3")]),
        ("ann,3\nbob,4\nann,5\n", ["column_1", "column_2"], [("ann", "3"), ("bob", "4"), ("ann", "5")]),
        ("code,n\n1e5,12345678901234567890\n", ["code", "n"], [("1e5", "12345678901234567890")]),
        ("a,b\n x , y\n", ["a", "b"], [(" x ", " y")]),
    ],
)  # fmt: skip
def test_a_text_tells_how_it_is_written(reading: Reading, content: str, names: list[str], rows: list[Any]) -> None:
    found = reading(content)
    assert found.frame.columns == names
    assert found.frame.rows() == rows or found.frame.with_columns(pl.all().str.strip_chars()).rows() == rows


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_encodings(reading: Reading, encoding: str) -> None:
    text = "name;city\n" + "Jürgen;Köln\nZoë;Zürich\nAnn;Bonn\n" * 30
    assert reading(text.encode(encoding)).frame.head(2).rows() == [("Jürgen", "Köln"), ("Zoë", "Zürich")]
    assert reading(text.encode(encoding), encoding=encoding).frame.height == 90


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("город;имя\nМосква;Иван\n", "cp1251"),
     ("город;имя\nМосква;Иван\n", "koi8-r"),
     ("πόλη;χώρα\nΑθήνα;Ελλάδα\n", "cp1253"),
     ("都市;国\n東京;にほん\n", "shift_jis")],
)  # fmt: skip
def test_old_encodings_of_other_scripts_are_guessed_and_said(reading: Reading, text: str, encoding: str) -> None:
    found = reading(text.encode(encoding))
    assert found.frame.rows() == [tuple(text.splitlines()[1].split(";"))]
    assert encoding in found.told("data.charset")[0]


def test_lines_of_another_encoding_are_named(reading: Reading) -> None:
    found = reading(b"id,name\n" + "1,Köln\n".encode() * 18_000 + "2,Zürich\n".encode("cp1252") + b"3,x\n")
    assert found.frame["name"][-2] == "Zürich"
    assert "line 18002" in found.told("data.charset")[0]
    with pytest.raises(SourceError, match=r"t\.csv:2\b"):
        reading("id,name\n1,Zürich\n".encode("cp1252"), encoding="utf-8")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_packed_files_whatever_their_name(reading: Reading, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"a,b\n1,2\n")
    assert reading(packed).frame.rows() == [("1", "2")]


def test_ragged_lines_are_kept_where_nothing_is_lost_and_set_aside_else(reading: Reading) -> None:
    found = reading("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,\nTotal: 4 rows\n13,14,15\n")
    assert found.frame.rows() == [("1", "2", "3"), ("4", "5", None), ("10", "11", "12"), ("13", "14", "15")]
    assert found.names == ["t.csv:2", "t.csv:3", "t.csv:5", "t.csv:7"]
    rows = {
        one.summary.split(" of ")[0] + str(one.evidence["rows"]) for one in found.findings if one.check == "data.lines"
    }
    assert rows == {
        "1 line['t.csv:3']", "1 line['t.csv:4']", "1 line['t.csv:5']", "1 line['t.csv:6']",
    }  # fmt: skip


def test_a_quote_that_never_closes_does_not_swallow_the_file(reading: Reading) -> None:
    body = "".join(f'{n},"v{n}",w\n' for n in range(3, 2000))
    found = reading('a,b,c\n1,x,"y, z"\n2,"open,w\n' + body)
    assert found.frame.height == 1999
    assert found.frame.row(1) == ("2", '"open', "w")
    assert "never closed" in found.told("data.lines")[0]
    assert found.names[-1] == "t.csv:2000"


def test_zero_bytes_are_kept_and_named(reading: Reading) -> None:
    found = reading(b"a,b\n1,x\x00y\n2,z\n")
    assert found.frame["b"].to_list() == ["x\x00y", "z"]
    assert "line 2" in found.told("data.lines")[0]


def test_many_columns_and_long_cells(reading: Reading) -> None:
    names = [f"c{n}" for n in range(1000)]
    long = "x" * 100_000
    found = reading(",".join(names) + "\n" + ",".join([long, *["1"] * 999]) + "\n" + ",".join(["2"] * 1000) + "\n")
    assert found.frame.shape == (2, 1000)
    assert found.frame["c0"][0] == long


def test_words_for_missing_values_and_comments_as_declared(reading: Reading) -> None:
    found = reading("a,b\n#no,1\nNA,2\nx,none\n", comment="#", missing=["none"])
    assert found.frame.rows() == [("NA", "2"), ("x", None)]
    with pytest.raises(SourceError, match='did you mean "separator"'):
        reading("a,b\n", seperator=";")
    with pytest.raises(SourceError, match="one ASCII character"):
        reading("a,b\n1,2\n", separator="::")


def test_a_file_in_parts_has_the_right_lines(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoding, "_PIECE", 1000)
    rows = [(str(n), f'text "{n}"\nwith lines' if n % 3 else "") for n in range(500)]
    buffer = io.StringIO()
    standard.writer(buffer, lineterminator="\n").writerows([("id", "text"), *rows])
    found = reading(buffer.getvalue())
    assert len(found.tables) > 5
    assert found.frame.rows() == [(a, b or None) for a, b in rows]
    lines = buffer.getvalue().split("\n")
    for name, (key, _) in zip(found.names, rows, strict=True):
        assert lines[int(name.rpartition(":")[2]) - 1].startswith(f"{key},")


def test_archives_of_several_tables_and_what_is_hostile_in_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("one.csv", "a,b\n1,2\n")
        archive.writestr("in/two.csv", "a,b\n3,4\n")
        archive.writestr("../out.csv", "a,b\n5,6\n")
        archive.writestr("README.txt", "hello")
    found = Read(tmp_path, "t.zip")
    assert found.names == ["t.zip/one.csv:2", "t.zip/in/two.csv:2"]
    assert [one.evidence["member"] for one in found.findings if one.check == "data.hostile"] == ["../out.csv"]
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        whole = tarfile.TarInfo("a.csv")
        whole.size = 8
        tar.addfile(whole, io.BytesIO(b"a,b\n1,2\n"))
    found = Read(tmp_path, "t.tar")
    assert found.frame.rows() == [("1", "2")]
    assert [one.evidence["member"] for one in found.findings if one.check == "data.hostile"] == ["link.csv"]


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n9,9\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "t.csv").write_text("a,b\n1,2\n")
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    found = Read(tmp_path, "in")
    assert found.frame.rows() == [("1", "2")]
    assert [one.evidence["member"] for one in found.findings if one.check == "data.readable"] == ["link.csv"]


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.csv.gz", "wb", compresslevel=9) as stream:
        for _ in range(100):
            stream.write(b"a,b\n" + b"0" * (1 << 20))
    with pytest.raises(SourceError, match=r"hostile[\s\S]*bomb\.csv\.gz"):
        Read(tmp_path, "bomb.csv.gz")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"  \n\n", "empty"), (gzip.compress(b"a,b\n1,2\n" * 999, mtime=0)[:-20], "unpacked|damaged")],
)
def test_nothing_to_read_is_an_error_that_names_the_file(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(SourceError, match=rf"(?s)(?:{words}).*t\.csv|t\.csv.*(?:{words})"):
        Read(tmp_path, "t.csv")


CELL = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\x00\x85\u2028\u2029"), max_size=8)
TABLE = st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    TABLE, st.sampled_from(",;\t|"), st.sampled_from([standard.QUOTE_ALL, standard.QUOTE_MINIMAL]), st.integers(1, 99)
)
def test_law_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], separator: str, quoting: Any, size: int
) -> None:
    folder = tmp_path_factory.mktemp("law")
    width = len(rows[0]) if rows else 2
    buffer = io.StringIO()
    writer = standard.writer(buffer, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerows([[f"name_{n}" for n in range(width)], *rows])
    (folder / "t.csv").write_bytes(buffer.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcoding, "_PIECE", size)
        found = Read(folder, "t.csv", separator=separator, header=True, missing=["never"], quote='"')
    assert [list(row) for row in found.frame.rows()] == rows


@settings(derandomize=True, max_examples=200, deadline=None)
@given(TABLE, st.sampled_from(",;\t|"))
def test_law_fast_and_slow_readers_agree(rows: list[list[str]], separator: str) -> None:
    buffer = io.StringIO()
    standard.writer(buffer, delimiter=separator, lineterminator="\n").writerows(rows)
    text, width = buffer.getvalue(), len(rows[0]) if rows else 2
    shape = records.Shape(separator=separator, width=width)
    fast = list(records.parts(iter([text.encode()]), shape))
    place, slow = 0, []
    while place < len(text):
        record = records.record_at(text, place, shape)
        slow.append(record.fields)
        place = record.end
    assert [list(row) for part in fast for row in part.cells.rows()] == slow == rows


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="ab1,;\"\n\r\t| #'é", max_size=200).map(str.encode))
def test_fuzz_any_bytes_give_a_table_or_our_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "t.csv").write_bytes(content)
    try:
        found = Read(folder, "t.csv")
    except RoadworthyError as err:
        assert "t.csv" in str(err)  # noqa: PT017  # either end is right
    else:
        assert len(found.names) == found.frame.height
