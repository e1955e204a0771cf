"""Where labels that stand for all say otherwise, an estimate does not call for action."""

import pytest

from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.monitoring.wording import contradicted


def said(check: str, verdict: Verdict) -> Finding:
    return Finding(check=check, subject="x", verdict=verdict, summary="recall is 31 %")


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ([said("quality.recall", Verdict.PASS)], Severity.NOTE),
        ([said("quality.recall", Verdict.CANNOT_TELL)], Severity.WARNING),
        ([said("quality.precision", Verdict.PASS)], Severity.WARNING),
        ([], Severity.WARNING),
    ],
)
def test_only_labels_that_pass_quiet_an_estimate(measured: list[Finding], expected: Severity) -> None:
    guess = said("quality.estimated_recall", Verdict.FAIL)
    assert contradicted(guess, measured).severity is expected
