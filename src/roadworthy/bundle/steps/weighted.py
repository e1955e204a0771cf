"""Counted terms to weighted numbers: sublinear TF-IDF over a frozen vocabulary of keys."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, Struct, convert, to_builtins
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Csr
from roadworthy.bundle.steps.texts import TextReader
from roadworthy.bundle.steps.tokens import ANALYSERS, Counts, count
from roadworthy.kernel.errors import BundleError

_LOGARITHMS = (1.0 + np.log(np.maximum(np.arange(4096), 1))).astype(np.float32)
_LOGARITHMS[0] = 0.0

Spell = Callable[[NDArray[np.uint64]], Sequence[str]]


class TermReader(Struct, frozen=True, kw_only=True):
    """How a row becomes terms: which text, cut how, weighed how against other blocks.

    Attributes:
        name: of the block, unique in a model: `words`, `letters`, `marks`.
        limit: characters of the text that are read.
        weight: length of the block's row vectors.
    """

    name: Annotated[str, Meta(pattern="^[a-z]{1,32}$")]
    text: TextReader
    analyser: Literal["words", "single_words", "letters", "lines"]
    limit: int = 1_000_000
    weight: float = 1.0

    def count(self, texts: Sequence[str]) -> Counts:
        """Terms of texts that `text.read` gave."""
        return count([text[: self.limit] for text in texts], ANALYSERS[self.analyser])


class WeightedTerms(Struct, frozen=True, kw_only=True):
    """A fitted block.

    Attributes:
        keys: uint64, ascending; the known terms.
        idf: float32, one for each key.
        spell: says what keys stand for; asked once, when the block is saved.
    """

    reader: TermReader
    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]
    spell: Spell

    @property
    def width(self) -> int:
        """How many terms are known."""
        return len(self.keys)

    def encode(self, texts: Sequence[str]) -> Csr:
        """Weighted known terms of texts that `reader.text.read` gave."""
        counts = self.reader.count(texts)
        at = np.searchsorted(self.keys, counts.keys)
        at[at == self.width] = 0
        known = self.keys[at] == counts.keys if self.width else np.zeros(len(at), dtype=bool)
        return self.weigh(at[known], logarithms(counts.times[known]), kept(counts.indptr, known))

    def weigh(self, indices: NDArray[Any], times: NDArray[np.float32], indptr: NDArray[np.int64]) -> Csr:
        """TF-IDF rows of length `weight` from known terms and the logarithms of their counts."""
        values = times * self.idf[indices]
        sizes = np.diff(indptr)
        squares = np.bincount(np.repeat(np.arange(len(sizes)), sizes), values.astype(np.float64) ** 2, len(sizes))
        scale = (self.reader.weight / np.sqrt(np.where(squares > 0, squares, 1.0))).astype(np.float32)
        return Csr(
            data=values * np.repeat(scale, sizes), indices=indices.astype(np.int32), indptr=indptr, width=self.width
        )

    def save(self, folder: Path) -> dict[str, Any]:
        """Write `<name>.keys.npy`, `<name>.idf.npy` and `<name>.terms.txt`; give the rest as JSON."""
        name = self.reader.name
        np.save(folder / f"{name}.keys.npy", self.keys, allow_pickle=False)
        np.save(folder / f"{name}.idf.npy", self.idf, allow_pickle=False)
        terms = "".join(f"{term}\n" for term in self.spell(self.keys))
        (folder / f"{name}.terms.txt").write_bytes(terms.encode("utf-8", "replace"))
        found: dict[str, Any] = to_builtins(self.reader)
        return found


def load_terms(folder: Path, spec: dict[str, Any]) -> WeightedTerms:
    """A block as it was saved.

    Raises:
        BundleError: if it cannot be read, or its arrays do not fit each other.
    """
    try:
        reader = convert(spec, TermReader)
        keys = np.load(folder / f"{reader.name}.keys.npy", allow_pickle=False)
        idf = np.load(folder / f"{reader.name}.idf.npy", allow_pickle=False)
    except (OSError, ValueError) as err:
        raise _broken(f"a vocabulary cannot be read: {err}", folder) from err
    if keys.dtype != np.uint64 or idf.dtype != np.float32 or keys.shape != idf.shape or keys.ndim != 1:
        raise _broken(f"the vocabulary of {reader.name!r} and its weights do not fit each other", folder)
    terms = folder / f"{reader.name}.terms.txt"
    return WeightedTerms(
        reader=reader, keys=keys, idf=idf, spell=lambda _: terms.read_bytes().decode("utf-8").split("\n")[:-1]
    )


def _broken(what: str, folder: Path) -> BundleError:
    return BundleError(what, where=str(folder), fix="train and release the model again")


def logarithms(times: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 + log(count), from one table, so that a row alone and a row among many get the same bits."""
    return _LOGARITHMS[np.minimum(times, len(_LOGARITHMS) - 1).astype(np.int64)]


def kept(indptr: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Row starts after only the masked entries were kept."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(mask)])[indptr]


def beside(blocks: Sequence[Csr]) -> Csr:
    """Blocks of the same rows, one beside the other."""
    sizes = np.stack([np.diff(block.indptr) for block in blocks])
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes.sum(axis=0))])
    starts = indptr[:-1] + np.concatenate([np.zeros((1, sizes.shape[1]), np.int64), np.cumsum(sizes, axis=0)[:-1]])
    data, indices = np.empty(indptr[-1], np.float32), np.empty(indptr[-1], np.int32)
    offset = 0
    for block, size, start in zip(blocks, sizes, starts, strict=True):
        place = np.repeat(start - block.indptr[:-1], size) + np.arange(len(block.data))
        data[place] = block.data
        indices[place] = block.indices + np.int32(offset)
        offset += block.width
    return Csr(data=data, indices=indices, indptr=indptr, width=offset)
