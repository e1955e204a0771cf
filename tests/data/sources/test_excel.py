"""Workbooks: sheets, merged headers, formulas, errors, epochs; bombs and damage are told."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from roadworthy.data.source import RawTable, SourceContext
from roadworthy.data.sources.excel import excel
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Silent


def read(root: Path, path: str = "b.xlsx", **options: Any) -> tuple[list[RawTable], list[Finding]]:
    declared = Source(kind="excel", path=path, options=options)
    context = SourceContext(root=root, target="", data=Data(sources=(declared,)), progress=Silent())
    given = list(excel(declared, context=context))
    return [one for one in given if isinstance(one, RawTable)], [one for one in given if isinstance(one, Finding)]


def save(folder: Path, rows: list[list[Any]], change: Callable[[Any, Any], None] | None = None) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(folder / "b.xlsx")


def rezip(folder: Path, change: Callable[[str, bytes], bytes]) -> None:
    held = zipfile.ZipFile(folder / "b.xlsx")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in held.namelist():
            archive.writestr(name, change(name, held.read(name)))
    (folder / "b.xlsx").write_bytes(buffer.getvalue())


def test_cells_come_exactly(tmp_path: Path) -> None:
    row = [111, 0.25, "007", True, date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5), "é\nü", None]  # noqa: DTZ001  # a workbook knows no zones
    save(tmp_path, [["big", "float", "code", "yes", "day", "at", "text", "none"], row])
    rezip(tmp_path, lambda _name, data: data.replace(b"<v>111</v>", b"<v>12345678901234567</v>"))
    rezip(tmp_path, lambda _name, data: data.replace(b"<v>0.25</v>", b"<v>0.30000000000000004</v>"))
    (table,), findings = read(tmp_path)
    assert table.frame.row(0) == (
        *("12345678901234567", "0.30000000000000004", "007", "TRUE", "2024-02-29", "2024-01-02 03:04:05", "é\nü"),
        None,
    )
    assert table.row_names().to_list() == ["b.xlsx:S:2"]
    assert findings == []


def test_sheets_hidden_ones_and_the_other_epoch(tmp_path: Path) -> None:
    def change(book: Any, _sheet: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        more = book.create_sheet("More")
        more.append(["day", "n"])
        more.append([date(2024, 2, 29), 1])
        hidden = book.create_sheet("Secret")
        hidden.append(["a", "b"])
        hidden.append([1, 2])
        hidden.sheet_state = "hidden"

    save(tmp_path, [["a", "b"], [1, 2]], change)
    tables, findings = read(tmp_path)
    assert [table.archive for table in tables] == ["b.xlsx:S", "b.xlsx:More"]
    assert tables[1].frame.row(0) == ("2024-02-29", "1")
    assert ["hidden" in one.summary for one in findings] == [True]
    assert read(tmp_path, sheets=["Secret"])[0][0].frame.rows() == [("1", "2")]
    with pytest.raises(SourceError, match='did you mean "Secret"'):
        read(tmp_path, sheets="Secrets")
    with pytest.raises(SourceError, match='did you mean "sheets"'):
        read(tmp_path, sheet="S")


def test_merged_headers_and_titles(tmp_path: Path) -> None:
    def change(_book: Any, sheet: Any) -> None:
        sheet.merge_cells("B2:C2")
        sheet.merge_cells("A2:A3")

    rows = [["Report of 2024"], ["id", "Sales", None], [None, "2023", "2024"], ["x", 1, 2], ["y", 3, 4]]
    save(tmp_path, rows, change)
    (table,), _ = read(tmp_path)
    assert table.frame.columns == ["id", "Sales / 2023", "Sales / 2024"]
    assert table.frame.rows() == [("x", "1", "2"), ("y", "3", "4")]
    assert read(tmp_path, header=0)[0][0].frame.height == 4


def test_formulas_and_errors_are_missing_and_named(tmp_path: Path) -> None:
    save(tmp_path, [["a", "b"], [1, "=A2*2"], [2, 4]])
    (table,), findings = read(tmp_path)
    assert table.frame.rows() == [("1", None), ("2", "4")]
    assert findings[0].evidence["rows"] == ["S!B2"]

    def stored(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        data = data.replace(b"<f>A2*2</f><v />", b"<f>A2*2</f><v>2</v>").replace(
            b"<f>A2*2</f><v></v>", b"<f>A2*2</f><v>2</v>"
        )
        return data.replace(b'<c r="B3" t="n"><v>4</v></c>', b'<c r="B3" t="e"><v>#DIV/0!</v></c>')

    rezip(tmp_path, stored)
    (table,), findings = read(tmp_path)
    assert table.frame.rows() == [("1", "2"), ("2", None)]
    assert [(one.check, one.evidence["rows"]) for one in findings] == [("data.cells", ["S!B3"])]
    assert "#DIV/0!" in findings[0].summary


def test_an_empty_sheet_and_a_header_alone(tmp_path: Path) -> None:
    save(tmp_path, [])
    with pytest.raises(SourceError, match="the sheet is empty"):
        read(tmp_path)
    save(tmp_path, [["a", "b"]])
    assert read(tmp_path)[0][0].frame.shape == (0, 2)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda _data: b"\xd0\xcf\x11\xe0" + bytes(600), "old format"),
        (lambda _data: b"no workbook", "damaged"),
    ],
)
def test_damage_is_told(tmp_path: Path, make: Callable[[bytes], bytes], words: str) -> None:
    save(tmp_path, [["a", "b"], [1, 2]])
    (tmp_path / "b.xlsx").write_bytes(make((tmp_path / "b.xlsx").read_bytes()))
    with pytest.raises(SourceError, match=rf"{words}[\s\S]*b\.xlsx|b\.xlsx[\s\S]*{words}"):
        read(tmp_path)


def test_bombs_are_refused(tmp_path: Path) -> None:
    save(tmp_path, [["a", "b"], [1, 2]])
    whole = (tmp_path / "b.xlsx").read_bytes()
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    rezip(tmp_path, lambda name, data: laughs + data if name.endswith("workbook.xml") else data)
    with pytest.raises(SourceError, match="declares entities"):
        read(tmp_path)
    (tmp_path / "b.xlsx").write_bytes(whole)
    rezip(tmp_path, lambda name, data: data + b" " * (200 << 20) if name.endswith("sheet1.xml") else data)
    with pytest.raises(SourceError, match="come out of"):
        read(tmp_path)


def test_a_sheet_that_is_not_there_in_the_archive(tmp_path: Path) -> None:
    save(tmp_path, [["a", "b"], [1, 2]])
    held = zipfile.ZipFile(tmp_path / "b.xlsx")
    kept = {name: held.read(name) for name in held.namelist() if "sheet1" not in name}
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    with pytest.raises(SourceError, match=r"b\.xlsx"):
        read(tmp_path)
