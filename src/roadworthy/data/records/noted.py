"""What was odd in the records of one file, told in one finding for each kind of oddity."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from roadworthy.data.records.exact import Odd
from roadworthy.data.records.flatten import REST, Kinds
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

SHOWN = 20
_LONGEST = 200
_MIXED = (("number", "text"), ("object", "text"), ("array", "number"), ("array", "text"), ("number", "truth"))


class Bad(Struct):
    """Records that could not be read: how many, and the first of them with the reason.

    Attributes:
        lines: the numbers of all of them, as far as they are kept.
    """

    count: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def note(self, line: int, why: str, text: str) -> None:
        """One more, set aside."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append({"line": line, "why": why, "text": text[:_LONGEST]})
        if len(self.lines) < SHOWN * 50:
            self.lines.append(line)


class Noted:
    """Collects oddities of one file; `findings` tells them."""

    def __init__(self, archive: str) -> None:
        self.archive, self.bad = archive, Bad()
        self._twice: dict[str, list[dict[str, Any]]] = {}
        self._twice_count = self._constant_count = 0
        self._constants: list[dict[str, str]] = []

    def odd(self, odd: Odd, row: str) -> None:
        """What was odd in one record."""
        for key, value in odd.twice:
            self._twice_count += 1
            if self._twice_count <= SHOWN:
                self._twice.setdefault(key, []).append({"row": row, "earlier": str(value)[:_LONGEST]})
        for word in odd.constants:
            self._constant_count += 1
            if self._constant_count <= SHOWN:
                self._constants.append({"row": row, "word": word})

    def findings(self, *, rows: int, kinds: Mapping[str, Kinds], left_over: int = 0) -> list[Finding]:
        """One finding for each kind of oddity that there was."""
        told = [*self._bad_lines(rows), *self._keys(), *self._no_numbers(), *mixed_kinds(self.archive, kinds)]
        if left_over:
            told.append(
                noted(
                    "data.unmatched",
                    self.archive,
                    f"{plural(left_over, 'record')} of {self.archive} hold more than the declared fields; it is kept "
                    f"in the column {REST!r}.",
                    count=left_over,
                )
            )
        return told

    def _bad_lines(self, rows: int) -> list[Finding]:
        bad = self.bad
        if not bad.count:
            return []
        first = bad.first[0]
        return [
            Finding(
                check="data.readable",
                subject=f"{self.archive}:{first['line']}" if bad.count == 1 else self.archive,
                verdict=Verdict.FAIL,
                summary=f"{plural(bad.count, 'line')} of {self.archive} set aside, {rows:,} records read; "
                f"line {first['line']}: {first['why']}.",
                measured=float(bad.count),
                unit="lines",
                evidence={"archive": self.archive, "first": bad.first, "lines": bad.lines},
                remedy="look at these lines; repair them or take them out",
            )
        ]

    def _keys(self) -> list[Finding]:
        if not self._twice_count:
            return []
        keys = ", ".join(sorted(self._twice)[:5])
        return [
            Finding(
                check="data.duplicate_keys",
                subject=self.archive,
                verdict=Verdict.FAIL,
                summary=f"{plural(self._twice_count, 'key')} of {self.archive} stand twice in one object ({keys}); the "
                "last value is used.",
                measured=float(self._twice_count),
                unit="keys",
                evidence={"archive": self.archive, "keys": self._twice},
                remedy="find out which value is meant; other readers may take the first",
            )
        ]

    def _no_numbers(self) -> list[Finding]:
        if not self._constant_count:
            return []
        return [
            Finding(
                check="data.nonfinite",
                subject=self.archive,
                verdict=Verdict.FAIL,
                summary=f"{plural(self._constant_count, 'value')} of {self.archive} are NaN or infinite, which JSON "
                f"does not have; first: {self._constants[0]['word']} in {self._constants[0]['row']}.",
                measured=float(self._constant_count),
                unit="values",
                severity=Severity.NOTE,
                evidence={"archive": self.archive, "first": self._constants},
                remedy="NaN is read as missing, an infinity as text; write null where there is no value",
            )
        ]


def mixed_kinds(archive: str, kinds: Mapping[str, Kinds]) -> list[Finding]:
    """Columns that hold numbers in some records and texts, or whole objects, in others."""
    found: list[Finding] = []
    for column, seen in kinds.items():
        pair = next((pair for pair in _MIXED if set(pair) <= seen.counts.keys()), None)
        if pair is None:
            continue
        rare, usual = sorted(pair, key=lambda kind: seen.counts[kind])
        found.append(
            noted(
                "data.mixed_kinds",
                column,
                f"{column} is {_article(usual)} in {seen.counts[usual]:,} records of {archive} and {_article(rare)} in "
                f"{seen.counts[rare]:,}; first: {seen.first[rare]}.",
                count=seen.counts[rare],
                evidence={"archive": archive, "kinds": seen.counts, "rows": [seen.first[rare]]},
            )
        )
    return found


def noted(
    check: str, subject: str, summary: str, *, count: int, evidence: "Mapping[str, Any] | None" = None, remedy: str = ""
) -> Finding:
    """A finding that informs: a number of records, and what about them."""
    return Finding(
        check=check,
        subject=subject,
        verdict=Verdict.FAIL,
        summary=summary,
        measured=float(count),
        unit="records",
        severity=Severity.NOTE,
        evidence=dict(evidence or {"archive": subject}),
        remedy=remedy,
    )


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def first_finding(findings: Sequence[Finding]) -> Finding | None:
    """The first that failed, for the error that nothing was found."""
    return next((one for one in findings if one.verdict is Verdict.FAIL), None)
