"""The JSON Schema of `roadworthy.toml`, for editors; derived from the records, so that it cannot fall behind."""

import types
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.monitoring import FalseAlarms
from roadworthy.declare.names import SOURCE_OPTIONS
from roadworthy.declare.shapes import Entry, Shape, entries, records, shape_of
from roadworthy.kernel.limits import Limit
from roadworthy.kernel.units import Duration

_LIMIT = {"type": "string", "pattern": r"^\s*(<=|>=|==|<|>)\s*[-+]?[0-9_]*\.?[0-9]+([eE][-+]?[0-9]+)?\s*%?\s*$"}
_SIMPLE: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    float: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    Any: {},
    Duration: {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d|w)\s*$"},
    FalseAlarms: {"type": "string", "pattern": r"^\s*<=\s*[0-9][0-9_]*\s+per\s+[0-9][0-9_]*\s+windows?\s*$"},
    Limit: {
        "anyOf": [
            _LIMIT,
            {
                "type": "object",
                "properties": {"limit": _LIMIT, "at": {"enum": ["interval", "point"]}},
                "required": ["limit"],
                "additionalProperties": False,
            },
        ]
    },
}


def json_schema(*, options: Mapping[str, Collection[str]] = SOURCE_OPTIONS) -> dict[str, Any]:
    """The schema (draft 2020-12) as a dictionary that `json.dumps` takes.

    Args:
        options: kind of source to the keys that it reads beside those of every source.

    >>> json_schema()["required"]
    ['problem', 'data']
    """
    parts = [record for record in records() if record not in (Declaration, FalseAlarms)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "roadworthy.toml",
        **_table(Declaration, options),
        "$defs": {record.__name__: _table(record, options) for record in parts},
    }


def _table(record: type[Struct], options: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """What a record's table may hold."""
    shape, known = shape_of(record), entries(record)
    properties = {entry.key: _entry(entry, shape) for entry in known}
    others: dict[str, Any] | bool = False
    if record is Source:
        properties |= {name: {} for names in options.values() for name in names}
    elif shape.rest:
        item = _value(get_args(get_type_hints(record)[shape.rest])[1])
        properties |= {name: item for name in shape.rest_names or ()}
        others = item if shape.rest_names is None else False
    table: dict[str, Any] = {"type": "object", "description": _summary(record), "properties": properties}
    required = [entry.key for entry in known if entry.required]
    return table | ({"required": required} if required else {}) | {"additionalProperties": others}


def _entry(entry: Entry, shape: Shape) -> dict[str, Any]:
    found = _value(entry.type)
    if entry.name in shape.names:
        item = found["additionalProperties"]
        found = {
            "type": "object",
            "properties": dict.fromkeys(shape.names[entry.name], item),
            "additionalProperties": False,
        }
    if entry.name in shape.parsed or entry.name in shape.lone:
        found = {"anyOf": [found, {"type": "string"}]}
    return found


def _value(kind: Any) -> dict[str, Any]:
    """The schema of one declared type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _value(next(one for one in args if one is not type(None)))
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple:
        return {"type": "array", "items": _value(args[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _value(args[1])}
    return dict(_SIMPLE[kind]) if kind in _SIMPLE else {"$ref": f"#/$defs/{kind.__name__}"}


def _summary(record: type[Struct]) -> str:
    return (record.__doc__ or "").partition("\n")[0]
