"""Any file is told by its content; what nothing reads is a clear error."""

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pytest

from roadworthy.data.opening import open_data, recognise
from roadworthy.data.source import RawTable
from roadworthy.kernel.errors import SourceError
from roadworthy.wiring.assembly import catalogue
from roadworthy.wiring.builtin import SOURCES

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def _parquet() -> bytes:
    buffer = io.BytesIO()
    FRAME.write_parquet(buffer)
    return buffer.getvalue()


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "a,b\n1,2\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("t.csv", b"a,b\n1,2\n", "csv"),
        ("t.csv", _parquet(), "parquet"),
        ("t.csv", b"<!DOCTYPE html><html><body>404</body></html>", "HTML page"),
        ("t.csv", b"%PDF-1.7\n...", "documents"),
        ("t.csv", gzip.compress(b"a,b\n1,2\n"), "csv"),
        ("t.json.gz", gzip.compress(b'{"a": 1}'), "json"),
        ("t.csv", "a;b\n1;ü\n".encode("utf-16"), "csv"),
        ("t.csv", "a;b\n1;2\n".encode("utf-16-le"), "csv"),
        ("t.xlsx", _zip("[Content_Types].xml", "xl/workbook.xml"), "excel"),
        ("t.docx", _zip("[Content_Types].xml", "word/document.xml"), "documents"),
        ("t.zip", _zip("a.csv", "b.csv", "readme.txt"), "csv"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "excel"),
        ("t.json", b'[{"a": 1}, {"a": 2}]', "json"),
        ("t.txt", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("t.json", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("t", b'<?xml version="1.0"?><r/>', "xml"),
        ("access", b'1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326\n' * 3, "log"),
        ("syslog", b"Oct 11 22:14:15 mymachine su: 'su root' failed\n" * 3, "log"),
        ("m.eml", b"From: a@b.c\nSubject: hi\n\nhello\n", "mail"),
        ("m", b"From a@b.c Thu Aug 22 12:36:23 2002\nFrom: a@b.c\nSubject: hi\n\nhello\n", "mail"),
        ("p.dat", b"\x89PNG\r\n\x1a\n" + bytes(20), "images"),
        ("s.dat", b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio"),
        ("v.dat", b"\x00\x00\x00\x18ftypmp42" + bytes(8), "video"),
        ("m.pkl", b"\x80\x04\x95\x00\x00", "Python pickle"),
        ("t.parquet", b"a,b\n1,2\n", "csv"),
        ("x.bin", bytes(range(256)) * 8, "unknown binary file"),
        ("notes.txt", b"one\ntwo\n", "text"),
        ("bmi.csv", b"BMI,age\n20,3\n", "csv"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_content_first_ending_second(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    found = recognise(tmp_path / name)
    assert found.kind == kind
    assert found.why


def test_folders(tmp_path: Path) -> None:
    FRAME.write_delta(tmp_path / "delta")
    assert recognise(tmp_path / "delta").kind == "delta"
    (tmp_path / "mixed").mkdir()
    for number in range(3):
        (tmp_path / "mixed" / f"{number}.csv").write_text("a,b\n1,2\n")
    (tmp_path / "mixed" / "readme.txt").write_text("hello")
    assert recognise(tmp_path / "mixed").kind == "csv"
    (tmp_path / "none").mkdir()
    assert recognise(tmp_path / "none").kind == "empty folder"


def test_a_database_file_is_one(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "t.csv") as connection:
        connection.execute("create table t (a)")
    connection.close()
    assert recognise(tmp_path / "t.csv").kind == "database"


def test_open_without_a_declaration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = catalogue("source", SOURCES)
    (tmp_path / "t.csv").write_bytes(_parquet())
    (table,) = open_data(tmp_path / "t.csv", sources=sources)
    assert isinstance(table, RawTable)
    assert table.frame.equals(FRAME)
    monkeypatch.chdir(tmp_path)
    (table,) = open_data("*.csv", sources=sources, kind="parquet", options={"columns": ["b"]})
    assert isinstance(table, RawTable)
    assert table.frame.columns == ["b"]
    assert len(list(open_data(str(tmp_path / "*.csv"), sources=sources))) == 1


def test_what_cannot_be_opened_is_said_clearly(tmp_path: Path) -> None:
    sources = catalogue("source", SOURCES)
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04\x95\x00")
    for place, kind, words in (
        (tmp_path / "m.pkl", None, "Python pickle.*\n.*\n.*what can be read: mail, csv"),
        (tmp_path / "none.csv", None, "nothing lies there"),
        (tmp_path / "m.pkl", "parqet", 'did you mean "parquet"'),
    ):
        with pytest.raises(SourceError, match=words):
            list(open_data(place, sources=sources, kind=kind))
