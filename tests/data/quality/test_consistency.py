"""Cells and rows that contradict the rest of their table."""

import polars as pl

from roadworthy.data.quality.consistency import consistency
from roadworthy.data.quality.look import SUSPECTS, Look
from roadworthy.declare.data import Data
from roadworthy.kernel.finding import Severity

CITIES = [("35233", "birmingham"), ("36104", "montgomery"), ("35801", "huntsville")]


def look(rows, **declared):
    table = pl.DataFrame(rows, schema=["id", "zip", "city"], orient="row")
    keys = pl.Series([f"t.csv:{at + 2}" for at in range(table.height)])
    scales = dict.fromkeys(table.columns, "nominal")
    return Look(table=table, keys=keys, scales=scales, data=Data(sources=(), **declared))


def rows(copies=20):
    return [(str(at), *CITIES[at % 3]) for at in range(3 * copies)]


def test_a_clean_table_is_met_with_silence():
    seen = consistency(look(rows()))
    assert seen.findings == []
    assert seen.suspects.schema == SUSPECTS


def test_a_typo_is_named_with_its_row_and_what_was_meant():
    given = rows()
    given[10] = ("10", CITIES[1][0], "montgomxry")
    seen = consistency(look(given))
    assert seen.suspects.select("row", "column", "proposal").rows() == [(10, "city", "montgomery")]
    finding = seen.findings[0]
    assert finding.check.startswith("data.errors.")
    assert finding.evidence["rows"] == ["t.csv:12"]
    assert finding.summary.startswith("1 of 60 values of city are likely wrong")


def test_a_broken_dependency_is_told_once_as_a_note():
    given = rows()
    given[10] = ("10", CITIES[1][0], "huntsville")
    told = [one for one in consistency(look(given)).findings if one.check == "data.dependencies"]
    assert {one.severity for one in told} <= {Severity.NOTE}


def test_rows_that_share_the_key_and_differ():
    given = rows()
    given[4] = ("3", *CITIES[1])
    found = [one for one in consistency(look(given, key="id")).findings if one.check == "data.contradictions"]
    assert [one.evidence["rows"] for one in found] == [["t.csv:5", "t.csv:6"]]


def test_of_mail_nothing_is_said():
    table = pl.DataFrame({"raw_sha256": ["a", "b"], "subject": ["x", "y"]})
    assert consistency(Look(table=table, keys=table["subject"], scales={})).findings == []
