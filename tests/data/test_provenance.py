"""A row is traced to its place; what is too old is left out before anything is learnt from it."""

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from roadworthy.data.provenance import ORIGINS, Origin, trace
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.units import parse_duration

ROWS = "id,day,name,repaid\n7,2024-01-01,Ann,yes\n8,2026-01-01,Bob,no\n9,2026-02-01,,yes\n"


def traced(make: Any, declaration: Any, root: Path, *wanted: str) -> list[Origin]:
    return trace(declaration, root=root, sources=make.SOURCES, snapshot=root / "out", wanted=wanted, key=b"key")


def loans(make: Any, declared: Source, **rest: Any) -> Any:
    return make.declared(declared, positive="yes", target="repaid", **rest)


def test_a_row_of_a_file_is_found_again_unless_it_changed_or_went(make, tmp_path):
    (tmp_path / "t.csv").write_text(ROWS)
    declaration = loans(make, Source(kind="csv", path="t.csv"), key="id", pseudonymise=("name",))
    make.acquired(declaration, tmp_path)
    (found,) = traced(make, declaration, tmp_path, "8")
    assert (found.row_key, found.found, found.state) == ("8", "t.csv:3", "same")
    assert found.cells == {"id": "8", "day": "2026-01-01", "name": "Bob", "repaid": "no"}
    (tmp_path / "t.csv").write_text(ROWS.replace("Bob", "Eve").replace("9,2026-02-01,,yes\n", ""))
    one, two, three = traced(make, declaration, tmp_path, "7", "8", "9")
    assert [one.state, two.state, three.state] == ["same", "changed", "gone"]
    assert (two.cells["name"], three.found, three.cells) == ("Eve", "t.csv:4", {})
    with pytest.raises(DataError, match="there is no row"):
        traced(make, declaration, tmp_path, "10")


def test_origins_tell_nobody_what_stood_there(make, tmp_path):
    (tmp_path / "t.csv").write_text(ROWS)
    declaration = loans(make, Source(kind="csv", path="t.csv"), pseudonymise=("name",))
    make.acquired(declaration, tmp_path)
    first = pl.read_parquet(tmp_path / "out" / ORIGINS)
    assert first.columns == ["row_key", "found", "cells"]
    make.acquired(declaration, tmp_path, key=b"another key")
    assert not set(first["cells"]) & set(pl.read_parquet(tmp_path / "out" / ORIGINS)["cells"])


def test_a_row_of_a_database_is_found_by_its_key_unless_the_key_is_to_be_hidden(make, tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("CREATE TABLE people (mail TEXT PRIMARY KEY, repaid TEXT)")
        shop.execute("INSERT INTO people VALUES ('ann@x.org', 'yes'), ('bob@x.org', 'no')")
    shop.close()
    source = Source(kind="database", options={"url": "sqlite:///shop.db", "table": "people"})
    make.acquired(loans(make, source), tmp_path)
    (found,) = traced(make, loans(make, source), tmp_path, "shop.db:people:bob@x.org")
    assert (found.state, found.cells) == ("same", {"mail": "bob@x.org", "repaid": "no"})

    hidden = loans(make, source, pseudonymise=("mail",))
    make.acquired(hidden, tmp_path)
    for name in ("table.parquet", ORIGINS):
        frame = pl.read_parquet(tmp_path / "out" / name)
        assert "ann" not in frame.write_csv()
    (found,) = traced(make, hidden, tmp_path, "shop.db:people:2")
    assert found.cells["mail"] == "bob@x.org"


def test_old_records_are_left_out_and_counted(make, tmp_path):
    (tmp_path / "t.csv").write_text(ROWS.replace("9,2026-02-01", "9,"))
    source = Source(kind="csv", path="t.csv")
    kept = parse_duration("365d")
    made = make.acquired(loans(make, source, time="day", retention=kept), tmp_path)
    assert made.snapshot.rows == 2
    assert made.look.texts.height == 2
    assert pl.read_parquet(tmp_path / "out" / ORIGINS)["found"].to_list() == ["t.csv:3", "t.csv:4"]
    (found,) = [one for one in made.findings if one.check == "data.retention"]
    assert (found.measured, found.evidence) == (1.0, {"rows": ["t.csv:2"], "undated": 1})
    made = make.acquired(loans(make, source, time="day", retention=kept, as_of="2024-06-01"), tmp_path)
    assert made.snapshot.rows == 3
    with pytest.raises(DataError, match=r"every row is older|needs rows"):
        make.acquired(loans(make, source, time="day", retention=kept, as_of="2030-06-01"), tmp_path)
    with pytest.raises(DataError, match="when a row happened"):
        make.acquired(loans(make, source, retention=kept), tmp_path)
