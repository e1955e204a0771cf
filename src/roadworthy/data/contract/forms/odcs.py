"""Open Data Contract Standard, version 3.1 (https://bitol-io.github.io/open-data-contract-standard/)."""

from collections.abc import Mapping
from pathlib import PurePosixPath
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
from roadworthy.kernel.errors import DataError

API = "v3.1.0"

_SAYS = ("type", "required", "unique", "range", "values", "length", "pattern", "reference")
_TYPES: Mapping[Type, str] = MappingProxyType(
    {
        "integer": "integer",
        "number": "number",
        "boolean": "boolean",
        "date": "date",
        "datetime": "timestamp",
        "text": "string",
    }
)
_BACK: Mapping[str, Type] = MappingProxyType({name: kind for kind, name in _TYPES.items()})
_PROPERTY = frozenset(
    ("name", "description", "logicalType", "logicalTypeOptions", "required", "unique", "primaryKey", "quality", "id")
) | {"primaryKeyPosition", "relationships", "customProperties", "physicalName", "businessName"}
_OPTIONS = frozenset(("minimum", "maximum", "minLength", "maxLength", "pattern"))


def to_odcs(contract: Contract, *, identifier: str = "", status: str = "draft") -> Written:
    """A data contract of one table.

    Args:
        identifier: unique among contracts; the name by default.
        status: draft, active, deprecated ...

    >>> said = to_odcs(Contract(name="t", columns={"a": Terms(type="text", pattern="[a-z]+")})).body
    >>> said["schema"][0]["properties"][0]["logicalTypeOptions"]
    {'pattern': '[a-z]+'}
    """
    left = list(unsaid(contract, _SAYS, keys=True, closed=False))
    left += [f"key {' + '.join(key.columns)}" for key in contract.keys[1:]]
    left += [f"column {name!r}: that it may be absent" for name in contract.optional]
    properties = []
    for name, terms in contract.columns.items():
        left += foreign(name, terms.pattern)
        left += _unfit(name, terms)
        properties.append(_property(name, terms, contract))
    table_name = contract.name or "table"
    body = {
        "apiVersion": API,
        "kind": "DataContract",
        "id": identifier or table_name,
        "name": table_name,
        "version": str(contract.edition),
        "status": status,
        "schema": [{"name": table_name, "logicalType": "object", "properties": properties}],
    }
    return Written(body=body, left_out=tuple(left))


def from_odcs(body: Any, *, of: str = "") -> Read:
    """A contract of one table of a data contract.

    Args:
        of: the table's name, where there are several.

    Raises:
        DataError: if it has no such table, or several and none is named.
    """
    tables = {str(one.get("name", "")): one for one in table(body, "schema", of="data contract") or ()}
    name = of or next(iter(tables), "")
    if name not in tables or (not of and len(tables) > 1):
        raise DataError(
            f"the data contract has {len(tables)} tables" + (f", and none is {of!r}" if of else ""),
            where="schema",
            fix=f"name one of {', '.join(tables)}" if tables else "give a data contract with a schema",
        )
    left = [
        f"the table: {key}" for key in tables[name] if key not in ("name", "logicalType", "properties", "physicalName")
    ]
    columns: dict[str, Terms] = {}
    keys: list[tuple[int, str]] = []
    for said in tables[name].get("properties") or ():
        column = str(table(said, "name", of="property of a data contract"))
        left += [f"column {column!r}: {key}" for key in said if key not in _PROPERTY]
        columns[column], more = _terms(said)
        left += [f"column {column!r}: {note}" for note in more]
        if said.get("primaryKey"):
            keys.append((int(said.get("primaryKeyPosition", len(keys) + 1)), column))
    key = tuple(column for _, column in sorted(keys))
    edition = str(body.get("version", "1")).partition(".")[0]
    contract = Contract(
        name=name,
        edition=int(edition) if edition.isdigit() and int(edition) else 1,
        columns=columns,
        keys=(Key(columns=key),) if key else (),
    )
    return Read(contract=contract, left_out=tuple(left))


def _options(terms: Terms) -> dict[str, Any]:
    """What the logical type admits: lengths and patterns of texts, bounds of numbers and dates."""
    if terms.type in ("text", ""):
        said: dict[str, Any] = {
            "minLength": terms.min_length,
            "maxLength": terms.max_length,
            "pattern": terms.pattern or None,
        }
    elif terms.type == "boolean":
        return {}
    else:
        said = {"minimum": terms.min, "maximum": terms.max}
    return {
        key: whole(value) if isinstance(value, float) else value for key, value in said.items() if value is not None
    }


def _unfit(name: str, terms: Terms) -> list[str]:
    """Clauses that the standard does not admit for the column's type."""
    texts = terms.type in ("text", "")
    clauses = ("range",) if texts else ("length", "pattern")
    return [
        f"column {name!r}: {clause} {terms.says(clause)}, which {_TYPES.get(terms.type, 'string')} cannot have"
        for clause in clauses
        if terms.says(clause) is not None
    ]


def _property(name: str, terms: Terms, contract: Contract) -> dict[str, Any]:
    said: dict[str, Any] = {"name": name, "logicalType": _TYPES.get(terms.type, "string")}
    options, key = _options(terms), contract.keys[0].columns if contract.keys else ()
    said |= {"description": terms.about} if terms.about else {}
    said |= {"required": True} if terms.required else {}
    said |= {"unique": True} if terms.unique else {}
    said |= {"primaryKey": True, "primaryKeyPosition": key.index(name) + 1} if name in key else {}
    said |= {"logicalTypeOptions": options} if options else {}
    if terms.values:
        said["quality"] = [
            {
                "type": "library",
                "metric": "invalidValues",
                "arguments": {"validValues": typed_values(terms)},
                "mustBe": 0,
            }
        ]
    if terms.reference:
        other = PurePosixPath(terms.reference.path)
        said["relationships"] = [{"type": "foreignKey", "to": f"{_word(other.stem)}.{_word(terms.reference.column)}"}]
        said["customProperties"] = [
            {"property": "referencePath", "value": terms.reference.path},
            {"property": "referenceColumn", "value": terms.reference.column},
        ]
    return said


def _word(name: str) -> str:
    """A name as references of the standard may hold it."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name) or "_"


def _terms(said: dict[str, Any]) -> tuple[Terms, list[str]]:
    options, own = said.get("logicalTypeOptions") or {}, {}
    left = [f"{key} {value}" for key, value in options.items() if key not in _OPTIONS]
    for one in said.get("customProperties") or ():
        own[one.get("property")] = one.get("value")
    left += [f"custom property {key}" for key in own if key not in ("referencePath", "referenceColumn")]
    values: tuple[str, ...] = ()
    for rule in said.get("quality") or ():
        listed = (rule.get("arguments") or {}).get("validValues")
        if rule.get("metric", rule.get("rule")) == "invalidValues" and listed and rule.get("mustBe") == 0:
            values = tuple(map(text_of, listed))
        else:
            left.append(f"quality {rule.get('name') or rule.get('metric') or rule.get('rule') or rule.get('type')}")
    reference = None
    if {"referencePath", "referenceColumn"} <= set(own):
        reference = Reference(path=str(own["referencePath"]), column=str(own["referenceColumn"]))
    elif said.get("relationships"):
        left.append(f"relationship to {said['relationships'][0].get('to')}")
    kind = _BACK.get(said.get("logicalType", ""), "")
    left += [f"logicalType {said['logicalType']}"] if said.get("logicalType") not in (None, *_BACK) else []
    terms = Terms(
        type=kind,
        about=said.get("description", ""),
        required=bool(said.get("required")),
        unique=bool(said.get("unique")),
        min=options.get("minimum"),
        max=options.get("maximum"),
        values=values,
        pattern=bare(options.get("pattern", "")),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        reference=reference,
    )
    return terms, left
