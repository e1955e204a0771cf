"""What is read of a table."""

import re
from fnmatch import fnmatchcase

import polars as pl

from roadworthy.bundle.inputs import InputType
from roadworthy.bundle.steps.tables import DateParts, Rank, Truth
from roadworthy.bundle.steps.texts import ColumnText
from roadworthy.declare.data import Column
from roadworthy.declare.declaration import Declaration
from roadworthy.features.plan import FixedStep, Plan, known, text_terms
from roadworthy.kernel.errors import DataError

BOOKKEEPING = ("row_key", "archive", "member", "offset", "raw_sha256")
_NAME = re.compile(r"[A-Za-z_]\w*")
_FEW_VALUES = 50
_WORDS_OF_TEXT = 4
_SCALES = {"continuous": "number", "discrete": "number", "nominal": "category", "binary": "category"}


def table_plan(table: pl.DataFrame, declaration: Declaration) -> Plan:
    """A step for each column that may be read, chosen by its scale; the scale is inferred where it is not declared.

    Raises:
        DataError: if a declared column is not there, or may not be read.
    """
    said, barred = declaration.features, barred_columns(table, declaration)
    texts = known(said.text.columns if said.text else (), table.columns, where="[features] text")
    named = known((*said.columns, *said.extra), table.columns, where="[features] columns")
    entity = said.reputation.entity if said.reputation else ""
    for name in (*named, *texts, entity):
        if name in barred:
            raise DataError(f"{name!r} may not be read: it is {barred[name]}", where="[features]", fix="leave it out")
    known([entity], ["", *table.columns], where="[features] reputation")
    chosen = [name for name in named or table.columns if name not in barred and name not in texts]
    roles = {name: _role(table[name], declaration.data.columns.get(name, Column())) for name in chosen}
    roles |= _repaired_roles(roles, declaration)
    texts = texts or tuple(name for name, role in roles.items() if role == "text")
    text = ColumnText(columns=texts, redact=declaration.data.redact)
    filled = {name: column for name, column in declaration.data.columns.items() if column.impute and name in roles}
    ranks = {name: Rank(column=name, order=declaration.data.columns[name].order) for name in _of("rank", roles)}
    return Plan(
        fixed=tuple(
            ranks[name] if role == "rank" else _fixed(name, role)
            for name, role in roles.items()
            if role in {"date", "truth"} or (role == "rank" and name not in filled)
        ),
        numbers=_of("number", roles),
        categories=_of("category", roles),
        ranks=tuple(rank for name, rank in ranks.items() if name in filled),
        said=filled,
        repairs={name: kinds for name, kinds in declaration.data.repair.items() if name in roles},
        terms=text_terms(text, said.text) if texts else (),
        reputation=entity,
        time=_time(entity, declaration),
        types={name: _type(table[name]) for name in table.columns},
    )


def _repaired_roles(roles: dict[str, str], declaration: Declaration) -> dict[str, str]:
    """What repaired columns are read as: a number where a unit is taken off, else the category that they are."""
    found = {}
    for name, kinds in declaration.data.repair.items():
        if name not in roles:
            continue
        found[name] = "number" if "unit" in kinds else roles[name]
        if found[name] not in {"number", "category"}:
            raise DataError(
                f"{name!r} is read as {found[name]}, which is not repaired",
                where=f"[data.repair] {name}",
                fix="repair numbers and categories only",
            )
    return found


def barred_columns(table: pl.DataFrame, declaration: Declaration) -> dict[str, str]:
    """Columns that a model may not read, and why."""
    problem, data = declaration.problem, declaration.data
    barred = dict.fromkeys(BOOKKEEPING, "provenance")
    for pattern in data.leaks:
        leaks = [name for name in table.columns if fnmatchcase(name.lower(), pattern.lower())]
        barred |= dict.fromkeys(leaks, "a declared leak")
    barred |= {data.key: "the key", data.time: "the time"}
    if not problem.use_protected:
        barred |= dict.fromkeys(problem.protected, "protected")
        barred |= _kin(problem.protected, data.derive)
    barred |= {name: "derived from the target" for name, how in data.derive.items() if problem.target in _names(how)}
    barred |= {problem.target: "the target"}
    return {name: why for name, why in barred.items() if name in table.columns}


def _kin(protected: tuple[str, ...], derive: dict[str, str]) -> dict[str, str]:
    """Columns that tell a protected one: those it is derived from, and those derived from it or from these."""
    sources = {
        name: f"what the protected {column!r} is derived from"
        for column in protected
        for name in _names(derive.get(column, ""))
    }
    telling = {*protected, *sources}
    return sources | {name: "derived from a protected column" for name, how in derive.items() if _names(how) & telling}


def _names(expression: str) -> set[str]:
    unquoted = re.sub(r"\"[^\"]*\"|'[^']*'", " ", expression)
    return set(_NAME.findall(unquoted))


def _role(values: pl.Series, column: Column) -> str:
    """number, category, rank, truth, date, text or identifier."""
    if column.order:
        return "rank"
    if column.scale is not None:
        declared = {"datetime": "date", "ordinal": "category", "identifier": "identifier", "text": "text"}
        return (_SCALES | declared)[column.scale]
    if values.dtype == pl.Boolean:
        return "truth"
    if values.dtype.is_numeric():
        return "number"
    if values.dtype.is_temporal():
        return "date"
    return _role_of_words(values.drop_nulls().cast(pl.String)) if not values.dtype.is_nested() else "identifier"


def _role_of_words(values: pl.Series) -> str:
    distinct = values.n_unique()
    if distinct <= _FEW_VALUES or distinct <= 0.05 * len(values):
        return "category"
    words = values.str.count_matches(r"\s+").mean()
    return "text" if isinstance(words, float) and words + 1 >= _WORDS_OF_TEXT else "identifier"


def _fixed(name: str, role: str) -> FixedStep:
    return DateParts(column=name) if role == "date" else Truth(column=name)


def _of(role: str, roles: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name, found in roles.items() if found == role)


def _time(entity: str, declaration: Declaration) -> str:
    if entity and not declaration.data.time:
        raise DataError(
            f"the past of {entity!r} is not known, since no column tells the time",
            where="[features] reputation",
            fix="declare [data] time, or leave the reputation out",
        )
    return declaration.data.time


def _type(values: pl.Series) -> InputType:
    if values.dtype == pl.Boolean:
        return "boolean"
    if values.dtype.is_numeric():
        return "number"
    return "date" if values.dtype.is_temporal() else "list" if values.dtype.is_nested() else "text"
