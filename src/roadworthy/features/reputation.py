"""Reputation fitted on a table: for training rows from strictly earlier rows alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.steps.reputation import Reputation, entity_names, standing
from roadworthy.kernel.errors import DataError


class Standing:
    """The entity, time and truth of every row of a table.

    Args:
        times: seconds of each row; nan where unknown. Such a row has no past, and is nobody's past.
    """

    def __init__(
        self,
        entity: str,
        values: Sequence[Any],
        *,
        times: NDArray[np.float64],
        truth: NDArray[np.int8],
    ) -> None:
        self._entity, self._times = entity, times
        self._truth = np.asarray(truth, dtype=np.float64)
        self._names, codes = np.unique(np.array(entity_names(values), dtype=object), return_inverse=True)
        self._codes: NDArray[np.int64] = codes.reshape(-1).astype(np.int64)

    def fit(self, rows: NDArray[np.int64]) -> Reputation:
        """All that is known after these rows."""
        codes, truth = self._codes[rows], self._truth[rows]
        positive = np.bincount(codes, truth, len(self._names)).astype(np.int64)
        total = np.bincount(codes, minlength=len(self._names))
        seen = {
            str(self._names[code]): (int(positive[code]), int(total[code] - positive[code]))
            for code in np.flatnonzero(total)
            if self._names[code]
        }
        base = (float(truth.sum()) + 1) / (len(rows) + 2)
        return Reputation(entity=self._entity, base=base, seen=seen)

    def past(self, step: Reputation, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What was known of each row's entity just before it, among the rows that the step was fitted on.

        Raises:
            DataError: if these are not the rows that the step was fitted on.
        """
        named = self._names[self._codes[rows]] != ""
        if int(named.sum()) != sum(map(sum, step.seen.values())):
            raise DataError(
                "the past of these rows is not known: the steps were fitted on other rows",
                where=f"reputation of {self._entity!r}",
                fix="pass the rows that were given to `fit`, or leave out `fitted_on`",
            )
        times, truth = self._times[rows], self._truth[rows]
        codes = np.where(named, self._codes[rows], len(self._names) + np.arange(len(rows)))
        dated = ~np.isnan(times)
        positive, seen = np.zeros(len(rows)), np.zeros(len(rows))
        positive[dated], seen[dated] = _before(codes[dated], times[dated], truth[dated])
        everyone = np.zeros(int(dated.sum()), dtype=np.int64)
        all_positive, all_seen = np.zeros(len(rows)), np.zeros(len(rows))
        all_positive[dated], all_seen[dated] = _before(everyone, times[dated], truth[dated])
        return standing(positive, seen - positive, (all_positive + 1) / (all_seen + 2))


def _before(
    codes: NDArray[np.int64], times: NDArray[np.float64], truth: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positives and rows of the same code with a strictly smaller time."""
    order = np.lexsort((times, codes))
    code, time = codes[order], times[order]
    index = np.arange(len(order))
    begins = np.concatenate([[True], code[1:] != code[:-1]]) if len(order) else np.empty(0, bool)
    ties = begins | np.concatenate([[True], time[1:] != time[:-1]]) if len(order) else begins
    first_of_code = np.maximum.accumulate(np.where(begins, index, 0))
    first_of_tie = np.maximum.accumulate(np.where(ties, index, 0))
    sums = np.concatenate([[0.0], np.cumsum(truth[order])])
    positive, seen = np.empty(len(order)), np.empty(len(order))
    positive[order] = sums[first_of_tie] - sums[first_of_code]
    seen[order] = first_of_tie - first_of_code
    return positive, seen
