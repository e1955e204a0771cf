"""A contract of a table: what each column, and all of them together, must hold.

A clause that was inferred carries its evidence: how many values it was seen on, how many of them break it already,
and the largest share of clean values to come that would break it by chance alone. A clause that a person wrote carries
none, and one value that breaks it breaks the contract.
"""

from collections.abc import Iterator
from math import ceil, floor, log10
from typing import Any, Literal

from msgspec import Struct, field

Type = Literal["", "integer", "number", "boolean", "date", "datetime", "text"]

CLAUSES = (
    "type",
    "required",
    "unique",
    "range",
    "values",
    "length",
    "pattern",
    "checksum",
    "reference",
)
"""What can be said of one column, in the order in which it is judged."""


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What speaks for a clause.

    Attributes:
        rows: values that it was seen on.
        broken: of these, the values that break it.
        risk: upper bound (95 %) on the share of clean values to come that would break it, in [0, 1].
    """

    rows: int
    broken: int = 0
    risk: float = 0.0


def evidence_of(rows: int, risk: float, *, broken: int = 0) -> Evidence:
    """Evidence with its risk rounded up to three digits, as people read it and files hold it.

    >>> evidence_of(300, 0.0099353)
    Evidence(rows=300, broken=0, risk=0.00994)
    """
    if not 0 < risk < 1:
        return Evidence(rows=rows, broken=broken, risk=min(max(risk, 0.0), 1.0))
    places = 2 - floor(log10(risk))
    return Evidence(rows=rows, broken=broken, risk=round(ceil(risk * 10**places) / 10**places, places))


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another table that must hold every value: a path relative to the declaration, and the column."""

    path: str
    column: str


class Terms(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one column promises; everything unsaid is free.

    Attributes:
        scale: as in `kernel.scales`; told, not judged.
        type: what each text must be readable as.
        required: no value is missing. unique: no value stands twice.
        min, max: bounds that belong to the range; numbers, or ISO dates as text.
        values: the only ones there are, as text.
        pattern: a regular expression that the whole text matches.
        min_length, max_length: in characters.
        checksum: a name of `measures.checksums`.
        unit, about: told, not judged.
        evidence: of each clause, by its name in `CLAUSES`.
    """

    scale: str = ""
    type: Type = ""
    unit: str = ""
    about: str = ""
    required: bool = False
    unique: bool = False
    min: float | str | None = None
    max: float | str | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    min_length: int | None = None
    max_length: int | None = None
    checksum: str = ""
    reference: Reference | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def says(self, clause: str) -> Any:
        """What a clause of `CLAUSES` says; None if the column does not promise it.

        >>> Terms(min=0, values=("a", "b")).says("range"), Terms().says("values")
        ((0, None), None)
        """
        if clause == "range":
            return None if self.min is None and self.max is None else (self.min, self.max)
        if clause == "length":
            bounds = (self.min_length, self.max_length)
            return None if bounds == (None, None) else bounds
        return getattr(self, clause) or None


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What must hold of each row, in the language of `[data.rules]`."""

    rule: str
    evidence: Evidence | None = None


class Key(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Columns that together name a row."""

    columns: tuple[str, ...]
    evidence: Evidence | None = None


class Contract(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole promise.

    Attributes:
        name: of the table.
        edition: counts up whenever the promise changes.
        rows: that it was inferred from; 0 if a person wrote it.
        closed: whether columns that it does not name are a breach.
        optional: columns that may be absent from a table.
        keys, rules: across columns.
    """

    name: str = ""
    edition: int = 1
    rows: int = 0
    closed: bool = False
    optional: tuple[str, ...] = ()
    columns: dict[str, Terms] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    rules: dict[str, Rule] = field(default_factory=dict)

    def clauses(self) -> Iterator[tuple[str, str, Any, Evidence | None]]:
        """Every clause of a column: the column, the clause, what it says, its evidence.

        >>> list(Contract(columns={"a": Terms(required=True)}).clauses())
        [('a', 'required', True, None)]
        """
        for name, terms in self.columns.items():
            for clause in CLAUSES:
                said = terms.says(clause)
                if said is not None:
                    yield name, clause, said, terms.evidence.get(clause)

    def risk(self) -> float:
        """Breaking cells to expect in a clean row at most, by the evidence: the sum of the risks of all clauses."""
        single = sum(evidence.risk for *_, evidence in self.clauses() if evidence)
        across = [*(key.evidence for key in self.keys), *(rule.evidence for rule in self.rules.values())]
        return single + sum(evidence.risk for evidence in across if evidence)
