"""Fitted models as frozen numbers: encoded rows in, one raw score a row out.

A scorer is saved as a small JSON spec beside `.npy` and `.onnx` files in a folder of its own; nothing is unpickled.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Encoded
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import BundleError

_FARTHEST = 8.0
"""Standardised values are cut here, so that one absurd number cannot outvote all words."""


class SavedScorer(Protocol):
    """A scorer that can be written down."""

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Raw scores (log-odds scale), (rows,)."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays into an existing folder and return the spec for `load_scorer`."""


class Standard(Struct, frozen=True, kw_only=True, eq=False):
    """Dense columns on one scale: centred, divided, cut at 8 deviations; a missing value is 0 and raises its flag.

    Attributes:
        centre, divisor: float64 (columns,); the divisor is above 0.
    """

    centre: NDArray[np.float64]
    divisor: NDArray[np.float64]

    def scaled(self, dense: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Values (rows, columns) and the flags of those that were missing."""
        # By rows in memory, since numpy sums the columns of a row in an order that depends on it.
        dense = np.ascontiguousarray(dense)
        missing = np.isnan(dense)
        values = np.clip((dense.astype(np.float64) - self.centre) / self.divisor, -_FARTHEST, _FARTHEST)
        return np.where(missing, 0.0, values), missing


class LinearScorer(Struct, frozen=True, kw_only=True, eq=False):
    """A weighted sum over words and standardised dense columns.

    Attributes:
        intercept: added to every row.
        sparse: float64 (width,), each exactly a float32; empty where no text is read.
        dense: float64 (columns,), weight of each standardised column.
        missing: float64 (columns,), added where the column's value is missing.
    """

    intercept: float
    sparse: NDArray[np.float64]
    standard: Standard
    dense: NDArray[np.float64]
    missing: NDArray[np.float64]

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Log-odds of the positive class.

        Raises:
            BundleError: if the rows have other columns than the model.
        """
        rows = len(encoded.dense)
        total = np.full(rows, self.intercept)
        if self.dense.any() or self.missing.any():
            _agree("dense columns", encoded.dense.shape[1], len(self.dense))
            values, missing = self.standard.scaled(encoded.dense)
            # A sum by rows, not a matrix product: a product may round one row otherwise than many.
            total = total + (values * self.dense).sum(axis=1) + (missing * self.missing).sum(axis=1)
        if len(self.sparse):
            if encoded.sparse is None:
                raise BundleError("the model reads text, and the rows have none", where="scorer", fix="encode the text")
            _agree("text columns", encoded.sparse.width, len(self.sparse))
            total = total + encoded.sparse.dot(self.sparse)
        return total

    def save(self, folder: Path) -> dict[str, Any]:
        """Write `linear.npy` (dense part) and `words.npy` (text part)."""
        dense = np.stack([self.standard.centre, self.standard.divisor, self.dense, self.missing])
        np.save(folder / "linear.npy", dense, allow_pickle=False)
        np.save(folder / "words.npy", self.sparse.astype(np.float32), allow_pickle=False)
        return {"kind": "linear", "intercept": self.intercept, "columns": len(self.dense), "width": len(self.sparse)}

    @classmethod
    def load(cls, folder: Path, spec: Mapping[str, Any]) -> Self:
        """Read what `save` wrote."""
        table = read_array(folder / "linear.npy", shape=(4, int(spec["columns"])))
        words = read_array(folder / "words.npy", shape=(int(spec["width"]),))
        return cls(
            intercept=float(spec["intercept"]),
            sparse=words.astype(np.float64),
            standard=Standard(centre=table[0], divisor=table[1]),
            dense=table[2],
            missing=table[3],
        )


class BlendScorer(Struct, frozen=True, kw_only=True, eq=False):
    """A weighted sum of the scores of several models.

    Attributes:
        parts: the models, each under its name.
        weights: one for each part, at least 0.
    """

    parts: tuple[tuple[str, SavedScorer], ...]
    weights: tuple[float, ...]
    intercept: float

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Log-odds of the positive class."""
        total = np.full(len(encoded.dense), self.intercept)
        for (_, part), weight in zip(self.parts, self.weights, strict=True):
            total = total + weight * part.score(encoded)
        return total

    def save(self, folder: Path) -> dict[str, Any]:
        """Write each part into a folder of its name."""
        parts = []
        for name, part in self.parts:
            (folder / name).mkdir(parents=True, exist_ok=True)
            parts.append({"name": name, "scorer": part.save(folder / name)})
        return {"kind": "blend", "intercept": self.intercept, "weights": list(self.weights), "parts": parts}

    @classmethod
    def load(cls, folder: Path, spec: Mapping[str, Any]) -> Self:
        """Read what `save` wrote."""
        return cls(
            parts=tuple((part["name"], load_scorer(folder / part["name"], part["scorer"])) for part in spec["parts"]),
            weights=tuple(float(weight) for weight in spec["weights"]),
            intercept=float(spec["intercept"]),
        )


# Trees need ONNX Runtime; a linear model starts without loading it.
SCORERS: Catalogue[Any] = Catalogue(
    "scorer",
    {
        "linear": "roadworthy.bundle.scorers:LinearScorer.load",
        "blend": "roadworthy.bundle.scorers:BlendScorer.load",
        "trees": "roadworthy.bundle.trees:TreesScorer.load",
    },
)


def load_scorer(folder: Path, spec: Mapping[str, Any]) -> SavedScorer:
    """The scorer that `save` wrote into this folder.

    Raises:
        BundleError: if the spec names a kind that we do not know, or a file is missing or broken.
    """
    kind = spec.get("kind")
    if kind not in SCORERS:
        raise BundleError(
            f"there is no scorer of kind {kind!r}",
            where=str(folder),
            fix="read the bundle with the version of roadworthy that wrote it",
        )
    try:
        scorer: SavedScorer = SCORERS[str(kind)](folder, spec)
    except (OSError, KeyError, ValueError) as err:
        raise BundleError(f"the scorer cannot be read: {err}", where=str(folder), fix="release it again") from err
    return scorer


def read_array(path: Path, *, shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of plain numbers of exactly that shape.

    Raises:
        ValueError: if the file holds another shape, or anything but numbers.
    """
    array: NDArray[Any] = np.load(path, allow_pickle=False)
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"{path.name} holds {array.dtype} {array.shape}, not numbers {shape}")
    return array


def _agree(noun: str, found: int, known: int) -> None:
    if found != known:
        raise BundleError(
            f"the rows have {found} {noun}, the model knows {known}",
            where="scorer",
            fix="encode the rows with the steps of the same bundle",
        )
