"""The text of a Word document (DOCX), out of its zip archive, with bounds on all that comes out of it.

Source: ECMA-376, Office Open XML, part 1 (WordprocessingML).
"""

import io
import zipfile
import zlib
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from roadworthy.data.media.trouble import TroubleError, seems
from roadworthy.data.media.words import Reading

_BODY, _ABOUT = "word/document.xml", "docProps/core.xml"
_ABOUT_NAMES = {"dc:title": "title", "dc:creator": "author", "dcterms:created": "created"}
_FALLBACK = "mc:Fallback"  # says again, for older programs, what was just said
_MOST_MEMBERS = 10_000
_MARKS = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
_DEEPEST = 500
_ENCRYPTED = 0x1


def read_docx(data: bytes, *, most_bytes: int, most_characters: int) -> Reading:
    """The text of a DOCX: paragraphs as lines, tabs and breaks kept; of tracked changes what was put in alone.

    Args:
        data: the whole file.
        most_bytes: that its text may unpack to.
        most_characters: of text.

    Raises:
        TroubleError: if it is no DOCX, damaged, encrypted, a bomb, or holds a DTD.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise TroubleError(f"it is no DOCX, but {seems(data)}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _member(archive, _BODY, most_bytes)
            about = _member(archive, _ABOUT, most_bytes) if _ABOUT in archive.namelist() else b""
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as err:
        raise TroubleError(f"it is damaged ({err})") from err
    words = _Words(most_characters)
    words.read(body)
    said = _About()
    if about:
        said.read(about)
    return Reading(format="docx", text="".join(words.found), **said.found)


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One member; more than `most` bytes never come out, whatever its header says."""
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise TroubleError(f"it holds more than {_MOST_MEMBERS:,} members", check="data.hostile")
    try:
        info = archive.getinfo(name)
    except KeyError as err:
        raise TroubleError(f"it holds no {name}: it is another kind of document, or none") from err
    if info.flag_bits & _ENCRYPTED:
        raise TroubleError("it is encrypted")
    with archive.open(info) as stream:
        found = stream.read(most + 1)
    if len(found) > most:
        raise TroubleError(f"its {name} unpacks to more than {most:,} bytes", check="data.hostile")
    return found


class _Reader:
    """An XML reader that refuses document types and deep nesting."""

    def __init__(self) -> None:
        self._depth = 0
        self.parser = ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._finish
        self.parser.CharacterDataHandler = self.text

    def read(self, data: bytes) -> None:
        try:
            self.parser.Parse(data, True)  # noqa: FBT003  # final, by position only
        except ExpatError as err:
            raise TroubleError(f"its XML is damaged ({err})") from err

    def _refuse(self, *_: Any) -> None:
        raise TroubleError("it declares a document type (DTD)", check="data.hostile")

    def _begin(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TroubleError(f"its XML is nested deeper than {_DEEPEST} levels", check="data.hostile")
        self.start(name)

    def _finish(self, name: str) -> None:
        self._depth -= 1
        self.end(name)

    def start(self, name: str) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text between."""


class _Words(_Reader):
    """Text of the runs of a body."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.found: list[str] = []
        self._most, self._size, self._inside = most, 0, False
        self._runs = self._fallbacks = 0

    def start(self, name: str) -> None:
        self._inside = name == "w:t" and not self._fallbacks
        self._runs += name == "w:r"
        self._fallbacks += name == _FALLBACK
        if self._runs and not self._fallbacks and name in _MARKS:
            self._add(_MARKS[name])

    def end(self, name: str) -> None:
        self._inside = False
        self._runs -= name == "w:r"
        self._fallbacks -= name == _FALLBACK
        if name == "w:p" and not self._fallbacks:
            self._add("\n")

    def text(self, text: str) -> None:
        if self._inside:
            self._add(text)

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > self._most:
            raise TroubleError(f"it has more than {self._most:,} characters", check="data.hostile")
        self.found.append(text)


class _About(_Reader):
    """What a document says of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self._name = ""

    def start(self, name: str) -> None:
        self._name = _ABOUT_NAMES.get(name, "")

    def end(self, name: str) -> None:
        self._name = ""

    def text(self, text: str) -> None:
        if self._name:
            self.found[self._name] = self.found.get(self._name, "") + text
