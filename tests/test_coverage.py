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
ROWS = ROW.findall((ROOT / "docs" / "coverage.md").read_text())


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
