import numpy as np
import polars as pl

from roadworthy.data.profiling import judge_drift, profile_table
from roadworthy.kernel.limits import Limit, Verdict


def table(seed: int, *, rows: int = 4000, moved: float = 0.0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    shops = np.where(random.random(rows) < moved, "new", "old")
    return pl.DataFrame(
        {f"n{number}": random.normal(size=rows) for number in range(15)}
        | {f"c{number}": random.integers(0, 8, rows) for number in range(10)}
        | {"shop": shops, "shift": random.normal(3 * moved, 1, rows)}
    )


def test_a_table_of_the_same_source_has_no_drift_and_raises_no_doubt():
    for seed in range(5):
        findings = judge_drift(profile_table(table(2 * seed)), profile_table(table(2 * seed + 1)))
        assert len(findings) == 27
        assert {finding.verdict for finding in findings} == {Verdict.PASS}


def test_columns_that_moved_come_first_and_fail():
    findings = judge_drift(profile_table(table(1)), profile_table(table(2, moved=0.4)))
    failed = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    assert [finding.subject for finding in failed] == ["shift", "shop"]
    assert failed == findings[:2]
    assert failed[1].interval.low <= 0.4 <= failed[1].interval.high
    assert failed[1].evidence["unseen"]["value"] > 0.35


def test_false_alarms_stay_below_what_the_level_allows():
    alarms = 0
    for seed in range(60):
        before, after = (profile_table(table(1000 + 2 * seed + side, rows=300)) for side in (0, 1))
        findings = judge_drift(before, after, limit=Limit("<=", 0.0001))
        alarms += any(finding.verdict is Verdict.FAIL for finding in findings)
    assert alarms <= 3


def test_few_rows_cannot_tell():
    findings = judge_drift(profile_table(table(1, rows=20)), profile_table(table(2, rows=20)))
    assert {finding.verdict for finding in findings} == {Verdict.CANNOT_TELL}
    nothing = judge_drift(profile_table(table(1)), profile_table(table(2)[:0]))
    assert {finding.verdict for finding in nothing} == {Verdict.CANNOT_TELL}


def test_columns_that_came_went_or_changed_their_kind_are_named():
    before = pl.DataFrame({"gone": [1], "kind": [1], "same": [1]})
    after = pl.DataFrame({"new": [1], "kind": ["a"], "same": [1]})
    findings = judge_drift(profile_table(before), profile_table(after))
    named = {finding.subject: finding.summary for finding in findings if finding.check == "data.drift.columns"}
    assert named == {
        "gone": "column gone is gone.",
        "new": "column new is new.",
        "kind": "column kind was integer and is text now.",
    }
