"""Delta Lake tables of anybody: versions, times, columns, damage."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from roadworthy.data.source import RawTable, SourceContext
from roadworthy.data.sources.delta import delta
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.ports import Silent

ROWS = pl.DataFrame({"id": [1, 2], "name": ["a", None], "tags": [["x"], []]})


def read(root: Path, path: str = "t", **options: Any) -> RawTable:
    declared = Source(kind="delta", path=path, options=options)
    context = SourceContext(root=root, target="", data=Data(sources=(declared,)), progress=Silent())
    (table,) = delta(declared, context=context)
    assert isinstance(table, RawTable)
    return table


def test_versions_times_and_columns(tmp_path: Path) -> None:
    ROWS.write_delta(tmp_path / "t")
    between = datetime.now(UTC)
    ROWS.with_columns(id=pl.col("id") + 10).write_delta(tmp_path / "t", mode="append")
    assert sorted(read(tmp_path).frame["id"]) == [1, 2, 11, 12]
    first = read(tmp_path, version=0)
    assert first.frame.equals(ROWS)
    assert first.row_names().to_list() == ["t@0:1", "t@0:2"]
    assert read(tmp_path, at=between.isoformat()).frame.equals(ROWS)
    assert read(tmp_path, columns=["name"]).frame.columns == ["name"]


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    ROWS.write_delta(tmp_path / "t")
    (tmp_path / "none").mkdir()
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("none", {}, "no Delta table"),
        ("t", {"version": 7}, "cannot be read"),
        ("t", {"version": "x"}, "version cannot be"),
        ("t", {"at": "yesterday"}, "cannot be read"),
        ("t", {"columns": ["nam"]}, 'did you mean "name"'),
        ("t", {"versoin": 1}, 'did you mean "version"'),
    ]
    for path, options, words in cases:
        with pytest.raises(SourceError, match=words):
            read(tmp_path, path, **options)


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    ROWS.write_delta(tmp_path / "t")
    (file,) = (tmp_path / "t").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(SourceError, match="damaged"):
        read(tmp_path)
