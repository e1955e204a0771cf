"""Columns that copy the target, know it too well, or only name the row."""

from fnmatch import fnmatchcase

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.measures.ranking import auc

_COPY = 0.999
_KNOWS = 0.98
_LEAST = 20
_FOLDS = 5
_KEY_SHARE = 0.99
_LONG_TEXT = 40


def column_leaks(training: pl.DataFrame, truth: NDArray[np.bool_], declaration: Declaration) -> list[Finding]:
    """Findings about single columns, other than those that come with every mail.

    Args:
        training: the training rows.
        truth: whether each is positive.
        declaration: names the target, the key, the features and the leaks.
    """
    if min(truth.sum(), (~truth).sum()) < _LEAST:
        return []
    found: list[Finding] = []
    for name in _candidates(training, declaration):
        column, used = training[name], _is_feature(name, declaration, by_mail="headers" in training.columns)
        area = _alone(column, truth)
        if area >= _KNOWS:
            found.append(_knows(name, area, used=used))
        elif used and _names_rows(column):
            found.append(_key_like(name, column))
    return found


def _candidates(training: pl.DataFrame, declaration: Declaration) -> list[str]:
    """For mail, the columns that a source or label file added; for a table, all but the target and the row's key."""
    skipped = {declaration.problem.target, "row_key"}
    names = training.columns
    if "headers" in names:
        first = names.index("defects") + 1
        names = names[first:]
        skipped |= {"archive", "member", "offset", "raw_sha256"}
    return [
        name
        for name in names
        if name not in skipped and not training[name].dtype.is_nested() and not _declared_leak(name, declaration)
    ]


def _declared_leak(name: str, declaration: Declaration) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in declaration.data.leaks)


def _is_feature(name: str, declaration: Declaration, *, by_mail: bool) -> bool:
    """Whether the model may look at the column."""
    chosen = declaration.features.columns
    if chosen or by_mail:
        return name in chosen
    kept_away = {declaration.data.key, declaration.data.time}
    if not declaration.problem.use_protected:
        kept_away |= set(declaration.problem.protected)
    return name not in kept_away


def _alone(column: pl.Series, truth: NDArray[np.bool_]) -> float:
    """AUC of one column: of its values or of their being missing; of a category by its class rate in other folds."""
    areas = [_area(column.is_null().to_numpy().astype(np.float64), truth)]
    if column.dtype.is_numeric() and column.dtype != pl.Boolean():
        values = column.cast(pl.Float64).fill_nan(None)
        median = values.median()
        areas.append(_area(values.fill_null(median if isinstance(median, float) else 0.0).to_numpy(), truth))
    else:
        areas.append(_by_category(column, truth))
    return max(areas)


def _area(score: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    area = auc(truth.astype(np.int8), score)
    return max(area, 1 - area)


def _by_category(column: pl.Series, truth: NDArray[np.bool_]) -> float:
    codes = column.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    fold = np.random.default_rng(0).permutation(len(codes)) % _FOLDS
    score = np.zeros(len(codes))
    for place in range(_FOLDS):
        learnt = fold != place
        rows = np.bincount(codes[learnt], minlength=codes.max() + 1)
        hits = np.bincount(codes[learnt], weights=truth[learnt], minlength=codes.max() + 1)
        rate = (hits + truth.mean()) / (rows + 1.0)
        score[~learnt] = rate[codes[~learnt]]
    return auc(truth.astype(np.int8), score)


def _names_rows(column: pl.Series) -> bool:
    """Words nearly all distinct and short, or whole numbers that are all distinct: a name of the row."""
    present = column.drop_nulls()
    if present.len() < _LEAST or column.dtype.is_float():
        return False
    if column.dtype == pl.String() and present.str.len_chars().sum() > _LONG_TEXT * present.len():
        return False
    return present.n_unique() >= _KEY_SHARE * present.len()


def _knows(name: str, area: float, *, used: bool) -> Finding:
    copy = area >= _COPY
    severity = (Severity.BLOCKER if copy else Severity.WARNING) if used else Severity.NOTE
    return Finding(
        check="data.leakage",
        subject=name,
        verdict=Verdict.FAIL,
        summary=f"Column {name} alone reaches AUC {area:.3f}: "
        + ("it is a copy of the answer" if copy else "it knows the answer too well")
        + (", and it is a feature." if used else "; it is no feature."),
        measured=area,
        unit="AUC",
        severity=severity,
        evidence={"column": name, "feature": used},
        remedy=f'declare it: leaks = ["{name}"]; or show that it is known beforehand' if used else "",
    )


def _key_like(name: str, column: pl.Series) -> Finding:
    return Finding(
        check="data.leakage",
        subject=name,
        verdict=Verdict.FAIL,
        summary=f"Column {name} names the row ({column.n_unique():,} values in {column.len():,} rows) and is used.",
        measured=column.n_unique() / column.len(),
        unit="share",
        severity=Severity.WARNING,
        evidence={"column": name},
        remedy=f'declare it as key or leak, or as identifier: [data.columns] {name} = {{ scale = "identifier" }}',
    )
