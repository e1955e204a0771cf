"""Accuracy without a truth to compare with: values far from what the rest of their row leads one to expect."""

from collections.abc import Callable

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.quality.breaches import SHOWN
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.outliers import leftovers, robust_scale, tail_limit

_CHANCE = 0.01
_ROWS = 100
_DISTINCT = 10
_COLUMNS = 60
_LEVELS = 30
_COMMON = 0.01
_SKEW = 0.2
_CROWD = 0.005  # more odd values than this share, and more than 5, are a group of their own, no slips
_CODE = 5  # as many of one and the same odd value are a code
_BELIEF = 0.9

_Numbers = NDArray[np.float64]


class _Quantity(Struct, frozen=True, eq=False):
    """A column on the scale on which it is most symmetric, and the way back."""

    name: str
    raw: _Numbers
    values: _Numbers
    back: Callable[[_Numbers], _Numbers]


class _Odd(Struct, frozen=True, eq=False):
    """Positions of odd cells, how many times beyond the limit, and what was expected in the unit of the column."""

    rows: NDArray[np.int64]
    beyond: _Numbers
    expected: _Numbers


def plausible(look: Look) -> Seen:
    """Single quantities that neither their own column nor the rest of their row explains.

    The limits are such that one clean table in a hundred has a cell beyond them where tails are no heavier than
    exponential; the tests hold that, and what heavier tails cost. Groups of odd values, and one odd value many times
    over, are no slips.
    """
    quantities = _quantities(look)
    if not quantities:
        return Seen()
    rest = leftovers(np.column_stack([one.values for one in quantities]), _beside(look))
    findings, cells = [], []
    for place, one in enumerate(quantities):
        size = rest.size[:, place]
        limit = tail_limit(size[~np.isnan(size)], chance=_CHANCE / len(quantities))
        odd = _odd(one, size / limit, rest.expected[:, place])
        if len(odd.rows):
            findings.append(_finding(one, odd, look))
            cells.append(_cells(one, odd, look))
    return Seen(findings=findings, suspects=pl.concat(cells) if cells else pl.DataFrame(schema=SUSPECTS))


def _quantities(look: Look) -> list[_Quantity]:
    found = []
    for name, dtype in look.table.schema.items():
        if not dtype.is_numeric() or look.scales.get(name) not in ("continuous", "discrete") or name == look.target:
            continue
        column = look.table[name].cast(pl.Float64)
        raw = column.fill_null(float("nan")).to_numpy()
        present = raw[np.isfinite(raw)]
        if len(present) < max(_ROWS, len(raw) // 2) or len(np.unique(present)) < _DISTINCT:
            continue
        values, back = _symmetric(np.where(np.isfinite(raw), raw, np.nan))
        if robust_scale(values[~np.isnan(values)])[1] > 0:
            found.append(_Quantity(name, raw, values, back))
    return found[:_COLUMNS]


def _symmetric(values: _Numbers) -> tuple[_Numbers, Callable[[_Numbers], _Numbers]]:
    """The values themselves, or what is most symmetric of their roots and logarithms where they are one-sided."""
    present = values[~np.isnan(values)]
    if _skew(present) <= _SKEW or present.min() < 0:
        return values, lambda numbers: numbers
    shift = 0.0 if present.min() > 0 else 1.0
    options: list[tuple[Callable[[_Numbers], _Numbers], Callable[[_Numbers], _Numbers]]] = [
        (np.sqrt, lambda numbers: np.maximum(numbers, 0.0) ** 2),
        (lambda numbers: np.log(numbers + shift), lambda numbers: np.exp(np.minimum(numbers, 500.0)) - shift),
    ]
    there, back = min(options, key=lambda option: abs(_skew(option[0](present))))
    return np.asarray(there(values)), back


def _skew(values: _Numbers) -> float:
    """Bowley's skewness at the outer deciles, in [-1, 1]."""
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return float((high + low - 2 * middle) / (high - low)) if high > low else 0.0


def _beside(look: Look) -> _Numbers:
    """One column of 0 and 1 for each common name of each column of few names."""
    marks = []
    for name in look.table.columns:
        scale = look.scales.get(name)
        if scale not in ("nominal", "binary", "ordinal", "discrete") or name == look.target:
            continue
        column = look.table[name].cast(pl.String, strict=False)
        counts = column.alias("name").value_counts(name="rows").drop_nulls()
        if 2 <= counts.height <= (_DISTINCT - 1 if scale == "discrete" else _LEVELS):
            common = counts.filter(pl.col("rows") >= _COMMON * column.len())["name"].sort().to_list()
            marks += [(column == level).fill_null(value=False).cast(pl.Float64).to_numpy() for level in common[1:]]
    return np.column_stack(marks[: 2 * _COLUMNS]) if marks else np.zeros((look.table.height, 0))


def _odd(one: _Quantity, beyond: _Numbers, expected: _Numbers) -> _Odd:
    rows = np.flatnonzero(np.abs(np.nan_to_num(beyond)) > 1)
    if len(rows) > max(5, _CROWD * len(beyond)):
        rows = rows[:0]
    values, counts = np.unique(one.raw[rows], return_counts=True)
    rows = rows[np.isin(one.raw[rows], values[counts < _CODE])]
    rows = rows[np.argsort(-np.abs(beyond[rows]), kind="stable")]
    return _Odd(rows, np.abs(beyond[rows]), np.asarray(one.back(expected[rows])))


def _finding(one: _Quantity, odd: _Odd, look: Look) -> Finding:
    """The oddest first, each with its value and what was expected."""
    count, total = len(odd.rows), int((~np.isnan(one.values)).sum())
    examples = [
        f"{one.raw[row]:g} where about {about:.4g} is expected"
        for row, about in zip(odd.rows[:3], odd.expected[:3], strict=True)
    ]
    return Finding(
        check="data.accuracy.implausible",
        subject=one.name,
        verdict=Verdict.FAIL,
        summary=f"{count:,} of {plural(total, 'value')} of {one.name} "
        f"{'lies' if count == 1 else 'lie'} far from what the other columns lead one to expect: {'; '.join(examples)}.",
        measured=float(count),
        unit="rows",
        severity=Severity.NOTE,
        evidence={
            "rows": look.keys.gather(odd.rows[:SHOWN]).to_list(),
            "values": one.raw[odd.rows[:SHOWN]].tolist(),
            "expected": odd.expected[:SHOWN].round(6).tolist(),
        },
        remedy="look at these cells at their source",
    )


def _cells(one: _Quantity, odd: _Odd, look: Look) -> pl.DataFrame:
    rows = pl.Series("row", odd.rows, dtype=pl.UInt32)
    reasons = [f"about {about:.4g} is expected from the rest of the row" for about in odd.expected]
    return pl.DataFrame(
        {
            "row": rows,
            "column": pl.Series([one.name] * rows.len(), dtype=pl.String),
            "value": look.text(one.name).gather(rows),
            "check": pl.Series(["data.accuracy.implausible"] * rows.len(), dtype=pl.String),
            "likelihood": pl.Series(_BELIEF * (1 - 0.5 / odd.beyond), dtype=pl.Float64),
            "proposal": pl.Series([None] * rows.len(), dtype=pl.String),
            "reason": pl.Series(reasons, dtype=pl.String),
        },
        schema=SUSPECTS,
    )
