"""The one noun that decides."""

from enum import StrEnum
from typing import Any, Self

from msgspec import Struct, field

from roadworthy.kernel.limits import Interval, Limit, Verdict


class Severity(StrEnum):
    """How much a failed finding matters: a note informs, a warning is shown, a blocker stops a release."""

    NOTE = "note"
    WARNING = "warning"
    BLOCKER = "blocker"


class Finding(Struct, frozen=True, kw_only=True):
    """One check of one subject: what was measured, what was asked, and the verdict.

    Attributes:
        check: dotted name `level.check`, such as `data.completeness`, `performance.recall`, `drift.input`.
        subject: what was looked at: a column, a slice such as `language=de`, a model, a file.
        measured: the number, if there is one; its `unit` in plain words (`share`, `ms`, `rows`).
        interval: where the true value lies, if the number was estimated from a sample.
        limit: what was asked, if anything was.
        severity: what a verdict other than pass means for a release.
        summary: one sentence in plain English that holds the number.
        evidence: small JSON: counts, examples, the rows to look at.
        remedy: what a person can do; empty if nothing needs doing.
        more_rows: with `cannot tell`, how many more rows (or labels) would decide, if known.
    """

    check: str
    subject: str
    verdict: Verdict
    summary: str
    measured: float | None = None
    unit: str = ""
    interval: Interval | None = None
    limit: Limit | None = None
    severity: Severity = Severity.WARNING
    evidence: dict[str, Any] = field(default_factory=dict)
    remedy: str = ""
    more_rows: int | None = None

    @classmethod
    def judged(
        cls,
        check: str,
        subject: str,
        *,
        measured: float,
        limit: Limit,
        summary: str,
        interval: Interval | None = None,
        **rest: Any,
    ) -> Self:
        """A finding whose verdict follows from the limit; the bad side of the interval counts.

        >>> Finding.judged("performance.recall", "test", measured=0.6, limit=Limit(">=", 0.9), summary="0.6").verdict
        <Verdict.FAIL: 'fail'>
        """
        return cls(
            check=check,
            subject=subject,
            measured=measured,
            limit=limit,
            interval=interval,
            verdict=limit.judge(measured, interval),
            summary=summary,
            **rest,
        )

    @property
    def level(self) -> str:
        """The first part of the check's name: the test level or room it belongs to."""
        return self.check.partition(".")[0]

    @property
    def blocks(self) -> bool:
        """Whether this finding alone keeps a model off the road."""
        return self.severity is Severity.BLOCKER and self.verdict is not Verdict.PASS


def worst(findings: list[Finding]) -> Verdict:
    """The verdict over several findings: any blocking failure fails, else any blocking doubt cannot tell.

    >>> worst([])
    <Verdict.PASS: 'pass'>
    """
    blocking = {finding.verdict for finding in findings if finding.blocks}
    if Verdict.FAIL in blocking:
        return Verdict.FAIL
    return Verdict.CANNOT_TELL if blocking else Verdict.PASS
