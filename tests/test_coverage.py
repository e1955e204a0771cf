"""`docs/coverage.md` is held to its word: a row that is said to work names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| ([LSTDQEAGFM]\d+) \| ([^|]+) \| (works|part|not yet) \|([^|]*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
EXPECTED = {
    f"{letter}{number}"
    for letter, last in zip("LSTDQEAGFM", (12, 8, 7, 6, 6, 6, 7, 13, 7, 5), strict=True)
    for number in range(1, last + 1)
}
PAGE = (ROOT / "docs" / "coverage.md").read_text()
ROWS = ROW.findall(PAGE)


def test_every_row_of_the_mission_is_there_once() -> None:
    assert sorted(row for row, *_ in ROWS) == sorted(EXPECTED)


@pytest.mark.parametrize(("row", "what", "state", "held_by"), ROWS)
def test_a_row_that_works_is_held_by_tests(row: str, what: str, state: str, held_by: str) -> None:
    named = TEST.findall(held_by)
    assert bool(named) == (state != "not yet"), f"{row}: {what}"
    for file, function in named:
        place = ROOT / file
        assert place.is_file(), f"{row} names {file}, which does not exist"
        assert not function or f"def {function}(" in place.read_text(), f"{row}: no {function} in {file}"


def test_every_row_that_works_in_part_says_what_is_missing() -> None:
    told = re.findall(r"^\| ([LSTDQEAGFM]\d+) \| [^|]{20,} \|$", PAGE, re.MULTILINE)
    assert told == [row for row, _, state, _ in ROWS if state == "part"]


def test_the_counts_at_the_top_are_those_of_the_rows() -> None:
    states = [state for _, _, state, _ in ROWS]
    works, part, not_yet = (states.count(state) for state in ("works", "part", "not yet"))
    assert f"Of {len(ROWS)} rows, {works} work, {part} work in part, {not_yet} do" in PAGE
