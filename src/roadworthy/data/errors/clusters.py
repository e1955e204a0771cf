"""Cells that look alike to all detectors: what is true of one is likely true of the others.

Source: Raha of Mahdavi et al. (2019), SIGMOD, 865-882, which clusters the cells of each column by what its strategies
say. Here a cluster is exact: the same words of the detectors, the same shape, about as frequent.
"""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.combine import Cell
from roadworthy.data.errors.patterns import shape

DETECTORS = ("absent", "dependency", "format", "outlier", "pattern", "place", "spelling", "token", "typo", "unit")
FEATURES = (*DETECTORS, "rare", "rare shape", "missing")
UNSUSPECTED = 0.01
"""What is expected of a cell that no detector spoke of."""
_STEPS = 4


class Clustered(Struct, frozen=True, kw_only=True):
    """The cells of one column.

    Attributes:
        name: the column.
        features: float64 (rows, len(FEATURES)): what each detector says in [0, 1], how rare value and shape are in [0,
            1], 1 if
            the cell is missing.
        likelihood: float64 (rows,), without labels.
        cluster: int64 (rows,), from 0. size: how many cells each cluster has.
    """

    name: str
    features: NDArray[np.float64]
    likelihood: NDArray[np.float64]
    cluster: NDArray[np.int64]
    size: NDArray[np.int64]


def clustered(column: Coded, cells: Mapping[int, Cell]) -> Clustered:
    """The cells of a column by what the detectors say.

    Args:
        column: the column.
        cells: what is suspected, by row.
    """
    features = np.zeros((column.rows, len(FEATURES)))
    likelihood = np.full(column.rows, UNSUSPECTED)
    for row, cell in cells.items():
        likelihood[row] = cell.likelihood
        for name, hint in cell.said.items():
            if name in DETECTORS:
                features[row, DETECTORS.index(name)] = hint.likelihood
    shapes, shape_of = np.unique([shape(value) for value in column.values] or [""], return_inverse=True)
    present = column.codes >= 0
    codes = column.codes[present]
    held = np.bincount(shape_of[: len(column.values)], weights=column.counts, minlength=len(shapes))
    own_shape = np.full(column.rows, len(shapes))
    if len(codes):
        own_shape[present] = shape_of[codes]
        features[present, -3] = _rare(column.counts[codes], column.present)
        features[present, -2] = _rare(held[shape_of[codes]], column.present)
    features[~present, -1] = 1.0
    steps = np.round(features * _STEPS).astype(np.int64)
    _, cluster, size = np.unique(np.column_stack([steps, own_shape]), axis=0, return_inverse=True, return_counts=True)
    return Clustered(
        name=column.name,
        features=features,
        likelihood=likelihood,
        cluster=cluster.reshape(-1).astype(np.int64),
        size=size.astype(np.int64),
    )


def _rare(counts: NDArray[np.float64] | NDArray[np.int64], total: int) -> NDArray[np.float64]:
    """0 for what fills the column, 1 for what stands there once."""
    found: NDArray[np.float64] = 1 - np.log1p(counts - 1.0) / np.log(max(total, 2))
    return found
