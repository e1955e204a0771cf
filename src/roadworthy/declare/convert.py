"""Values of a TOML document turned into declared records; whatever does not fit is a problem with a line."""

import math
import re
import types
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from roadworthy.declare.data import Source
from roadworthy.declare.locate import Path
from roadworthy.declare.monitoring import FalseAlarms
from roadworthy.declare.problems import Problems, named
from roadworthy.declare.shapes import LATER, Entry, Shape, entries, shape_of
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.limits import Limit, parse_limit
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.sealed import Sealed
from roadworthy.kernel.units import Duration, parse_duration

S = TypeVar("S", bound=Struct)

_ALARMS = re.compile(r"\s*<=\s*(\d[\d_]*)\s+per\s+(\d[\d_]*)\s+windows?\s*")


class _Bad:
    """Stands for a value that could not be read; its problem is already noted."""


BAD = _Bad()


class Converter:
    """Reads values, noting every problem and going on."""

    def __init__(self, problems: Problems, *, options: Mapping[str, Collection[str]]) -> None:
        self._problems, self._options = problems, options

    def record(self, kind: type[S], value: object, path: Path) -> S | None:
        """A record from a table; None if it is no table. What is wrong in it is noted and stood in for."""
        found = self._struct(kind, value, path)
        return None if isinstance(found, _Bad) else found

    def _struct(self, kind: type[S], value: object, path: Path) -> S | _Bad:
        if not isinstance(value, dict):
            return self._wrong(path, "a table", value)
        shape, known = shape_of(kind), entries(kind)
        fields: dict[str, Any] = {}
        for entry in known:
            if entry.key not in value and entry.required:
                self._missing(entry, path)
            found = self._field(entry, value[entry.key], (*path, entry.key), shape) if entry.key in value else BAD
            if not isinstance(found, _Bad):
                fields[entry.name] = found
            elif entry.required:
                fields[entry.name] = _stand_in(entry.type)
        others = {key: item for key, item in value.items() if key not in {entry.key for entry in known}}
        return kind(**fields | self._others(kind, others, path, fields))

    def _field(self, entry: Entry, value: object, path: Path, shape: Shape) -> Any:
        if entry.name in shape.parsed and isinstance(value, str):
            return self._read(shape.parsed[entry.name], value, path)
        if entry.name in shape.lone and isinstance(value, str):
            value = [value]
        if entry.name in shape.names and isinstance(value, dict):
            value = self._only(value, shape.names[entry.name], path, shape.later)
        if isinstance(value, str) and value in shape.later:
            self._problems.add(path, f'{named(path)} = "{value}" is {LATER}', fix=_choices(entry.type))
            return BAD
        return self._value(entry.type, value, path)

    def _others(self, kind: type[Struct], others: dict[str, Any], path: Path, fields: dict[str, Any]) -> dict[str, Any]:
        """The keys that are no field: those that the shape gathers, and those that nobody knows."""
        shape = shape_of(kind)
        own = tuple(entry.key for entry in entries(kind))
        if kind is Source:
            known = tuple(self._options.get(fields.get("kind", ""), ()))
            options = self._only(others, known, path, shape.later, own=own)
            return {"options": options, "line": self._problems.line(path)}
        if shape.rest and shape.rest_names is None:
            kept = others
        else:
            kept = self._only(others, shape.rest_names or (), path, shape.later, own=own)
        if not shape.rest or not kept:
            return {}
        item = get_args(get_type_hints(kind)[shape.rest])[1]
        return {shape.rest: self._items(item, kept, path)}

    def _only(
        self,
        table: dict[str, Any],
        known: tuple[str, ...],
        path: Path,
        later: tuple[str, ...],
        own: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """The part of a table whose keys are known; each other key is a problem."""
        for key in table:
            here = (*path, key)
            if key in later:
                self._problems.add(here, f"{named(here)} is {LATER}", fix="take it out")
            elif key not in known:
                self._problems.add(here, f'unknown key "{key}"{_inside(path)}', fix=did_you_mean(key, (*own, *known)))
        return {key: item for key, item in table.items() if key in known and key not in later}

    def _missing(self, entry: Entry, path: Path) -> None:
        here = (*path, entry.key)
        self._problems.add(here, f'"{entry.key}" is missing{_inside(path)}', fix=f"add {_example(entry, here)}")

    def _value(self, kind: Any, value: object, path: Path) -> Any:
        """A value of any declared type."""
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            kind = next(one for one in get_args(kind) if one is not type(None))
            origin = get_origin(kind)
        if origin is not None:
            return _GENERIC[origin](self, get_args(kind), value, path)
        if kind in _READERS:
            return _READERS[kind](self, value, path)
        return self._struct(kind, value, path) if issubclass(kind, Struct) else self._plain(kind, value, path)

    def _table(self, args: tuple[Any, ...], value: object, path: Path) -> Any:
        return self._items(args[1], value, path) if isinstance(value, dict) else self._wrong(path, "a table", value)

    def _items(self, kind: Any, table: dict[str, Any], path: Path) -> dict[str, Any]:
        found = {key: self._value(kind, item, (*path, key)) for key, item in table.items()}
        return {key: item for key, item in found.items() if not isinstance(item, _Bad)}

    def _tuple(self, args: tuple[Any, ...], value: object, path: Path) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, "a list in brackets", value)
        found = [self._value(args[0], item, (*path, place)) for place, item in enumerate(value)]
        return BAD if any(isinstance(item, _Bad) for item in found) else tuple(found)

    def _literal(self, choices: tuple[Any, ...], value: object, path: Path) -> Any:
        if value in choices:
            return value
        if not isinstance(value, str):
            return self._wrong(path, "one of " + ", ".join(map(str, choices)), value)
        self._problems.add(path, f'{named(path)} cannot be "{value}"', fix=did_you_mean(value, choices))
        return BAD

    def _plain(self, kind: type, value: object, path: Path) -> Any:
        """Text, a number, a truth value or a date; a whole number may stand for a number."""
        if kind is float and type(value) is int:
            value = float(value)
        fits = (type(value) is kind or (kind is str and isinstance(value, Sealed))) and (
            kind is not float or math.isfinite(float(str(value)))
        )
        return value if fits else self._wrong(path, _WORDS[kind], value)

    def _limit(self, value: object, path: Path) -> Any:
        """`">= 0.9"`, or `{ limit = ">= 0.9", at = "point" }`."""
        if isinstance(value, str):
            return self._read(parse_limit, value, path)
        if not isinstance(value, dict):
            return self._wrong(path, 'text such as ">= 0.99"', value)
        table = self._only(value, ("limit", "at"), path, ())
        at = self._literal(("interval", "point"), table.get("at", "interval"), (*path, "at"))
        if "limit" not in table:
            self._problems.add(path, f'"limit" is missing{_inside(path)}', fix='add limit = ">= 0.99"')
            return BAD
        found = self._value(Limit, table["limit"], (*path, "limit"))
        return BAD if isinstance(at, _Bad) or isinstance(found, _Bad) else msgspec.structs.replace(found, at=at)

    def _duration(self, value: object, path: Path) -> Any:
        return self._text(parse_duration, value, path, 'text such as "5m"')

    def _alarms(self, value: object, path: Path) -> Any:
        return self._text(_false_alarms, value, path, 'text such as "<= 1 per 1000 windows"')

    def _text(self, reader: Callable[[str], Any], value: object, path: Path, asked: str) -> Any:
        return self._read(reader, value, path) if isinstance(value, str) else self._wrong(path, asked, value)

    def _read(self, reader: Callable[[str], Any], text: str, path: Path) -> Any:
        try:
            return reader(text)
        except RoadworthyError as err:
            self._problems.add(path, f"{named(path)}: {err.what}", fix=err.fix)
            return BAD

    def _wrong(self, path: Path, asked: str, value: object) -> _Bad:
        """A value of the wrong type."""
        where = named(path) or "the file"
        self._problems.add(path, f"{where} must be {asked}, but is {_told(value)}", fix=f"write {asked}")
        return BAD


_READERS: dict[Any, Callable[[Converter, object, Path], Any]] = {
    Limit: Converter._limit,
    Duration: Converter._duration,
    FalseAlarms: Converter._alarms,
    Any: lambda _converter, value, _path: value,
}

_GENERIC: dict[Any, Callable[[Converter, tuple[Any, ...], object, Path], Any]] = {
    Literal: Converter._literal,
    tuple: Converter._tuple,
    dict: Converter._table,
}

_WORDS: dict[type, str] = {
    str: "text in quotes",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    date: "a date without quotes, such as 2027-06-30",
}

_TOLD: tuple[tuple[type, str], ...] = (
    (bool, "{}"),
    (str, 'the text "{}"'),
    (int, "the number {}"),
    (float, "the number {}"),
    (datetime, "the time {}"),
    (date, "the date {}"),
    (list, "a list"),
    (dict, "a table"),
)


def _stand_in(kind: Any) -> Any:
    """Something of the right type where the user gave nothing usable, so that the rules can go on to the rest."""
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    return () if get_origin(kind) is tuple else ""


def _told(value: object) -> str:
    """What a value is, in words."""
    words = next((words for kind, words in _TOLD if isinstance(value, kind)), "{}")
    return words.format(str(value).lower() if isinstance(value, bool) else value)


def _false_alarms(text: str) -> FalseAlarms:
    found = _ALARMS.fullmatch(text)
    if not found or int(found[2]) == 0:
        raise RoadworthyError(f"{text!r} is no rate of alarms", where="monitor", fix='write "<= 1 per 1000 windows"')
    return FalseAlarms(count=int(found[1]), windows=int(found[2]))


def _inside(path: Path) -> str:
    return f" in {named(path)}" if path else ""


def _choices(kind: Any) -> str:
    return "write " + " or ".join(f'"{choice}"' for choice in get_args(kind))


def _example(entry: Entry, path: Path) -> str:
    """What a person would write for a missing key."""
    parts = get_args(entry.type) or (entry.type,)
    if isinstance(parts[0], type) and issubclass(parts[0], Struct):
        return f"a table [[{named(path)}]]" if get_origin(entry.type) is tuple else f"a table [{named(path)}]"
    if get_origin(entry.type) is Literal:
        return f'{entry.key} = "{parts[0]}"'
    return f"{entry.key} = [...]" if get_origin(entry.type) is tuple else f'{entry.key} = "..."'
