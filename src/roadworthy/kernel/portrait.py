"""What a first look at a table shows: one record for the page, the terminal and machines."""

from msgspec import Struct, field

from roadworthy.kernel.finding import Finding


class Bin(Struct, frozen=True):
    """Rows between two values, both as people read them."""

    low: str
    high: str
    rows: int


class ValueCount(Struct, frozen=True):
    """One value, as people read it, and how many rows hold it."""

    value: str
    rows: int


class PatternCount(Struct, frozen=True):
    """A shape of text (`Aa9-9`), how many rows have it, and one of them."""

    pattern: str
    rows: int
    example: str


class ColumnPortrait(Struct, frozen=True, kw_only=True):
    """One column.

    Attributes:
        type: number, integer, text, boolean, datetime, ...
        scale: see `kernel.scales`; `reason` and `confidence` (in [0, 1]) say why it was taken for that.
        rows: all, missing ones too.
        missing: rows without a value.
        distinct: how many different values; an estimate unless `exact`.
        numbers: min, p5, p25, median, p75, p95, max, mean, sd, as far as the scale allows; as people read them.
        bins: the histogram of a quantity or of times; ascending.
        top: the most frequent values, most first; empty where values should not be shown.
        lengths: least, mean and greatest number of characters of a text.
        patterns: the most frequent shapes of a text.
        masked: whether values are kept back, since they look personal.
        suspects: how many cells are likely wrong.
    """

    name: str
    type: str
    scale: str
    rows: int
    missing: int
    distinct: int
    exact: bool = True
    reason: str = ""
    confidence: float = 1.0
    numbers: dict[str, str] = field(default_factory=dict)
    bins: list[Bin] = field(default_factory=list)
    top: list[ValueCount] = field(default_factory=list)
    lengths: tuple[int, float, int] | None = None
    patterns: list[PatternCount] = field(default_factory=list)
    masked: bool = False
    suspects: int = 0


class Suspect(Struct, frozen=True, kw_only=True):
    """A cell that is likely wrong, and what it should perhaps be; `rows` cells are alike, `row` is the first."""

    row: str
    column: str
    value: str | None
    proposal: str | None
    likelihood: float
    reason: str
    rows: int = 1


class DimensionScore(Struct, frozen=True, kw_only=True):
    """How much of a table is free of breaches in one dimension of quality; with its interval, if it is a share."""

    dimension: str
    score: float
    low: float
    high: float
    breaches: int
    worst: str = ""


class Related(Struct, frozen=True, kw_only=True):
    """Two columns that go together: Pearson or rank correlation in [-1, 1], or association in [0, 1]."""

    first: str
    second: str
    strength: float
    kind: str


class Absence(Struct, frozen=True):
    """Columns that are missing together, and in how many sampled rows."""

    columns: list[str]
    rows: int


class TablePortrait(Struct, frozen=True, kw_only=True):
    """A table at first sight.

    Attributes:
        name: the file or table.
        kind: what it was read as.
        rows, columns: its size; `columns` in the table's order.
        sampled: rows that relations, absences and `sample` rest on.
        repeated: share of rows that repeat an earlier one.
        scores: the six dimensions of quality.
        findings: worst first.
        suspects: the likeliest wrong cells.
        suspected: how many there are in all.
        sample: some rows, as text; None is missing; personal columns are masked.
    """

    name: str
    kind: str
    rows: int
    columns: list[ColumnPortrait]
    bytes: int = 0
    sampled: int = 0
    repeated: float = 0.0
    scores: list[DimensionScore] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    suspected: int = 0
    related: list[Related] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    sample: list[list[str | None]] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Cells without a value."""
        return sum(column.missing for column in self.columns)
