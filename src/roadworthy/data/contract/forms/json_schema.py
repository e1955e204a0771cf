"""JSON Schema (draft 2020-12) of one row as an object; a missing value is null or absent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from roadworthy.data.contract.forms.form import (
    Read,
    Written,
    anchored,
    bare,
    foreign,
    table,
    text_of,
    typed_values,
    unsaid,
    whole,
)
from roadworthy.data.contract.terms import Contract, Terms, Type

_SAYS = ("type", "required", "range", "values", "length", "pattern")
_TYPES: Mapping[Type, dict[str, Any]] = MappingProxyType(
    {
        "integer": {"type": "integer"},
        "number": {"type": "number"},
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date"},
        "datetime": {"type": "string", "format": "date-time"},
        "text": {"type": "string"},
    }
)
_KNOWN = frozenset(
    ("type", "format", "minimum", "maximum", "enum", "minLength", "maxLength", "pattern", "description", "anyOf")
)


def to_json_schema(contract: Contract) -> Written:
    """The schema that every row keeps.

    >>> to_json_schema(Contract(columns={"a": Terms(type="integer", required=True, min=0)})).body["properties"]
    {'a': {'type': 'integer', 'minimum': 0}}
    """
    left = list(unsaid(contract, _SAYS, keys=False))
    properties: dict[str, Any] = {}
    for name, terms in contract.columns.items():
        if isinstance(terms.min, str) or isinstance(terms.max, str):
            left.append(f"column {name!r}: range {terms.says('range')}")
        left += foreign(name, terms.pattern)
        properties[name] = _property(terms)
    present = [name for name, terms in contract.columns.items() if terms.required and name not in contract.optional]
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.name,
        "type": "object",
        "properties": properties,
        "required": present,
        "additionalProperties": not contract.closed,
    }
    return Written(body=body, left_out=tuple(left))


def from_json_schema(body: Any) -> Read:
    """A contract of the columns that the schema describes.

    Raises:
        DataError: if it describes no object.
    """
    properties, required = table(body, "properties", of="JSON Schema of a row"), set(body.get("required", ()))
    left: list[str] = [f"the table: {key}" for key in body if key not in _TOP]
    columns: dict[str, Terms] = {}
    for name, said in properties.items():
        flat, nullable = _unwrapped(said)
        left += [f"column {name!r}: {key} {flat[key]}" for key in flat if key not in _KNOWN]
        columns[name] = _terms(flat, required=name in required and not nullable)
    contract = Contract(
        name=str(body.get("title", "")), closed=body.get("additionalProperties") is False, columns=columns
    )
    return Read(contract=contract, left_out=tuple(left))


_TOP = frozenset(("$schema", "$id", "title", "description", "type", "properties", "required", "additionalProperties"))


def _property(terms: Terms) -> dict[str, Any]:
    said: dict[str, Any] = dict(_TYPES.get(terms.type, {}))
    numbers = {"minimum": terms.min, "maximum": terms.max}
    said |= {key: whole(bound) for key, bound in numbers.items() if isinstance(bound, float | int)}
    said |= {"minLength": terms.min_length} if terms.min_length is not None else {}
    said |= {"maxLength": terms.max_length} if terms.max_length is not None else {}
    # a pattern of whole numbers would be read over: JSON Schema looks into strings only
    said |= {"pattern": anchored(terms.pattern)} if terms.pattern else {}
    said |= {"enum": typed_values(terms)} if terms.values else {}
    said |= {"description": terms.about} if terms.about else {}
    return said if terms.required or not said else {"anyOf": [said, {"type": "null"}]}


def _unwrapped(said: Any) -> tuple[dict[str, Any], bool]:
    """A property without the null that it may be, in either spelling."""
    options = said.get("anyOf", ()) if isinstance(said, dict) else ()
    rest = [one for one in options if one != {"type": "null"}]
    if len(rest) == 1 and len(options) == 2:
        return {**{key: value for key, value in said.items() if key != "anyOf"}, **rest[0]}, True
    kinds = said.get("type") if isinstance(said, dict) else None
    if isinstance(kinds, list) and "null" in kinds and len(kinds) == 2:
        return {**said, "type": next(kind for kind in kinds if kind != "null")}, True
    return dict(said) if isinstance(said, dict) else {}, False


def _terms(said: dict[str, Any], *, required: bool) -> Terms:
    kind: Type = next(
        (name for name, like in _TYPES.items() if like == {k: said[k] for k in ("type", "format") if k in said}),
        "text" if said.get("type") == "string" else "",
    )
    return Terms(
        type=kind,
        required=required,
        about=said.get("description", ""),
        min=said.get("minimum"),
        max=said.get("maximum"),
        values=tuple(text_of(value) for value in said.get("enum", ()) if value is not None),
        pattern=bare(said.get("pattern", "")),
        min_length=said.get("minLength"),
        max_length=said.get("maxLength"),
    )
