"""Keys are found where there are some and nowhere else; copies are named."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.keys import find_keys
from roadworthy.data.quality.look import Look
from roadworthy.data.quality.near_duplicates import near_duplicates
from roadworthy.data.quality.uniqueness import uniqueness
from roadworthy.data.scales import type_column
from roadworthy.declare.data import Data
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict


def looked(table: pl.DataFrame, *, key: str = "", **scales: str) -> Look:
    keys = pl.Series("row_key", [f"r{row}" for row in range(table.height)])
    typed = {name: type_column(table[name].cast(pl.String), None, keys) for name in table.columns}
    found = {name: scales.get(name, one.scale) for name, one in typed.items()}
    whole = pl.DataFrame([one.values for one in typed.values()])
    return Look(table=whole, keys=keys, scales=found, data=Data(sources=(), key=key))


def of(findings: list[Finding], check: str) -> dict[str, Finding]:
    return {one.subject: one for one in findings if one.check == check}


def orders(rows: int = 400) -> pl.DataFrame:
    random = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "order": [1000 + row // 4 for row in range(rows)],
            "line": [1 + row % 4 for row in range(rows)],
            "article": random.integers(1, 60, rows),
            "price": random.normal(20, 5, rows).round(3),
        }
    )


def test_a_pair_that_names_the_rows_is_found_and_measured_numbers_are_not() -> None:
    found = uniqueness(looked(orders())).findings
    assert [one.summary for one in found if one.check == "data.primary_key"] == [
        "order and line names each of 400 rows."
    ]
    assert all(one.verdict is Verdict.PASS for one in found)


def test_rows_that_break_an_almost_key_are_named() -> None:
    table = orders().with_columns(number=pl.int_range(pl.len()))
    broken = table.with_columns(pl.when(pl.col("number") == 7).then(6).otherwise("number").alias("number"))
    found = of(uniqueness(looked(broken)).findings, "data.primary_key")
    assert found["number"].verdict is Verdict.FAIL
    assert found["number"].evidence == {"rows": ["r7"], "values": ["6"]}


def test_numbers_that_seldom_repeat_by_chance_are_no_almost_key() -> None:
    random = np.random.default_rng(2)
    table = pl.DataFrame({"salary": random.integers(0, 1_000_000, 1_000)})
    assert not find_keys(table, {"salary": "discrete"}) or not find_keys(table, {"salary": "discrete"})[0].broken
    named = table.rename({"salary": "badge_id"})
    assert find_keys(named, {"badge_id": "discrete"})


def test_a_declared_key_that_repeats_is_told() -> None:
    table = orders().with_columns(code=pl.Series([f"c{row // 40}" for row in range(400)]))
    found = of(uniqueness(looked(table, key="code")).findings, "data.primary_key")["code"]
    assert (found.verdict, found.measured) == (Verdict.FAIL, 390.0)


def test_copies_under_another_key_are_found_where_chance_does_not_explain_them() -> None:
    table = orders().with_columns(id=pl.int_range(1, 401))
    copied = pl.concat([table, table.head(30).with_columns(id=pl.int_range(401, 431))])
    found = of(uniqueness(looked(copied)).findings, "data.uniqueness")
    assert found["whole record"].measured == 0.0
    assert found["record without its key"].evidence["hits"] == 30
    few = copied.select("id", "line")
    assert "record without its key" not in of(uniqueness(looked(few)).findings, "data.uniqueness")


def test_near_copies_of_texts_and_images_are_grouped() -> None:
    lines = [
        f"message {chr(97 + row // 26)}{chr(97 + row % 26)} is about thing {chr(97 + row % 7) * 4}" for row in range(50)
    ]
    table = pl.DataFrame(
        {
            "said": [*lines, lines[3] + " now"],
            "phash": [f"{row * 0x9E3779B97F4A7C15 % 2**64:016x}" for row in range(50)] + ["f" * 16],
        }
    ).with_columns(phash=pl.when(pl.int_range(pl.len()) == 9).then(pl.lit("f" * 15 + "e")).otherwise("phash"))
    found = of(near_duplicates(looked(table, said="text")).findings, "data.near_duplicates")
    assert found["said"].evidence["examples"] == [["r3", "r50"]]
    assert found["phash"].evidence["examples"] == [["r9", "r50"]]


def test_an_empty_table_has_nothing_twice() -> None:
    table = pl.DataFrame(schema={"a": pl.String})
    assert uniqueness(Look(table=table, keys=table["a"], scales={"a": "text"})).findings == []


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "keys"), [("dq_hospital", ["index"]), ("dq_beers", ["index", "id"])])
def test_keys_of_real_tables(corpus: Path, name: str, keys: list[str]) -> None:
    for which in ("clean", "dirty"):
        table = pl.read_csv(corpus / name / f"{which}.csv", infer_schema=False)
        found = uniqueness(looked(table)).findings
        assert not [one for one in found if one.verdict is not Verdict.PASS]
        assert of(found, "data.primary_key")[keys[0]].evidence["keys"] == [[key] for key in keys]
