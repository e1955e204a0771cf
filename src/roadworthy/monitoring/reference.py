"""What the model saw before its release, kept in the bundle: bins, counts and calibration of the reference rows."""

from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import BundleError, DataError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FORMAT = 1
_DISTINCT = 12
_QUANTILES = 15
_FAMILIAR = 0.002
_COMMON = 0.001
_FEWEST = 10  # rows that a bin must hold in the choosing half, so that it is not rare by luck in the counting half
# Fixed edges need no data to be chosen; they are denser where spam filters and the like put most of their answers.
_SCORE_EDGES = (0.001, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.999)


class FeatureBins(Struct, frozen=True, kw_only=True):
    """The fixed bins of one dense feature, and what the reference holds in each.

    Attributes:
        values: common values of a feature that takes few; the bins are these, then `any other value`, then missing.
        edges: for any other feature, cuts from the lowest to the highest value seen; the bins are below the first,
            between each two, from the last on, then missing. At most one of `values` and `edges` is used.
        counts: reference rows per bin, of the half that did not choose the bins.
        positives: mean probability of the reference rows per bin (the overall mean where there are none).
    """

    values: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    positives: tuple[float, ...] = ()

    @property
    def bins(self) -> int:
        """Number of bins, missing included."""
        return len(self.values) + 2 if self.values else len(self.edges) + 2

    def place(self, column: NDArray[np.float32]) -> Ints:
        """The bin of each value; nan is the last bin."""
        if self.values:
            known = np.asarray(self.values, dtype=np.float32)
            at = np.minimum(np.searchsorted(known, column), len(known) - 1)
            placed = np.where(known[at] == column, at, len(known))
        else:
            placed = np.searchsorted(np.asarray(self.edges, dtype=np.float32), column, side="right")
        return np.where(np.isnan(column), self.bins - 1, placed).astype(np.int64)

    def unfamiliar(self, placed: Ints) -> NDArray[np.bool_]:
        """Whether each placed value lies where the reference has hardly a row (below 0.2 %)."""
        counts = np.asarray(self.counts)
        return np.asarray((counts < _FAMILIAR * counts.sum())[placed])


class Reference(Struct, frozen=True, kw_only=True):
    """Everything that live windows are compared with.

    Attributes:
        names: dense features, in the order of `PredictionRecord.features`; features: their bins.
        rows: reference rows; counted: the rows that feature counts rest on (the half that did not choose the bins).
        threshold: the model says positive where probability >= threshold; it is one of `score_edges`.
        score_edges: cuts of the probability.
        score_rows, score_positives, score_sums: reference rows, true positives and sum of probabilities per score bin.
    """

    names: tuple[str, ...]
    features: tuple[FeatureBins, ...]
    rows: int
    counted: int
    threshold: float
    score_edges: tuple[float, ...]
    score_rows: tuple[int, ...]
    score_positives: tuple[int, ...]
    score_sums: tuple[float, ...]
    format: int = FORMAT

    @property
    def prior(self) -> float:
        """Share of positives among the reference rows."""
        return sum(self.score_positives) / self.rows

    @property
    def confusion(self) -> tuple[int, int, int, int]:
        """True and false positives, false and true negatives of the reference at its threshold."""
        cut = self.score_edges.index(self.threshold) + 1
        tp, fn = sum(self.score_positives[cut:]), sum(self.score_positives[:cut])
        return tp, sum(self.score_rows[cut:]) - tp, fn, sum(self.score_rows[:cut]) - fn

    def score_bin(self, probability: Floats) -> Ints:
        """The score bin of each probability."""
        return np.searchsorted(np.asarray(self.score_edges), probability, side="right").astype(np.int64)

    def chance(self) -> Floats:
        """Chance of the positive class per score bin: what was seen, drawn towards the claim by two rows' weight."""
        rows, positives = np.asarray(self.score_rows), np.asarray(self.score_positives)
        edges = np.array([0.0, *self.score_edges, 1.0])
        claim = np.where(rows > 0, np.asarray(self.score_sums) / np.maximum(rows, 1), (edges[:-1] + edges[1:]) / 2)
        return np.asarray((positives + 2 * claim) / (rows + 2), dtype=np.float64)

    def to_bytes(self) -> bytes:
        """JSON, for `reference.json` of the bundle."""
        return msgspec.json.encode(self)


def read_reference(data: bytes) -> Reference:
    """The reference of a bundle.

    Raises:
        BundleError: if the bytes are no reference, or of a format that we do not know.
    """
    try:
        reference = msgspec.json.decode(data, type=Reference)
    except msgspec.MsgspecError as err:
        raise BundleError(
            f"the monitoring reference cannot be read: {err}", where="reference.json", fix="build the bundle again"
        ) from err
    if reference.format != FORMAT:
        raise BundleError(
            f"monitoring reference of format {reference.format}, known is {FORMAT}",
            where="reference.json",
            fix="use the version of roadworthy that wrote the bundle, or build it again",
        )
    return reference


def build_reference(
    dense: NDArray[np.float32],
    names: Sequence[str],
    *,
    probability: Floats,
    truth: NDArray[np.int8],
    threshold: float,
    seed: int = 7,
) -> Reference:
    """Count the reference once.

    Bins are chosen on one random half of the rows and counted on the other: choosing and counting on the same rows
    makes the counts fit the bins better than any new data will, and raised false alarms in every run.

    Args:
        dense: float32 (rows, features); nan is a missing value.
        names: of the features.
        probability: calibrated, (rows,), of rows that the model was not fitted on (out of fold, or held out).
        truth: int8 (rows,), 1 is positive.
        threshold: the model says positive from there on, in (0, 1].

    Raises:
        DataError: with fewer than 4 rows, or arrays of different lengths.
    """
    rows = len(dense)
    if rows < 4 or len(probability) != rows or len(truth) != rows or dense.shape[1] != len(names):
        raise DataError(
            f"no reference from {dense.shape} features, {len(probability)} probabilities and {len(truth)} labels",
            where="monitoring reference",
            fix="give at least 4 rows, one probability and one label each, one name per feature",
        )
    order = np.random.default_rng(seed).permutation(rows)
    choosing, counting = order[: rows // 2], order[rows // 2 :]
    edges = tuple(sorted({*_SCORE_EDGES, float(threshold)}))
    placed = np.searchsorted(np.asarray(edges), probability, side="right")
    features = tuple(
        _count(_choose(column[choosing]), column[counting], probability=probability[counting]) for column in dense.T
    )
    return Reference(
        names=tuple(names),
        features=features,
        rows=rows,
        counted=len(counting),
        threshold=float(threshold),
        score_edges=edges,
        score_rows=_tally(placed, len(edges) + 1),
        score_positives=_tally(placed[truth == 1], len(edges) + 1),
        score_sums=tuple(np.bincount(placed, probability, len(edges) + 1).tolist()),
    )


def _choose(column: NDArray[np.float32]) -> FeatureBins:
    """Bins from the choosing half alone."""
    finite = column[np.isfinite(column)]
    values, counts = np.unique(finite, return_counts=True)
    if len(values) <= _DISTINCT:
        common = values[counts >= max(_FEWEST, _COMMON * len(column))]
        return FeatureBins(values=tuple(common.tolist())) if len(common) else FeatureBins(edges=())
    inner = min(_QUANTILES, len(finite) // (2 * _FEWEST))
    shares = np.arange(1, inner + 1) / (inner + 1)
    cuts = np.quantile(finite, [0.0, *shares], method="inverted_cdf")
    beyond = np.nextafter(finite.max(), np.float32(np.inf))
    return FeatureBins(edges=tuple(np.unique([*cuts, beyond]).astype(np.float32).tolist()))


def _count(bins: FeatureBins, column: NDArray[np.float32], *, probability: Floats) -> FeatureBins:
    placed = bins.place(column)
    counts = np.bincount(placed, minlength=bins.bins)
    sums = np.bincount(placed, probability, bins.bins)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), probability.mean())
    return FeatureBins(
        values=bins.values,
        edges=bins.edges,
        counts=tuple(counts.tolist()),
        positives=tuple(np.round(means, 6).tolist()),
    )


def _tally(placed: Ints, bins: int) -> tuple[int, ...]:
    return tuple(np.bincount(placed, minlength=bins).tolist())
