"""The finding: one verdict, told from the limit; JSON and back."""

import msgspec
import pytest

from roadworthy.kernel.finding import Finding, Severity, worst
from roadworthy.kernel.limits import Interval, Verdict, parse_limit


def finding(verdict: Verdict, severity: Severity = Severity.BLOCKER) -> Finding:
    return Finding(check="performance.recall", subject="test", verdict=verdict, summary="recall", severity=severity)


def test_a_finding_survives_json() -> None:
    before = Finding.judged(
        "performance.recall",
        "test",
        measured=0.95,
        limit=parse_limit(">= 0.9"),
        interval=Interval(0.88, 0.99),
        summary="recall is 95 %",
        evidence={"rows": [1, 2]},
        more_rows=120,
    )
    assert msgspec.json.decode(msgspec.json.encode(before), type=Finding) == before
    assert before.verdict is Verdict.CANNOT_TELL
    assert before.level == "performance"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], Verdict.PASS),
        ([finding(Verdict.PASS)], Verdict.PASS),
        ([finding(Verdict.FAIL, Severity.WARNING)], Verdict.PASS),
        ([finding(Verdict.CANNOT_TELL)], Verdict.CANNOT_TELL),
        ([finding(Verdict.CANNOT_TELL), finding(Verdict.FAIL)], Verdict.FAIL),
    ],
)
def test_the_worst_blocker_decides(found: list[Finding], expected: Verdict) -> None:
    assert worst(found) is expected
