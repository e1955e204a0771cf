"""What is said of a data set in public: the facts that its datasheet and its Croissant record are written from."""

from msgspec import Struct, field

from roadworthy.kernel.portrait import TablePortrait


class DataFile(Struct, frozen=True, kw_only=True):
    """A file that holds the table, or that it was read from."""

    name: str
    bytes: int
    sha256: str
    encoding: str = "application/octet-stream"


class DataFacts(Struct, frozen=True, kw_only=True):
    """Evidence and declarations about one version of a table. What nobody declared stays empty, and is told as such.

    Attributes:
        name: of the data set.
        version: content address of its rows.
        at: ISO time at which this version was made.
        need: what the data are for.
        unit: what one row is.
        target: the column to be predicted, if any.
        owner: who answers for it.
        licences, consents: as declared for each source.
        raw: the files that the rows were read from; `table` the file that holds the rows.
        pseudonymised: columns in which people are replaced by marks.
        derived: new columns and their expressions.
        protected: columns that name groups of people.
        period: first and last time of a row, ISO; empty if rows have no time.
        retention, refresh: as declared.
        portrait: what the rows look like, and what was found about them.
    """

    name: str
    version: str
    at: str
    portrait: TablePortrait
    need: str = ""
    unit: str = ""
    target: str = ""
    owner: str = ""
    licences: list[str] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)
    raw: list[DataFile] = field(default_factory=list)
    table: DataFile | None = None
    pseudonymised: list[str] = field(default_factory=list)
    derived: dict[str, str] = field(default_factory=dict)
    protected: list[str] = field(default_factory=list)
    period: tuple[str, str] | None = None
    refresh: str = ""
    retention: str = ""
