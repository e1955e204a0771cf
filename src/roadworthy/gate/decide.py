"""The decision: findings against requirements, and nothing else."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, field

from roadworthy.bundle.certificate import Waiver
from roadworthy.declare.requirements import Require
from roadworthy.gate.waivers import defects
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

ALWAYS = ("data", "unit", "integration", "performance")
"""Test levels that every model passes through, whatever was declared."""


class Waived(Struct, frozen=True):
    """A finding that blocks, and the waiver that answers for it."""

    finding: Finding
    waiver: Waiver


class Decision(Struct, frozen=True, kw_only=True):
    """What the gate says, and why.

    Attributes:
        verdict: pass (nothing blocks, or every blocker is waived), fail, or cannot tell.
        reasons: sentences, most important first: what is missing, fails, cannot be told, is waived.
        required: levels asked for; missing: levels or declared requirements that nobody looked at.
        failing, doubtful: findings that block, waived ones left out.
        waived: findings with the waivers that answer for them.
        refused: waivers that count for nothing, and why.
        more_rows: with `cannot tell`, how many more rows would decide every doubt; None if unknown for one of them.
    """

    verdict: Verdict
    reasons: list[str]
    required: list[str]
    missing: list[str]
    failing: list[Finding] = field(default_factory=list)
    doubtful: list[Finding] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    more_rows: int | None = None

    @property
    def by_waiver(self) -> bool:
        """Whether it passes only because a person answers for it."""
        return self.verdict is Verdict.PASS and bool(self.waived)


def required_levels(require: Require) -> list[str]:
    """The test levels that a declaration asks for.

    >>> required_levels(Require())
    ['data', 'unit', 'integration', 'performance']
    """
    asked = {
        "robustness": bool(require.robustness),
        "fairness": bool(require.fairness.limits),
        "stress": require.stress is not None,
    }
    return [*ALWAYS, *(level for level, wanted in asked.items() if wanted)]


def required_checks(require: Require) -> list[str]:
    """The checks that must have left a finding, by name: one for each declared bar."""
    return [
        *(f"performance.{name}" for name in require.metrics),
        *(f"robustness.{name}" for name in require.robustness),
        *(f"fairness.{name}" for name in require.fairness.limits),
        *(f"stress.{name}" for name in (require.stress.limits if require.stress else ())),
        *(f"performance.better_than.{name}" for name in _beaten(require)),
    ]


def _beaten(require: Require) -> list[str]:
    """Models that were named and are always there; the live one may not be."""
    return [name for name in ("majority", "simple") if name in require.better_than]


def decide(
    findings: Sequence[Finding],
    *,
    require: Require,
    levels_run: Sequence[str],
    waivers: Sequence[Waiver] = (),
    now: datetime,
) -> Decision:
    """Hold findings against what was required.

    Nothing missing may pass: a level that was not run, or a declared bar that left no finding, fails and cannot be
    waived. A declared bar blocks even if the check that measured it forgot to say so.

    Args:
        findings: of all rooms.
        require: the declared requirements.
        levels_run: test levels that were run to their end.
        waivers: all that are kept; those without person, reason or future expiry count for nothing and are listed.
        now: the present moment, with its time zone.
    """
    blockers = _blockers(findings, required_checks(require))
    good = [waiver for waiver in waivers if not defects(waiver, now=now)]
    waived = [Waived(finding, waiver) for finding in blockers if (waiver := _latest(finding, good))]
    left = [finding for finding in blockers if not _latest(finding, good)]
    failing = [finding for finding in left if finding.verdict is Verdict.FAIL]
    doubtful = [finding for finding in left if finding.verdict is Verdict.CANNOT_TELL]
    missing = _missing(findings, require, levels_run)
    verdict = Verdict.FAIL if missing or failing else Verdict.CANNOT_TELL if doubtful else Verdict.PASS
    needed = [finding.more_rows for finding in doubtful]
    return Decision(
        verdict=verdict,
        reasons=[
            *(f"{name}: required, but nobody looked at it" for name in missing),
            *(_sentence(finding) for finding in failing),
            *(_doubt(finding) for finding in doubtful),
            *(_waived(pair) for pair in waived),
        ],
        required=required_levels(require),
        missing=missing,
        failing=failing,
        doubtful=doubtful,
        waived=waived,
        refused=[_refused(waiver, now) for waiver in waivers if waiver not in good],
        more_rows=max((rows for rows in needed if rows is not None), default=None) if None not in needed else None,
    )


def _blockers(findings: Sequence[Finding], declared: Sequence[str]) -> list[Finding]:
    outspoken = {finding.check for finding in findings if finding.severity is Severity.BLOCKER}
    silent = set(declared) - outspoken
    found = [
        finding
        for finding in findings
        if finding.blocks or (finding.check in silent and finding.verdict is not Verdict.PASS)
    ]
    return sorted(found, key=lambda finding: (finding.check, finding.subject))


def _missing(findings: Sequence[Finding], require: Require, levels_run: Sequence[str]) -> list[str]:
    seen = {finding.check for finding in findings}
    levels = [level for level in required_levels(require) if level not in levels_run]
    bars = [check for check in required_checks(require) if check not in seen and check.split(".")[0] not in levels]
    return levels + bars


def _latest(finding: Finding, waivers: Sequence[Waiver]) -> Waiver | None:
    """The waiver that covers a finding for the longest time."""
    return max((waiver for waiver in waivers if waiver.covers(finding)), key=lambda waiver: waiver.ends, default=None)


def _sentence(finding: Finding) -> str:
    """What was found, and what was asked unless the summary says it already."""
    said = f"{finding.check} of {finding.subject}: {finding.summary}"
    return said if finding.limit is None or "asked for" in said else f"{said} (required {finding.limit})"


def _doubt(finding: Finding) -> str:
    said = _sentence(finding)
    if finding.more_rows is None:
        return f"{said}; this cannot be told from the data there are"
    more = plural(finding.more_rows, "more row")
    return said if more.split()[0] in finding.summary else f"{said}; cannot be told yet: about {more} would decide"


def _waived(pair: Waived) -> str:
    finding, waiver = pair.finding, pair.waiver
    who = f"waived by {waiver.person} until {waiver.expires}: {waiver.reason}"
    return f"{finding.check} of {finding.subject}: {who}"


def _refused(waiver: Waiver, now: datetime) -> str:
    why = "; ".join(defects(waiver, now=now))
    return f"the waiver of {waiver.check} by {waiver.person or 'nobody'} counts for nothing: {why}"
