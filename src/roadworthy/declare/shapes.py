"""How the tables of `roadworthy.toml` map to records, where the two do not look alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from roadworthy.declare.data import Data, MailLabel, Pseudonym, Remote, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.deployment import Deploy, Online
from roadworthy.declare.names import FAIRNESS, METRICS, PERTURBATIONS, STRESS
from roadworthy.declare.problem import Problem
from roadworthy.declare.requirements import Fairness, Perturbation, Require, Stress
from roadworthy.kernel.units import parse_size

LATER = "not available in this version"


@dataclass(frozen=True)
class Shape:
    """Where a table differs from its record.

    Attributes:
        keys: field name to the key that the user writes.
        hidden: fields that the user does not write.
        rest: the field that takes every other key as a dictionary.
        rest_names: the keys it may take; None for any.
        names: field of dictionary type to the keys it may have.
        lone: fields where one word stands for a list of one.
        later: keys, or `key = "value"` pairs, that a later version will read.
        parsed: fields that may also be written as text, and what reads the text.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    rest: str = ""
    rest_names: tuple[str, ...] | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lone: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    parsed: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)


_PLAIN = Shape()
_SHAPES: Mapping[type, Shape] = MappingProxyType(
    {
        Problem: Shape(later=("multiclass", "multilabel", "regression", "generation")),
        Data: Shape(keys={"sources": "source"}),
        Pseudonym: Shape(keys={"form": "as"}),
        Source: Shape(hidden=("cache", "line", "options")),
        Remote: Shape(parsed={"max_size": parse_size}),
        MailLabel: Shape(keys={"origin": "from"}, rest="values"),
        Require: Shape(
            rest="metrics",
            rest_names=METRICS,
            names={"robustness": PERTURBATIONS},
            lone=("better_than",),
            later=("synonyms", "evasion"),
        ),
        Perturbation: Shape(later=("budget", "min_recall")),
        Fairness: Shape(rest="limits", rest_names=FAIRNESS),
        Stress: Shape(rest="limits", rest_names=STRESS),
        Deploy: Shape(later=("experiment", "batch", "edge", "shadow", "canary")),
        Online: Shape(later=("workers",), parsed={"max_body": parse_size}),
    }
)


@dataclass(frozen=True)
class Entry:
    """One key that a table may hold: the field it fills and the type of its value."""

    key: str
    name: str
    type: Any
    required: bool


def shape_of(record: type) -> Shape:
    """The shape of a record's table; most look just like their record."""
    return _SHAPES.get(record, _PLAIN)


def entries(record: type[Struct]) -> list[Entry]:
    """The keys that a record's table may hold, without those that its `rest` takes.

    >>> [entry.key for entry in entries(MailLabel)]
    ['from', 'name', 'path', 'key']
    """
    shape, types = shape_of(record), get_type_hints(record)
    return [
        Entry(key=shape.keys.get(one.name, one.name), name=one.name, type=types[one.name], required=one.required)
        for one in msgspec.structs.fields(record)
        if one.name not in (*shape.hidden, *shape.later, shape.rest)
    ]


def records(root: type[Struct] = Declaration) -> Iterator[type[Struct]]:
    """Every record that a declaration is made of, each once, the whole before its parts."""
    seen: dict[type[Struct], None] = {}
    waiting: list[Any] = [root]
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, type) and issubclass(found, Struct) and found.__module__.startswith("roadworthy.declare"):
            if found not in seen:
                seen[found] = None
                waiting += get_type_hints(found).values()
        else:
            waiting += getattr(found, "__args__", ())
    return iter(seen)
