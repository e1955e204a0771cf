"""Where in a JSON value something lies: a JSON Pointer (RFC 6901), or a dotted path with `[]` for every element."""

import re
from collections.abc import Sequence
from typing import Any

from roadworthy.kernel.errors import SourceError

EACH = None
"""The step to every element of an array."""

Step = str | None
MISSING: Any = object()
"""What lies at a path that leads nowhere; null is a value."""

_PIECE = re.compile(r"([^.\[\]]*)((?:\[(?:\*|\d+)?\])*)")
_INDEX = re.compile(r"\[(\*|\d+)?\]")


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path: a key or index as text, `EACH` for all elements of an array.

    Raises:
        SourceError: if it is no such path.

    >>> steps_of("/a/0/b~1c"), steps_of("results[].items[2].price"), steps_of("$"), steps_of("")
    (('a', '0', 'b/c'), ('results', None, 'items', '2', 'price'), (), ())
    """
    if path.startswith("/"):
        return tuple(token.replace("~1", "/").replace("~0", "~") for token in path[1:].split("/"))
    plain = path.removeprefix("$").removeprefix(".")
    steps: list[Step] = []
    for piece in plain.split(".") if plain else ():
        found = _PIECE.fullmatch(piece)
        if not found or not piece:
            raise SourceError(
                f"{path!r} is no path into JSON",
                where="[[data.source]]",
                fix='write a JSON Pointer such as "/data/items", or a dotted path such as "data.items[]"',
            )
        steps += [found[1]] if found[1] else []
        steps += [None if index in ("", "*") else index for index in _INDEX.findall(found[2])]
    return tuple(steps)


def pointer(tokens: Sequence[str]) -> str:
    """Tokens as a JSON Pointer.

    >>> pointer(["items", "3", "a/b"])
    '/items/3/a~1b'
    """
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def at(value: Any, steps: Sequence[Step]) -> Any:
    """What lies at a path in a value, or `MISSING`; with `EACH`, the list of what lies below every element.

    >>> at({"a": [{"b": 1}, {"b": 2}, {}]}, steps_of("a[].b")), at({"a": [5, 6]}, steps_of("a[1]"))
    ([1, 2], 6)
    """
    for place, step in enumerate(steps):
        if step is EACH:
            below = [at(item, steps[place + 1 :]) for item in value] if isinstance(value, list) else MISSING
            return below if below is MISSING else [item for item in below if item is not MISSING]
        value = _child(value, step)
        if value is MISSING:
            return MISSING
    return value


def without(value: Any, steps: Sequence[Step]) -> Any:
    """A value without what lies at a path; objects that become empty by it go too.

    >>> without({"a": {"b": 1}, "c": 2}, steps_of("a.b"))
    {'c': 2}
    """
    if not steps:
        return MISSING
    first, rest = steps[0], steps[1:]
    if first is EACH or not isinstance(value, dict) or first not in value:
        return MISSING if first is EACH else value
    below = without(value[first], rest)
    left = {key: item for key, item in value.items() if key != first}
    if below is not MISSING and below != {}:
        left = {key: below if key == first else item for key, item in value.items()}
    return left


def _child(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return MISSING
