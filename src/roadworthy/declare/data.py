"""`[[data.source]]`, `[data]`, `[data.columns]`, `[data.rules]`, `[split]`: what the model learns from."""

from typing import Any, Literal

from msgspec import Struct, field

from roadworthy.kernel.limits import Limit
from roadworthy.kernel.units import Duration

Scale = Literal["continuous", "discrete", "nominal", "ordinal", "binary", "identifier", "text", "datetime"]


RepairKind = Literal["missing", "spelling", "typo", "unit"]
"""What is put right in single cells of a column before a model reads them."""


class MailLabel(Struct, frozen=True, kw_only=True):
    """Where a mail's label comes from.

    `origin` is `folder` (values maps a label to glob patterns of the folder's name), `header` (values maps a label to
    patterns of the header `name`), or `csv` (a file with a key column `key` and a label column `name`).
    """

    origin: Literal["folder", "header", "csv"]
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""
    path: str = ""
    key: str = ""


class Remote(Struct, frozen=True, kw_only=True):
    """How files at another place are asked for.

    Attributes:
        endpoint: of a store that speaks S3 (`http://127.0.0.1:9000`); else the cloud's, or what the environment says.
        region: of the bucket.
        profile: of `~/.aws/config`; without one, keys come from the environment or from the machine's role.
        anonymous: the bucket is public, and nothing is signed.
        headers: sent to a web server; `${NAME}` for what is secret.
        max_size: the largest file that is fetched, in bytes (`"10GB"`).
        timeout: the longest silence of a server.
    """

    endpoint: str = ""
    region: str = ""
    profile: str = ""
    anonymous: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    max_size: int = 10_000_000_000
    timeout: Duration = Duration("60s", 60.0)


class Source(Struct, frozen=True, kw_only=True):
    """One place where raw data lie.

    Attributes:
        kind: a name from the list of built-in sources (mail, csv, simulated_mail, ...) or of a plug-in.
        path: a path or glob, relative to the declaration's folder; `${ROADWORTHY_DATA}` is filled in. Or the address of
            a file (`https://...`), or of an object, a folder or a glob of objects (`s3://bucket/folder/*.parquet`).
        sha256: the content address that the one file at `path` must have.
        remote: how files at an address are asked for.
        consent: a column that must be true for a record to be used, or words that say on what ground it is used.
        consent_column: the column, where consent is given per record.
        cache: the folder that fetched files are kept in; the wiring says which.
        options: what this kind of source reads beside (separator, names, codes, months, seed, ...).
    """

    kind: str
    path: str = ""
    sha256: str = ""
    remote: Remote = Remote()
    label: MailLabel | None = None
    licence: str = ""
    consent: str = ""
    consent_column: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    cache: str = ""
    line: int = 0


class Column(Struct, frozen=True, kw_only=True):
    """What the user says of one column; everything unsaid is inferred.

    `impute` says what stands in for a missing cell before the model reads it; `fill` is the constant.
    """

    scale: Scale | None = None
    unit: str = ""
    min: float | None = None
    max: float | None = None
    order: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    optional: bool = False
    impute: Literal["", "mode", "median", "mean", "model", "nearest", "constant"] = ""
    fill: str = ""


class Trusted(Struct, frozen=True, kw_only=True):
    """A table that is known to be right, for some or all records.

    Attributes:
        path: relative to the declaration; CSV, TSV or Parquet.
        key: the column that names a record here and there; `[data] key` where unsaid.
        tolerance: column to how far a number may be off, in its unit.
        fuzzy: column to the least similarity of texts, in (0, 1].
        max_error: limit on the share of wrong values in each column.
    """

    path: str
    key: str = ""
    tolerance: dict[str, float] = field(default_factory=dict)
    fuzzy: dict[str, float] = field(default_factory=dict)
    max_error: Limit = Limit("<=", 0.01)


class Checked(Struct, frozen=True, kw_only=True):
    """A sheet of cells that people have checked.

    Attributes:
        path: relative to the declaration; a CSV.
        max_error: limit on the share of wrong cells.
    """

    path: str
    max_error: Limit = Limit("<=", 0.01)


class Pseudonym(Struct, frozen=True, kw_only=True):
    """How a column is replaced so that its form stays.

    Attributes:
        form: what the values are and their pseudonyms stay: `card`, `iban`, `phone`, `ip`, `date`, `digits`, `email`
            (the domain stays), or `mark` for `p-` and a hash.
        person: the column that says whose date it is; all dates of one person are moved alike. Without it, all dates.
        days: dates are moved by at most so many, back or forth.
        region: two letters of the country that telephone numbers without country code belong to.
    """

    form: Literal["mark", "digits", "card", "iban", "phone", "email", "ip", "date"]
    person: str = ""
    days: int = 365
    region: str = ""


class Data(Struct, frozen=True, kw_only=True):
    """All about the data.

    Attributes:
        key: the column that names a record.
        time: the column that says when it happened (`received` for mail unless declared otherwise).
        pseudonyms: column to the form that its pseudonyms keep.
        quasi_identifiers: columns whose values others may know of a person; together they may single rows out.
        leaks: names or glob patterns of columns and mail headers that give the answer away.
        redact: words (host names, list names) that are masked wherever they stand in text.
        as_of: ISO date, or `latest` for the newest record.
        retention: records older than this at `as_of` are left out.
        refresh: how often records are delivered, such as every day.
        population: column to group to its share of the population that the model will meet, in [0, 1].
        derive: new columns from expressions (`age_group = "bin(age, 25, 60)"`), read by `data`.
        rules: name to expression; a record that breaks one is named in a finding.
        contract: the file of what the table promised; a path relative to the declaration.
        trusted: a table that values are cross-checked against.
        repair: column to the kinds of repair that are learnt from the training part and go with the model.
        checked: a sheet of cells that people have checked.
    """

    sources: tuple[Source, ...]
    key: str = ""
    time: str = ""
    pseudonymise: tuple[str, ...] = ()
    pseudonyms: dict[str, Pseudonym] = field(default_factory=dict)
    quasi_identifiers: tuple[str, ...] = ()
    max_age: Duration | None = None
    retention: Duration | None = None
    refresh: Duration | None = None
    as_of: str = "latest"
    leaks: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    columns: dict[str, Column] = field(default_factory=dict)
    population: dict[str, dict[str, float]] = field(default_factory=dict)
    derive: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    contract: str = ""
    trusted: Trusted | None = None
    repair: dict[str, tuple[RepairKind, ...]] = field(default_factory=dict)
    checked: Checked | None = None

    @property
    def hidden(self) -> tuple[str, ...]:
        """Every column that is replaced by pseudonyms."""
        return (*self.pseudonymise, *self.pseudonyms)


class SplitPlan(Struct, frozen=True, kw_only=True):
    """How the test part is set aside. `group` is a column, or `near_duplicate`."""

    method: Literal["random", "stratified", "time", "group"] = "stratified"
    test: float = 0.30
    group: str = ""
