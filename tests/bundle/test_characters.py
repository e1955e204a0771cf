"""The frozen table is what its recipe gives, and folds as it says."""

import unicodedata
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from roadworthy.bundle.steps import characters
from roadworthy.bundle.steps.characters import CHARACTERS, DROP, SIZE, Kind


def recipe():
    spec = spec_from_file_location("make_characters", Path(__file__).parent / "make_characters.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0", reason="the table was made from Unicode 14.0 (Python 3.11)"
)
def test_the_table_is_what_the_recipe_gives():
    made = recipe()
    assert characters.VERSION == made.VERSION
    table = characters.read_characters(made.text())
    assert np.array_equal(table.fold, CHARACTERS.fold)
    assert np.array_equal(table.kind, CHARACTERS.kind)


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("A", "a"),
        ("É", "e"),
        ("Ｆ", "f"),
        ("а", "a"),
        ("İ", "i"),
        ("ẞ", "ß"),
        ("Σ", "σ"),
        ("ς", "σ"),
        ("𝐕", "v"),
        ("’", "'"),
    ],
)
def test_folding(given, folded):
    assert CHARACTERS.folded(np.array([ord(given)], np.uint32))[0] == ord(folded)


@pytest.mark.parametrize("invisible", ["\u200b", "\u00ad", "\u0301", "\ufeff", "\u202e", "\ufe0f"])
def test_what_no_reader_sees_vanishes(invisible):
    assert CHARACTERS.folded(np.array([ord(invisible)], np.uint32))[0] == DROP


def test_folding_twice_changes_nothing():
    once = CHARACTERS.folded(np.arange(SIZE, dtype=np.uint32))
    seen = once[once != DROP]
    assert np.array_equal(CHARACTERS.folded(seen), seen)


def test_kinds():
    points = np.array([ord(c) for c in "a7 $!-.,免💰"], np.uint32)
    kinds = [Kind(int(kind)) for kind in CHARACTERS.kinds(points)]
    word, mark, single, joiner = Kind.WORD, Kind.MARK, Kind.SINGLE, Kind.JOINER
    assert kinds == [word, word, Kind.SPACE, mark, mark, joiner, joiner, Kind.SEPARATOR, single, single]


def test_beyond_the_table_are_ideographs_and_separators():
    points = np.array([0x20001, 0x10FFFF], np.uint32)
    assert CHARACTERS.kinds(points).tolist() == [Kind.SINGLE, Kind.SEPARATOR]
    assert np.array_equal(CHARACTERS.folded(points), points)
