"""The door: values are checked before the model sees them, and each refusal says which field and why."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from roadworthy.bundle.inputs import InputField, InputType
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.serving.exchange import Refusal

_INT64 = 1 << 63
_TAKEN: dict[InputType, tuple[frozenset[type], str]] = {
    "number": (frozenset((float, int, type(None))), "numbers"),
    "text": (frozenset((str, type(None))), "strings"),
    "boolean": (frozenset((bool, type(None))), "true or false"),
    "date": (frozenset((str, float, int, type(None))), "ISO dates, or seconds since 1970"),
    "list": (frozenset((list, type(None))), "lists of strings"),
}


def take_columns(given: Mapping[str, list[Any]], fields: Sequence[InputField], *, rows: int) -> dict[str, list[Any]]:
    """The declared inputs, in order, each with `rows` values of its type; null is a missing value.

    Args:
        given: input name to values.
        fields: what the model declares.
        rows: how many values each input must have.

    Raises:
        Refusal: naming the first input that is unknown, missing, too short, or of the wrong type.
    """
    if len(given) != len(fields) or any(field.name not in given for field in fields):
        _refuse_names(given, [field.name for field in fields])
    return {field.name: take_values(given[field.name], field, rows=rows) for field in fields}


def take_values(values: list[Any], field: InputField, *, rows: int) -> list[Any]:
    """The values of one input, checked."""
    if len(values) != rows:
        raise Refusal(400, "shape", f"input {field.name!r} has {len(values)} values where {rows} are expected")
    allowed, told = _TAKEN[field.type]
    if not allowed.issuperset(map(type, values)):
        raise Refusal(400, "type", f"input {field.name!r} takes {told}")
    if float in allowed and not all(map(_usable, values)):
        raise Refusal(400, "range", f"input {field.name!r} holds a number that is infinite or beyond 64 bits")
    if list in allowed and not all(type(each) is str for value in values for each in value or ()):
        raise Refusal(400, "type", f"input {field.name!r} takes {told}")
    return values


def _usable(value: object) -> bool:
    if type(value) is int:
        return -_INT64 <= value < _INT64
    return type(value) is not float or not math.isinf(value)


def _refuse_names(given: Mapping[str, list[Any]], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            raise Refusal(400, "unknown_input", f"there is no input {name[:200]!r}: {did_you_mean(name[:200], names)}")
    for name in names:
        if name not in given:
            raise Refusal(400, "missing_input", f"input {name!r} is missing")
