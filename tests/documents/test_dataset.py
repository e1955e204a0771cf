"""Datasheet and Croissant record are written from evidence, and the format's own library reads the record."""

import json
import logging

import polars as pl
import pytest

from roadworthy.documents.croissant import croissant
from roadworthy.documents.dataset import DataFacts, DataFile
from roadworthy.documents.datasheet import datasheet
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import sha256_file
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.portrait import ColumnPortrait, TablePortrait, ValueCount


@pytest.fixture
def facts(tmp_path):
    """A small table in a file, and what is known of it."""
    frame = pl.DataFrame({"age": [30, 41, None], "city": ["Bonn", "Köln|Deutz", "Bonn"]})
    frame.write_csv(tmp_path / "people.csv")
    columns = [
        ColumnPortrait(
            name="age", type="integer", scale="discrete", rows=3, missing=1, distinct=2, numbers={"median": "35"}
        ),
        ColumnPortrait(
            name="city", type="text", scale="nominal", rows=3, missing=0, distinct=2, top=[ValueCount("Köln|Deutz", 1)]
        ),
    ]
    found = Finding(check="data.personal", subject="city", verdict=Verdict.FAIL, summary="city may name people.")
    table = DataFile(
        name="people.csv",
        bytes=(tmp_path / "people.csv").stat().st_size,
        sha256=sha256_file(tmp_path / "people.csv"),
        encoding="text/csv",
    )
    return DataFacts(
        name="people",
        version="ab" * 32,
        at="2026-05-04T12:00:00+00:00",
        portrait=TablePortrait(name="people.csv", kind="csv", rows=3, columns=columns, findings=[found]),
        need="Know how old people are",
        unit="one person",
        target="age",
        owner="team@example.org",
        licences=["https://creativecommons.org/licenses/by/4.0/"],
        consents=["signed forms"],
        raw=[table],
        table=table,
        pseudonymised=["city"],
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_format_s_own_library_reads_the_record_and_the_rows(facts, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="NOT RUN: install mlcroissant to read the record with it")
    logging.getLogger("absl").setLevel(logging.ERROR)
    (tmp_path / "croissant.json").write_text(json.dumps(croissant(facts)), "utf-8")
    read = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json")
    assert read.metadata.name == "people"
    assert [field.name for field in read.metadata.record_sets[0].fields] == ["age", "city"]
    rows = list(read.records("rows"))
    assert [row["rows/city"].decode() for row in rows] == ["Bonn", "Köln|Deutz", "Bonn"]


def test_every_column_and_file_is_in_the_record(facts):
    record = croissant(facts)
    assert record["conformsTo"].endswith("croissant/1.0")
    (rows,) = record["recordSet"]
    assert [field["dataType"] for field in rows["field"]] == ["sc:Integer", "sc:Text"]
    assert record["distribution"][0]["sha256"] == facts.table.sha256
    assert record["license"] == facts.licences


def test_the_sheet_answers_the_questions_or_says_that_nobody_did(facts):
    sheet = datasheet(facts)
    for section in ("Motivation", "Composition", "Quality", "Collection", "Processing", "Uses", "Distribution"):
        assert f"## {section}" in sheet
    assert "Köln\\|Deutz" in sheet
    assert "City may name people" in sheet
    assert "keyed marks" in sheet
    bare = DataFacts(
        name="x", version="0" * 64, at="2026-05-04", portrait=TablePortrait(name="x", kind="csv", rows=0, columns=[])
    )
    assert datasheet(bare).count("*Not declared.*") >= 6
