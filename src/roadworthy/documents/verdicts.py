"""The top of a report: the verdict in plain words, and each requirement with its picture."""

from collections.abc import Sequence

from msgspec import Struct

from roadworthy.bundle.certificate import Certificate
from roadworthy.documents.intervals import Bar, against_limit
from roadworthy.documents.words import SHARES, about, between, day, limit_words, number, title, verdict_class
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_ORDER = ("fail", "doubt", "waived", "pass")
_LEVELS = ("performance", "fairness", "robustness", "stress")
_SIGNS = {"pass": "✓", "fail": "✕", "doubt": "?", "waived": "W"}
_SAID = {"pass": "holds", "fail": "fails", "doubt": "cannot be told", "waived": "waived"}


class Requirement(Struct, frozen=True, kw_only=True):
    """One requirement as the page shows it; `picture` is SVG or empty."""

    class_: str
    sign: str
    said: str
    name: str
    subject: str
    value: str
    interval: str
    limit: str
    summary: str
    picture: str
    more: str
    waiver: str


class Headline(Struct, frozen=True):
    """The verdict in two or three words, and one sentence that says why."""

    class_: str
    words: str
    why: str


def headline(certificate: Certificate) -> Headline:
    """What the page says first."""
    held = [finding for finding in certificate.findings if finding.severity is Severity.BLOCKER]
    if certificate.by_waiver:
        people = ", ".join(dict.fromkeys(waiver.person for waiver in certificate.waivers))
        blocking = plural(sum(finding.blocks for finding in held), "finding")
        why = f"{people} answers for {blocking} that would keep this model off the road"
        return Headline("waived", "Roadworthy by waiver", f"{why}, until {day(certificate.last_day.isoformat())}.")
    if certificate.verdict is Verdict.PASS:
        return Headline("pass", "Roadworthy", f"{_all_of(len(held))} {'holds' if len(held) == 1 else 'hold'}.")
    failing = sum(finding.blocks and finding.verdict is Verdict.FAIL for finding in held) + len(certificate.missing)
    doubtful = sum(finding.blocks and finding.verdict is Verdict.CANNOT_TELL for finding in held)
    doubt = "cannot be told from this much data"
    if certificate.verdict is Verdict.FAIL:
        why = f"{_counted(failing).capitalize()} {'is' if failing == 1 else 'are'} not met"
        return Headline("fail", "Not roadworthy", f"{why}, and {doubtful} more {doubt}." if doubtful else f"{why}.")
    need = f"; {about(certificate.more_rows)} more rows would decide" if certificate.more_rows else ""
    return Headline("doubt", "Cannot be told yet", f"No requirement fails, but {_counted(doubtful)} {doubt}{need}.")


def requirements(certificate: Certificate) -> list[Requirement]:
    """Every finding that a release hangs on, worst first."""
    held = [finding for finding in certificate.findings if finding.severity is Severity.BLOCKER]
    rows = [_requirement(finding, certificate) for finding in sorted(held, key=_place)]
    return sorted(rows, key=lambda row: (_ORDER.index(row.class_), not row.picture))


def unit_of(finding: Finding) -> str:
    """The unit of a finding; shares are known by name where nobody said so."""
    return finding.unit or ("share" if finding.check.rpartition(".")[2] in SHARES else "")


def doubts(findings: Sequence[Finding]) -> list[Finding]:
    """What cannot be told, blockers first, then what needs least."""
    found = [finding for finding in findings if finding.verdict is Verdict.CANNOT_TELL]
    return sorted(found, key=lambda one: (not one.blocks, one.more_rows is None, one.more_rows or 0, one.check))


def _place(finding: Finding) -> tuple[int, bool]:
    """The model's own measures first, comparisons with others after them, then the other levels."""
    level = _LEVELS.index(finding.level) if finding.level in _LEVELS else len(_LEVELS)
    return level, "better_than" in finding.check


def _counted(count: int) -> str:
    return "one requirement" if count == 1 else plural(count, "requirement")


def _all_of(count: int) -> str:
    return {0: "Nothing was required; nothing that blocks", 1: "The one requirement"}.get(
        count, f"All {count} requirements"
    )


def _requirement(finding: Finding, certificate: Certificate) -> Requirement:
    waiver = next((one for one in certificate.waivers if finding.blocks and one.covers(finding)), None)
    class_ = "waived" if waiver else verdict_class(finding.verdict)
    unit, name = unit_of(finding), title(finding.check.partition(".")[2] or finding.check)
    bar = Bar(name=name, value=finding.measured, interval=finding.interval, class_=class_)
    drawn = finding.measured is not None and (finding.interval is not None or finding.limit is not None)
    return Requirement(
        class_=class_,
        sign=_SIGNS[class_],
        said=_SAID[class_],
        name=name,
        subject=finding.subject,
        value=number(finding.measured, unit) if finding.measured is not None else "",
        interval=between(finding.interval, unit),
        limit=limit_words(finding.limit, unit),
        summary=finding.summary,
        picture=against_limit(bar, finding.limit, unit=unit) if drawn else "",
        more=f"{about(finding.more_rows)} more rows would decide" if finding.more_rows else "",
        waiver=f"{waiver.person}, until {day(waiver.expires.isoformat())}: {waiver.reason}" if waiver else "",
    )
