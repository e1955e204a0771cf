"""Near-duplicates are found as exact comparison finds them; no group is on both sides of a split."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.neighbours import jaccard, near_duplicates, shingle_sets
from roadworthy.data.split import judge_split, split
from roadworthy.declare.data import SplitPlan
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict


def campaigns(count: int, copies: int, *, seed: int = 0) -> tuple[list[str], list[int]]:
    random = np.random.default_rng(seed)
    words = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]
    texts, truth = [], []
    for campaign in range(count):
        body = random.choice(words, 120).tolist()
        for _ in range(copies):
            changed = list(body)
            changed[int(random.integers(120))] = "changed"
            texts.append(" ".join(changed) + f" {random.integers(1000)} http://x.example/{random.integers(1000)}")
            truth.append(campaign)
    return texts, truth


def test_campaigns_are_found_whole_and_apart() -> None:
    texts, truth = campaigns(40, 5)
    group = near_duplicates(texts)
    assert len(set(group.tolist())) == 40
    assert len(set(zip(group.tolist(), truth, strict=True))) == 40


def test_pairs_agree_with_exact_comparison() -> None:
    random = np.random.default_rng(3)
    words = [chr(97 + n) * 3 for n in range(26)]
    base = random.choice(words, 80).tolist()
    texts = [" ".join(base[: 80 - cut]) for cut in range(0, 60, 3)]
    sets = shingle_sets(texts)
    group = near_duplicates(texts)
    for row in range(1, len(texts)):
        exact = max(jaccard(sets[row], sets[other]) for other in range(row))
        assert (group[row] in group[:row]) == (exact >= 0.6)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="ab \n", max_size=30), max_size=12))
def test_equal_texts_share_a_group_and_groups_name_their_first_row(texts: list[str]) -> None:
    group = near_duplicates(texts)
    assert group.dtype == np.int64
    for row, text in enumerate(texts):
        assert group[row] <= row
        assert group[group[row]] == group[row]
        if text.strip():
            assert group[row] == group[texts.index(text)]
        else:
            assert group[row] == row


def test_no_texts() -> None:
    assert near_duplicates([]).shape == (0,)
    assert near_duplicates(["", " "]).tolist() == [0, 1]


def table_of(count: int, *, copies: int = 3, seed: int = 0) -> pl.DataFrame:
    texts, truth = campaigns(count, copies, seed=seed)
    rows = len(texts)
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "text": texts,
            "subject": [""] * rows,
            "label": ["spam" if (one // 7 + row) % 3 == 0 else "ham" for row, one in enumerate(truth)],
            "time": random.permutation(rows).astype(float) * 1000 + 1.6e9,
            "archive": ["a"] * rows,
            "member": [f"f{row % 4}/{row}" for row in range(rows)],
            "campaign": truth,
            "raw_sha256": [str(row) for row in range(rows)],
            "row_key": [f"k{row}" for row in range(rows)],
        }
    )


@pytest.mark.parametrize("group", ["near_duplicate", "campaign"])
def test_by_time_the_test_part_is_the_last_share_and_straddling_rows_leave_training(
    make: SimpleNamespace, group: str
) -> None:
    table = table_of(100)
    declaration = make.declared(make.mails(), split=SplitPlan(method="time", test=0.3, group=group))
    made = split(table, declaration, seed=1)
    times = table["time"].to_numpy()
    assert len(made.test) == 90
    assert times[made.test].min() > times[made.train].max()
    assert set(made.test) == set(np.argsort(times)[-90:])
    assert (np.diff(times[made.train]) > 0).all()
    assert not set(made.group[made.train]) & set(made.group[made.test])
    left = set(range(300)) - set(made.train) - set(made.test)
    assert left == {row for row in np.argsort(times)[:210] if made.group[row] in set(made.group[made.test])}
    (finding,) = judge_split(table, made, declaration)
    assert (finding.verdict, finding.evidence["left_out"]) == (Verdict.PASS, len(left))
    assert made.cut is not None
    assert made.cut.startswith("2020-09-1")


@pytest.mark.parametrize("method", ["random", "stratified", "group"])
def test_at_random_groups_are_whole_and_every_row_is_used(make: SimpleNamespace, method: str) -> None:
    table = table_of(200)
    declaration = make.declared(make.mails(), split=SplitPlan(method=method, test=0.3, group="campaign"))
    made = split(table, declaration, seed=1)
    assert sorted([*made.train, *made.test]) == list(range(600))
    assert not set(made.group[made.train]) & set(made.group[made.test])
    assert abs(len(made.test) - 180) <= 2
    again, other = split(table, declaration, seed=1), split(table, declaration, seed=2)
    assert (made.test == again.test).all()
    assert set(made.test) != set(other.test)
    if method == "stratified":
        truth = (table["label"] == "spam").to_numpy()
        assert abs(truth[made.test].mean() - truth.mean()) < 0.05


def test_a_straddling_group_blocks(make: SimpleNamespace) -> None:
    table = table_of(20)
    declaration = make.declared(make.mails(), split=SplitPlan(method="random", group="campaign"))
    made = split(table, declaration, seed=1)
    broken = type(made)(method="random", train=made.train, test=made.train[:3], group=made.group)
    (finding,) = judge_split(table, broken, declaration)
    assert (finding.verdict, finding.severity) == (Verdict.FAIL, Severity.BLOCKER)


def test_rows_without_a_time_stand_at_the_median_of_their_folder(make: SimpleNamespace) -> None:
    table = table_of(40).with_columns(time=pl.when(pl.int_range(pl.len()) == 8).then(None).otherwise("time"))
    declaration = make.declared(make.mails(), split=SplitPlan(method="time"))
    made = split(table, declaration, seed=1)
    folder = table.filter(pl.col("member").str.starts_with("f0/"))["time"].drop_nulls().median()
    place = int(np.flatnonzero(np.concatenate([made.train, made.test]) == 8)[0])
    assert abs(place - (table["time"].drop_nulls() < folder).sum()) <= 1
    undated = judge_split(table, made, declaration)[1]
    assert (undated.check, undated.evidence["rows"]) == ("data.undated", ["k8"])


def test_impossible_splits_are_errors(make: SimpleNamespace) -> None:
    table = table_of(20)
    late = pl.when(pl.col("time") < table["time"].median()).then(pl.lit("ham")).otherwise(pl.lit("spam"))
    with pytest.raises(DataError, match="one class only"):
        split(table.with_columns(label=late), make.declared(make.mails(), split=SplitPlan(method="time")), seed=1)
    with pytest.raises(DataError, match="no group column 'campain'"):
        split(table, make.declared(make.mails(), split=SplitPlan(method="group", group="campain")), seed=1)
