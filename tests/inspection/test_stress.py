"""Findings of a load, and the coverage of their intervals by simulation."""

import numpy as np
import pytest

from roadworthy.declare.requirements import Stress
from roadworthy.inspection.load import LoadResult
from roadworthy.inspection.stress import mean_interval, quantile_interval, stress_findings
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict, parse_limit


def result(latencies, **changed) -> LoadResult:
    fields = {"requests": len(latencies), "errors": 0, "timeouts": 0, "seconds": 2.0}
    return LoadResult(**{**fields, "latencies": np.asarray(latencies, float), **changed})


def judged(limits: dict[str, str], found: LoadResult, rss_mb: float = 100.0):
    stress = Stress(limits={name: parse_limit(text) for name, text in limits.items()})
    return {finding.check: finding for finding in stress_findings(found, rss_mb, stress)}


STEADY = np.random.default_rng(1).gamma(4.0, 2.5, 5000)


def test_each_declared_limit_gives_one_finding_that_blocks():
    findings = judged({"mean_ms": "<= 20", "p99_ms": "<= 40", "errors": "== 0", "memory_mb": "<= 150"}, result(STEADY))
    assert list(findings) == ["stress.mean_ms", "stress.p99_ms", "stress.errors", "stress.memory_mb"]
    assert {finding.verdict for finding in findings.values()} == {Verdict.PASS}
    assert {finding.severity for finding in findings.values()} == {Severity.BLOCKER}
    assert findings["stress.mean_ms"].measured == pytest.approx(STEADY.mean())
    assert findings["stress.errors"].evidence["per_second"] == 2500


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({"mean_ms": "<= 5"}, result(STEADY)),
        ({"p99_ms": "<= 10"}, result(STEADY)),
        ({"errors": "== 0"}, result(STEADY, errors=1, first_error="status 503")),
        ({"errors": "== 0"}, result(STEADY, timeouts=1)),
        ({"memory_mb": "<= 50"}, result(STEADY)),
    ],
)
def test_what_is_over_its_limit_fails_with_a_remedy(limits, found):
    (finding,) = judged(limits, found).values()
    assert finding.verdict is Verdict.FAIL
    assert finding.blocks
    assert finding.remedy


def test_a_limit_within_the_interval_cannot_be_told():
    (finding,) = judged({"mean_ms": f"<= {STEADY.mean() + 0.01}"}, result(STEADY)).values()
    assert finding.verdict is Verdict.CANNOT_TELL


def test_no_answer_at_all_fails():
    findings = judged(
        {"mean_ms": "<= 5", "errors": "== 0"}, result([], requests=3, errors=3, first_error="cannot connect")
    )
    assert {finding.verdict for finding in findings.values()} == {Verdict.FAIL}
    assert "cannot connect" in findings["stress.mean_ms"].summary


def test_few_replies_give_no_interval():
    assert mean_interval(np.ones(50)) is None
    assert quantile_interval(np.ones(50), 0.99) is None


def test_coverage_of_the_mean_with_resembling_neighbours():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        noise = rng.normal(size=2000)
        series = np.empty(2000)
        level = noise[0] / np.sqrt(1 - 0.64)
        for place, shock in enumerate(noise):
            level = series[place] = 0.8 * level + shock
        interval = mean_interval(series + 50)
        hits += interval.low <= 50 <= interval.high
    assert 0.90 <= hits / 300 <= 0.99


def test_coverage_of_the_quantile():
    rng = np.random.default_rng(4)
    truth = -np.log(0.01)
    intervals = [quantile_interval(rng.exponential(size=3000), 0.99) for _ in range(400)]
    hits = sum(each.low <= truth <= each.high for each in intervals)
    assert 0.92 <= hits / 400 <= 0.99
