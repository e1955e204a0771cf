"""Repairs of single cells, learnt from the training part and made in every row that comes: frozen data, pure code."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.steps.writings import family, key, shortest, split_unit


class Repair(Struct, frozen=True, kw_only=True):
    """What is put right in the cells of one column, in this order.

    Attributes:
        column: the column.
        missing: texts, in lower case and without white space at the ends, that stand for a missing value.
        typos: misspelt text to the right one.
        writings: what is left of a text without case, accents, punctuation and spaces (`writings.key`), to its usual
            writing.
        units: families of units (`writings.family`) that are taken off a number; None leaves numbers as they are. A
            number with
            another unit becomes missing, since nobody says how to convert it.
    """

    column: str
    missing: tuple[str, ...] = ()
    typos: Mapping[str, str] = {}
    writings: Mapping[str, str] = {}
    units: tuple[str, ...] | None = None

    def cell(self, value: Any) -> Any:
        """One cell put right; what is no text is left as it is.

        >>> repair = Repair(column="size", missing=("n/a",), units=("oz",))
        >>> repair.cell("12.0 OZ."), repair.cell("N/A "), repair.cell("3 kg"), repair.cell(7)
        (12.0, None, None, 7)
        >>> Repair(column="city", typos={"Rmoe": "Rome"}, writings={"rome": "Rome"}).cell(" ROME")
        'Rome'
        """
        if not isinstance(value, str):
            return value
        if value.strip().casefold() in self.missing:
            return None
        value = self.typos.get(value, value)
        value = self.writings.get(key(value), value) if self.writings else value
        return value if self.units is None else self._number(value, self.units)

    def _number(self, value: str, units: tuple[str, ...]) -> float | None:
        parts = split_unit(value)
        if parts is None or (parts[1] and family(parts[1]) not in units):
            return None
        return float(shortest(parts[0]).replace(",", ""))

    def cells(self, values: Sequence[Any] | NDArray[Any]) -> list[Any]:
        """A column put right; equal cells become equal ones."""
        known: dict[str, Any] = {}
        found = []
        for value in values:
            if not isinstance(value, str):
                found.append(value)
                continue
            if value not in known:
                known[value] = self.cell(value)
            found.append(known[value])
        return found


def repaired(columns: Columns, repairs: Sequence[Repair]) -> Columns:
    """The columns with all repairs made; others are the same objects."""
    if not repairs:
        return columns
    return {**columns, **{one.column: one.cells(columns[one.column]) for one in repairs if one.column in columns}}
