"""What is said of how a delimited text was read: choices as notes, odd lines by number, names that were made."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from roadworthy.data.delimited.dialects import Dialect
from roadworthy.data.delimited.encodings import Encoding
from roadworthy.data.delimited.records import Odd
from roadworthy.data.delimited.transcoding import Notes
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20
_LONG = 200
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}


class Telling:
    """Gathers what is odd about one file."""

    def __init__(self, name: str, dialect: Dialect, encoding: Encoding) -> None:
        self.name, self._dialect, self._encoding = name, dialect, encoding
        self.renamed: list[str] = []
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._first: dict[tuple[str, bool], list[Odd]] = {}

    def odd(self, lines: list[Odd]) -> None:
        """Take some lines."""
        for line in lines:
            group = (line.why, line.kept)
            self._counts[group] += 1
            first = self._first.setdefault(group, [])
            if len(first) < _SHOWN:
                first.append(line)

    def choices(self, options: Mapping[str, Any]) -> Iterator[Finding]:
        """What the text itself decided."""
        dialect, told = self._dialect, []
        if "separator" not in options:
            separator = "spaces" if dialect.spaces else _WORDS.get(dialect.shape.separator, dialect.shape.separator)
            told.append(f"{separator} between values")
        if "header" not in options:
            told.append("names in the first line" if dialect.header else "no line of names")
        if self._encoding.guessed or ("encoding" not in options and self._encoding.name != "utf-8"):
            told.append(f"encoding {self._encoding.name}")
        if dialect.skip:
            told.append(f"{plural(dialect.skip, 'line')} before the table")
        if told:
            yield self._note("data.dialect", f"{self.name} was read with {', '.join(told)}.", Verdict.PASS)

    def findings(self, notes: Notes) -> Iterator[Finding]:
        """What was odd, once all is read."""
        if self._encoding.guessed:
            summary = f"{self.name} is no UTF-8; it was read as {self._encoding.name}, which looks likeliest."
            yield self._note("data.charset", summary, Verdict.FAIL, remedy='declare its encoding = "..."')
        if notes.foreign:
            yield self._lines("data.charset", notes.foreign, "no UTF-8 and were read as Windows-1252")
        if notes.zeros:
            yield self._lines("data.lines", notes.zeros, "holding zero bytes, which were kept")
        if self.renamed:
            names = ", ".join(self.renamed[:_SHOWN])
            summary = (
                f"{plural(len(self.renamed), 'column')} of {self.name} had no name, or one that another has: {names}."
            )
            twice = any(not name.startswith("column_") for name in self.renamed)
            verdict = Verdict.FAIL if twice else Verdict.PASS
            yield self._note("data.column_names", summary, verdict, remedy="give each column a name of its own")
        for (why, kept), count in self._counts.items():
            yield self._odd(self._first[why, kept], why, count, kept=kept)

    def _odd(self, first: list[Odd], why: str, count: int, *, kept: bool) -> Finding:
        done = "kept" if kept else "set aside"
        places = ", ".join(str(line.line) for line in first[:5])
        return Finding(
            check="data.lines",
            subject=self.name,
            verdict=Verdict.FAIL,
            summary=f"{plural(count, 'line')} of {self.name} {done}: {why}; first: line {places}.",
            measured=float(count),
            unit="lines",
            severity=Severity.NOTE if kept else Severity.WARNING,
            evidence={"rows": [f"{self.name}:{line.line}" for line in first], "texts": [x.text[:_LONG] for x in first]},
            remedy="mend these lines, or declare separator and quote as the file has them",
        )

    def _lines(self, check: str, lines: list[int], what: str) -> Finding:
        first = lines[:_SHOWN]
        return Finding(
            check=check,
            subject=self.name,
            verdict=Verdict.FAIL,
            summary=f"{plural(len(lines), 'line')} of {self.name} {what}; first: line {first[0]}.",
            measured=float(len(lines)),
            unit="lines",
            evidence={"rows": [f"{self.name}:{line}" for line in first]},
            remedy="mend these lines at their source",
        )

    def _note(self, check: str, summary: str, verdict: Verdict, *, remedy: str = "") -> Finding:
        return Finding(
            check=check,
            subject=self.name,
            verdict=verdict,
            summary=summary,
            severity=Severity.NOTE,
            evidence={"archive": self.name, "member": ""},
            remedy=remedy,
        )


def column_names(found: list[str], width: int) -> tuple[list[str], list[str]]:
    """A name for every column, and those that had to be made.

    >>> column_names(["a", "", "a"], 3)
    (['a', 'column_2', 'a_2'], ['column_2', 'a_2'])
    """
    names: list[str] = []
    made: list[str] = []
    for place in range(width):
        said = found[place] if place < len(found) else ""
        name = wanted = said or f"column_{place + 1}"
        again = 1
        while name in names:
            again += 1
            name = f"{wanted}_{again}"
        if name != said:
            made.append(name)
        names.append(name)
    return names, made
