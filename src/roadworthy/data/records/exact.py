"""JSON values kept exactly as they are written, and written back the same way."""

import json
from typing import Any

from msgspec import Struct, field

DEEPEST = 200
"""Levels of nesting that a record may have."""

_PLAIN = json.JSONEncoder(ensure_ascii=False)


class Number(str):
    """A JSON number, as its digits are written: no integer is too long, no decimal is rounded."""

    __slots__ = ()


class DepthError(ValueError):
    """A value is nested deeper than is allowed."""


class Odd(Struct):
    """What was odd in one value.

    Attributes:
        twice: keys that stand twice in one object, with the earlier value, which the later one replaced.
        constants: `NaN`, `Infinity` and `-Infinity`, which JSON does not have.
    """

    twice: list[tuple[str, Any]] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)


class Exact:
    """A decoder that changes no value, and notes what it met.

    Objects become dicts (of equal keys the last wins), arrays lists, numbers `Number`, `NaN` None, and infinities the
    text `Infinity` or `-Infinity`.

    >>> exact = Exact()
    >>> exact.decode('{"a": 1.10, "b": 123456789012345678901234567890}', 0)
    ({'a': '1.10', 'b': '123456789012345678901234567890'}, 48)
    """

    def __init__(self) -> None:
        self.odd = Odd()
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._pairs, parse_int=Number, parse_float=Number, parse_constant=self._constant
        )

    def decode(self, text: str, start: int) -> tuple[Any, int]:
        """The value that begins at `start` exactly, and where it ends.

        Raises:
            json.JSONDecodeError: if none begins there or it does not end.
            DepthError: if it is nested too deep.
        """
        self.odd = Odd()
        try:
            return self._decoder.raw_decode(text, start)
        except RecursionError:
            raise DepthError(f"it is nested deeper than {DEEPEST} levels") from None

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            seen: dict[str, Any] = {}
            for key, value in pairs:
                if key in seen:
                    self.odd.twice.append((key, seen[key]))
                seen[key] = value
        return made

    def _constant(self, word: str) -> "str | None":
        self.odd.constants.append(word)
        return None if word == "NaN" else word


def written(value: Any) -> str:
    """A value as compact JSON text, its numbers digit for digit.

    Raises:
        DepthError: if it is nested deeper than `DEEPEST`.

    >>> written({"a": [Number("1.10"), None, "é"]})
    '{"a":[1.10,null,"é"]}'
    """
    return _text(value, 0)


def _text(value: Any, depth: int) -> str:
    if depth > DEEPEST:
        raise DepthError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join([_text(item, depth + 1) for item in value])}]"
    if isinstance(value, dict):
        members = [f"{_PLAIN.encode(key)}:{_text(item, depth + 1)}" for key, item in value.items()]
        return f"{{{','.join(members)}}}"
    return _PLAIN.encode(value)
