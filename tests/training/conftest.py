"""A table of made-up rows with words, numbers and gaps, seen through the same door as real ones."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from roadworthy.bundle.encoded import Columns, Csr, Encoded
from roadworthy.kernel.records import Split


class FakeSteps:
    """Knows which words its rows held; other words are dropped."""

    def __init__(self, known: NDArray[np.int64], names: tuple[str, ...]) -> None:
        self.known, self.names = known, names

    def encode(self, columns: Columns) -> Encoded:
        raise NotImplementedError("the fake encodes by row number alone")


class FakeDesign:
    """`informative` words and columns lean to the positive class; one column in four has gaps."""

    def __init__(self, *, rows: int = 320, words: int = 60, columns: int = 6, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.truth = (rng.random(rows) < 0.35).astype(np.int8)
        self.group = np.sort(rng.integers(0, rows // 2, rows)).astype(np.int64)
        lean = np.where(np.arange(words) < 8, 0.25, 0.0)
        self.counts = (rng.random((rows, words)) < 0.1 + lean * self.truth[:, None]).astype(np.float32)
        self.dense = rng.normal(size=(rows, columns)).astype(np.float32)
        self.dense[:, : columns // 2] += 0.9 * self.truth[:, None]
        self.dense[:, ::4][rng.random(self.dense[:, ::4].shape) < 0.1] = np.nan
        self.fits = 0

    def fit(self, rows: NDArray[np.int64]) -> FakeSteps:
        self.fits += 1
        known = np.flatnonzero(self.counts[rows].sum(axis=0) > 0)
        return FakeSteps(known, tuple(f"c{number}" for number in range(self.dense.shape[1])))

    def encode(self, steps: FakeSteps, rows: NDArray[np.int64], *, fitted_on: bool = False) -> Encoded:
        sparse = to_csr(self.counts[rows][:, steps.known]) if self.counts.shape[1] else None
        return Encoded(dense=self.dense[rows], names=steps.names, sparse=sparse)

    def split(self, share: float = 0.25) -> Split:
        edge = int(len(self.truth) * (1 - share))
        every = np.arange(len(self.truth), dtype=np.int64)
        return Split(method="time", train=every[:edge], test=every[edge:], group=self.group)


def to_csr(table: NDArray[np.float32]) -> Csr:
    rows, columns = np.nonzero(table)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(table)))])
    return Csr(
        data=table[rows, columns].astype(np.float32),
        indices=columns.astype(np.int32),
        indptr=starts.astype(np.int64),
        width=table.shape[1],
    )


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def make_fake() -> Callable[..., FakeDesign]:
    return FakeDesign
