"""The SpamAssassin corpus from its archive to a split, with the figures that were measured on it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from roadworthy.data.acquire import acquire
from roadworthy.data.leakage import dropped_headers, find_leaks
from roadworthy.data.snapshot import read_table
from roadworthy.data.split import judge_split, split
from roadworthy.declare.data import SplitPlan
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.ports import Silent

pytestmark = pytest.mark.corpus
_BY_TIME = SplitPlan(method="time", test=0.3, group="near_duplicate")


@pytest.fixture(scope="module")
def spam(corpus: Path, making: SimpleNamespace) -> Iterator[tuple[pl.DataFrame, list[Finding], Declaration]]:
    source = making.mails(str(corpus / "spamassassin" / "spamassassin_raw.tar.gz"))
    declaration = making.declared(source, pseudonymise=("from", "to"), split=_BY_TIME)
    with tempfile.TemporaryDirectory() as folder:
        made = acquire(
            declaration, root=Path(folder), sources=making.SOURCES, folder=Path(folder), progress=Silent(), key=b"k"
        )
        yield read_table(Path(folder)), made.findings, declaration


Spam = tuple[pl.DataFrame, list[Finding], Declaration]


def test_all_mails_are_there(spam: Spam) -> None:
    table, findings, _ = spam
    assert table["label"].value_counts(sort=True).rows() == [("ham", 4149), ("spam", 1897)]
    assert table["row_key"].n_unique() == 6046
    assert table["time"].null_count() == 0
    assert not {"data.hostile", "data.readable", "data.not_mail", "data.labels"} & {one.check for one in findings}


def test_the_split_is_as_it_was_measured(spam: Spam) -> None:
    table, _, declaration = spam
    made = split(table, declaration, seed=7)
    positive = (table["label"] == "spam").to_numpy()
    assert (len(made.test), int(positive[made.test].sum())) == (1814, 243)
    assert 4000 < len(made.train) < 4150
    size = np.bincount(made.group)
    assert 450 < (size > 1).sum() < 650
    assert judge_split(table, made, declaration)[0].verdict is Verdict.PASS


def test_what_the_collectors_left_behind_is_found(spam: Spam, making: SimpleNamespace) -> None:
    table, _, declaration = spam
    made = split(table, declaration, seed=7)
    found = {one.subject: one for one in find_leaks(table, made.train, declaration)}
    assert "delivered-to" in found or any(name.startswith("list-") for name in found)
    together = found["names of headers"]
    assert together.verdict is Verdict.FAIL
    assert together.evidence["mixed"] > together.evidence["forward"] + 0.05
    suspects = {str(one.evidence.get("header")) for one in found.values()}
    leaks = tuple(sorted(suspects - {"None"}))
    after = making.declared(*declaration.data.sources, leaks=leaks, split=_BY_TIME)
    assert dropped_headers(after, leaks) == frozenset(leaks)
    left = {str(one.evidence.get("header")) for one in find_leaks(table, made.train, after)}
    assert not left & set(leaks)
