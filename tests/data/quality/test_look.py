"""What a check gets to see, and how the catalogue is asked."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from roadworthy.data.quality.look import SUSPECTS, Look, Seen, look_with
from roadworthy.declare.data import Column, Source
from roadworthy.kernel.catalogue import Catalogue


def suspicious(look: Look) -> Seen:
    cells = [(1, "b", "x", "c", 0.2, None, "why"), (0, "a", "y", "c", 0.9, "z", "why")]
    return Seen(suspects=pl.DataFrame(cells, schema=SUSPECTS, orient="row"))


def silent(look: Look) -> Seen:
    return Seen()


def test_suspects_of_all_checks_come_likeliest_first() -> None:
    table = pl.DataFrame({"a": ["y", "n"], "b": ["w", "x"]})
    look = Look(table=table, keys=pl.Series(["1", "2"]), scales={"a": "nominal", "b": "nominal"})
    checks = Catalogue[Any]("quality", {})
    checks._loaded = {"one": suspicious, "two": silent}
    checks._places = {"one": "", "two": ""}
    assert look_with(checks, look).suspects["likelihood"].to_list() == [0.9, 0.2]
    assert look_with(checks, look, wanted=["two"]).suspects.schema == SUSPECTS


def test_the_texts_lie_row_by_row_beside_the_typed_table(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n,ok,repaid\n007,yes,y\n8,no,y\n 9,yes,\n1x,yes,n\n")
    declared = make.declared(
        Source(kind="csv", path="t.csv", consent_column="ok"),
        positive="y",
        target="repaid",
        columns={"n": Column(scale="discrete")},
    )
    look = make.acquired(declared, tmp_path).look
    assert look.text("n").to_list() == ["007", "1x"]
    assert look.table["n"].to_list() == [7, None]
    assert look.keys.to_list() == ["t.csv:2", "t.csv:5"]


def test_lists_are_read_as_text() -> None:
    look = Look(table=pl.DataFrame({"l": [["a", "b"], [], None]}), keys=pl.Series(["1", "2", "3"]), scales={})
    assert look.text("l").to_list() == ["a, b", "", None]
