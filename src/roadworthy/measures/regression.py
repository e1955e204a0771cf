"""How far predicted numbers lie from the true ones."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.arrays import Values, aligned, real


def mse(truth: Values, predicted: Values) -> float:
    """Mean squared error, in the squared unit of the target; large errors count more.

    Raises:
        MeasureError: if there are no rows, the columns differ in length, or a number is not finite.

    >>> mse([300_000, 300_000, 300_000], [310_000, 280_000, 305_000])
    175000000.0
    """
    return float(np.mean(_errors(truth, predicted) ** 2))


def rmse(truth: Values, predicted: Values) -> float:
    """Root of the mean squared error, in the unit of the target.

    Raises:
        MeasureError: as `mse`.

    >>> rmse([0, 0], [3, 3])
    3.0
    """
    return float(np.sqrt(mse(truth, predicted)))


def mae(truth: Values, predicted: Values) -> float:
    """Mean absolute error, in the unit of the target; all errors count by their size.

    Raises:
        MeasureError: as `mse`.

    >>> round(mae([300_000, 300_000, 300_000], [310_000, 280_000, 305_000]), 2)
    11666.67
    """
    return float(np.mean(np.abs(_errors(truth, predicted))))


def r2(truth: Values, predicted: Values) -> float:
    """Share of the target's variance that the prediction explains; 1 is perfect, 0 the mean, below 0 worse than that.

    Raises:
        MeasureError: as `mse`, and if the target does not vary, since there is nothing to explain.

    >>> r2([1, 2, 3], [1, 2, 3])
    1.0
    """
    errors, true = _errors(truth, predicted), real(truth, name="truth")
    spread = float(np.sum((true - true.mean()) ** 2))
    if spread == 0:
        raise MeasureError(
            "R2 is not defined: the target has one value only", where="truth", fix="use the mean absolute error instead"
        )
    return 1 - float(np.sum(errors**2)) / spread


def _errors(truth: Values, predicted: Values) -> NDArray[np.float64]:
    true, said = real(truth, name="truth"), real(predicted, name="predicted")
    aligned(true, said, names="truth and predicted")
    return true - said
