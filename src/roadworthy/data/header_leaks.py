"""Mail headers, and values that mailing lists write, which tell how a corpus was collected and not what a mail is."""

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.judging import holm
from roadworthy.measures.ranking import auc
from roadworthy.measures.tails import binomial_cdf, binomial_sf

_PURE = 0.98
_CHANCE = 0.001
_LEAST = 10
_KNOWS = 0.95
_DROP = 0.05
_CLEAR = 0.75
_NAMED = 25
_FOLDS = 5
_MOST_MARKS = 2_000


class Mark(Struct, frozen=True, kw_only=True):
    """A header or a header's value, and how it goes with the answer.

    Attributes:
        kind: `header` (its presence) or `value` (`name:value` of a mailing-list header).
        rows, positive: training rows that have it, and how many of them are positive.
    """

    kind: str
    name: str
    rows: int
    positive: int

    @property
    def purity(self) -> float:
        """Share of its rows in the class that most of them are of."""
        return max(self.positive, self.rows - self.positive) / self.rows

    @property
    def header(self) -> str:
        """The header's name."""
        return self.name.partition(":")[0] if self.kind == "value" else self.name


def header_leaks(
    training: pl.DataFrame, truth: NDArray[np.bool_], *, times: NDArray[np.float64] | None, dropped: frozenset[str]
) -> list[Finding]:
    """Findings about headers that are no declared leak and yet know the answer.

    Args:
        training: rows of a mail snapshot.
        truth: whether each is positive.
        times: UTC seconds of each, nan where unknown; None if there is no time.
        dropped: headers that no feature reads anyway.
    """
    marks = _marks(training, truth, "headers", kind="header", dropped=dropped)
    values = _marks(training, truth, "list_headers", kind="value", dropped=dropped)
    suspects = [*_one_sided(marks, truth), *_one_sided(values, truth)]
    found = _findings(suspects, truth)
    together = _together(training, truth, times, [mark.name for mark in marks])
    return [*found, *together]


def _marks(
    training: pl.DataFrame, truth: NDArray[np.bool_], column: str, kind: str, dropped: frozenset[str]
) -> list[Mark]:
    counted = (
        training.select(pl.col(column).list.unique().alias("name"), pl.Series("truth", truth))
        .explode("name", empty_as_null=True)
        .drop_nulls("name")
        .group_by("name")
        .agg(pl.len().alias("rows"), pl.col("truth").sum().alias("positive"))
        .filter(pl.col("rows") >= _LEAST)
        .sort("rows", "name", descending=[True, False])
        .head(_MOST_MARKS)
    )
    found = [Mark(kind=kind, name=name, rows=rows, positive=positive) for name, rows, positive in counted.iter_rows()]
    return [mark for mark in found if mark.header not in dropped]


def _one_sided(marks: list[Mark], truth: NDArray[np.bool_]) -> list[Mark]:
    """Marks of one class beyond what chance allows (binomial tail, Holm), or that tell the classes apart."""
    if not marks:
        return []
    share = float(truth.mean())
    tails = [
        binomial_sf(mark.positive - 1, mark.rows, share)
        if mark.positive * 2 > mark.rows
        else binomial_cdf(mark.positive, mark.rows, share)
        for mark in marks
    ]
    chances = holm([float(min(1.0, 2 * tail)) for tail in tails])
    return [
        mark
        for mark, chance in zip(marks, chances, strict=True)
        if (mark.purity >= _PURE and chance < _CHANCE) or _told_apart(mark, truth) >= _KNOWS
    ]


def _told_apart(mark: Mark, truth: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of the mark's presence alone, in either direction."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    area = 0.5 + (mark.positive / positives - (mark.rows - mark.positive) / negatives) / 2
    return max(area, 1 - area)


def _findings(suspects: list[Mark], truth: NDArray[np.bool_]) -> list[Finding]:
    """One finding for each of the strongest; the others are named in one."""
    ordered = sorted(suspects, key=lambda mark: (-_told_apart(mark, truth), mark.name))
    found = [_finding(mark, truth) for mark in ordered[:_NAMED]]
    rest = ordered[_NAMED:]
    if rest:
        found.append(
            Finding(
                check="data.leakage",
                subject="other headers",
                verdict=Verdict.FAIL,
                summary=f"{plural(len(rest), 'more header')} or values of headers stand in one class only.",
                measured=float(len(rest)),
                unit="headers",
                severity=Severity.NOTE,
                evidence={"names": [mark.name for mark in rest]},
                remedy=_REMEDY,
            )
        )
    return found


def _finding(mark: Mark, truth: NDArray[np.bool_]) -> Finding:
    side = "positive" if mark.positive * 2 > mark.rows else "negative"
    area = _told_apart(mark, truth)
    what = "Header" if mark.kind == "header" else "Header value"
    return Finding(
        check="data.leakage",
        subject=mark.name,
        verdict=Verdict.FAIL,
        summary=f"{what} {mark.name} stands in {mark.rows:,} training mails, {mark.purity:.1%} of them {side}: "
        f"alone it reaches AUC {area:.3f}.",
        measured=area,
        unit="AUC",
        severity=Severity.WARNING if area >= _CLEAR else Severity.NOTE,
        evidence={"header": mark.header, "kind": mark.kind, "rows": mark.rows, "positive": mark.positive},
        remedy=f'{_REMEDY}: leaks = ["{mark.header.replace("-", "_")}"]',
    )


def _together(
    training: pl.DataFrame, truth: NDArray[np.bool_], times: NDArray[np.float64] | None, names: list[str]
) -> list[Finding]:
    """Headers whose names predict well among mixed times and badly across time are traces of collecting."""
    if times is None or np.isnan(times).all() or len(names) < 2:
        return []
    present = _presence(training, names)
    order = np.argsort(np.nan_to_num(times, nan=float(np.nanmedian(times))), kind="stable")
    mixed = np.random.default_rng(0).permutation(len(truth))
    within, across = _predicted(present, truth, mixed, forward=False), _predicted(present, truth, order, forward=True)
    if within is None or across is None:
        return []
    leaks = within >= _CLEAR and within - across >= _DROP
    return [
        Finding(
            check="data.leakage",
            subject="names of headers",
            verdict=Verdict.FAIL if leaks else Verdict.PASS,
            summary=f"The names of headers alone reach AUC {within:.3f} among mixed training mails and {across:.3f} on "
            f"later ones: {'they tell how the mails were collected.' if leaks else 'no clear trace of collecting.'}",
            measured=within - across,
            unit="AUC",
            severity=Severity.WARNING,
            evidence={"mixed": within, "forward": across, "headers": len(names)},
            remedy="declare the headers named here as leaks" if leaks else "",
        )
    ]


def _presence(training: pl.DataFrame, names: list[str]) -> NDArray[np.bool_]:
    place = {name: number for number, name in enumerate(names)}
    held = np.zeros((training.height, len(names)), dtype=bool)
    pairs = (
        training.select(pl.int_range(pl.len()).alias("row"), "headers")
        .explode("headers", empty_as_null=True)
        .filter(pl.col("headers").is_in(names))
    )
    held[pairs["row"].to_numpy(), [place[name] for name in pairs["headers"].to_list()]] = True
    return held


def _predicted(
    present: NDArray[np.bool_], truth: NDArray[np.bool_], order: NDArray[np.int64], *, forward: bool
) -> float | None:
    """Mean AUC of a Bernoulli naive Bayes over folds; forward folds learn from what lies before them alone."""
    areas: list[float] = []
    parts = np.array_split(order, _FOLDS)
    for place, tested in enumerate(parts):
        others = parts[:place] if forward else [*parts[:place], *parts[place + 1 :]]
        if not others:
            continue
        learnt = np.concatenate(others)
        if min(truth[tested].sum(), (~truth[tested]).sum(), truth[learnt].sum(), (~truth[learnt]).sum()) < _LEAST:
            continue
        areas.append(auc(truth[tested].astype(np.int8), _bayes(present[learnt], truth[learnt], present[tested])))
    return float(np.mean(areas)) if areas else None


def _bayes(present: NDArray[np.bool_], truth: NDArray[np.bool_], asked: NDArray[np.bool_]) -> NDArray[np.float64]:
    rates = [(present[truth == side].sum(axis=0) + 0.5) / ((truth == side).sum() + 1.0) for side in (True, False)]
    present_odds, absent_odds = np.log(rates[0] / rates[1]), np.log((1 - rates[0]) / (1 - rates[1]))
    return np.asarray(asked @ (present_odds - absent_odds) + absent_odds.sum(), dtype=np.float64)


_REMEDY = "if it will not be there, or not mean the same, when the model answers, declare it"
