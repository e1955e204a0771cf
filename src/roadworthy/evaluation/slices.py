"""Where the model is worse than elsewhere, told apart from where it merely looks so.

Look at a hundred slices and a few will look bad by chance: each is tested against the rest, and the tests are
corrected together (Holm).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.evaluation.metrics import METRICS
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.records import Scored
from roadworthy.kernel.units import plural
from roadworthy.measures.arrays import aligned
from roadworthy.measures.classification import Confusion, Share, confusion
from roadworthy.measures.comparison import fisher_more
from roadworthy.measures.intervals import wilson
from roadworthy.measures.judging import holm, in_words

LEAST_ROWS = 20
MOST_SHOWN = 40
_CHANCE = 0.05
_MANY_VALUES = 12
_LOOKED_AT = ("error_rate", "false_positive_rate", "false_negative_rate")


class Slice(Struct, frozen=True, kw_only=True):
    """One metric on some of the rows, against the rest of them.

    Attributes:
        name: `column=value`. inside, rest: hits and trials of the metric.
        chance: of so large a difference, or larger, if there were none; corrected for all slices looked at.
    """

    name: str
    metric: str
    inside: Share
    rest: Share
    chance: float


def find_slices(scored: Scored, columns: Mapping[str, Sequence[object]]) -> list[Slice]:
    """Every slice of at least `LEAST_ROWS` rows by each kind of error, worst first.

    Args:
        scored: the rows.
        columns: column name to its value on each row; a column of many numbers is cut into quarters.

    Raises:
        MeasureError: if a column is not aligned with the rows.
    """
    whole = confusion(scored.truth, scored.decision)
    found: list[Slice] = []
    for column, values in columns.items():
        aligned(values, scored.truth, names=f"column {column} and the rows")
        for value, mask in _masks(values):
            if LEAST_ROWS <= int(mask.sum()) < len(mask):
                found += _compared(f"{column}={value}", confusion(scored.truth[mask], scored.decision[mask]), whole)
    chances = holm([each.chance for each in found])
    corrected = [
        Slice(name=each.name, metric=each.metric, inside=each.inside, rest=each.rest, chance=chance)
        for each, chance in zip(found, chances, strict=True)
    ]
    return sorted(corrected, key=lambda each: (each.chance, -_excess(each)))


def slice_rows(found: Sequence[Slice], overall: Mapping[str, float]) -> list[dict[str, Any]]:
    """The worst slices as rows of a table."""
    rows = []
    for each in found[:MOST_SHOWN]:
        interval = wilson(*each.inside)
        rows.append(
            {
                "slice": each.name,
                "rows": each.inside.trials,
                "metric": each.metric,
                "value": each.inside.hits / each.inside.trials,
                "low": interval.low,
                "high": interval.high,
                "overall": overall.get(each.metric),
                "rest": each.rest.hits / each.rest.trials,
                "chance": each.chance,
            }
        )
    return rows


def slice_findings(found: Sequence[Slice]) -> list[Finding]:
    """One warning for each slice that is worse than the rest beyond chance; one pass if there is none."""
    if not found:
        return []
    bad = [_finding(each) for each in found if each.chance < _CHANCE]
    if bad:
        return bad
    looked = len({each.name for each in found})
    return [
        Finding(
            check="performance.slice",
            subject="all slices",
            verdict=Verdict.PASS,
            summary=f"none of {plural(looked, 'slice')} is worse than the rest beyond chance",
            evidence={"slices": looked, "comparisons": len(found)},
        )
    ]


def _finding(each: Slice) -> Finding:
    rate, rest = each.inside.hits / each.inside.trials, each.rest.hits / each.rest.trials
    metric = METRICS[each.metric]
    return Finding(
        check="performance.slice",
        subject=each.name,
        verdict=Verdict.FAIL,
        severity=Severity.WARNING,
        summary=(
            f"{metric.noun} is {in_words(rate, 'share')} where {each.name} "
            f"({each.inside.hits:,} of {plural(each.inside.trials, metric.rows)}) and {in_words(rest, 'share')} "
            f"elsewhere; chance {in_words(each.chance, '')} after correction for all slices"
        ),
        measured=rate,
        unit="share",
        interval=wilson(*each.inside),
        limit=Limit("<=", rest),
        evidence={"metric": each.metric, "inside": list(each.inside), "rest": list(each.rest), "chance": each.chance},
        remedy="look at the misjudged rows of this slice; gather more of them, or add features that tell them apart",
    )


def _compared(name: str, inside: Confusion, whole: Confusion) -> Iterator[Slice]:
    pairs = {
        "error_rate": (Share(inside.fp + inside.fn, inside.rows), Share(whole.fp + whole.fn, whole.rows)),
        "false_positive_rate": (Share(inside.fp, inside.negatives), Share(whole.fp, whole.negatives)),
        "false_negative_rate": (Share(inside.fn, inside.positives), Share(whole.fn, whole.positives)),
    }
    for metric in _LOOKED_AT:
        part, every = pairs[metric]
        rest = Share(every.hits - part.hits, every.trials - part.trials)
        if part.trials and rest.trials:
            yield Slice(name=name, metric=metric, inside=part, rest=rest, chance=fisher_more(*part, *rest))


def _excess(each: Slice) -> float:
    return each.inside.hits / each.inside.trials - each.rest.hits / each.rest.trials


def _masks(values: Sequence[object]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    labels = _quarters(values) if _many_numbers(values) else ["(missing)" if v is None else str(v) for v in values]
    array = np.array(labels, dtype=object)
    for label in sorted(set(labels)):
        yield label, np.asarray(array == label, dtype=np.bool_)


def _many_numbers(values: Sequence[object]) -> bool:
    numbers = {value for value in values if value is not None}
    return len(numbers) > _MANY_VALUES and all(isinstance(value, int | float) for value in numbers)


def _quarters(values: Sequence[Any]) -> list[str]:
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    there = ~np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[there], [0, 0.25, 0.5, 0.75, 1.0]))
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges.tolist())]
    place = np.searchsorted(edges[1:-1], numbers, side="left").clip(max=len(names) - 1)
    return [names[at] if is_there else "(missing)" for at, is_there in zip(place.tolist(), there.tolist(), strict=True)]
