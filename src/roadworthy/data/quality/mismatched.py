"""Accuracy of what belongs together: texts and their labels, pairs such as pictures and captions, by embeddings.

The port is a callable that turns values into vectors; a sentence or image model fits it as it is. `latent_words` is a
small one of our own, latent semantic analysis of words. It knows no synonyms that the table itself does not show, and
nothing of pictures: good enough to try the checks, not to be relied on.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from roadworthy.kernel.errors import DataError

Vectors = NDArray[np.float64]
Embed = Callable[[Sequence[Any]], Vectors]
"""Values to (values, dimensions); a value that says nothing may be a vector of zeros."""

_WORD = re.compile(r"\w+")
_BLOCK = 1024
_LEAST = 20


class Mismatch(Struct, frozen=True, eq=False):
    """How badly each row fits.

    Attributes:
        doubt: in [0, 1], one a row: for labels the share of like rows that bear another label, for pairs the share of
            other rows' partners that fit better. NaN where a vector says nothing.
        order: row numbers, the greatest doubt first, without those that nothing is said of.
    """

    doubt: Vectors
    order: NDArray[np.int64]


def doubt_labels(vectors: Vectors, labels: Sequence[Any], *, neighbours: int = 10) -> Mismatch:
    """Each label held against those of the rows that are most alike, the row itself left out.

    Equal rows count as one neighbour, so that a text sent a hundred times does not vouch for itself.

    Args:
        vectors: one a row, such as an `Embed` gives.
        labels: one a row.
        neighbours: how many rows to ask.

    Raises:
        DataError: if there are fewer than 20 rows, or not as many labels as vectors.

    Source: the k-nearest-neighbour rule of Cover and Hart (1967), as an edit of labels by Wilson (1972), IEEE Trans.
    Syst. Man Cybern. 2:408-421.

    >>> vectors = np.repeat(np.eye(2), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (40, 2))
    >>> labels = ["a"] * 20 + ["b"] * 19 + ["a"]
    >>> int(doubt_labels(vectors, labels).order[0])
    39
    """
    unit = _unit(vectors, len(labels))
    names, codes = np.unique(np.asarray([str(label) for label in labels]), return_inverse=True)
    doubt = np.full(len(unit), np.nan)
    said = np.flatnonzero(unit.any(axis=1))
    _, first = np.unique(unit[said].round(9), axis=0, return_index=True)
    asked = said[np.sort(first)]
    for start in range(0, len(said), _BLOCK):
        rows = said[start : start + _BLOCK]
        alike = unit[rows] @ unit[asked].T
        alike[alike > 1 - 1e-9] = -np.inf
        nearest = np.argpartition(-alike, min(neighbours, alike.shape[1] - 1), axis=1)[:, :neighbours]
        other = codes[asked[nearest]] != codes[rows][:, None]
        weight = np.maximum(np.take_along_axis(alike, nearest, axis=1), 0.0) + 1e-9
        doubt[rows] = (other * weight).sum(axis=1) / weight.sum(axis=1)
    return Mismatch(doubt, _ordered(doubt) if len(names) > 1 else _ordered(doubt)[:0])


def doubt_pairs(first: Vectors, second: Vectors, *, among: int = 2_000, seed: int = 0) -> Mismatch:
    """Each pair held against the pairs that other partners would make.

    Args:
        first, second: vectors of one space, one a row.
        among: other partners to compare with, drawn by chance.
        seed: of the drawing.

    Raises:
        DataError: if there are fewer than 20 rows, or not as many of one as of the other.

    >>> vectors = np.random.default_rng(0).normal(0, 1, (30, 8))
    >>> other = vectors.copy(); other[[3, 4]] = other[[4, 3]]
    >>> sorted(doubt_pairs(vectors, other).order[:2].tolist())
    [3, 4]
    """
    left, right = _unit(first, len(second)), _unit(second, len(first))
    drawn = np.random.default_rng(seed).permutation(len(right))[:among]
    drawn = drawn[right[drawn].any(axis=1)]
    doubt = np.full(len(left), np.nan)
    said = np.flatnonzero(left.any(axis=1) & right.any(axis=1))
    for start in range(0, len(said), _BLOCK):
        rows = said[start : start + _BLOCK]
        own = (left[rows] * right[rows]).sum(axis=1)
        doubt[rows] = (left[rows] @ right[drawn].T > own[:, None] + 1e-12).mean(axis=1)
    return Mismatch(doubt, _ordered(doubt))


def review(mismatch: Mismatch, table: pl.DataFrame, keys: pl.Series, *, limit: float, most: int = 200) -> pl.DataFrame:
    """The rows of the greatest doubt for people to look at: `row_key`, `doubt`, and the columns of the table.

    Args:
        limit: doubt from which on rows are shown.
        most: rows at most.
    """
    rows = mismatch.order[mismatch.doubt[mismatch.order] >= limit][:most]
    named = pl.DataFrame({"row_key": keys.gather(rows).cast(pl.String), "doubt": mismatch.doubt[rows]})
    return pl.concat([named, table.select(pl.exclude("row_key"))[rows]], how="horizontal")


def latent_words(texts: Sequence[str], *, dimensions: int = 100, least: int = 2) -> Vectors:
    """Vectors of texts by latent semantic analysis: weighted word counts, brought down to a few dimensions.

    Args:
        texts: all texts that are to be compared, in one call.
        dimensions: of the vectors, at most; fewer where there are fewer words.
        least: texts that a word must stand in.

    Raises:
        DataError: if no word stands in two texts.

    Source: Deerwester et al. (1990), Indexing by latent semantic analysis, J. Am. Soc. Inf. Sci. 41:391-407.

    >>> latent_words(["red fox", "a red fox", "blue sea", "the blue sea"] * 3, dimensions=2).shape
    (12, 2)
    """
    counted = [Counter(_WORD.findall(text.casefold())) for text in texts]
    spread = Counter(word for counts in counted for word in counts)
    known = {word: place for place, word in enumerate(sorted(word for word, c in spread.items() if c >= least))}
    if len(known) < 2 or len(texts) < 3:
        raise DataError("the texts share no words", where="texts", fix="give more texts, or another embedding")
    cells = [
        (row, known[word], count)
        for row, counts in enumerate(counted)
        for word, count in counts.items()
        if word in known
    ]
    rows, columns, counts = (np.array(part) for part in zip(*cells, strict=True))
    rare = np.log(len(texts) / np.array([spread[word] for word in known])) + 1
    matrix = sp.csr_matrix((np.log1p(counts) * rare[columns], (rows, columns)), shape=(len(texts), len(known)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = sp.csr_matrix(sp.diags(1 / np.maximum(lengths, 1e-12)) @ matrix)
    smaller = min(len(texts), len(known))
    start = np.random.default_rng(0).normal(0, 1, smaller)
    left, sizes, _ = svds(scaled, k=min(dimensions, smaller - 1), v0=start)
    return np.asarray(left * sizes)


def _unit(vectors: Vectors, wanted: int) -> Vectors:
    array = np.asarray(vectors, dtype=np.float64)
    if array.ndim != 2 or len(array) != wanted or len(array) < _LEAST:
        raise DataError(
            f"{len(array):,} vectors stand beside {wanted:,} values",
            where="embedding",
            fix=f"give one vector a row, and {_LEAST} rows or more",
        )
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    return np.where(lengths > 1e-12, array / np.maximum(lengths, 1e-12), 0.0)


def _ordered(doubt: Vectors) -> NDArray[np.int64]:
    said = np.flatnonzero(~np.isnan(doubt))
    return said[np.argsort(-doubt[said], kind="stable")]
