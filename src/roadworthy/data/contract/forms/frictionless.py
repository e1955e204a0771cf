"""Frictionless Table Schema (https://datapackage.org/standard/table-schema/)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from roadworthy.data.contract.forms.form import (
    Read,
    Written,
    bare,
    foreign,
    table,
    text_of,
    typed_values,
    unsaid,
    whole,
)
from roadworthy.data.contract.terms import Contract, Key, Reference, Terms, Type

_SAYS = ("type", "required", "unique", "range", "values", "length", "pattern", "reference")
_TYPES: Mapping[Type, str] = MappingProxyType(
    {
        "integer": "integer",
        "number": "number",
        "boolean": "boolean",
        "date": "date",
        "datetime": "datetime",
        "text": "string",
    }
)
_BACK: Mapping[str, Type] = MappingProxyType({name: kind for kind, name in _TYPES.items()} | {"any": ""})
_CONSTRAINTS = frozenset(("required", "unique", "minimum", "maximum", "enum", "minLength", "maxLength", "pattern"))
_FIELD = frozenset(("name", "type", "description", "constraints", "unit"))
_TOP = frozenset(("$schema", "fields", "primaryKey", "foreignKeys", "name", "missingValues", "fieldsMatch"))


def to_frictionless(contract: Contract) -> Written:
    """A Table Schema.

    >>> to_frictionless(Contract(columns={"a": Terms(type="text", unique=True)})).body["fields"]
    [{'name': 'a', 'type': 'string', 'constraints': {'unique': True}}]
    """
    left = list(unsaid(contract, _SAYS, keys=True))
    left += [f"key {' + '.join(key.columns)}" for key in contract.keys[1:]]
    left += [note for name, terms in contract.columns.items() for note in foreign(name, terms.pattern)]
    fields = []
    for name, terms in contract.columns.items():
        if terms.pattern and terms.type not in ("text", ""):
            left.append(f"column {name!r}: pattern {terms.pattern}, since only texts may have one")
        fields.append(_field(name, terms))
    body: dict[str, Any] = {"fields": fields, "missingValues": ["", "NA", "N/A", "NaN", "null"]}
    body |= {"fieldsMatch": "exact" if contract.closed else "superset"} if contract.columns else {}
    body |= {"primaryKey": list(contract.keys[0].columns)} if contract.keys else {}
    references = [(name, terms.reference) for name, terms in contract.columns.items() if terms.reference]
    if references:
        body["foreignKeys"] = [
            {"fields": [name], "reference": {"resource": other.path, "fields": [other.column]}}
            for name, other in references
        ]
    return Written(body=body, left_out=tuple(left))


def from_frictionless(body: Any) -> Read:
    """A contract of the fields.

    Raises:
        DataError: if there are none.
    """
    fields = table(body, "fields", of="Table Schema")
    left = [f"the table: {key}" for key in body if key not in _TOP]
    columns: dict[str, Terms] = {}
    for field in fields:
        name, said = str(table(field, "name", of="field of a Table Schema")), field.get("constraints", {})
        left += [f"column {name!r}: {key} {field[key]}" for key in field if key not in _FIELD]
        left += [f"column {name!r}: {key} {said[key]}" for key in said if key not in _CONSTRAINTS]
        if field.get("type", "any") not in _BACK:
            left.append(f"column {name!r}: type {field['type']}")
        columns[name] = _terms(field, said)
    for key in body.get("foreignKeys", ()):
        left += _refer(key, columns)
    primary = body.get("primaryKey", ())
    primary = [primary] if isinstance(primary, str) else list(primary)
    closed = body.get("fieldsMatch") in ("exact", ["exact"])
    keys = (Key(columns=tuple(primary)),) if primary else ()
    return Read(contract=Contract(columns=columns, keys=keys, closed=closed), left_out=tuple(left))


def _field(name: str, terms: Terms) -> dict[str, Any]:
    said: dict[str, Any] = {
        "required": terms.required or None,
        "unique": terms.unique or None,
        "minimum": None if terms.min is None else whole(terms.min),
        "maximum": None if terms.max is None else whole(terms.max),
        "enum": typed_values(terms) or None,
        "minLength": terms.min_length,
        "maxLength": terms.max_length,
        "pattern": terms.pattern or None if terms.type in ("text", "") else None,
    }
    kept = {key: value for key, value in said.items() if value is not None}
    field = {"name": name, "type": _TYPES.get(terms.type, "any" if not kept.get("pattern") else "string")}
    more = {"description": terms.about, "unit": terms.unit, "constraints": kept}
    return field | {key: value for key, value in more.items() if value}


def _terms(field: dict[str, Any], said: dict[str, Any]) -> Terms:
    return Terms(
        type=_BACK.get(field.get("type", "any"), ""),
        about=field.get("description", ""),
        unit=field.get("unit", ""),
        required=bool(said.get("required")),
        unique=bool(said.get("unique")),
        min=said.get("minimum"),
        max=said.get("maximum"),
        values=tuple(map(text_of, said.get("enum", ()))),
        pattern=bare(said.get("pattern", "")),
        min_length=said.get("minLength"),
        max_length=said.get("maxLength"),
    )


def _refer(key: dict[str, Any], columns: dict[str, Terms]) -> list[str]:
    """A foreign key of one column becomes a reference; of several, a line of what was left out."""
    here, other = key.get("fields", ()), key.get("reference", {})
    here, there = ([one] if isinstance(one, str) else list(one) for one in (here, other.get("fields", ())))
    if len(here) != 1 or len(there) != 1 or here[0] not in columns or not other.get("resource"):
        return [f"foreign key of {', '.join(map(str, here))}"]
    fields = {name: getattr(columns[here[0]], name) for name in Terms.__struct_fields__}
    columns[here[0]] = Terms(**fields | {"reference": Reference(path=other["resource"], column=there[0])})
    return []
