"""A first look: constraints that a table seems to obey, and the few cells that break them."""

from typing import Any

import polars as pl
import pytest

from roadworthy.data.contract.suggesting import suggest

CODES = [f"{n * 7919 % 100_000:05d}" for n in range(1000)]


def _slips(values: list[Any], *, name: str = "a", scale: str = "nominal") -> dict[str, list[int]]:
    found = suggest(pl.DataFrame({name: values}), {name: scale})
    return {one.clause: one.rows.arg_true().to_list() for one in found if one.likelihood}


@pytest.mark.parametrize(
    ("values", "name", "scale", "slips"),
    [
        ([*CODES, "12x45"], "zip", "nominal", {"pattern": [1000]}),
        ([*CODES, "1234"], "zip", "nominal", {"pattern": [1000]}),
        ([str(n) for n in range(100, 1100)] + ["1o5"], "n", "nominal", {"type": [1000]}),
        ([*(n % 90 for n in range(500)), -4, 250], "Age", "discrete", {"bounds": [500, 501]}),
        ([*(n % 100 / 1 for n in range(500)), 101.0], "percent_done", "continuous", {"bounds": [500]}),
        (["yes", "no"] * 300 + ["yse"], "ok", "nominal", {"values": [600]}),
        ([*range(1000), 5], "id", "discrete", {"unique": [1000]}),
    ],
)
def test_a_single_slip_is_found(values: list[Any], name: str, scale: str, slips: dict[str, list[int]]) -> None:
    assert _slips(values, name=name, scale=scale) == slips


def test_a_wrong_check_digit_stands_out() -> None:
    cards = []
    for n in range(300):
        body = f"4{n * 104_729 % 10**14:014d}"
        total = sum(2 * int(d) - 9 * (int(d) > 4) if i % 2 == 0 else int(d) for i, d in enumerate(body[::-1]))
        cards.append(body + str(-total % 10))
    cards[77] = cards[77][:-1] + str((int(cards[77][-1]) + 1) % 10)
    assert _slips(cards)["checksum"] == [77]


@pytest.mark.parametrize(
    ("values", "name", "scale"),
    [
        ([n * 10 for n in range(500)], "age", "discrete"),
        ([f"{n} patients" for n in range(90, 1010)], "size", "nominal"),
        (["common"] * 500 + ["rare", "odd", "seldom"] * 3, "kind", "nominal"),
        (["San Jose", "Napa", "Half Moon Bay"] * 5 + ["Bend", "Austin"] * 200, "city", "nominal"),
        ([None] * 5 + ["a", "b"] * 200, "gap", "nominal"),
    ],
)
def test_what_is_only_rare_is_left_alone(values: list[Any], name: str, scale: str) -> None:
    assert _slips(values, name=name, scale=scale) == {}


@pytest.mark.corpus
def test_real_tables_without_known_errors_get_no_suspects(real_tables: Any, as_typed: Any) -> None:
    told = {}
    for name, texts in real_tables.items():
        whole = as_typed(texts)
        slips = [one for one in suggest(whole.frame, whole.scales, texts=texts) if one.likelihood]
        if slips:
            told[name] = [(one.column, one.clause) for one in slips]
    assert told == {}


@pytest.mark.corpus
def test_words_among_the_numbers_of_the_dirty_hospital_are_found(corpus: Any, as_typed: Any) -> None:
    dirty, clean = (pl.read_csv(corpus / f"dq_hospital/{name}.csv", infer_schema=False) for name in ("dirty", "clean"))
    whole = as_typed(dirty)
    found = wrong = 0
    for one in suggest(whole.frame, whole.scales, texts=dirty):
        if one.likelihood:
            found += int(one.rows.sum())
            wrong += int((one.rows & dirty[one.column].ne_missing(clean[one.column])).sum())
    assert found == wrong >= 90
