"""Accuracy of labels: those that models contradict which did not see them, and a file for people to review them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.quality.breaches import SHOWN
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.label_errors import chance_wrong, label_noise, likely_wrong

LIKELY = 0.5
"""From which chance of an error on a label is named."""

CONTRADICTED = 0.1
"""Up to which probability of its own label a row counts as contradicted."""

_LEAST_OF_A_CLASS = 10


class Mislabelled(Struct, frozen=True, eq=False):
    """A finding, and the rows to review, likeliest error first.

    Attributes:
        review: `row_key`, `given`, `suggested`, `likelihood` of an error in [0, 1], and an empty column `right` for the
            answer of a person.
    """

    finding: Finding
    review: pl.DataFrame


def judge_labels(
    keys: pl.Series, given: NDArray[Any], probability: NDArray[np.float64], *, names: Sequence[str]
) -> Mislabelled:
    """Labels held against out-of-fold probabilities.

    Only rows are told that both readings of `measures.label_errors` name, and whose own label has a probability of at
    most 0.1. Where a task is hard by nature some right labels are among them: the finding says how many rows would be
    contradicted so if every label were right and the probabilities calibrated.

    Args:
        keys: the rows' names.
        given: class numbers from 0.
        probability: (rows, classes), each row's by models that did not see it.
        names: of the classes.

    >>> sure = np.tile([[0.98, 0.02], [0.02, 0.98]], (20, 1))
    >>> keys, given = pl.Series("row_key", [f"r{n}" for n in range(40)]), np.tile([0, 1], 20)
    >>> judge_labels(keys, given, sure, names=["ham", "spam"]).finding.verdict
    <Verdict.PASS: 'pass'>
    """
    counts = np.bincount(given, minlength=len(names))
    if counts.min() < _LEAST_OF_A_CLASS:
        return Mislabelled(_too_few(names, counts), _review(keys, given, probability, np.arange(0), names=names))
    chance = chance_wrong(given, probability)
    rows = likely_wrong(given, probability)
    own = probability[np.arange(len(given)), given]
    rows = rows[(chance[rows] >= LIKELY) & (own[rows] <= CONTRADICTED)]
    rows = rows[np.argsort(-chance[rows], kind="stable")]
    review = _review(keys, given, probability, rows, names=names, chance=chance)
    total, natural = len(given), float(probability[probability <= CONTRADICTED].sum())
    told = f"{len(rows):,} of {plural(total, 'label')} are contradicted by models that did not see them"
    finding = Finding(
        check="data.label_errors",
        subject="labels",
        verdict=Verdict.FAIL if len(rows) else Verdict.PASS,
        summary=f"{told}; about {natural:,.0f} would be by nature if every label were right.",
        measured=len(rows) / total,
        unit="share",
        severity=Severity.NOTE,
        evidence={
            "rows": review["row_key"].head(SHOWN).to_list(),
            "suggested": review["suggested"].head(SHOWN).to_list(),
            "likelihood": review["likelihood"].head(SHOWN).round(3).to_list(),
            "by_nature": round(natural, 1),
            "noise": round(label_noise(given, probability).wrong, 1),
        },
        remedy="review these rows first; what is hard by nature is among them" if len(rows) else "",
    )
    return Mislabelled(finding, review)


def _review(
    keys: pl.Series,
    given: NDArray[Any],
    probability: NDArray[np.float64],
    rows: NDArray[np.int64],
    *,
    names: Sequence[str],
    chance: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    called = np.asarray(names, dtype=object)
    return pl.DataFrame(
        {
            "row_key": keys.gather(rows).cast(pl.String),
            "given": pl.Series(called[given[rows]].tolist(), dtype=pl.String),
            "suggested": pl.Series(called[probability[rows].argmax(axis=1)].tolist(), dtype=pl.String),
            "likelihood": pl.Series(chance[rows] if chance is not None else [], dtype=pl.Float64),
            "right": pl.Series([None] * len(rows), dtype=pl.String),
        }
    )


def _too_few(names: Sequence[str], counts: NDArray[np.int64]) -> Finding:
    rare = int(counts.argmin())
    more = _LEAST_OF_A_CLASS - int(counts[rare])
    return Finding(
        check="data.label_errors",
        subject="labels",
        verdict=Verdict.CANNOT_TELL,
        summary=f"{plural(int(counts[rare]), 'row')} of {names[rare]}: too few to tell wrong labels from right ones.",
        severity=Severity.NOTE,
        more_rows=more,
    )
