"""The records of a JSON document: those at a path, or those that a rule finds; what lies beside them is skipped."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from roadworthy.data.records.exact import DEEPEST, Odd
from roadworthy.data.records.lines import BrokenError, HostileError
from roadworthy.data.records.paths import EACH, Step
from roadworthy.data.records.walk import JsonStream

_SEARCHED = 1 << 20
_SEARCH_DEPTH = 4


class Found(Struct, frozen=True):
    """One record: its value, the tokens that lead to it, and what was odd in it.

    Attributes:
        line: where it begins, if it is a whole document; else 0, since counting lines costs time.
    """

    value: Any
    tokens: tuple[str, ...]
    line: int
    odd: Odd


class Candidate(Struct):
    """An array of objects inside of a document: where it lies, and about how long it is."""

    tokens: tuple[str, ...]
    size: int = 0


def records_at(stream: JsonStream, steps: Sequence[Step], tokens: tuple[str, ...] = ()) -> Iterator[Found]:
    """The records at a path below the cursor; where an array lies there, its elements.

    >>> import io
    >>> stream = JsonStream(io.BytesIO(b'{"a": [{"b": [1, 2]}, {"b": [3]}, {}]}').read)
    >>> [(found.value, found.tokens) for found in records_at(stream, ("a", EACH, "b", EACH))]
    [('1', ('a', '0', 'b', '0')), ('2', ('a', '0', 'b', '1')), ('3', ('a', '1', 'b', '0'))]
    """
    if len(tokens) > DEEPEST:
        raise HostileError(f"it is nested deeper than {DEEPEST} levels", stream.place())
    first = stream.peek()
    if first == "[" and (not steps or steps[0] is EACH):
        yield from _each(stream, steps[1:], tokens)
    elif not steps:
        yield _record(stream, tokens)
    elif first in ("{", "["):
        for key in stream.members() if first == "{" else map(str, stream.elements()):
            if key == steps[0]:
                yield from records_at(stream, steps[1:], (*tokens, key))
            else:
                stream.skip()
    else:
        stream.skip()


def _each(stream: JsonStream, steps: Sequence[Step], tokens: tuple[str, ...]) -> Iterator[Found]:
    for index in stream.elements():
        if steps:
            yield from records_at(stream, steps, (*tokens, str(index)))
        else:
            yield _record(stream, (*tokens, str(index)))


def _record(stream: JsonStream, tokens: tuple[str, ...]) -> Found:
    line = 0 if tokens else stream.line
    value, odd = stream.value()
    return Found(value, tokens, line, odd)


def find_records(stream: JsonStream) -> list[Candidate]:
    """The arrays of objects in the document at the cursor, longest first; none if the document is itself an array.

    Objects are entered four levels deep. The first MiB decides: what begins later is not compared.
    """
    found: list[Candidate] = []
    if stream.peek() == "{":
        try:
            _search(stream, (), found)
        except (BrokenError, _EnoughError):  # what is broken is told when it is read
            return sorted(found, key=lambda one: -one.size)
    return sorted(found, key=lambda one: -one.size)


class _EnoughError(Exception):
    """The search has seen enough."""


def _search(stream: JsonStream, tokens: tuple[str, ...], found: list[Candidate]) -> None:
    for key in stream.members():
        first = stream.peek()
        if first == "{" and len(tokens) < _SEARCH_DEPTH:
            _search(stream, (*tokens, key), found)
        elif first == "[":
            _measure(stream, (*tokens, key), found)
        else:
            stream.skip()


def _measure(stream: JsonStream, tokens: tuple[str, ...], found: list[Candidate]) -> None:
    candidate = Candidate(tokens)
    for index in stream.elements():
        if index == 0 and stream.peek() == "{":
            found.append(candidate)
        candidate.size += stream.skip()
        if candidate.size > _SEARCHED:
            raise _EnoughError
