"""A nested record turned into one row of texts, by declared paths or by a rule."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from roadworthy.data.records.exact import Number, written
from roadworthy.data.records.paths import MISSING, at, steps_of, without
from roadworthy.kernel.errors import SourceError

USUAL_DEPTH = 5
MOST_COLUMNS = 2_000
REST = "rest"
"""The column that holds what the declared paths leave over, as JSON text."""

Row = dict[str, str | None]


class Kinds(Struct):
    """What kinds of values stood in one column, each with the number of rows and the first of them."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, row: str) -> None:
        """One more value of a kind."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.first.setdefault(kind, row)


class Flattener:
    """Turns records into rows; remembers the kinds of values that it saw.

    The rule: an object becomes one column for each of its members, named `outer.inner`, down to `depth` levels of
    objects; what lies deeper, and every array, is kept as JSON text. A record that is no object stands in the column
    `value`. Texts are kept as they are, numbers digit for digit, true and false as `true` and `false`, null as missing.

    >>> Flattener().row({"a": {"b": Number("1.0"), "c": [True]}, "d": None}, "x:1")
    {'a.b': '1.0', 'a.c': '[true]', 'd': None}
    >>> Flattener(fields={"b": "a.b"}).row({"a": {"b": "x", "c": "y"}}, "x:1")
    {'b': 'x', 'rest': '{"a":{"c":"y"}}'}
    """

    def __init__(
        self, *, depth: int = USUAL_DEPTH, fields: Mapping[str, str] | None = None, keep_rest: bool = True
    ) -> None:
        self._depth, self._keep_rest = depth, keep_rest
        self._fields = {name: steps_of(path) for name, path in (fields or {}).items()}
        self.kinds: dict[str, Kinds] = {}
        self.left_over = 0

    def row(self, record: Any, name: str) -> Row:
        """One record as a row.

        Raises:
            DepthError: if it is nested too deep.
            SourceError: if there are too many columns by now.
        """
        row: Row = {}
        if self._fields:
            self._declared(record, row, name)
        elif isinstance(record, dict):
            self._object(record, "", row, name=name, level=1)
        else:
            self._put("value", record, row, name)
        if len(self.kinds) > MOST_COLUMNS:
            raise SourceError(
                f"the records have more than {MOST_COLUMNS:,} different fields",
                where=name,
                fix='declare which are wanted, such as fields = { price = "offer.price" }, or a smaller depth',
            )
        return row

    def _declared(self, record: Any, row: Row, name: str) -> None:
        left = record
        for column, steps in self._fields.items():
            found = at(record, steps)
            self._put(column, None if found is MISSING else found, row, name)
            left = left if left is MISSING else without(left, steps)
        over = left is not MISSING and left not in ({}, [])
        self.left_over += over
        if self._keep_rest:
            row[REST] = written(left) if over else None

    def _object(self, found: dict[str, Any], prefix: str, row: Row, *, name: str, level: int) -> None:
        for key, value in found.items():
            if isinstance(value, dict) and value and level < self._depth:
                self._object(value, f"{prefix}{key}.", row, name=name, level=level + 1)
            else:
                self._put(prefix + key, value, row, name)

    def _put(self, column: str, value: Any, row: Row, name: str) -> None:
        while column in row:  # a key with a dot in it may spell the same name as a nested one
            column += "#2"
        kinds = self.kinds.get(column)
        if kinds is None:
            kinds = self.kinds[column] = Kinds()
        if value is None:
            row[column] = None
        elif type(value) is str:
            row[column] = value
            kinds.note("text", name)
        elif type(value) is Number:
            row[column] = str(value)
            kinds.note("number", name)
        elif isinstance(value, bool):
            row[column] = "true" if value else "false"
            kinds.note("truth", name)
        else:
            row[column] = written(value)
            kinds.note("array" if isinstance(value, list) else "object", name)
