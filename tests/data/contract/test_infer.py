"""Contracts from data: what they say of known tables, and how rarely clean rows to come break them."""

from typing import Any

import polars as pl
import pytest

from roadworthy.data.contract.columns import type_of
from roadworthy.data.contract.holding import hold
from roadworthy.data.contract.infer import infer
from roadworthy.data.contract.terms import Contract, Reference


def _halved(texts: pl.DataFrame, typed: Any) -> tuple[Contract, int, int, int]:
    """A contract from the first half held against the second: clauses, those that fail, cells that break one."""
    half = texts.height // 2
    first, whole = typed(texts[:half]), typed(texts)
    contract = infer(first.frame, first.scales, texts=first.texts)
    held = hold(contract, whole.frame[half:], texts=texts[half:])
    failing = [clause for clause in held.clauses if clause.fails]
    return contract, len(held.clauses), len(failing), sum(clause.count for clause in held.clauses)


@pytest.mark.corpus
def test_clean_rows_to_come_hardly_ever_break_what_was_inferred(real_tables: Any, as_typed: Any) -> None:
    clauses = failing = cells = looked_at = 0
    for texts in real_tables.values():
        shuffled = texts.sample(fraction=1, shuffle=True, seed=1)
        contract, said, failed, broken = _halved(shuffled, as_typed)
        clauses, failing, cells = clauses + said, failing + failed, cells + broken
        looked_at += (texts.height - texts.height // 2) * texts.width
        assert broken <= contract.risk() * texts.height
    assert clauses > 500
    assert failing == 0
    assert cells / looked_at < 0.0001


@pytest.mark.corpus
def test_in_the_order_of_the_files_only_what_changed_fails(real_tables: Any, as_typed: Any) -> None:
    found = {name: _halved(texts, as_typed) for name, texts in real_tables.items()}
    assert sum(failed for _, _, failed, _ in found.values()) / sum(said for _, said, *_ in found.values()) < 0.03
    quiet = ("adult", "housing", "german credit", "cifar10n", "cifar10n batches", "davidson", "cookie cats")
    assert {name: found[name][2] for name in quiet} == dict.fromkeys(quiet, 0)


@pytest.mark.corpus
def test_every_table_keeps_its_own_contract(real_tables: Any, as_typed: Any) -> None:
    for texts in real_tables.values():
        whole = as_typed(texts)
        contract = infer(whole.frame, whole.scales, texts=texts)
        assert not hold(contract, whole.frame, texts=texts).broken


@pytest.mark.corpus
def test_what_is_said_of_bikes_is_true(real_tables: Any, as_typed: Any) -> None:
    bikes = as_typed(real_tables["bikes by hour"])
    contract = infer(bikes.frame, bikes.scales, texts=bikes.texts)
    columns = contract.columns
    assert (columns["hr"].min, columns["hr"].max) == (0, 23)
    assert (columns["hum"].min, columns["hum"].max) == (0, 1)
    assert columns["instant"].unique
    assert columns["instant"].says("range") is None
    assert columns["dteday"].type == "date"
    assert "abs(casual + registered - cnt) <= 0.000001" in {rule.rule for rule in contract.rules.values()}


@pytest.mark.corpus
def test_one_wrong_cell_of_every_kind_is_found(real_tables: Any, as_typed: Any) -> None:
    clean = real_tables["hospital"]
    whole = as_typed(clean)
    contract = infer(whole.frame, whole.scales, texts=clean)
    wrong = {"ZipCode": "3523", "PhoneNumber": "205325x100", "State": "xl", "EmergencyService": "yxs", "index": "7"}
    dirty = clean.with_columns(
        pl.when(pl.int_range(pl.len()) == 500).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in wrong.items()
    )
    held = hold(contract, whole.frame, texts=dirty)
    assert {clause.column for clause in held.broken} >= set(wrong)
    assert all(clause.rows.arg_true().to_list() == [500] for clause in held.broken)


def test_few_rows_promise_nothing() -> None:
    frame = pl.DataFrame({"a": ["x", "y"] * 10, "b": list(range(20))})
    terms = infer(frame, {"a": "binary", "b": "discrete"}).columns
    assert all(
        terms[name].says(clause) is None for name in terms for clause in ("required", "values", "range", "unique")
    )


def test_a_column_that_never_varied_promises_no_values() -> None:
    terms = infer(pl.DataFrame({"a": ["x"] * 500}), {"a": "nominal"}).columns["a"]
    assert not terms.values
    assert terms.required


def test_numbers_drawn_freely_are_not_called_unique_and_keys_are() -> None:
    lonely = pl.Series("n", range(0, 10**9, 10**7))
    assert not infer(lonely.to_frame(), {"n": "discrete"}).columns["n"].unique
    crowded = pl.Series("n", range(1000)).shuffle(seed=0)
    assert infer(crowded.to_frame(), {"n": "discrete"}).columns["n"].unique


def test_two_columns_that_name_a_row_together_are_its_key() -> None:
    pairs = pl.DataFrame({"day": range(60)}).join(pl.DataFrame({"hour": range(24)}), how="cross")
    contract = infer(
        pairs.with_columns(noise=pl.col("day") * 7 % 5), dict.fromkeys(("day", "hour", "noise"), "discrete")
    )
    assert [key.columns for key in contract.keys] == [("day", "hour")]
    again = pl.concat([pairs, pairs[:3]]).with_columns(noise=1)
    (breach,) = [clause for clause in hold(contract, again).broken if clause.clause == "key"]
    assert breach.rows.arg_true().to_list() == [1440, 1441, 1442]


def test_codes_are_told_by_their_check_digits() -> None:
    numbers = [f"{n:012d}" for n in range(400_000_000_007, 400_000_090_007, 1_009)]
    codes = [n + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(n)) % 10) for n in numbers]
    frame = pl.DataFrame({"code": codes})
    terms = infer(frame, {"code": "nominal"}).columns["code"]
    assert terms.checksum == "ean13"
    assert terms.pattern == "[0-9]{13}"


def test_a_column_that_another_table_lists_refers_to_it() -> None:
    states = pl.DataFrame({"code": ["AK", "AL", "WY", "TX"], "name": ["a", "b", "c", "c"]})
    frame = pl.DataFrame({"state": ["AK", "AL", "TX"] * 40})
    terms = infer(frame, {"state": "nominal"}, others={"states.csv": states}).columns["state"]
    assert terms.reference == Reference(path="states.csv", column="code")


@pytest.mark.parametrize(
    ("values", "scale", "kind"),
    [
        (["1", "2"], "discrete", "integer"),
        (["1", "2.5"], "continuous", "number"),
        (["01", "2"], "nominal", "text"),
        (["TRUE", "FALSE"], "binary", "boolean"),
        (["2020-01-31"], "datetime", "date"),
        (["2020-01-31T10:00:00Z"], "datetime", "datetime"),
        (["1", "x"], "nominal", "text"),
        ([None], "nominal", ""),
    ],
)
def test_types_are_read_from_texts(values: list[str], scale: str, kind: str) -> None:
    frame = pl.DataFrame({"a": values}, schema={"a": pl.String})
    assert type_of(frame, "a", scales={"a": scale}) == kind
