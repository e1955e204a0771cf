"""Scales of measurement: what the values of a column are, and which operations that allows.

The ladder is Stevens': nominal (equal or not), ordinal (before or after), quantities (how much more). Every statistic,
chart, feature step and imputer asks it; the mean of postcodes is an error, not a number.

Source: Stevens (1946), Science 103:677-680. Ratio and interval scales are not told apart: nothing here divides by a
zero point that a column would have to have.
"""

from enum import StrEnum

from roadworthy.kernel.errors import DataError


class Scale(StrEnum):
    """What the values of a column are."""

    CONTINUOUS = "continuous"
    DISCRETE = "discrete"
    ORDINAL = "ordinal"
    BINARY = "binary"
    NOMINAL = "nominal"
    DATETIME = "datetime"
    IDENTIFIER = "identifier"
    TEXT = "text"


class Operation(StrEnum):
    """What can be asked of a column."""

    COUNT = "count"
    MODE = "mode"
    ORDER = "order"
    MEDIAN = "median"
    QUANTILE = "quantile"
    MEAN = "mean"
    VARIANCE = "variance"
    SUM = "sum"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    CORRELATION = "correlation"
    RANK_CORRELATION = "rank correlation"
    HISTOGRAM = "histogram"
    BARS = "bars"


_COUNTED = frozenset({Operation.COUNT, Operation.MODE, Operation.BARS})
_ORDERED = frozenset({Operation.ORDER, Operation.MEDIAN, Operation.QUANTILE, Operation.RANK_CORRELATION})
_MEASURED = frozenset(
    {Operation.MEAN, Operation.VARIANCE, Operation.DIFFERENCE, Operation.CORRELATION, Operation.HISTOGRAM}
)
_ADDED = frozenset({Operation.SUM, Operation.RATIO})

ALLOWED: dict[Scale, frozenset[Operation]] = {
    Scale.CONTINUOUS: (_COUNTED | _ORDERED | _MEASURED | _ADDED) - {Operation.BARS},
    Scale.DISCRETE: _COUNTED | _ORDERED | _MEASURED | _ADDED,
    Scale.DATETIME: (_COUNTED | _ORDERED | _MEASURED) - {Operation.BARS, Operation.CORRELATION},
    Scale.ORDINAL: _COUNTED | _ORDERED,
    Scale.BINARY: _COUNTED,
    Scale.NOMINAL: _COUNTED,
    Scale.IDENTIFIER: frozenset({Operation.COUNT}),
    Scale.TEXT: frozenset({Operation.COUNT}),
}
"""Which operations have a meaning on which scale."""

_WHY = {
    Scale.ORDINAL: "its values have an order but no distances",
    Scale.BINARY: "its two values are names, not quantities",
    Scale.NOMINAL: "its values are names, not quantities",
    Scale.IDENTIFIER: "its values name rows; they say nothing beside that",
    Scale.TEXT: "its values are free text",
    Scale.DATETIME: "its values are points in time, without a zero to add from",
    Scale.CONTINUOUS: "almost every value is another one",
    Scale.DISCRETE: "its values are counts",
}
_INSTEAD = {
    Operation.MEAN: (Operation.MEDIAN, Operation.MODE),
    Operation.MEDIAN: (Operation.MODE,),
    Operation.QUANTILE: (Operation.MODE,),
    Operation.CORRELATION: (Operation.RANK_CORRELATION,),
    Operation.HISTOGRAM: (Operation.BARS,),
    Operation.BARS: (Operation.HISTOGRAM,),
}


def allows(scale: Scale | str, operation: Operation | str) -> bool:
    """Whether an operation has a meaning on a scale.

    >>> allows("nominal", "mean"), allows("ordinal", "median")
    (False, True)
    """
    return Operation(operation) in ALLOWED[Scale(scale)]


def demand(scale: Scale | str, operation: Operation | str, *, column: str) -> None:
    """Nothing, if the operation has a meaning on the column's scale.

    Raises:
        DataError: that says why it has none, and what to do.

    >>> demand("nominal", "mean", column="zip")
    Traceback (most recent call last):
    ...
    roadworthy.kernel.errors.DataError: there is no mean of 'zip': it is nominal, its values are names, not quantities
      where: column 'zip'
      fix:   use its mode; or, if it is a quantity, declare it: [data.columns] zip = { scale = "continuous" }
    """
    if allows(scale, operation):
        return
    asked, held = Operation(operation), Scale(scale)
    instead = next((other for other in _INSTEAD.get(asked, ()) if allows(held, other)), None)
    usual = f"use its {instead}" if instead else "count its values"
    ladder = ("an order", '"ordinal", order = [...]') if asked in _ORDERED else ("a quantity", '"continuous"')
    verb = "has" if asked in _ORDERED else "is"
    raise DataError(
        f"there is no {asked} of {column!r}: it is {held}, {_WHY[held]}",
        where=f"column {column!r}",
        fix=f"{usual}; or, if it {verb} {ladder[0]}, declare it: [data.columns] {column} = {{ scale = {ladder[1]} }}",
    )
