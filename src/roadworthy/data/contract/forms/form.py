"""What another form can say of a contract, and what it cannot: that is listed, never dropped in silence."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from roadworthy.data.contract.terms import CLAUSES, Contract, Terms
from roadworthy.kernel.errors import DataError


class Written(Struct, frozen=True, kw_only=True):
    """A contract in another form.

    Attributes:
        body: what `json.dumps` (or a YAML writer) takes.
        left_out: what the form cannot say, one line each.
    """

    body: dict[str, Any]
    left_out: tuple[str, ...] = ()


class Read(Struct, frozen=True, kw_only=True):
    """A contract out of another form.

    Attributes:
        left_out: what the other form says and a contract cannot, one line each.
    """

    contract: Contract
    left_out: tuple[str, ...] = ()


def unsaid(contract: Contract, clauses: Collection[str], *, keys: bool, closed: bool = True) -> Iterator[str]:
    """What a form leaves out that knows these clauses of columns (and keys, and whether other columns may come)."""
    for name, terms in contract.columns.items():
        for clause in CLAUSES:
            said = terms.says(clause)
            if said is not None and clause not in clauses:
                yield f"column {name!r}: {clause} {said}"
    if not keys:
        yield from (f"key {' + '.join(key.columns)}" for key in contract.keys)
    if contract.closed and not closed:
        yield "that no other column may come"
    yield from (f"rule {name}: {rule.rule}" for name, rule in contract.rules.items())
    if any(terms.evidence for terms in contract.columns.values()):
        yield "the evidence of all clauses"


def foreign(name: str, patterns: str) -> Iterator[str]:
    """A note where a pattern reads letters of all scripts, which other dialects read as those of English."""
    if r"\W" in patterns:
        yield f"column {name!r}: that its letters may be of any script ({patterns})"


def anchored(pattern: str) -> str:
    """A pattern for the whole text, for forms that search in it."""
    return f"^(?:{pattern})$"


def bare(pattern: str) -> str:
    """A pattern without the anchors that a contract's patterns do not need.

    >>> bare("^(?:a|b)$"), bare("^[0-9]+$"), bare("a.*")
    ('a|b', '[0-9]+', 'a.*')
    """
    if pattern.startswith("^(?:") and pattern.endswith(")$"):
        return pattern[4:-2]
    if pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern:
        return pattern[1:-1]
    return pattern


def typed_values(terms: Terms) -> list[Any]:
    """The allowed values as the form's own kind: numbers of whole numbers, truths of booleans, else texts."""
    if terms.type == "integer":
        return [int(value) for value in terms.values]
    return [float(value) for value in terms.values] if terms.type == "number" else list(terms.values)


def whole(bound: float | str) -> Any:
    """A bound without a needless `.0`."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def text_of(value: Any) -> str:
    """An allowed value as a contract holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def table(body: Any, key: str, *, of: str) -> Any:
    """A part of a document that must be there.

    Raises:
        DataError: if it is not.
    """
    if not isinstance(body, Mapping) or key not in body:
        raise DataError(f"this is no {of}: it has no {key!r}", where=of, fix=f"give a document with {key!r}")
    return body[key]
