"""Pandera's serialised DataFrameSchema (`from_json`, `from_yaml`; JSON is YAML too)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from roadworthy.data.contract.forms.form import (
    Read,
    Written,
    anchored,
    bare,
    table,
    text_of,
    typed_values,
    unsaid,
    whole,
)
from roadworthy.data.contract.terms import Contract, Key, Terms, Type

_SAYS = ("type", "required", "unique", "range", "values", "length", "pattern")
_TYPES: Mapping[Type, str] = MappingProxyType(
    {
        "integer": "Int64",
        "number": "float64",
        "boolean": "boolean",
        "date": "datetime64[ns]",
        "datetime": "datetime64[ns]",
        "text": "object",
    }
)
_BACK: Mapping[str, Type] = MappingProxyType(
    {
        "datetime64": "datetime",
        "int": "integer",
        "uint": "integer",
        "float": "number",
        "bool": "boolean",
        "str": "text",
        "object": "text",
        "category": "text",
    }
)
_COLUMN = frozenset(("title", "description", "dtype", "nullable", "unique", "coerce", "required", "regex", "checks"))
_TOP = frozenset(("schema_type", "api", "version", "columns", "strict", "name", "unique", "coerce", "ordered"))


def to_pandera(contract: Contract) -> Written:
    """A schema that pandera reads with `DataFrameSchema.from_json`.

    >>> to_pandera(Contract(columns={"a": Terms(type="number", max=3)})).body["columns"]
    {'a': {'dtype': 'float64', 'nullable': True, 'less_than_or_equal_to': 3}}
    """
    left = list(unsaid(contract, _SAYS, keys=True))
    left += [f"key {' + '.join(key.columns)}" for key in contract.keys[1:]]
    columns: dict[str, Any] = {}
    for name, terms in contract.columns.items():
        if terms.pattern and terms.type not in ("text", ""):
            left.append(f"column {name!r}: pattern {terms.pattern}, since only texts may have one")
        columns[name] = _column(terms) | ({"required": False} if name in contract.optional else {})
    body: dict[str, Any] = {"schema_type": "dataframe", "api": "pandas", "columns": columns}
    body |= {"strict": True} if contract.closed else {}
    body |= {"name": contract.name} if contract.name else {}
    body |= {"unique": list(contract.keys[0].columns)} if contract.keys else {}
    return Written(body=body, left_out=tuple(left))


def from_pandera(body: Any) -> Read:
    """A contract of the columns; checks that are not built into pandera are listed.

    Raises:
        DataError: if there are no columns.
    """
    said = table(body, "columns", of="schema of pandera") or {}
    left = [f"the table: {key}" for key, value in body.items() if key not in _TOP and value]
    columns: dict[str, Terms] = {}
    for name, column in said.items():
        checks = {key: value for key, value in column.items() if key not in _COLUMN} | dict(column.get("checks") or {})
        columns[name], more = _terms(column, {key: _plain(value) for key, value in checks.items()})
        left += [f"column {name!r}: {note}" for note in more]
    unique = body.get("unique") or ()
    unique = [unique] if isinstance(unique, str) else list(unique)
    contract = Contract(
        name=str(body.get("name") or ""),
        closed=body.get("strict") is True,
        optional=tuple(name for name, column in said.items() if column.get("required") is False),
        columns=columns,
        keys=(Key(columns=tuple(unique)),) if unique else (),
    )
    return Read(contract=contract, left_out=tuple(left))


def _column(terms: Terms) -> dict[str, Any]:
    said: dict[str, Any] = {"description": terms.about} if terms.about else {}
    said |= {"dtype": _TYPES[terms.type]} if terms.type else {}
    said |= {} if terms.required else {"nullable": True}
    said |= {"unique": True} if terms.unique else {}
    said |= {"greater_than_or_equal_to": whole(terms.min)} if terms.min is not None else {}
    said |= {"less_than_or_equal_to": whole(terms.max)} if terms.max is not None else {}
    said |= {"isin": typed_values(terms)} if terms.values else {}
    said |= {"str_matches": anchored(terms.pattern)} if terms.pattern and terms.type in ("text", "") else {}
    lengths = {"min_value": terms.min_length, "max_value": terms.max_length}
    return said | ({"str_length": lengths} if any(value is not None for value in lengths.values()) else {})


def _plain(check: Any) -> Any:
    """A check's argument; older versions wrap it together with options."""
    if not isinstance(check, dict):
        return check
    inner = {key: value for key, value in check.items() if key != "options"}
    return inner["value"] if set(inner) == {"value"} else inner


def _terms(column: dict[str, Any], checks: dict[str, Any]) -> tuple[Terms, list[str]]:
    ends = checks.pop("in_range", None) or {}
    left = [
        f"{key} {ends['min_value']}..{ends['max_value']}"
        for key in ("include_min", "include_max")
        if ends and not ends.get(key, True)
    ]
    lengths = checks.pop("str_length", None) or {}
    exact = lengths.get("exact_value")
    dtype = str(column.get("dtype") or "").lower()
    terms = Terms(
        type=next((kind for start, kind in _BACK.items() if dtype.startswith(start)), ""),
        about=column.get("description") or "",
        required=not column.get("nullable", False),
        unique=bool(column.get("unique", False)),
        min=checks.pop("greater_than_or_equal_to", ends.get("min_value")),
        max=checks.pop("less_than_or_equal_to", ends.get("max_value")),
        values=tuple(map(text_of, checks.pop("isin", ()))),
        pattern=bare(checks.pop("str_matches", "")),
        min_length=lengths.get("min_value") if exact is None else exact,
        max_length=lengths.get("max_value") if exact is None else exact,
    )
    return terms, left + [f"check {key} {value}" for key, value in checks.items()]
