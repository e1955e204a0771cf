"""From counts to a finding: one share held against one limit; and many p-values held at once."""

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any, NamedTuple

import numpy as np

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.arrays import real
from roadworthy.measures.intervals import rows_to_decide, wilson


class Subject(NamedTuple):
    """What a sentence is about: `noun` measured on rows called `rows` ("row", "spam row", "mail")."""

    noun: str
    rows: str = "row"


def share_finding(  # noqa: PLR0913  # one finding has that many facts; all but two are named by the caller
    check: str,
    subject: str,
    *,
    hits: int,
    trials: int,
    limit: Limit,
    summary_noun: str = "share",
    rows_noun: str = "row",
    severity: Severity = Severity.WARNING,
    remedy: str = "",
    evidence: Mapping[str, Any] | None = None,
    level: float = 0.95,
) -> Finding:
    """A share of rows held against a limit, with its Wilson interval and the rows that would decide.

    Args:
        check: dotted name of the check.
        subject: what was looked at.
        hits: rows that were hit, 0 <= hits <= trials.
        trials: rows looked at; with none the verdict is `cannot tell`.
        limit: what is asked of the share.
        summary_noun: what the share is, to begin the sentence ("recall").
        rows_noun: what a row is, in the singular ("spam row").
        severity: what a verdict other than pass means.
        remedy: what a person can do, used unless the verdict is pass.
        evidence: JSON beside the counts.
        level: coverage of the interval.

    Raises:
        MeasureError: if hits are outside [0, trials].

    >>> finding = share_finding("performance.recall", "test", hits=18, trials=30, limit=Limit(">=", 0.9),
    ...                         summary_noun="recall")
    >>> finding.summary
    'recall is 60 % (18 of 30 rows; 95 % interval 42.3 % to 75.4 %); asked for >= 90 %: fails'
    """
    facts: dict[str, Any] = {"hits": hits, "trials": trials, **(evidence or {})}
    if trials == 0 and hits == 0:
        # the best case for the limit says how many rows it takes at least
        best = 1.0 if limit.op in {">=", ">"} else 0.0
        return Finding(
            check=check,
            subject=subject,
            verdict=Verdict.CANNOT_TELL,
            summary=f"{summary_noun} cannot be told: there is no {rows_noun} to measure it on",
            unit="share",
            limit=limit,
            severity=severity,
            evidence=facts,
            remedy=remedy,
            more_rows=rows_to_decide(best, 1, limit, level=level),
        )
    interval = wilson(hits, trials, level=level)
    verdict = limit.judge(hits / trials, interval)
    more = rows_to_decide(hits, trials, limit, level=level) if verdict is Verdict.CANNOT_TELL else None
    counted = f"{hits:,} of {plural(trials, rows_noun)}"
    return Finding(
        check=check,
        subject=subject,
        verdict=verdict,
        summary=sentence(Subject(summary_noun, rows_noun), hits / trials, interval, limit, counted=counted, more=more),
        measured=hits / trials,
        unit="share",
        interval=interval,
        limit=limit,
        severity=severity,
        evidence=facts,
        remedy="" if verdict is Verdict.PASS else remedy,
        more_rows=more,
    )


def sentence(  # noqa: PLR0913  # the parts of one sentence
    about: Subject,
    value: float,
    interval: Interval | None,
    limit: Limit,
    *,
    unit: str = "share",
    counted: str = "",
    more: int | None = None,
) -> str:
    """One sentence in plain English: what, the number, its interval, what was asked, and the answer.

    >>> sentence(Subject("recall"), 0.6, Interval(0.4, 0.75), Limit(">=", 0.7), more=40)
    'recall is 60 % (95 % interval 40 % to 75 %); asked for >= 70 %: cannot tell, about 40 more rows would'
    """
    verdict = limit.judge(value, interval)
    inside = [counted] if counted else []
    if interval is not None:
        low, high = in_words(interval.low, unit), in_words(interval.high, unit)
        inside.append(f"{interval.level * 100:.4g} % interval {low} to {high}")
    shown = f" ({'; '.join(inside)})" if inside else ""
    asked = f"{limit.op} {in_words(limit.bound, unit)}" + ("" if limit.at == "interval" else " by the number alone")
    said = answer(verdict, rows=about.rows, more=more)
    return f"{about.noun} is {in_words(value, unit)}{shown}; asked for {asked}: {said}"


def in_words(number: float, unit: str) -> str:
    """A number with its unit as people read it: a share in percent, at most four significant digits.

    >>> in_words(0.0195, "share"), in_words(1234.5678, "ms"), in_words(-0.5, "")
    ('1.95 %', '1,235 ms', '-0.5')
    >>> in_words(0.99994, "share"), in_words(0.9998, ""), in_words(1.0, "share")
    ('99.994 %', '0.9998', '100 %')
    """
    if unit == "share":
        return f"{_digits(number * 100)} %"
    return f"{_digits(number)} {unit}".strip()


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected so that any false alarm among all of them comes with the chance that each says.

    Args:
        p_values: in [0, 1], in any order; may be empty.

    Returns:
        Corrected p-values in the same order, each in [0, 1] and at least the original.

    Raises:
        MeasureError: if any is not in [0, 1].

    Source: Holm (1979), Scand. J. Stat. 6:65-70.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    if len(p_values) == 0:
        return []
    values = real(p_values, name="p_values")
    if bool(np.any((values < 0) | (values > 1))):
        raise MeasureError("a p-value is outside [0, 1]", where="p_values", fix="give probabilities")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in corrected]


def answer(verdict: Verdict, *, rows: str = "row", more: int | None = None) -> str:
    """A verdict at the end of a sentence, with the rows that would decide.

    >>> answer(Verdict.CANNOT_TELL, rows="spam row", more=40)
    'cannot tell, about 40 more spam rows would'
    """
    match verdict:
        case Verdict.PASS:
            return "holds"
        case Verdict.FAIL:
            return "fails"
        case Verdict.CANNOT_TELL:
            return "cannot tell" if more is None else f"cannot tell, about {plural(more, f'more {rows}')} would"


def _digits(number: float) -> str:
    """Three or four significant digits, and more just below 1 and 100, where what is missing is what counts."""
    size = abs(number)
    for whole in (1.0, 100.0):
        if 0.99 * whole < size < whole:
            places = 1 - floor(log10(whole - size))
            return _trimmed(f"{number:.{min(places, 12)}f}")
    if size != 0 and size < 1e-4:
        return f"{number:.2e}"
    if size < 1:
        return _trimmed(f"{number:.3g}")
    whole_digits = len(str(int(size)))
    return _trimmed(f"{number:,.{max(0, (4 if size >= 1000 else 3) - whole_digits)}f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
