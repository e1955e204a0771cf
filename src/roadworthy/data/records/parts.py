"""Rows gathered into tables of bounded size, with where each was found."""

from collections.abc import Mapping, Sequence

import polars as pl

from roadworthy.data.source import RawTable

ROWS = 20_000
_CELLS = 2_000_000


class Parts:
    """Rows of texts of one file, given out as `RawTable`s of at most 20,000 rows or about 2,000,000 cells.

    Columns come in the order in which they were first seen. A half of a surrogate pair, which JSON can spell and no
    table can hold, becomes U+FFFD.

    >>> parts = Parts("a.json")
    >>> parts.add({"x": "1"}, "a.json:/0")
    >>> parts.add({"y": "2"}, "a.json:/1")
    >>> part = parts.take()
    >>> part.frame.rows(), part.row_names().to_list()
    ([('1', None), (None, '2')], ['a.json:/0', 'a.json:/1'])
    """

    def __init__(self, archive: str) -> None:
        self.archive, self.given = archive, 0
        self._columns: dict[str, None] = {}
        self._rows: list[Mapping[str, str | None]] = []
        self._names: list[str] = []

    def add(self, row: Mapping[str, str | None], name: str) -> None:
        """Take one row."""
        self._columns.update(dict.fromkeys(row))
        self._rows.append(row)
        self._names.append(name)

    @property
    def total(self) -> int:
        """Rows given out and still held."""
        return self.given + len(self._rows)

    @property
    def full(self) -> bool:
        """Whether a part should be taken."""
        return len(self._rows) >= ROWS or len(self._rows) * len(self._columns) >= _CELLS

    def __bool__(self) -> bool:
        """Whether there is a row that was not given out yet."""
        return bool(self._rows)

    def take(self) -> RawTable:
        """The rows since the last part."""
        frame = pl.DataFrame([texts(name, [row.get(name) for row in self._rows]) for name in self._columns])
        part = RawTable(frame=frame, archive=self.archive, names=pl.Series("row_key", self._names, dtype=pl.String))
        self.given += len(self._rows)
        self._rows, self._names = [], []
        return part


def texts(name: str, values: Sequence[str | None]) -> pl.Series:
    """A column of texts, whatever the texts hold."""
    try:
        return pl.Series(encodable(name), values, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series(
            encodable(name), [None if value is None else encodable(value) for value in values], dtype=pl.String
        )


def encodable(text: str) -> str:
    r"""Text that UTF-8 can hold: halves of surrogate pairs become U+FFFD.

    >>> encodable("a\ud800b")
    'a\ufffdb'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
