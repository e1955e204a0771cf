"""All fitted steps of one model: rows in, numbers out."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from roadworthy.bundle.encoded import Columns, Encoded
from roadworthy.bundle.inputs import InputField, require_columns
from roadworthy.bundle.steps.characters import VERSION as CHARACTERS_VERSION
from roadworthy.bundle.steps.mailfacts import VERSION as FACTS_VERSION
from roadworthy.bundle.steps.mailfacts import MailFacts
from roadworthy.bundle.steps.repairs import Repair, repaired
from roadworthy.bundle.steps.reputation import Reputation
from roadworthy.bundle.steps.tables import Category, DateParts, Number, Rank, Truth
from roadworthy.bundle.steps.tokens import VERSION as TOKENS_VERSION
from roadworthy.bundle.steps.weighted import WeightedTerms, beside, load_terms
from roadworthy.kernel.errors import BundleError

DenseStep = Number | Category | Rank | Truth | DateParts | MailFacts | Reputation
_VERSIONS = {"characters": CHARACTERS_VERSION, "tokens": TOKENS_VERSION, "mail_facts": FACTS_VERSION}


class _Saved(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    versions: dict[str, int]
    dense: tuple[DenseStep, ...]
    text: tuple[dict[str, Any], ...]
    inputs: tuple[InputField, ...]
    repairs: tuple[Repair, ...] = ()


class FrozenSteps(Struct, frozen=True, kw_only=True):
    """Fitted steps in the order of their numbers: `dense` first, then the blocks of `text`.

    Attributes:
        inputs: the columns that `encode` needs.
        repairs: what is put right in single cells before any step reads them.
    """

    dense: tuple[DenseStep, ...]
    text: tuple[WeightedTerms, ...]
    inputs: tuple[InputField, ...]
    repairs: tuple[Repair, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dense columns."""
        return tuple(name for step in self.dense for name in step.names)

    @property
    def width(self) -> int:
        """How many sparse columns there are."""
        return sum(block.width for block in self.text)

    def encode(self, columns: Columns) -> Encoded:
        """Rows to numbers; a row alone and a row among many get the same ones.

        Raises:
            DataError: if a column is missing, or a cell is not of its type.
        """
        require_columns(columns, (field.name for field in self.inputs))
        columns = repaired(columns, self.repairs)
        rows = len(columns[self.inputs[0].name]) if self.inputs else 0
        blocks = [step.encode(columns) for step in self.dense]
        dense = np.hstack(blocks) if blocks else np.empty((rows, 0), np.float32)
        if not self.text:
            return Encoded(dense=dense, names=self.names)
        texts = {block.reader.text: block.reader.text.read(columns) for block in self.text}
        sparse = beside([block.encode(texts[block.reader.text]) for block in self.text])
        return Encoded(dense=dense, names=self.names, sparse=sparse)

    def terms(self) -> list[str]:
        """What each sparse column stands for, as `block:term`."""
        return [f"{block.reader.name}:{term}" for block in self.text for term in block.spell(block.keys)]

    def save(self, folder: Path) -> dict[str, Any]:
        """Write arrays into `folder`; give the rest as JSON."""
        text = tuple(block.save(folder) for block in self.text)
        saved = _Saved(versions=_VERSIONS, dense=self.dense, text=text, inputs=self.inputs, repairs=self.repairs)
        found: dict[str, Any] = msgspec.to_builtins(saved)
        return found


def load_steps(folder: Path, spec: dict[str, Any]) -> FrozenSteps:
    """Steps as they were saved.

    Raises:
        BundleError: if the specification is broken, or made for another version of the frozen code.
    """
    try:
        saved = msgspec.convert(spec, _Saved)
    except msgspec.ValidationError as err:
        raise BundleError(
            f"the feature steps cannot be read: {err}", where=str(folder), fix="train and release the model again"
        ) from err
    if saved.versions != _VERSIONS:
        raise BundleError(
            f"the feature steps were made for {saved.versions}, this release runs {_VERSIONS}",
            where=str(folder),
            fix="install the release of roadworthy that made the model, or train it again",
        )
    text = tuple(load_terms(folder, block) for block in saved.text)
    return FrozenSteps(dense=saved.dense, text=text, inputs=saved.inputs, repairs=saved.repairs)
