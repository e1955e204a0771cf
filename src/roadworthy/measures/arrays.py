"""What every measure asks of its arrays before it counts anything."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError

Values = Sequence[Any] | NDArray[Any]
"""One value a row: a list, a tuple or a one-dimensional array."""


def binary(values: Values, *, name: str) -> NDArray[np.int8]:
    """Values that are 0 or 1, as int8.

    Raises:
        MeasureError: if there are no values, or any is neither 0 nor 1 (booleans count as numbers).

    >>> binary([True, 0, 1.0], name="truth").tolist()
    [1, 0, 1]
    """
    array = _one_dimension(values, name=name)
    good = (array == 0) | (array == 1)
    if not bool(np.all(good)):
        at = int(np.argmin(good))
        raise MeasureError(
            f"{name} holds {array[at]!r}, which is neither 0 nor 1",
            where=f"{name}, row {at}",
            fix="give 1 for the positive class and 0 for the other",
        )
    return array.astype(np.int8)


def real(values: Values, *, name: str) -> NDArray[np.float64]:
    """Finite values as float64.

    Raises:
        MeasureError: if there are no values, or any is missing, infinite or no number.

    >>> real([1, 2.5], name="predicted").tolist()
    [1.0, 2.5]
    """
    given = _one_dimension(values, name=name)
    try:
        array = given.astype(np.float64)
    except (TypeError, ValueError) as err:
        raise MeasureError(f"{name} holds what is no number", where=name, fix="give numbers only") from err
    finite = np.isfinite(array)
    if not bool(np.all(finite)):
        at = int(np.argmin(finite))
        raise MeasureError(
            f"{name} holds {array[at]}, on which nothing is measured",
            where=f"{name}, row {at}",
            fix="leave the row out, or repair what made the number",
        )
    return array


def probabilities(values: Values, *, name: str = "probability") -> NDArray[np.float64]:
    """Values in [0, 1] as float64.

    Raises:
        MeasureError: if any value is outside [0, 1] or not finite.

    >>> probabilities([0, 0.5, 1]).tolist()
    [0.0, 0.5, 1.0]
    """
    array = real(values, name=name)
    outside = (array < 0) | (array > 1)
    if bool(np.any(outside)):
        at = int(np.argmax(outside))
        raise MeasureError(
            f"{name} holds {array[at]:g}, which is no probability",
            where=f"{name}, row {at}",
            fix="calibrate the scores to [0, 1] first, or use a measure of ranking",
        )
    return array


def counts(values: Values, *, name: str) -> NDArray[np.float64]:
    """Counts as float64, at least one of them above 0.

    Raises:
        MeasureError: if any is negative, or all are 0.

    >>> counts([3, 0], name="expected").tolist()
    [3.0, 0.0]
    """
    array = real(values, name=name)
    if bool(np.any(array < 0)):
        raise MeasureError(f"{name} holds a negative count", where=name, fix="give counts of 0 or more")
    if not bool(np.any(array > 0)):
        raise MeasureError(f"{name} counts nothing at all", where=name, fix="give at least one row")
    return array


def aligned(first: Values, second: Values, *, names: str) -> None:
    """Check that two columns speak of the same rows.

    Raises:
        MeasureError: if they are of different length.
    """
    if len(first) != len(second):
        raise MeasureError(
            f"{names} are of different length: {len(first):,} and {len(second):,}",
            where=names,
            fix="give one value of each per row, in the same order",
        )


def both_classes(truth: NDArray[np.int8], *, measure: str) -> None:
    """Check that both classes are there.

    Raises:
        MeasureError: if all rows are of one class.
    """
    positives = int(truth.sum())
    if positives in {0, len(truth)}:
        raise MeasureError(
            f"{measure} is not defined: all {len(truth):,} rows are {'positive' if positives else 'negative'}",
            where="truth",
            fix="measure it on rows of both classes",
        )


def _one_dimension(values: Values, *, name: str) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise MeasureError(
            f"{name} has {array.ndim} dimensions, not one", where=name, fix="give one value per row, as a flat array"
        )
    if len(array) == 0:
        raise MeasureError(f"{name} holds no rows", where=name, fix="give at least one row")
    return array
