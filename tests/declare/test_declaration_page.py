"""The page docs/declaration.md names every key that a declaration may have, and its examples are read."""

import re
from pathlib import Path

import pytest

from roadworthy.declare.names import COMPARED, FAIRNESS, METRICS, PERTURBATIONS, SOURCE_OPTIONS, STRESS
from roadworthy.declare.reading import parse_declaration
from roadworthy.declare.shapes import entries, records

PAGE = (Path(__file__).parents[2] / "docs" / "declaration.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([^`\n]+)`", PAGE))


@pytest.mark.parametrize("record", list(records()), ids=lambda record: record.__name__)
def test_every_key_of_every_record_is_explained(record):
    missing = [entry.key for entry in entries(record) if entry.key not in WORDS]
    assert record.__name__ == "FalseAlarms" or not missing, missing


def test_every_known_word_is_explained():
    options = {name for names in SOURCE_OPTIONS.values() for name in names}
    known = {*METRICS, *FAIRNESS, *STRESS, *COMPARED, *PERTURBATIONS, *SOURCE_OPTIONS, *options}
    assert known <= WORDS, known - WORDS


def test_the_whole_example_of_the_page_is_read():
    (example,) = re.findall(r"```toml title=\"roadworthy.toml\"\n(.*?)```", PAGE, re.DOTALL)
    assert parse_declaration(example, name="page", environment={}).problem.name == "spam-filter"
