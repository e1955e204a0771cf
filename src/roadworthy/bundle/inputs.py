"""Which columns a model asks for, and the error for a missing one."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

InputType = Literal["number", "text", "boolean", "date", "list"]


class InputField(Struct, frozen=True, kw_only=True):
    """One column that a model reads.

    Attributes:
        type: of a cell: `number`, `text`, `boolean`, `date` (ISO text or UTC seconds), `list` (of texts).
        values: the categories that were known when the model was fitted, if it is a category.
    """

    name: str
    type: InputType
    values: tuple[str, ...] = ()


def require_columns(given: Sequence[str] | Iterable[str], needed: Iterable[str]) -> None:
    """Refuse rows that lack a column.

    Raises:
        DataError: names the first missing column, and the nearest one that was given.
    """
    names = list(given)
    for name in needed:
        if name not in names:
            raise DataError(f"column {name!r} is missing", where="the rows to predict", fix=did_you_mean(name, names))
