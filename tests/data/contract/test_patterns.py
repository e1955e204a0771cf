"""Patterns at the right generality: tight enough to catch a slip, loose enough for the rows to come."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.contract.patterns import find_pattern, follows

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _some(make: object, count: int = 300) -> pl.Series:
    return pl.Series([make(number) for number in range(count)])


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda n: f"{n * 37 % 100_000:05d}", "[0-9]{5}"),
        (lambda n: f"ID-{n:05d}", "ID-[0-9]{5}"),
        (lambda n: f"{LETTERS[n % 24]}{LETTERS[n % 23]}{n % 90 + 10}", "[A-Z]{2}[0-9]{2}"),
        (lambda n: f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.20{n % 20:02d}", r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}"),
        (lambda n: f"{200 + n % 799}-{n % 999:03d}" if n % 3 else f"+{n:06d}", r"[0-9]{3}-[0-9]{3}|\+[0-9]{6}"),
        (lambda n: f"{n}%", "[0-9]{1,3}%"),
        (lambda n: f"{'x' * (n % 40 + 1)}@example.org", r"[a-z]+@example\.org"),
        (lambda n: f"{n * 7919 % 2**32:08x}", "[A-Za-z0-9]{8}"),
    ],
)
def test_known_shapes_get_their_pattern(make: object, pattern: str) -> None:
    found = find_pattern(_some(make))
    assert found is not None
    assert found.text == pattern


def test_names_of_people_are_words_with_marks() -> None:
    firsts = ("Ann", "Jean-Luc", "O'Neil", "Maria", "Wu", "Bartholomew", "Siobhan", "Al")
    lasts = ("Lee", "van der Berg", "Smith", "D'Arcy", "Nguyen", "St. Clair", "Fitzgerald-Jones")
    names = _some(lambda n: f"{firsts[n % 8]}{n % 7 * 'a'} {lasts[n % 7]}{'b' * (n % 5)}", 500)
    found = find_pattern(names)
    assert found is not None
    assert found.grade in ("words", "characters")
    assert follows(pl.Series(["Jo March", "Mary-Ann O'Hara", "x" * 500]), found.text).to_list() == [True, True, True]
    assert not follows(pl.Series(["J\u0000o"]), found.text)[0]


def test_free_text_gets_none_and_neither_do_few_texts() -> None:
    assert find_pattern(pl.Series([chr(0x4E00 + n) + "漢!" * (n % 9) for n in range(200)])) is None
    assert find_pattern(pl.Series(["a-1", "b-2"])) is None


def test_rare_shapes_are_left_out_where_that_is_tolerated() -> None:
    codes = pl.Series([f"{n:05d}" for n in range(995)] + ["12x45", "1234", "12.345", "n/a", "--"])
    strict, lenient = find_pattern(codes), find_pattern(codes, tolerate=0.01)
    assert strict is None or strict.text != "[0-9]{5}"
    assert lenient is not None
    assert lenient.text == "[0-9]{5}"


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=12), min_size=25, max_size=60))
def test_every_pattern_is_matched_by_what_it_came_from_in_both_dialects(texts: list[str]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    found = find_pattern(series)
    if found is not None:
        assert follows(series.filter(series != ""), found.text).all()
        assert all(re.fullmatch(found.text, text) for text in texts if text)


def test_three_random_halves_in_a_hundred_at_most_have_a_text_that_the_other_breaks() -> None:
    codes = pl.Series([f"{LETTERS[n % 24]}{n % 9973}/{'ab'[n % 2]}" for n in range(4000)])
    broken = 0
    for seed in range(100):
        drawn = codes.sample(1000, seed=seed)
        found = find_pattern(drawn[:500])
        broken += found is not None and not follows(drawn[500:], found.text).all()
    assert broken <= 3
