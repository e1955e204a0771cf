"""A contract from data: clauses that one part of the rows proposes and the others keep.

Each clause is proposed from the first two thirds of the rows and held against the last third, so that a promise that
time breaks is not made; and from every row but each third, so that one that chance breaks is not made either. What
survives is proposed once more from all rows, with its evidence.
"""

from collections.abc import Iterator, Mapping

import polars as pl
from msgspec.structs import replace

from roadworthy.data.contract.across import find_keys, find_rules
from roadworthy.data.contract.columns import Seen, in_seconds, seen, type_of
from roadworthy.data.contract.holding import broken
from roadworthy.data.contract.proposing import ENOUGH, PROPOSALS, Proposal
from roadworthy.data.contract.terms import Contract, Reference, Terms, evidence_of
from roadworthy.measures.unseen import share_above

_ROW = "row_key"


def infer(
    frame: pl.DataFrame,
    scales: Mapping[str, str],
    *,
    texts: pl.DataFrame | None = None,
    name: str = "",
    others: Mapping[str, pl.DataFrame] | None = None,
) -> Contract:
    """What a table promises, by what it holds.

    Args:
        frame: typed values.
        scales: column to scale; a column without one gets no clause that needs it.
        texts: the cells as they were read, where they were kept.
        name: of the table.
        others: tables that columns may refer to, by the path under which they will be found.

    Returns:
        A contract that every row of the frame keeps.

    >>> frame = pl.DataFrame({"grade": ["a", "b", "c"] * 100})
    >>> infer(frame, {"grade": "nominal"}).columns["grade"].values
    ('a', 'b', 'c')
    """
    columns = {column: _terms(frame, column, scales, texts) for column in frame.columns if column != _ROW}
    columns = {column: _referring(frame, column, terms, others or {}) for column, terms in columns.items()}
    return Contract(
        name=name,
        rows=frame.height,
        columns=columns,
        keys=find_keys(frame, columns),
        rules=find_rules(in_seconds(frame), columns),
    )


def _terms(frame: pl.DataFrame, name: str, scales: Mapping[str, str], texts: pl.DataFrame | None) -> Terms:
    """The clauses of one column that survive."""
    kind, scale = type_of(frame, name, scales=scales, texts=texts), scales.get(name, "")
    column = seen(frame, name, kind, texts=texts)
    terms = Terms(scale=scale)
    for clause, propose in PROPOSALS.items():
        if _said_already(clause, terms):
            continue
        found = propose(column, scale, 0.0)
        if found is None:
            continue
        kept = _kept(column, clause, scale)
        if not kept and clause == "range":
            found, kept = _half(found), True
        if kept and found.fields:
            terms = replace(terms, **found.fields, evidence=terms.evidence | {clause: found.evidence})
    return terms


def _said_already(clause: str, terms: Terms) -> bool:
    """Whether a tighter clause makes this one needless."""
    if clause == "range":
        return terms.unique or (terms.type == "integer" and bool(terms.pattern))
    if clause == "length":
        return bool(terms.values or (terms.pattern and not set("+*") & set(terms.pattern)))
    return clause == "pattern" and bool(terms.values)


def _kept(column: Seen, clause: str, scale: str) -> bool:
    """Whether what some rows propose is kept by the others; where too few are left to propose, it is."""
    for fit, held in _parts(column.rows):
        found = PROPOSALS[clause](column.part(fit), scale, 0.0)
        if found is None:
            continue
        said = Terms(scale=scale, **found.fields).says(clause)
        if broken(column.part(held), clause, said).any() and not _foreseen(column.part(held), clause, said, found):
            return False
    return True


def _foreseen(held: Seen, clause: str, said: object, found: Proposal) -> bool:
    """One value in a part that a rare one may well fall into is no sign against a closed set."""
    count = int(broken(held, clause, said).sum())
    return count <= 1 and clause in ("values", "pattern", "range", "length") and found.evidence.rows >= 10 * ENOUGH


def _parts(rows: int) -> Iterator[tuple[pl.Series, pl.Series]]:
    """Rows to propose from, and rows to hold the proposal against."""
    place = pl.int_range(rows, eager=True)
    late = place >= rows - rows // 3
    yield ~late, late
    # a step that no period of the rows (hours of a day, rooms of a house) divides
    third = (place * 7919) % 10_007 < 10_007 // 3
    yield ~third, third


def _half(found: Proposal) -> Proposal:
    """Of a range that did not hold, the natural lower end."""
    low = found.fields["min"]
    return Proposal({"min": 0.0} if low == 0 else {}, found.evidence)


def _referring(frame: pl.DataFrame, name: str, terms: Terms, others: Mapping[str, pl.DataFrame]) -> Terms:
    """With the table that holds all its values, each once, if there is one."""
    values = frame[name].cast(pl.String, strict=False).drop_nulls()
    distinct = values.unique()
    if distinct.len() < 2 or terms.scale == "continuous":
        return terms
    for path, other in others.items():
        for column in other.columns:
            listed = other[column].cast(pl.String, strict=False).drop_nulls()
            if listed.n_unique() == listed.len() >= distinct.len() and distinct.is_in(listed.to_list()).all():
                evidence = evidence_of(values.len(), share_above(0, values.len()))
                return replace(
                    terms,
                    reference=Reference(path=path, column=column),
                    evidence=terms.evidence | {"reference": evidence},
                )
    return terms
