"""Records of an XML document as they stream by: nothing is held but the record that is being read.

Documents with a DTD are refused as a whole: entities are what XML bombs and stolen files are made of, and no table
needs them. Namespaces are not resolved: names keep the prefix with which they are written.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from msgspec import Struct, field

from roadworthy.data.records.exact import written
from roadworthy.data.records.flatten import MOST_COLUMNS, Row
from roadworthy.data.records.gathered import gathered
from roadworthy.data.records.lines import BrokenError, HostileError
from roadworthy.data.records.noted import noted
from roadworthy.data.records.parts import Parts
from roadworthy.data.source import RawTable
from roadworthy.data.streams import Stream
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.units import plural

_CHUNK = 1 << 16
_DEEPEST = 200
_SEARCHED = 1 << 22
_MOST_PATHS = 10_000
ROOT = "."


class Node(Struct):
    """One element of a record.

    Attributes:
        name: as it is written, with its prefix. parts: its text, piece by piece.
    """

    name: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without spaces around."""
        return "".join(self.parts).strip()

    def child(self, name: str) -> "Node | None":
        """The first child of that name."""
        return next((one for one in self.children if one.name == name), None)


class _Reader:
    """Handlers of one document: builds each record below `path`, and counts the elements beside."""

    def __init__(self, path: str, encoding: str | None, most: int) -> None:
        self._wanted, self._most = path, most
        self._open: list[Node] = []
        self._trail: list[str] = []
        self._size = 0
        self.records: list[tuple[Node, int]] = []
        self.beside: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self._line = 0
        self.parser = ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def place(self) -> str:
        return f"line {self.parser.CurrentLineNumber:,}, column {self.parser.CurrentColumnNumber + 1:,}"

    def _refuse(self, *_: Any) -> None:
        raise HostileError("it declares a document type (DTD), which can hold bombs and foreign files", self.place())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._trail.append(name)
        if len(self._trail) > _DEEPEST:
            raise HostileError(f"it is nested deeper than {_DEEPEST} levels", self.place())
        path = "/".join(self._trail)
        if len(self.seen) < _MOST_PATHS:
            self.seen[path] += 1
        if not self._open:
            if not _is(path, self._wanted):
                return
            self._size, self._line = 0, self.parser.CurrentLineNumber
        self._grow(len(name) + sum(map(len, attributes)) + sum(map(len, attributes.values())))
        self._open.append(Node(name, attributes))

    def _end(self, _: str) -> None:
        if not self._open:
            path = "/".join(self._trail)
            if not self._wanted.startswith(path):
                self.beside[path] += 1
        else:
            node = self._open.pop()
            if self._open:
                self._open[-1].children.append(node)
            else:
                self.records.append((node, self._line))
        self._trail.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._grow(len(text))
            self._open[-1].parts.append(text)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._most:
            raise HostileError(f"a record is longer than {self._most:,} characters", self.place())


def xml_tree(data: bytes, *, most: int = 16 << 20) -> Node:
    """A whole document as one tree.

    Raises:
        BrokenError: if it is no XML, or asks for too much.

    >>> xml_tree(b"<a><b>1</b></a>").child("b").text
    '1'
    """
    reader = _Reader(ROOT, None, most)
    read = iter((data, b""))
    for node, _ in _nodes(reader, lambda _: next(read), Counter()):
        return node
    raise BrokenError("there is no element", "its end")


def xml_rows(stream: Stream, *, records: str, encoding: str | None, most: int) -> Iterator[RawTable | Finding]:
    """Every record of one document; what is broken is read up to the damage, and a finding says where that is.

    Args:
        stream: the file.
        records: path from the root, such as `catalog/book`; `//book` for any place; empty lets a rule find it.
        encoding: goes before the one that the document declares; None for that one.
        most: characters of one record.
    """
    parts, columns, beside = Parts(stream.name), _Columns(), Counter[str]()
    path = records.strip("/") if records and not records.startswith("//") else records

    def rows() -> Iterator[tuple[Row, str]]:
        nonlocal path
        path = path or _repeated(stream, encoding, most)
        with closing(stream.open()) as opened:
            for number, (node, line) in enumerate(_nodes(_Reader(path, encoding, most), opened.read, beside), 1):
                name = f"{stream.name}:{line}:{path}[{number}]"
                yield columns.row(node, name), name
        if not parts.total:
            raise BrokenError(f"there is no element {path}", "its end")

    yield from gathered(stream, rows(), parts)
    yield from _left(stream, path=path, beside=beside)


def _nodes(reader: _Reader, read: Callable[[int], bytes], beside: "Counter[str]") -> Iterator[tuple[Node, int]]:
    try:
        while True:
            data = read(_CHUNK)
            reader.parser.Parse(data, not data)
            yield from reader.records
            reader.records.clear()
            if not data:
                break
    except ExpatError as err:
        yield from reader.records
        reader.records.clear()
        raise BrokenError(str(err).partition(":")[0], reader.place()) from err
    finally:
        beside.update(reader.beside)


def _repeated(stream: Stream, encoding: str | None, most: int) -> str:
    """The shallowest path at which elements repeat, of those the most frequent; the root where none repeats.

    The first 4 MiB decide.
    """
    reader = _Reader("", encoding, most)
    read = 0
    with closing(stream.open()) as opened:
        while read < _SEARCHED and (data := opened.read(_CHUNK)):
            read += len(data)
            try:
                reader.parser.Parse(data)
            except ExpatError:
                break
    again = [(path.count("/"), -count, path) for path, count in reader.seen.items() if count > 1]
    return min(again)[2] if again else ROOT


def _is(path: str, wanted: str) -> bool:
    if wanted == ROOT:
        return "/" not in path
    if wanted.startswith("//"):
        return path == wanted[2:] or path.endswith(wanted[1:])
    return path == wanted


class _Columns:
    """How an element becomes a row.

    The rule: attributes become `@name`, a child element `name`, what is inside of it `name.inner`; text of an element
    that has children or attributes too is `#text`; children of the same name are kept together as a JSON array.
    """

    def __init__(self) -> None:
        self._names: set[str] = set()

    def row(self, node: Node, name: str) -> Row:
        row: Row = {}
        _flatten(node, "", row)
        self._names.update(row)
        if len(self._names) > MOST_COLUMNS:
            raise SourceError(
                f"the records have more than {MOST_COLUMNS:,} different fields",
                where=name,
                fix='declare a deeper path, such as records = "catalog/book"',
            )
        return row


def _flatten(node: Node, prefix: str, row: Row) -> None:
    for key, value in node.attributes.items():
        if key != "xmlns" and not key.startswith("xmlns:"):
            row[f"{prefix}@{key}"] = value
    text = node.text
    alone = not node.children and not any(key.startswith(prefix + "@") for key in row)
    if text or alone:
        row[prefix.removesuffix(".") if alone and prefix else f"{prefix}#text"] = text or None
    same: dict[str, list[Node]] = {}
    for child in node.children:
        same.setdefault(child.name, []).append(child)
    for name, group in same.items():
        if len(group) == 1:
            _flatten(group[0], f"{prefix}{name}.", row)
        else:
            row[prefix + name] = written([_plain(child) for child in group])


def _plain(node: Node) -> Any:
    """An element inside an array: its text, or an object like the row that it would be."""
    row: Row = {}
    _flatten(node, "", row)
    return row["#text"] if set(row) == {"#text"} else row


def _left(stream: Stream, *, path: str, beside: "Counter[str]") -> list[Finding]:
    """Elements that lie beside the records, where there are as many as could be records themselves."""
    over = {where: count for where, count in beside.items() if count > 1 and not path.startswith("//")}
    if not over or not path:
        return []
    told = ", ".join(f"{where} ({count:,})" for where, count in sorted(over.items(), key=lambda one: -one[1])[:5])
    return [
        noted(
            "data.unmatched",
            stream.name,
            f"{plural(sum(over.values()), 'element')} of {stream.name} beside the records {path} not read: {told}.",
            count=sum(over.values()),
            evidence={"archive": stream.name, "read": path, "not read": dict(list(over.items())[:20])},
            remedy="declare which records are wanted",
        )
    ]
