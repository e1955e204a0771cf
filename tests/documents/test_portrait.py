"""The page of a table is whole, safe, light, and says what was found."""

import os
import subprocess

import pytest
from tests.documents.test_report import Page

from roadworthy.documents.first_sight import headline
from roadworthy.documents.portrait import render_portrait
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.portrait import (
    Absence,
    Bin,
    ColumnPortrait,
    DimensionScore,
    PatternCount,
    Related,
    Suspect,
    TablePortrait,
    ValueCount,
)

HOSTILE = '<script>alert("x")</script>&\x00"'


def quantity(name, rows=1000):
    return ColumnPortrait(
        name=name,
        type="number",
        scale="continuous",
        rows=rows,
        missing=20,
        distinct=900,
        exact=False,
        reason="almost every value is another one",
        confidence=0.9,
        numbers={"min": "0", "median": "12.5", "max": "99", "mean": "20.1"},
        bins=[Bin(str(place), str(place + 1), place * 7 % 23) for place in range(24)],
    )


def words(name, value="yes"):
    return ColumnPortrait(
        name=name,
        type="text",
        scale="nominal",
        rows=1000,
        missing=0,
        distinct=3,
        top=[ValueCount(value, 700), ValueCount("no", 200)],
        patterns=[PatternCount("a", 900, value)],
        lengths=(2, 2.7, 3),
        suspects=2,
    )


def portrait(columns):
    return TablePortrait(
        name="people.csv",
        kind="csv",
        rows=1000,
        columns=columns,
        bytes=12_345,
        sampled=500,
        repeated=0.01,
        scores=[
            DimensionScore(dimension="validity", score=0.98, low=0.97, high=0.99, breaches=3, worst="age"),
            DimensionScore(dimension="accuracy", score=1.0, low=0.99, high=1.0, breaches=0),
        ],
        findings=[
            Finding(
                check="data.validity", subject="age", verdict=Verdict.FAIL, summary="3 ages are negative.", remedy="fix"
            ),
            Finding(check="data.keys", subject="id", verdict=Verdict.PASS, summary="ids are unique."),
        ],
        suspects=[Suspect(row="7", column="age", value=None, proposal="4", likelihood=0.93, reason="rare shape")],
        suspected=5,
        related=[Related(first="a", second="b", strength=-0.8, kind="correlation")],
        absences=[Absence(["a", "b"], 4)],
        sample=[["1", None] for _ in range(3)],
    )


@pytest.mark.parametrize(
    "columns",
    [[quantity("a"), words("b")], [words(HOSTILE, HOSTILE)], [], [quantity(f"column {n}") for n in range(200)]],
    ids=["usual", "hostile", "empty", "wide"],
)
def test_the_page_is_whole_and_asks_the_network_for_nothing(columns):
    text = render_portrait(portrait(columns))
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert HOSTILE not in text
    assert len(text) < 3_000 + 10_000 + 20_000 + 6_000 * max(len(columns), 1)


def test_the_page_says_what_was_found():
    said = " ".join(Page(render_portrait(portrait([quantity("a"), words("b")]))).words)
    for expected in (
        "1,000 rows, 2 columns",
        "3 ages are negative",
        "rare shape",
        "no breach found",
        "almost every value",
    ):
        assert expected in said
    assert "ids are unique" not in said


def test_values_of_a_masked_column_are_nowhere():
    hidden = ColumnPortrait(
        name="mail", type="text", scale="text", rows=9, missing=0, distinct=9, masked=True,
        top=[ValueCount("ann@example.org", 1)], patterns=[PatternCount("a@a.a", 9, "ann@example.org")],
    )  # fmt: skip
    assert "ann@example.org" not in render_portrait(portrait([hidden]))


def test_a_clean_table_has_nothing_to_worry_about():
    clean = TablePortrait(name="a", kind="csv", rows=1, columns=[words("b")])
    assert headline(clean).class_ == "pass"
    assert "nothing to worry about" in render_portrait(clean).lower()


def test_a_browser_draws_two_hundred_columns(tmp_path):
    chromium = os.environ.get("ROADWORTHY_TEST_CHROMIUM")
    if not chromium:
        pytest.skip("NOT RUN: name a browser in ROADWORTHY_TEST_CHROMIUM to draw the page of a table")
    file = tmp_path / "page.html"
    columns = [quantity(f"column {n}") if n % 2 else words(f"column {n}") for n in range(200)]
    file.write_text(render_portrait(portrait(columns)), "utf-8")
    shot = tmp_path / "page.png"
    arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={tmp_path}/profile",
    ]
    command = [chromium, *arguments, "--window-size=1280,2400", f"--screenshot={shot}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.count("<details") == 200
    assert done.stdout.count('class="strip"') == 200
    assert "Content Security Policy" not in done.stderr
