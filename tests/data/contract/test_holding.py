"""Tables held against contracts that people wrote."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from roadworthy.data.contract.holding import hold
from roadworthy.data.contract.terms import Contract, Evidence, Key, Reference, Rule, Terms
from roadworthy.kernel.errors import DataError, SourceError


def _broken(terms: Terms, values: list[Any], **rest: Any) -> list[int]:
    held = hold(Contract(columns={"a": terms}), pl.DataFrame({"a": values}, strict=False), **rest)
    return sorted({row for clause in held.broken for row in clause.rows.arg_true().to_list()})


@pytest.mark.parametrize(
    ("terms", "values", "broken"),
    [
        (Terms(type="integer"), ["1", "x", None, "2.5", "3.0", " 4"], [1, 3]),
        (Terms(type="number"), ["1", "1,5", "1e3", ""], [1, 3]),
        (Terms(type="boolean"), ["true", "FALSE", "maybe", "1"], [2]),
        (Terms(type="date"), ["2020-02-29", "2021-02-29", None], [1]),
        (Terms(required=True), ["a", None], [1]),
        (Terms(unique=True), ["a", "b", "a", None, None], [2]),
        (Terms(unique=True, type="integer"), ["7", "8", "07"], [2]),
        (Terms(min=0), [0, -1, None], [1]),
        (Terms(max=9.5), ["9.5", "9.6"], [1]),
        (Terms(min="2020-01-01", type="date"), ["2019-12-31", "2020-01-01"], [0]),
        (Terms(values=("a", "b")), ["a", "c", None], [1]),
        (Terms(values=("1", "2"), type="integer"), ["1", "01", "3", "2.0"], [2]),
        (Terms(pattern="[a-z]+|7"), ["ab", "7", "a7", "A", "ab\n"], [2, 3, 4]),
        (Terms(min_length=2, max_length=3), ["a", "äö", "abcd"], [0, 2]),
        (Terms(checksum="iban"), ["GB29 NWBK 6016 1331 9268 19", "GB28NWBK60161331926819", None], [1]),
    ],
)
def test_each_clause_finds_its_breaches_and_leaves_what_is_missing(
    terms: Terms, values: list[Any], broken: list[int]
) -> None:
    assert _broken(terms, values) == broken


def test_values_that_no_other_table_lists_dangle(tmp_path: Path) -> None:
    (tmp_path / "states.csv").write_text("code,name\nAK,Alaska\nTX, Texas \n")
    terms = Terms(reference=Reference(path="states.csv", column="code"))
    assert _broken(terms, ["AK", "XX", None], folder=str(tmp_path)) == [1]
    with pytest.raises(DataError, match="did you mean"):
        _broken(Terms(reference=Reference(path="states.csv", column="cod")), ["AK"], folder=str(tmp_path))
    with pytest.raises(SourceError, match="no such table"):
        _broken(Terms(reference=Reference(path="none.csv", column="code")), ["AK"], folder=str(tmp_path))


def test_keys_and_rules_across_columns() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2, None], "b": [5, 5, 1, 3]})
    contract = Contract(keys=(Key(columns=("a", "b")),), rules={"order": Rule(rule="a <= b")})
    key, order = hold(contract, frame).clauses
    assert key.rows.arg_true().to_list() == [1]
    assert order.rows.arg_true().to_list() == [2]
    assert order.judged == 3


def test_absent_and_unknown_columns_are_told() -> None:
    contract = Contract(columns={"a": Terms(), "b": Terms(), "c": Terms()}, optional=("c",), closed=True)
    held = hold(contract, pl.DataFrame({"a": [1], "z": [1], "row_key": ["1"]}))
    assert (held.absent, held.unknown) == (("b",), ("z",))


def test_an_inferred_clause_fails_only_beyond_what_it_foresees() -> None:
    values = ["a", "b"] * 500
    lenient = Terms(values=("a", "b"), evidence={"values": Evidence(rows=1000, risk=0.003)})
    few, many = (
        hold(Contract(columns={"a": lenient}), pl.DataFrame({"a": [*values, *["c"] * count]})).clauses[0]
        for count in (2, 12)
    )
    assert (few.count, few.fails) == (2, False)
    assert (many.count, many.fails) == (12, True)


@pytest.mark.parametrize(
    ("contract", "match"),
    [
        (Contract(columns={"a": Terms(checksum="lun")}), 'did you mean "luhn"'),
        (Contract(columns={"a": Terms(min=1, type="text")}), "has bounds, but is text"),
        (Contract(columns={"a": Terms(min="soon", type="date")}), "is no date"),
        (Contract(rules={"r": Rule(rule="length(a)")}), "not a truth"),
        (Contract(rules={"r": Rule(rule="aa == 1")}), 'did you mean "a"'),
    ],
)
def test_a_contract_that_cannot_be_held_says_why(contract: Contract, match: str) -> None:
    with pytest.raises(DataError, match=match):
        hold(contract, pl.DataFrame({"a": ["x"]}))
