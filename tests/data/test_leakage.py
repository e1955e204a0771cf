"""What knows the answer is found; what does not is left alone."""

from types import SimpleNamespace

import msgspec
import numpy as np
import polars as pl
import pytest

from roadworthy.data.leakage import dropped_headers, find_leaks
from roadworthy.declare.data import Column, MailLabel, Source
from roadworthy.declare.training import Features
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict


def rows_of(table: pl.DataFrame) -> np.ndarray:
    return np.arange(table.height, dtype=np.int64)


def mail_table(count: int = 1000, *, seed: int = 0, drift: bool = False) -> pl.DataFrame:
    """Mails of which `x-marked` stands in spam only, `x-fair` in any, and `x-site` in early spam and late ham."""
    random = np.random.default_rng(seed)
    spam = random.random(count) < 0.4
    early = np.arange(count) < count // 2
    headers, lists = [], []
    for row in range(count):
        names = ["from", "subject"]
        names += ["x-marked"] if spam[row] and random.random() < 0.3 else []
        names += ["x-fair"] if random.random() < 0.5 else []
        names += ["x-site"] if drift and spam[row] == early[row] else []
        headers.append(names)
        lists.append(["list-id:club"] if not spam[row] and random.random() < 0.4 else [])
    return pl.DataFrame(
        {
            "headers": headers,
            "list_headers": lists,
            "time": np.arange(count) * 1000.0 + 1.6e9,
            "defects": [0] * count,
            "label": np.where(spam, "spam", "ham"),
            "archive": ["a"] * count,
            "raw_sha256": [str(row) for row in range(count)],
            "row_key": [str(row) for row in range(count)],
        }
    )


def by_subject(found: list[Finding]) -> dict[str, Finding]:
    assert all(one.check == "data.leakage" for one in found)
    return {one.subject: one for one in found}


def test_headers_of_one_class_are_named_and_fair_ones_are_not(make: SimpleNamespace) -> None:
    table = mail_table()
    found = by_subject(find_leaks(table, rows_of(table), make.declared(make.mails())))
    assert found["x-marked"].evidence["positive"] == found["x-marked"].evidence["rows"]
    assert 'leaks = ["x_marked"]' in found["x-marked"].remedy
    assert found["list-id:club"].evidence["positive"] == 0
    assert set(found) == {"x-marked", "list-id:club", "names of headers"}
    assert found["names of headers"].verdict is Verdict.PASS


def test_headers_that_do_not_last_are_found_together(make: SimpleNamespace) -> None:
    table = mail_table(drift=True)
    declaration = make.declared(make.mails(), leaks=("x_marked", "list_*", "x_sight"))
    found = by_subject(find_leaks(table, rows_of(table)[:600], declaration))
    assert found["names of headers"].verdict is Verdict.FAIL
    assert found["declared leaks"].evidence["dropped"] == ["list-id", "x-marked"]
    assert found["declared leaks"].evidence["did_you_mean"] == {"x_sight": "x-site"}
    assert set(found) == {"declared leaks", "names of headers"}


def test_the_test_part_is_never_looked_at(make: SimpleNamespace) -> None:
    table = mail_table()
    rows = rows_of(table)[:500]
    spoiled = table.with_columns(
        headers=pl.when(pl.int_range(pl.len()) < 500).then("headers").otherwise(pl.lit(["leak"]))
    )
    declaration = make.declared(make.mails())
    assert find_leaks(table, rows, declaration) == find_leaks(spoiled, rows, declaration)


def test_false_alarms_on_headers_by_chance_are_rare(make: SimpleNamespace) -> None:
    random = np.random.default_rng(5)
    alarms = 0
    for seed in range(20):
        table = mail_table(300, seed=seed)
        headers = [[f"x-{n}" for n in range(40) if random.random() < 0.05] for _ in range(300)]
        noise = table.with_columns(
            headers=pl.Series(headers), list_headers=pl.Series([[]] * 300, dtype=pl.List(pl.String))
        )
        alarms += len(
            by_subject(find_leaks(noise, rows_of(noise), make.declared(make.mails()))).keys() - {"names of headers"}
        )
    assert alarms == 0


def test_declared_globs_hold_for_dashes_underscores_and_the_header_of_the_label(make: SimpleNamespace) -> None:
    label = MailLabel(origin="header", name="X-Verdict", values={})
    declaration = make.declared(make.mails(label=label), leaks=("list_*", "X-Spam*"))
    names = ["list-id", "x-spam-level", "x_spam_flag", "x-verdict", "from", "x-list"]
    assert dropped_headers(declaration, names) == {"list-id", "x-spam-level", "x_spam_flag", "x-verdict"}


@pytest.fixture
def loans() -> pl.DataFrame:
    random = np.random.default_rng(0)
    truth = random.random(400) < 0.5
    return pl.DataFrame(
        {
            "repaid": np.where(truth, "yes", "no"),
            "copy": np.where(truth, "paid", "late"),
            "paid_on": [None if not one else 5.0 for one in truth],
            "near": truth * 1.0 + random.normal(0, 0.3, 400),
            "age": random.integers(18, 80, 400),
            "client": [f"c{row:05d}" for row in range(400)],
            "region": random.choice(["n", "s", "e"], 400),
            "row_key": [str(row) for row in range(400)],
        }
    )


def test_columns_that_copy_know_or_name_are_found(make: SimpleNamespace, loans: pl.DataFrame) -> None:
    declaration = make.declared(Source(kind="csv", path="x"), positive="yes", target="repaid")
    found = by_subject(find_leaks(loans, rows_of(loans), declaration))
    assert set(found) == {"copy", "paid_on", "near", "client"}
    assert found["copy"].severity is Severity.BLOCKER
    assert found["near"].severity is Severity.WARNING
    assert "names the row" in found["client"].summary


def test_a_declared_leak_or_unused_column_does_not_block(make: SimpleNamespace, loans: pl.DataFrame) -> None:
    declared = make.declared(
        Source(kind="csv", path="x"),
        positive="yes",
        target="repaid",
        leaks=("paid*",),
        key="client",
        columns={"near": Column()},
    )
    declaration = msgspec.structs.replace(declared, features=Features(columns=("age", "near")))
    found = by_subject(find_leaks(loans, rows_of(loans), declaration))
    assert found["copy"].severity is Severity.NOTE
    assert found["declared leaks"].evidence["dropped"] == ["paid_on"]
    assert set(found) == {"declared leaks", "copy", "near"}
