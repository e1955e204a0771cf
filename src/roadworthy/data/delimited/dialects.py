"""How a delimited text is written, told by its beginning: separator, quotes, padding, preamble, header, comments."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from roadworthy.data.delimited.records import Shape, record_at

_SEPARATORS = (",", ";", "\t", "|")
_ROWS = 300
_CONSISTENT = 0.8
_PREAMBLE = 30
_NUMBER = re.compile(r"[-+]?[$€£]?\s?(?:\d[\d.,' ]*|\.\d+)(?:[eE][-+]?\d+)?\s?%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}.*)?")
_NAME = re.compile(r"[^\W\d][\w .\-/()%#:&?!*+\[\]]{0,60}")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_COMMENTS = ("#", "//", "%", "!")


class Dialect(Struct, frozen=True, kw_only=True):
    """How a text is written.

    Attributes:
        shape: what parts records and fields.
        skip: lines before the table. header: whether the first record after them holds names.
        spaces: any run of spaces or tabs is one separator.
        why: in a few words, for the note on what was decided.
    """

    shape: Shape
    skip: int = 0
    header: bool = True
    spaces: bool = False
    why: str = ""


class Said(Struct, frozen=True, kw_only=True):
    """What was declared; None is to be told by the text."""

    separator: str | None = None
    quote: str | None = None
    header: bool | None = None
    comment: str = ""


def dialect_of(text: str, said: Said) -> Dialect:
    r"""The dialect in which the beginning of a text is most regular.

    >>> dialect_of("a;b\n1,5;2\n2,5;3\n", Said()).shape.separator
    ';'
    >>> dialect_of("1 2  3\n4  5 6\n", Said()).spaces
    True
    """
    skip, text = _hint(text)
    spaces = said.separator == " "
    if said.separator is None:
        separator = _separator(text, said)
        spaces = separator == " "
    else:
        separator = said.separator
    quote = said.quote if said.quote is not None else _quote(squeezed(text) if spaces else text, separator)
    shape = Shape(separator=separator, quote=quote, comment=said.comment)
    placed = list(islice(_each(squeezed(text) if spaces else text, shape), _ROWS))
    rows = [fields for _, fields in placed]
    width = max(1, _width(rows))
    before = _preamble(rows, width) if not said.comment else 0
    lines = placed[before][0] if before else 0
    rows = rows[before:]
    padded = not spaces and width > 1 and _padded(rows, width)
    header = said.header if said.header is not None else has_header([[cell.strip() for cell in row] for row in rows])
    shape = Shape(separator=separator, quote=quote, comment=said.comment, padded=padded, width=width)
    return Dialect(shape=shape, skip=skip + lines, header=header, spaces=spaces)


def squeezed(text: str) -> str:
    """Runs of spaces and tabs outside of quotes made one space; none at the ends of lines."""
    one = re.sub(r'("[^"\n]*")|[ \t]+', lambda found: found[1] or " ", text)
    return re.sub(r"(?m)^ | (?=\r?$)", "", one)


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first of these records names the columns: it is unlike what stands below it.

    >>> has_header([["name", "age"], ["ann", "3"], ["bob", "4"]]), has_header([["ann", "3"], ["bob", "4"]])
    (True, False)
    """
    if not rows:
        return False
    first, below = rows[0], rows[1:]
    named = [cell for cell in first if cell]
    if not named or len(set(named)) < len(named) * 0.5:
        return False
    figures = [cell for cell in named if _figure(cell) and not _YEAR.fullmatch(cell)]
    if figures or all(_figure(cell) for cell in named):
        return False
    if not below:
        return all(_NAME.fullmatch(cell) for cell in named)
    votes = [_vote(cell, [row[place] for row in below if place < len(row)]) for place, cell in enumerate(first)]
    return sum(votes) > 0


def _vote(cell: str, below: list[str]) -> float:
    """How much one column speaks for its first cell being a name."""
    held = [value for value in below if value]
    if not cell or not held:
        return 0.0
    if sum(map(_figure, held)) > _CONSISTENT * len(held):
        return 2.0
    if cell in held:
        return -2.0
    return 0.5 if _NAME.fullmatch(cell) else -0.5


def _figure(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _hint(text: str) -> tuple[int, str]:
    """Spreadsheets write `sep=;` before the first line."""
    found = re.match(r"sep=.\r?\n", text)
    return (1, text[found.end() :]) if found else (0, text)


def _separator(text: str, said: Said) -> str:
    best, most = ",", 0.0
    for separator in _SEPARATORS:
        score = max(_score(text, separator, quote) for quote in ([said.quote] if said.quote is not None else ['"', ""]))
        if score > most + 1e-9:
            best, most = separator, score
    if most < _CONSISTENT and _by_spaces(text):
        return " "
    return best if most > 0 else ","


def _score(text: str, separator: str, quote: str) -> float:
    """How regular the records are, and how much their cells look like cells."""
    rows = _records(text, Shape(separator=separator, quote=quote))
    width = _width(rows)
    if width < 2:
        return 0.0
    regular = sum(len(row) == width for row in rows) / len(rows)
    cells = [cell for row in rows[:50] if len(row) == width for cell in row]
    others = [other for other in _SEPARATORS if other != separator]
    clean = sum(_clean(cell, others) for cell in cells) / max(1, len(cells))
    return regular * (0.5 + 0.5 * clean)


def _clean(cell: str, others: list[str]) -> bool:
    return _figure(cell.strip()) or not any(other in cell for other in others)


def _by_spaces(text: str) -> bool:
    rows = _records(squeezed(text), Shape(separator=" "))
    width = _width(rows)
    regular = sum(len(row) == width for row in rows)
    return width > 1 and len(rows) > 1 and regular >= 0.95 * len(rows) and not any(len(c) > 40 for r in rows for c in r)


def _quote(text: str, separator: str) -> str:
    """The double quote, unless reading without quotes is more regular; the single one where cells stand in it."""
    if '"' in text:
        quoted, joins = _regularity(text, Shape(separator=separator, quote='"'))
        plain, _ = _regularity(text, Shape(separator=separator, quote=""))
        # quotes that join lines, each of which is a record without them, are marks in a text
        return '"' if quoted > plain or (quoted == plain and not joins) else ""
    cells = [cell.strip() for row in _records(text, Shape(separator=separator, quote="")) for cell in row]
    single = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return "'" if single > 0.3 * max(1, len(cells)) else '"'


def _regularity(text: str, shape: Shape) -> tuple[float, bool]:
    """The share of records that have the usual width, and whether one has several lines."""
    rows: list[list[str]] = []
    lines: list[int] = []
    at, joins = 0, False
    while at < len(text) and len(rows) < 20 * _ROWS:
        record = record_at(text, at, shape)
        rows.append(record.fields)
        joins = joins or any("\n" in field for field in record.fields)
        lines.append(0 if record.unclosed else 1)
        at = record.end
    width = _width(rows)
    good = sum(line for row, line in zip(rows, lines, strict=True) if len(row) == width)
    return good / max(1, len(rows)), joins


def _records(text: str, shape: Shape) -> list[list[str]]:
    return [fields for _, fields in islice(_each(text, shape), _ROWS)]


def _each(text: str, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """Records that hold anything, each with the number of lines before it."""
    at, line = 0, 0
    while at < len(text):
        record = record_at(text, at, shape)
        raw = text[at : record.end]
        if raw.strip() and not (shape.comment and raw.startswith(shape.comment)):
            yield line, record.fields
        line += raw.count("\n")
        at = record.end


def _width(rows: list[list[str]]) -> int:
    """The usual number of fields; of two equally usual ones, the larger."""
    counts = Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def _preamble(rows: list[list[str]], width: int) -> int:
    """Lines of words before the table: comments, and titles that are narrower than all that follows."""
    if width < 2:
        return 0
    at = 0
    while at < min(len(rows) - 1, _PREAMBLE) and (
        len(rows[at]) == 1 or (len(rows[at]) != width and rows[at][0].startswith(_COMMENTS))
    ):
        at += 1
    return at if all(len(row) == width for row in rows[at : at + 3]) else 0


def _padded(rows: list[list[str]], width: int) -> bool:
    cells = [cell for row in rows if len(row) == width for cell in row[1:] if cell]
    return len(cells) > 0 and sum(cell.startswith(" ") for cell in cells) > 0.95 * len(cells)
