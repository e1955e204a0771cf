"""Why values are missing: at random, or depending on what else is known of a row.

A value that is missing completely at random depends on nothing; one that depends on other columns must be imputed from
them; one that depends on the answer is itself a piece of evidence. Dependence on the missing value itself cannot be
seen in data, whatever the test.

Source: Rubin (1976), Inference and missing data, Biometrika 63:581-592.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.disguised import missing_mask
from roadworthy.data.quality.expected import expected_columns
from roadworthy.data.quality.little import little
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.judging import holm
from roadworthy.measures.tails import chi2_sf, normal_sf

_CHECK = "data.missingness"
_LEAST = 20
_SURE = 0.01
_TELLS = 0.55
_MOST_GROUPS = 50
_MOST_COLUMNS = 30
_SHOWN = 5
_MEASURED = ("continuous", "discrete", "datetime")
_COUNTED = ("nominal", "ordinal", "binary")


class Dependence(NamedTuple):
    """How well another column tells where a value is missing: the p-value of "not at all", and the AUC."""

    on: str
    p_value: float
    auc: float


def missingness(look: Look) -> Seen:
    """One finding for each column with missing values: what they depend on, corrected over all pairs of columns.

    It passes where nothing tells (an AUC of 0.55 and a corrected p-value of 0.01 are asked). A column with fewer than
    20 missing or 20 present values is passed over. Little's test of all measured columns together stands beside it.
    """
    gone = _gone(look)
    judged = {name: mask for name, mask in gone.items() if _LEAST <= mask.sum() <= len(mask) - _LEAST}
    found = {name: _dependences(look, name, mask, gone) for name, mask in judged.items()}
    corrected = iter(holm([one.p_value for several in found.values() for one in several]))
    findings = [
        _told(name, mask, [one._replace(p_value=next(corrected)) for one in found[name]], target=look.target)
        for name, mask in judged.items()
    ]
    return Seen(findings=[*findings, *_together(look, gone)])


def _gone(look: Look) -> dict[str, NDArray[np.bool_]]:
    """Columns that have missing values, and where."""
    names = [name for name in expected_columns(look) if look.scales.get(name) in (*_MEASURED, *_COUNTED)]
    masks = {name: missing_mask(look, name) for name in names}
    return {name: mask for name, mask in masks.items() if mask.any()}


def _dependences(
    look: Look, name: str, mask: NDArray[np.bool_], gone: dict[str, NDArray[np.bool_]]
) -> list[Dependence]:
    """Every other column, the missing values of every other column, and the order of the rows."""
    found = [_on_order(mask)]
    for other, scale in list(look.scales.items())[: _MOST_COLUMNS * 4]:
        if other in (name, "row_key") or other not in look.table.columns or look.table[other].dtype.is_nested():
            continue
        column = look.table[other]
        if scale in _MEASURED and column.dtype.is_numeric():
            found.append(_on_number(other, column, mask))
        elif scale in _COUNTED and 2 <= column.n_unique() <= _MOST_GROUPS:
            known = column.is_not_null().to_numpy()
            groups = column.cast(pl.String).rank("dense").drop_nulls().to_numpy().astype(np.int64)
            found.append(_on_groups(other, groups, mask[known]))
        if other in gone and gone[other].sum() >= _LEAST:
            found.append(_on_groups(f"whether {other} is missing", gone[other].astype(np.int64), mask))
    return found


def _on_number(name: str, column: pl.Series, mask: NDArray[np.bool_]) -> Dependence:
    """Mann-Whitney's test with the permutation variance, which knows ties; a missing number is in the middle."""
    ranks = column.rank("average")
    filled = ranks.fill_null(ranks.mean()).to_numpy().astype(np.float64)
    few, rows = int(mask.sum()), len(mask)
    spread = float(filled.std(ddof=1)) * np.sqrt((rows - few) / (few * rows))
    if spread == 0:
        return Dependence(name, 1.0, 0.5)
    mean = float(filled[mask].mean())
    rest = float(filled[~mask].mean())
    auc = 0.5 + (mean - rest) / max(float(column.len() - column.null_count()), 1.0)
    return Dependence(name, 2 * normal_sf(abs(mean - float(filled.mean())) / spread), max(auc, 1 - auc))


def _on_groups(name: str, groups: NDArray[np.int64], mask: NDArray[np.bool_]) -> Dependence:
    """Pearson's chi-square of the table of group by missing; groups expected to miss less than one are merged."""
    _, codes = np.unique(groups, return_inverse=True)
    sizes = np.bincount(codes)
    if not 0 < mask.sum() < len(mask):
        return Dependence(name, 1.0, 0.5)
    small = sizes * mask.mean() < 1
    if small.any():
        place = np.where(small, 0, np.cumsum(~small))
        _, codes = np.unique(place[codes], return_inverse=True)
        sizes = np.bincount(codes)
    if len(sizes) < 2:
        return Dependence(name, 1.0, 0.5)
    hits = np.bincount(codes, weights=mask)
    expected = sizes * mask.mean()
    statistic = float((((hits - expected) ** 2) / (expected * (1 - mask.mean()))).sum())
    order = np.argsort(hits / sizes, kind="stable")
    missing, present = hits[order] / hits.sum(), (sizes - hits)[order] / (sizes - hits).sum()
    auc = float((missing * (np.cumsum(present) - present / 2)).sum())
    return Dependence(name, chi2_sf(statistic, len(sizes) - 1), auc)


def _on_order(mask: NDArray[np.bool_]) -> Dependence:
    """Wald and Wolfowitz's test of too few runs: missing values that stand in blocks.

    Its effect is the share of runs that are lacking, on the scale of an AUC.
    """
    rows, few = len(mask), int(mask.sum())
    runs = 1 + int((mask[1:] != mask[:-1]).sum())
    pairs = 2.0 * few * (rows - few)
    mean = 1 + pairs / rows
    variance = pairs * (pairs - rows) / (rows**2 * (rows - 1.0))
    score = (mean - runs) / np.sqrt(variance) if variance > 0 else 0.0
    return Dependence("the order of the rows", normal_sf(score), 0.5 + max(0.0, 0.5 * (1 - runs / mean)))


def _told(name: str, mask: NDArray[np.bool_], tested: list[Dependence], *, target: str) -> Finding:
    known = sorted((one for one in tested if one.p_value < _SURE and one.auc >= _TELLS), key=lambda one: -one.auc)
    count = f"{plural(int(mask.sum()), 'value')} of {name} {'is' if mask.sum() == 1 else 'are'} missing"
    on_target = any(one.on == target for one in known)
    if not known:
        said = f"{count}; none of {plural(len(tested), 'other thing')} known of a row tells where"
    else:
        listed = ", ".join(f"{one.on} (AUC {one.auc:.2f})" for one in known[:_SHOWN])
        said = f"{count}, not completely at random: it depends on {listed}"
    return Finding(
        check=_CHECK,
        subject=name,
        verdict=Verdict.FAIL if known else Verdict.PASS,
        summary=f"{said}.",
        measured=known[0].auc if known else max((one.auc for one in tested), default=0.5),
        unit="AUC",
        severity=Severity.WARNING if on_target else Severity.NOTE,
        evidence={
            "tested": len(tested),
            "depends_on": [{"on": one.on, "auc": round(one.auc, 4), "p_value": one.p_value} for one in known],
        },
        remedy=_remedy(on_target) if known else "",
    )


def _remedy(on_target: bool) -> str:
    if on_target:
        return "keep a flag that says where it is missing: it tells of the answer; ask whether it will at prediction"
    return "impute from the columns that it depends on, and keep a flag; a mean or a mode would distort"


def _together(look: Look, gone: dict[str, NDArray[np.bool_]]) -> list[Finding]:
    """Little's test, where at least two measured columns are there and one of them has missing values."""
    names = [
        name
        for name, scale in look.scales.items()
        if scale in ("continuous", "discrete")
        and name in look.table.columns
        and look.table[name].dtype.is_numeric()
        and name not in (look.target, "row_key")
    ][:_MOST_COLUMNS]
    if len(names) < 2 or not any(name in gone and gone[name].sum() >= _LEAST for name in names):
        return []
    columns = look.table.select(names).cast(pl.Float64).to_numpy().copy()
    for at, name in enumerate(names):
        if name in gone:
            columns[gone[name], at] = np.nan
    tested = little(columns)
    if tested is None:
        return []
    at_random = tested.p_value >= _SURE
    return [
        Finding(
            check=_CHECK,
            subject="measured columns together",
            verdict=Verdict.PASS if at_random else Verdict.FAIL,
            summary=f"Little's test of {plural(len(names), 'measured column')} in {plural(tested.patterns, 'pattern')} "
            f"{'does not reject' if at_random else 'rejects'} missing completely at random (p = {tested.p_value:.3g}).",
            measured=tested.p_value,
            unit="p-value",
            severity=Severity.NOTE,
            evidence={"statistic": tested.statistic, "degrees": tested.degrees, "columns": names},
            remedy=""
            if at_random
            else "impute from the other columns; look at the findings of single columns for which",
        )
    ]
