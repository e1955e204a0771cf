"""How differently groups of people are treated, with the evidence for it.

A gap is the largest difference between any two groups. The naive figure, the largest minus the smallest observed
rate, grows with every small group that is added, also where all are treated alike: the naive four-fifths rule flags
38 to 99 % of perfectly fair set-ups once small groups exist. Here each pair of groups has an interval, all of them
hold at once (Bonferroni), and the bounds of the gap follow from them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.arrays import Values, aligned, binary, probabilities
from roadworthy.measures.classification import Confusion
from roadworthy.measures.intervals import newcombe, normal_interval, ratio_interval, shared_level

_MOST_TRIALS = 10**9


class Group(Struct, frozen=True, kw_only=True):
    """What fairness needs to know of one group.

    Attributes:
        confusion: the four counts. rows: all rows of the group, at least 1.
        residual: sum of truth minus probability; squares: sum of its square. Both over the rows.
    """

    confusion: Confusion
    residual: float = 0.0
    squares: float = 0.0

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return self.confusion.rows


class Rate(NamedTuple):
    """A rate of one group: `hits` of `trials`; `rows` are all rows of the group. Grown groups have fractions."""

    hits: float
    trials: float
    rows: float


class Gap(Struct, frozen=True, kw_only=True):
    """How far apart groups lie.

    Attributes:
        value: observed; None where no two groups have the rate.
        interval: bounds that hold the true gap at the level asked for, all pairs of groups taken together.
        between: the two groups that are furthest apart as observed.
        unknown: groups that have no row on which the rate could be seen (no positives, say).
        compared: how many comparisons the interval is corrected for.
    """

    value: float | None
    interval: Interval
    between: tuple[str, ...]
    unknown: tuple[str, ...]
    compared: int


_RATES: dict[str, Callable[[Confusion], tuple[int, int]]] = {
    "selection_rate": lambda c: (c.tp + c.fp, c.rows),
    "true_positive_rate": lambda c: (c.tp, c.positives),
    "false_positive_rate": lambda c: (c.fp, c.negatives),
}
_NOTIONS: dict[str, tuple[str, ...]] = {
    "demographic_parity_ratio": ("selection_rate",),
    "demographic_parity_gap": ("selection_rate",),
    "equal_opportunity_gap": ("true_positive_rate",),
    "false_positive_rate_gap": ("false_positive_rate",),
    "equalized_odds_gap": ("true_positive_rate", "false_positive_rate"),
    "calibration_gap": (),
}
NOTIONS: tuple[str, ...] = tuple(_NOTIONS)
"""The notions of fairness that a limit can be declared for."""


def grouped(truth: Values, decision: Values, probability: Values, groups: Sequence[object]) -> dict[str, Group]:
    """Count each group, in one pass.

    Args:
        truth: 0 or 1 per row; decision: 0 or 1 per row; probability: in [0, 1] per row.
        groups: the group of each row; None is no group, and its rows are left out.

    Returns:
        Group name to its counts, in the order of the names.

    Raises:
        MeasureError: if the columns differ in length or hold what they should not.

    >>> groups = grouped([1, 0], [1, 1], [0.9, 0.6], ["a", "b"])
    >>> groups["b"].confusion
    Confusion(tp=0, fp=1, fn=0, tn=0)
    """
    true, said = binary(truth, name="truth"), binary(decision, name="decision")
    sure = probabilities(probability)
    for column, name in ((said, "decision"), (sure, "probability"), (groups, "groups")):
        aligned(true, column, names=f"truth and {name}")
    names = sorted({str(group) for group in groups if group is not None})
    place = {name: number for number, name in enumerate(names)}
    code = np.array([-1 if group is None else place[str(group)] for group in groups], dtype=np.int64)
    kept = code >= 0
    cells = np.bincount(4 * code[kept] + 2 * true[kept] + said[kept], minlength=4 * len(names)).reshape(-1, 4)
    away = (true - sure)[kept]
    sums = np.bincount(code[kept], away, len(names))
    squares = np.bincount(code[kept], away**2, len(names))
    return {
        name: Group(
            confusion=Confusion(tp=tp, fp=fp, fn=fn, tn=tn), residual=float(sums[at]), squares=float(squares[at])
        )
        for at, (name, (tn, fp, fn, tp)) in enumerate(zip(names, cells.tolist(), strict=True))
    }


def rates(group: Group) -> dict[str, Rate]:
    """The rates that fairness is read from; one without trials has 0 of 0.

    >>> rates(Group(confusion=Confusion(tp=8, fp=1, fn=2, tn=9)))["true_positive_rate"]
    Rate(hits=8, trials=10, rows=20)
    """
    return {name: Rate(*of(group.confusion), group.rows) for name, of in _RATES.items()}


def gap(notion: str, groups: Mapping[str, Group], *, level: float = 0.95) -> Gap:
    """How far apart the groups lie in one notion of fairness, with bounds that hold for all pairs at once.

    Notions (names of `NOTIONS`), of the decision unless said otherwise:
        demographic_parity_gap: largest difference in the share called positive.
        demographic_parity_ratio: smallest ratio of those shares (1 is parity; the four-fifths rule asks for 0.8).
        equal_opportunity_gap: largest difference in the true-positive rate.
        false_positive_rate_gap: largest difference in the false-positive rate.
        equalized_odds_gap: the larger of the last two.
        calibration_gap: largest difference in (share positive in truth minus mean probability).

    Args:
        notion: one of the above.
        groups: at least two groups.
        level: coverage of all bounds together.

    Raises:
        MeasureError: if the notion is unknown or there are fewer than two groups.

    Source: Hardt, Price and Srebro (2016), NeurIPS (equalised odds, equal opportunity); Feldman et al. (2015), KDD
    (ratio); Newcombe (1998) and Koopman (1984) for the intervals of a pair.

    >>> a = Group(confusion=Confusion(tp=400, fp=50, fn=50, tn=500))
    >>> b = Group(confusion=Confusion(tp=200, fp=50, fn=250, tn=500))
    >>> found = gap("equal_opportunity_gap", {"a": a, "b": b})
    >>> round(found.value, 3), found.between
    (0.444, ('a', 'b'))
    """
    _known(notion, groups)
    if notion == "calibration_gap":
        return _calibration_gap(groups, level=level)
    tables = [{name: rates(group)[rate] for name, group in groups.items()} for rate in _NOTIONS[notion]]
    return _gap_of(tables, ratio=notion.endswith("_ratio"), level=level)


def rows_to_decide_gap(
    notion: str, groups: Mapping[str, Group], limit: Limit, *, level: float = 0.95
) -> dict[str, int] | None:
    """How many more rows of each group would decide a limit on a gap, were every rate to stay as it is.

    All groups below some size are grown to that size, which is the least that decides. A group in which the rate was
    never seen is taken to have that of all groups together.

    Returns:
        Group to rows, only those that need any; None if no number of rows decides (the gap equals the bound).

    Raises:
        MeasureError: as `gap`.

    >>> a = Group(confusion=Confusion(tp=400, fp=50, fn=50, tn=500))
    >>> b = Group(confusion=Confusion(tp=4, fp=1, fn=2, tn=5))
    >>> needed = rows_to_decide_gap("demographic_parity_gap", {"a": a, "b": b}, Limit("<=", 0.2))
    >>> list(needed), 10 < needed["b"] < 100
    (['b'], True)
    """
    _known(notion, groups)

    def decided(size: float) -> bool:
        grown = {name: _grown(group, size, groups) for name, group in groups.items()}
        if notion == "calibration_gap":
            found = _calibration_of({name: _bias(group, size) for name, group in groups.items()}, level=level)
        else:
            tables = [{name: table[rate] for name, table in grown.items()} for rate in _NOTIONS[notion]]
            found = _gap_of(tables, ratio=notion.endswith("_ratio"), level=level)
        value = found.interval.low if found.value is None else found.value
        return limit.judge(value, found.interval) is not Verdict.CANNOT_TELL

    if decided(0):
        return {}
    if not decided(_MOST_TRIALS):
        return None
    low, high = 0, _MOST_TRIALS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    rate = _NOTIONS[notion]
    return {name: more for name, group in groups.items() if (more := _more_rows(group, high, groups, rate)) > 0}


def residual_interval(group: Group, *, level: float = 0.95) -> tuple[float, Interval]:
    """How much more often a group is positive than its probabilities say, with its interval; in [-1, 1].

    Two rows are added, one at each end, so that few rows that happen to fit prove nothing.

    Source: Agresti and Caffo (2000), Am. Stat. 54:280-288.

    >>> group = Group(confusion=Confusion(tp=5, fp=0, fn=0, tn=5), residual=0.5, squares=0.1)
    >>> value, interval = residual_interval(group)
    >>> value, interval.low < 0 < interval.high
    (0.05, True)
    """
    bias = _bias(group, 0)
    return bias.value, _bias_interval(bias, level=level)


class _Bias(NamedTuple):
    value: float
    spread: float
    rows: float


def _known(notion: str, groups: Mapping[str, Group]) -> None:
    if notion not in _NOTIONS:
        raise MeasureError(
            f"there is no notion of fairness {notion!r}", where="notion", fix=did_you_mean(notion, NOTIONS)
        )
    if len(groups) < 2:
        raise MeasureError(
            f"a gap needs two groups, and there {'is one' if groups else 'are none'}",
            where=", ".join(groups) or "groups",
            fix="name a column with at least two groups in the rows that are measured",
        )


def _gap_of(tables: Sequence[Mapping[str, Rate]], *, ratio: bool, level: float) -> Gap:
    """The gap over one table of rates, or over two of them (equalised odds)."""
    pairs = [(table, one, two) for table in tables for one, two in combinations(table, 2)]
    shared = shared_level(level, len(pairs))
    bounds, seen = [], []
    for table, one, two in pairs:
        a, b = table[one], table[two]
        bounds.append(_ratio_bounds(a, b, level=shared) if ratio else _difference_bounds(a, b, level=shared))
        if a.trials and b.trials:
            seen.append((_seen_ratio(a, b) if ratio else abs(a.hits / a.trials - b.hits / b.trials), (one, two)))
    pick = min if ratio else max
    value, between = pick(seen, key=lambda found: found[0]) if seen else (None, ())
    unknown = sorted({name for table in tables for name, rate in table.items() if not rate.trials})
    interval = Interval(pick(low for low, _ in bounds), pick(high for _, high in bounds), level)
    return Gap(value=value, interval=interval, between=between, unknown=tuple(unknown), compared=len(pairs))


def _difference_bounds(a: Rate, b: Rate, *, level: float) -> tuple[float, float]:
    """Bounds of the size of a difference, in [0, 1]."""
    if not a.trials or not b.trials:
        return 0.0, 1.0
    found = newcombe(*a[:2], *b[:2], level=level)
    return _size(found)


def _ratio_bounds(a: Rate, b: Rate, *, level: float) -> tuple[float, float]:
    """Bounds of the smaller share over the larger, in [0, 1]."""
    if not a.trials or not b.trials:
        return 0.0, 1.0
    low, high = _ratio_ends(a, b, level=level)
    if low > 1:
        return 1 / high, 1 / low
    if high < 1:
        return low, high
    return min(low, 1 / high), 1.0


def _ratio_ends(a: Rate, b: Rate, *, level: float) -> tuple[float, float]:
    found = ratio_interval(*a[:2], *b[:2], level=level)
    return found.low, found.high


def _seen_ratio(a: Rate, b: Rate) -> float:
    one, two = sorted((a.hits / a.trials, b.hits / b.trials))
    return one / two if two else 1.0


def _size(interval: Interval) -> tuple[float, float]:
    low = 0.0 if interval.low <= 0 <= interval.high else min(abs(interval.low), abs(interval.high))
    return low, min(1.0, max(abs(interval.low), abs(interval.high)))


def _bias(group: Group, size: float) -> _Bias:
    rows = float(group.rows)
    mean = group.residual / rows
    spread = max(group.squares - rows * mean**2, 0.0)
    factor = max(size, rows) / rows
    return _Bias(mean, spread * factor, rows * factor)


def _bias_interval(bias: _Bias, *, level: float) -> Interval:
    rows = bias.rows + 2
    found = normal_interval(bias.value, sqrt((bias.spread + 2) / rows / rows), level=level)
    return Interval(max(-1.0, found.low), min(1.0, found.high), level)


def _calibration_gap(groups: Mapping[str, Group], *, level: float) -> Gap:
    return _calibration_of({name: _bias(group, 0) for name, group in groups.items()}, level=level)


def _calibration_of(biases: Mapping[str, _Bias], *, level: float) -> Gap:
    pairs = list(combinations(biases, 2))
    shared = shared_level(level, len(pairs))
    bounds = [_bias_bounds(biases[one], biases[two], level=shared) for one, two in pairs]
    value, between = max(((abs(biases[a].value - biases[b].value), (a, b)) for a, b in pairs), key=lambda of: of[0])
    interval = Interval(max(low for low, _ in bounds), max(high for _, high in bounds), level)
    return Gap(value=value, interval=interval, between=between, unknown=(), compared=len(pairs))


def _bias_bounds(a: _Bias, b: _Bias, *, level: float) -> tuple[float, float]:
    variance = sum((of.spread + 2) / (of.rows + 2) ** 2 for of in (a, b))
    return _size(normal_interval(a.value - b.value, sqrt(variance), level=level))


def _grown(group: Group, size: float, groups: Mapping[str, Group]) -> dict[str, Rate]:
    """The rates of a group as if each had at least `size` trials at the same share."""
    return {name: _grown_rate(rate, size, _pooled(name, groups)) for name, rate in rates(group).items()}


def _grown_rate(rate: Rate, size: float, pooled: float) -> Rate:
    if rate.trials >= size:
        return rate
    if not rate.trials:
        return Rate(pooled * size, size, rate.rows)
    return Rate(rate.hits * size / rate.trials, size, rate.rows)


def _pooled(name: str, groups: Mapping[str, Group]) -> float:
    every = [rates(group)[name] for group in groups.values()]
    trials = sum(rate.trials for rate in every)
    return sum(rate.hits for rate in every) / trials if trials else 0.0


def _more_rows(group: Group, size: int, groups: Mapping[str, Group], names: Sequence[str]) -> int:
    """Rows that bring each rate to `size` trials: where half are positive, a trial of recall costs two rows."""
    if not names:
        return max(0, size - group.rows)
    total = sum(every.rows for every in groups.values())
    more = 0
    for name in names:
        rate = rates(group)[name]
        trials = rate.trials or 0
        share = trials / rate.rows or sum(rates(every)[name].trials for every in groups.values()) / total
        if trials < size and share:
            more = max(more, ceil((size - trials) / share))
    return more
