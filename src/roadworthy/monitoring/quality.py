"""How well is the model doing: estimated from its own probabilities before labels come, measured once they do.

The estimate (confidence-based performance estimation) holds while a probability of 0.8 still means 8 in 10; a change of
what the inputs mean is invisible to it, and every finding says so. Labels that come only for some predictions were
chosen by whoever reports; then only what is certain is judged: unreported predictions are taken to be right.

Source: Białek, Kuberski, Perrakis and Bifet (2024), arXiv:2407.08649 (probabilistic performance estimation).
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.kernel.limits import Interval, Limit
from roadworthy.measures.classification import SHARES, Confusion, Share, share
from roadworthy.measures.evalues import log_dirichlet_evidence
from roadworthy.measures.intervals import normal_interval, wilson
from roadworthy.monitoring.evidence import Track, follow, looking_back, rate_evidence
from roadworthy.monitoring.reference import Reference
from roadworthy.monitoring.windows import Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ALWAYS = ("error_rate", "precision", "recall", "false_positive_rate")
"""Watched for every model, against the reference, beside those with a declared bar."""

WATCHED = tuple(dict.fromkeys((*ALWAYS, *SHARES, "f1")))
"""All measures that can be watched."""

UNBIASED_SOURCES = ("audit",)
"""Sources whose labels were asked for by a draw that gives every prediction the same chance, not volunteered."""

FULL = 0.8
"""Share of predictions with a label from which on the labelled ones stand for all."""

SLACK = 0.2
"""Without a declared bar, a fifth more mistakes than the reference could have had at worst are still in order."""

_GROWS_WORSE = frozenset({"error_rate", "false_positive_rate", "false_negative_rate"})
_NEITHER = frozenset({"selection_rate", "prevalence"})


class Bar(Struct, frozen=True, kw_only=True):
    """What a measure must keep: a declared limit, or the bad end of the reference's interval with some slack."""

    metric: str
    limit: Limit
    declared: bool


class Estimate(Struct, frozen=True, kw_only=True):
    """A measure estimated without labels, with the reference's own value."""

    metric: str
    value: float
    interval: Interval
    reference: float
    rows: int


class Measurement(Struct, frozen=True, kw_only=True):
    """A measure on the labels that came back.

    Attributes:
        hits, trials: of the share (for F1 of the share behind it); value and interval rest on them.
        labelled, rows: predictions with a label, and all predictions that a label was due for.
        selected: whether the labels are a choice of whoever reports; unreported predictions then count as right.
    """

    bar: Bar
    track: Track
    hits: int
    trials: int
    value: float
    interval: Interval
    labelled: int
    rows: int
    selected: bool


class Calibration(Struct, frozen=True, kw_only=True):
    """Whether a probability still means what it meant.

    `gap` is the mean distance of the seen from the expected share of positives over score bins, less what chance gives.
    """

    track: Track
    gap: float
    seen: float
    expected: float
    labelled: int


class LabelledWindows(Struct, frozen=True, kw_only=True):
    """The windows that labels were due for, as arrays.

    Attributes:
        tables: tp, fp, fn, tn per window, (windows, 4); unreported predictions are in them if `selected`.
        labelled, rows: totals.
    """

    tables: Ints
    labelled: int
    rows: int
    selected: bool

    def shares(self, metrics: Sequence[str]) -> dict[str, float]:
        """The measures over all these windows, those that are defined."""
        counted = Confusion(*self.tables.sum(axis=0).tolist())
        shares = {metric: _hits(metric, counted) for metric in metrics}
        return {metric: _shown(metric, of.hits / of.trials) for metric, of in shares.items() if of.trials}


def bars(reference: Reference, declared: Mapping[str, Limit]) -> list[Bar]:
    """What to hold measured quality against: declared bars first, else what the reference was, with slack."""
    found = [Bar(metric=name, limit=limit, declared=True) for name, limit in declared.items() if name in WATCHED]
    for metric in ALWAYS:
        counted = _hits(metric, Confusion(*reference.confusion))
        if metric in declared or counted.trials == 0:
            continue
        interval = wilson(counted.hits, counted.trials)
        if metric in _GROWS_WORSE:
            limit = Limit("<=", min(1.0, interval.high * (1 + SLACK)))
        else:
            limit = Limit(">=", max(0.0, 1 - (1 - interval.low) * (1 + SLACK)))
        found.append(Bar(metric=metric, limit=limit, declared=False))
    return [bar for bar in found if bar.metric not in _NEITHER and bar.limit.op != "=="]


def estimate(reference: Reference, scores: Ints, metric: str) -> Estimate | None:
    """A measure from the score bins of some rows; None where it is not defined.

    Args:
        scores: rows per score bin.
        metric: one of `WATCHED`.

    The interval holds the chance of the draw and the doubt that a finite reference leaves about each bin.
    """
    chance = reference.chance()
    live, counted = scores.astype(np.float64), np.asarray(reference.score_rows, dtype=np.float64)
    spread = chance * (1 - chance)
    variance = live * spread + live**2 * spread / (counted + 3)
    value = _of_bins(metric, live * chance, live, reference)
    usual = _of_bins(metric, counted * chance, counted, reference)
    if value is None or usual is None:
        return None
    steps = np.sqrt(variance)
    moved = 0.0
    for place in np.flatnonzero(steps > 0):
        step = np.zeros(len(steps))
        step[place] = min(steps[place], 0.5 * live[place]) * 0.01
        up = _of_bins(metric, live * chance + step, live, reference)
        down = _of_bins(metric, live * chance - step, live, reference)
        if up is not None and down is not None:
            moved += ((up - down) / (2 * step[place]) * steps[place]) ** 2
    interval = normal_interval(value, math.sqrt(moved))
    return Estimate(
        metric=metric,
        value=value,
        interval=Interval(max(0.0, interval.low), min(1.0, interval.high)),
        reference=usual,
        rows=int(live.sum()),
    )


def estimated_values(reference: Reference, scores: Ints, metrics: Sequence[str]) -> dict[str, float]:
    """The estimates alone, of the measures that are defined."""
    live = scores.astype(np.float64)
    values = {metric: _of_bins(metric, live * reference.chance(), live, reference) for metric in metrics}
    return {metric: value for metric, value in values.items() if value is not None}


def estimated_cost(reference: Reference, scores: Ints, costs: Costs) -> float:
    """Expected cost of one prediction, in the declared unit; 0 without rows."""
    live = scores.astype(np.float64)
    _, fp, fn, _ = _expected(live * reference.chance(), live, reference)
    return (fp * costs.false_positive + fn * costs.false_negative) / max(float(live.sum()), 1.0)


def due(windows: Sequence[Window], *, now: float, width: float, delay: float) -> list[Window]:
    """The windows whose labels should be here: they ended at least the declared delay ago."""
    return [window for window in windows if window.start + width + delay <= now and window.rows]


def labelled_windows(windows: Sequence[Window]) -> LabelledWindows | None:
    """What labels say about windows that they were due for; None without any.

    A full return, or else a sample that we asked for, stands for all; else only reported mistakes are certain.
    """
    rows = sum(window.rows for window in windows)
    volunteered = np.array([_table(window, asked=False) for window in windows], dtype=np.int64).reshape(-1, 4)
    asked = np.array([_table(window, asked=True) for window in windows], dtype=np.int64).reshape(-1, 4)
    every = volunteered + asked
    if not every.sum():
        return None
    if every.sum() >= FULL * rows:
        return LabelledWindows(tables=every, labelled=int(every.sum()), rows=rows, selected=False)
    if asked.sum():
        return LabelledWindows(tables=asked, labelled=int(asked.sum()), rows=rows, selected=False)
    positive = np.array([window.said_positive for window in windows])
    everybody = np.array([window.rows for window in windows])
    false_positive, false_negative = every[:, 1], every[:, 2]
    tables = np.stack(
        [
            np.maximum(positive - false_positive, 0),
            false_positive,
            false_negative,
            np.maximum(everybody - positive - false_negative, 0),
        ],
        axis=-1,
    )
    return LabelledWindows(tables=tables, labelled=int(every.sum()), rows=rows, selected=True)


def measure(labelled: LabelledWindows, bar: Bar, positions: Sequence[int], *, threshold: float) -> Measurement | None:
    """A measure on returned labels against its bar; None where it has no rows to rest on."""
    shares = [_hits(bar.metric, Confusion(*row)) for row in labelled.tables.tolist()]
    hits, trials = np.array([s.hits for s in shares]), np.array([s.trials for s in shares])
    if not trials.sum():
        return None
    bound = _share_bound(bar)
    wrong, worst = (hits, bound) if bar.limit.op in {"<=", "<"} else (trials - hits, 1 - bound)
    track = follow(lambda position: rate_evidence(wrong, trials, position, bound=worst), positions, threshold=threshold)
    recent = slice(positions[-1] - track.back + 1 if track.stands else 0, positions[-1] + 1)
    hit, tried = int(hits[recent].sum()), int(trials[recent].sum())
    interval = wilson(hit, tried)
    return Measurement(
        bar=bar,
        track=track,
        hits=hit,
        trials=tried,
        value=_shown(bar.metric, hit / tried),
        interval=Interval(_shown(bar.metric, interval.low), _shown(bar.metric, interval.high), interval.level),
        labelled=labelled.labelled,
        rows=labelled.rows,
        selected=labelled.selected,
    )


def calibration(
    reference: Reference, windows: Sequence[Window], positions: Sequence[int], *, threshold: float
) -> Calibration | None:
    """Labels per score bin against the reference's; None without labels. Only for labels that stand for all."""
    rows = np.array([window.label_rows for window in windows], dtype=np.int64)
    positives = np.array([window.label_positives for window in windows], dtype=np.int64)
    if not rows.sum():
        return None
    known = np.asarray(reference.score_rows)
    right = np.asarray(reference.score_positives)
    used = np.flatnonzero(known > 0)

    def evidence(position: int) -> Floats:
        seen = looking_back(np.stack([positives, rows - positives], axis=-1), position)
        per_bin = [log_dirichlet_evidence(np.array([right[k], known[k] - right[k]]), seen[:, k]) for k in used]
        return np.asarray(np.sum(per_bin, axis=0))

    track = follow(evidence, positions, threshold=threshold)
    recent = slice(positions[-1] - track.back + 1, positions[-1] + 1)
    count, hit = rows[recent].sum(axis=0).astype(float), positives[recent].sum(axis=0)
    chance = reference.chance()
    spread = chance * (1 - chance) * (count + count**2 / (known + 2))
    gap = np.abs(hit - count * chance).sum() - np.sqrt(2 / math.pi * spread).sum()
    total = max(float(count.sum()), 1.0)
    return Calibration(
        track=track,
        gap=max(0.0, float(gap) / total),
        seen=float(hit.sum()) / total,
        expected=float(count @ chance) / total,
        labelled=int(count.sum()),
    )


def _table(window: Window, *, asked: bool) -> list[int]:
    cells = [0, 0, 0, 0]
    for source, counted in window.labelled.items():
        if (source in UNBIASED_SOURCES) == asked:
            cells = [a + b for a, b in zip(cells, counted, strict=True)]
    return cells


def _hits(metric: str, counted: Confusion) -> Share:
    """Hits and trials of a measure; 0 of 0 where it is not defined. F1 is a growing function of tp / (tp + fp + fn)."""
    if metric == "f1":
        return Share(counted.tp, counted.tp + counted.fp + counted.fn)
    trials = {
        "precision": counted.tp + counted.fp,
        "recall": counted.positives,
        "false_negative_rate": counted.positives,
        "specificity": counted.negatives,
        "false_positive_rate": counted.negatives,
        "negative_predictive_value": counted.tn + counted.fn,
    }
    return share(metric, counted) if trials.get(metric, counted.rows) else Share(0, 0)


def _share_bound(bar: Bar) -> float:
    """The declared bound on the scale of hits / trials."""
    return bar.limit.bound / (2 - bar.limit.bound) if bar.metric == "f1" else bar.limit.bound


def _shown(metric: str, hit_share: float) -> float:
    return 2 * hit_share / (1 + hit_share) if metric == "f1" else hit_share


def _of_bins(metric: str, positives: Floats, rows: Floats, reference: Reference) -> float | None:
    """A measure from expected positives and rows per score bin, which may be fractions."""
    tp, fp, fn, tn = _expected(positives, rows, reference)
    tops_and_bottoms = {
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "false_positive_rate": (fp, fp + tn),
        "error_rate": (fp + fn, tp + fp + fn + tn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
        "specificity": (tn, fp + tn),
        "false_negative_rate": (fn, tp + fn),
        "negative_predictive_value": (tn, tn + fn),
        "f1": (2 * tp, 2 * tp + fp + fn),
    }
    top, bottom = tops_and_bottoms.get(metric, (0.0, 0.0))
    return top / bottom if bottom > 0 else None


def _expected(positives: Floats, rows: Floats, reference: Reference) -> tuple[float, float, float, float]:
    cut = reference.score_edges.index(reference.threshold) + 1
    tp, fn = float(positives[cut:].sum()), float(positives[:cut].sum())
    return tp, float(rows[cut:].sum()) - tp, fn, float(rows[:cut].sum()) - fn
