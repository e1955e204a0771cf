"""What a person says of a few rows, carried over to all cells that look alike.

    suspicion = suspect(texts)
    rows = rows_to_label(suspicion)          # about 20, those that tell most
    ...                                      # a person says of each of their cells whether it is wrong
    suspicion = learn(suspicion, labels)     # {("city", 17): True, ("state", 17): False, ...}

Each column has a small logistic model of what the detectors say. It starts from the likelihood that was reached without
labels (weight 1) and is moved by labels only as far as they force it; labels of other columns count a little. Then the
labels of a cluster of cells that look alike are weighed against the model.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from roadworthy.data.errors.clusters import DETECTORS, FEATURES, UNSUSPECTED, Clustered, clustered
from roadworthy.data.errors.combine import Cell
from roadworthy.data.errors.detect import LIKELY, Suspicion
from roadworthy.kernel.errors import DataError

Labels = Mapping[tuple[str, int], bool]
"""(column, row) to whether the cell is wrong."""

ENOUGH = 20
"""Rows that a person is asked to look at."""
_OTHER_COLUMN = 0.2
_LOOSE = np.array([1.0, 0.5, *([1.0] * len(FEATURES))])
_ALIKE, _SILENT = 1.0, 4.0
_KNOWN = (0.001, 0.999)
_NEWTON = 12
_SPREAD = 0.2
_LEAST_GAIN = 0.05


def rows_to_label(suspicion: Suspicion, *, count: int = ENOUGH, seed: int = 0) -> list[int]:
    """Rows whose cells tell most: many doubtful cells, of large clusters that no chosen row has yet spoken for.

    Args:
        suspicion: what is suspected without labels.
        count: how many rows.
        seed: of the small noise that breaks ties.
    """
    columns = _clusters(suspicion)
    if not columns:
        return []
    chance = np.random.default_rng(seed)
    gains = [_gain(column) * (1 + _SPREAD * chance.random(len(column.size))) for column in columns]
    rows = len(columns[0].cluster)
    chosen: list[int] = []
    free = np.ones(rows, dtype=bool)
    while len(chosen) < min(count, rows):
        worth = np.sum([gain[column.cluster] for gain, column in zip(gains, columns, strict=True)], axis=0)
        row = int(np.where(free, worth, -1.0).argmax())
        chosen.append(row)
        free[row] = False
        for gain, column in zip(gains, columns, strict=True):
            gain[column.cluster[row]] *= 0.5
    return chosen


def learn(suspicion: Suspicion, labels: Labels) -> Suspicion:
    """The same table with likelihoods that know what a person said.

    Raises:
        DataError: if a label names a column or row that is not there.
    """
    columns = _clusters(suspicion)
    _demand(labels, columns)
    if not labels:
        return suspicion
    said = {column.name: _of_column(labels, column.name) for column in columns}
    cells: dict[tuple[str, int], Cell] = {}
    for column in columns:
        likelihood = _likelihood(column, columns, said)
        for row in np.flatnonzero((likelihood >= LIKELY) | (column.likelihood > UNSUSPECTED)).tolist():
            known = suspicion.cells.get((column.name, row))
            fresh = Cell(0.0, "labels", None, "like cells that a person called wrong", {})
            cells[column.name, row] = replace(known or fresh, likelihood=float(likelihood[row]))
    return replace(suspicion, cells=cells)


def _clusters(suspicion: Suspicion) -> list[Clustered]:
    by_column: dict[str, dict[int, Cell]] = {column.name: {} for column in suspicion.columns}
    for (name, row), cell in suspicion.cells.items():
        by_column[name][row] = cell
    return [clustered(column, by_column[column.name]) for column in suspicion.columns if column.rows]


def _gain(column: Clustered) -> NDArray[np.float64]:
    """How much a label of each cluster would tell: its doubt, times how many cells it speaks for."""
    mean = np.bincount(column.cluster, weights=column.likelihood) / column.size
    doubt = 4 * mean * (1 - mean) + _LEAST_GAIN
    found: NDArray[np.float64] = doubt * np.log1p(column.size)
    return found


def _likelihood(
    column: Clustered, columns: Sequence[Clustered], said: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    rows, wrong = said[column.name]
    inputs, answers, weights = [], [], []
    for other in columns:
        places, truths = said[other.name]
        inputs.append(_inputs(other)[places])
        answers.append(truths)
        weights.append(np.full(len(places), 1.0 if other is column else _OTHER_COLUMN))
    fitted = _fit(np.vstack(inputs), np.concatenate(answers), np.concatenate(weights))
    likelihood = _sigmoid(_inputs(column) @ fitted)
    # what was said of cells that look alike, against the model; where no detector speaks, "alike" means little
    trials = np.bincount(column.cluster[rows], minlength=len(column.size)).astype(float)
    hits = np.bincount(column.cluster[rows], weights=wrong, minlength=len(column.size))
    spoken = column.features[:, : len(DETECTORS)].max(axis=1) > 0
    shy = np.where(spoken, _ALIKE, _SILENT)
    weighed: NDArray[np.float64] = (shy * likelihood + hits[column.cluster]) / (shy + trials[column.cluster])
    weighed[rows] = np.where(wrong > 0, _KNOWN[1], _KNOWN[0])
    return weighed


def _inputs(column: Clustered) -> NDArray[np.float64]:
    """Log-odds without labels, a constant, and the features."""
    bounded = np.clip(column.likelihood, 0.005, 0.995)
    return np.column_stack([np.log(bounded / (1 - bounded)), np.ones(len(bounded)), column.features])


def _fit(
    inputs: NDArray[np.float64], answers: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights by Newton's method, drawn to (1, 0, 0, ...): to the likelihoods as they were."""
    start = np.zeros(inputs.shape[1])
    start[0] = 1.0
    found = start.copy()
    for _ in range(_NEWTON):
        chance = _sigmoid(inputs @ found)
        slope = inputs.T @ (weights * (answers - chance)) - (found - start) / _LOOSE**2
        curve = (inputs * (weights * chance * (1 - chance))[:, None]).T @ inputs + np.diag(1 / _LOOSE**2)
        found = found + np.linalg.solve(curve, slope)
    return found


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return found


def _of_column(labels: Labels, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = sorted(row for column, row in labels if column == name)
    return np.array(rows, dtype=np.int64), np.array([float(labels[name, row]) for row in rows])


def _demand(labels: Labels, columns: Sequence[Clustered]) -> None:
    known = {column.name: len(column.cluster) for column in columns}
    for name, row in labels:
        if not 0 <= row < known.get(name, 0):
            raise DataError(
                f"there is no cell {row} of {name!r}",
                where="the labels",
                fix="name cells of the table that was looked at",
            )
