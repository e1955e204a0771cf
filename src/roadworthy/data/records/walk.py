"""A cursor over the text of a JSON document, as it streams by."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from roadworthy.data.records.exact import DepthError, Exact, Odd
from roadworthy.data.records.lines import BrokenError, HostileError, decoder_of, marked_encoding

_CHUNK = 1 << 16
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^,\]}\s\"{\[]*")
_MARK = re.compile(r'[\[\]{}]|"(?:[^"\\]*+(?:\\.[^"\\]*+)*+")?+', re.DOTALL)
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SURE = 64
"""How far from the end of what was read an error must lie to be no mere end of the buffer."""


class JsonStream:
    """A cursor over JSON text of any length, of which only what lies ahead is held.

    Args:
        read: gives up to so many bytes, none at the end.
        encoding: how bytes become text; a byte order mark goes before it.
        most: characters that one record may have.
    """

    def __init__(self, read: Callable[[int], bytes], *, encoding: str = "utf-8", most: int = 16 << 20) -> None:
        self._read, self._most, self._exact = read, most, Exact()
        head = read(_CHUNK)
        self._decoder = decoder_of(marked_encoding(head) or encoding)
        self._text, self._at, self._over = "", 0, False
        self._lines, self._before, self._bytes = 1, 0, 0
        self._take(head)

    # -- the buffer

    def _take(self, data: bytes) -> None:
        self._over = not data
        gone = self._text[: self._at]
        newlines = gone.count("\n")
        self._before = len(gone) - gone.rfind("\n") - 1 if newlines else self._before + len(gone)
        self._lines += newlines
        try:
            more = self._decoder.decode(data, self._over)
        except UnicodeDecodeError as err:
            raise BrokenError(f"it is not {err.encoding}", f"byte {self._bytes + err.start:,}") from err
        self._text, self._at = self._text[self._at :] + more, 0
        self._bytes += len(data)

    def _more(self) -> bool:
        """Read on, at least as much as is held; False at the end."""
        if not self._over:
            self._take(self._read(max(_CHUNK, len(self._text) - self._at)))
        return not self._over

    def place(self, at: int | None = None) -> str:
        """Where the cursor (or a position in the buffer) stands."""
        gone = self._text[: self._at if at is None else at]
        newlines = gone.count("\n")
        column = len(gone) - gone.rfind("\n") if newlines else self._before + len(gone) + 1
        return f"line {self._lines + newlines:,}, column {column:,}"

    @property
    def line(self) -> int:
        """The line that the cursor is on."""
        return self._lines + self._text.count("\n", 0, self._at)

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it always matches
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def expect(self, marks: str) -> str:
        """Step over one of some marks.

        Raises:
            BrokenError: if another character stands there.
        """
        found = self.peek()
        if not found or found not in marks:
            what = f"{found!r} stands" if found else "the text ends"
            raise BrokenError(f"{what} where one of {' '.join(marks)} should be", self.place())
        self._at += 1
        return found

    # -- values

    def value(self) -> tuple[Any, Odd]:
        """The value at the cursor, which moves behind it.

        Raises:
            BrokenError: if there is none, or it is too long or nested too deep.
        """
        self.peek()
        while True:
            try:
                value, end = self._exact.decode(self._text, self._at)
            except json.JSONDecodeError as err:
                if self._over or (err.pos < len(self._text) - _SURE and not err.msg.startswith("Unterminated")):
                    raise BrokenError(err.msg[:1].lower() + err.msg[1:], self.place(err.pos)) from err
            except DepthError as err:
                raise HostileError(str(err), self.place()) from err
            else:
                # a number may go on behind the end of the buffer: 1, 1e, 1e+, 1e+5
                if end + 2 < len(self._text) or self._over:
                    self._at = end
                    return value, self._exact.odd
            if len(self._text) - self._at > self._most:
                raise HostileError(f"a record is longer than {self._most:,} characters", self.place())
            self._more()

    def skip(self) -> int:
        """Step over the value at the cursor by its brackets alone; how many characters it had, about."""
        first = self.peek()
        if first not in ("[", "{", '"'):
            return self._match(_SCALAR)
        if first == '"':
            return self._match(_STRING)
        depth, passed = 0, 0
        while not passed or depth:
            hit = _MARK.search(self._text, self._at)
            passed += (hit.end() if hit else len(self._text)) - self._at
            self._at = hit.end() if hit else len(self._text)
            if hit is None:
                if not self._more():
                    raise BrokenError("the text ends inside of a value", self.place())
            elif hit[0] == '"':  # a text longer than the buffer
                self._at -= 1
                passed += self._match(_STRING)
            else:
                depth += _DEEPER.get(hit[0], 0)
        return passed

    def _match(self, pattern: re.Pattern[str]) -> int:
        """Step over what a pattern stands for, which must end before the buffer does."""
        while True:
            hit = pattern.match(self._text, self._at)
            if hit and (hit.end() < len(self._text) or self._over):
                self._at = hit.end()
                return hit.end() - hit.start()
            if self._over:
                raise BrokenError("the text ends inside of a value", self.place())
            if len(self._text) - self._at > self._most:
                raise HostileError(f"a value is longer than {self._most:,} characters", self.place())
            self._more()

    def members(self) -> Iterator[str]:
        """The keys of the object at the cursor; before the next one is asked for, its value must have been passed."""
        self.expect("{")
        if self.peek() == "}":
            self.expect("}")
            return
        while True:
            if self.peek() != '"':
                raise BrokenError("a key should stand", self.place())
            key, _ = self.value()
            self.expect(":")
            yield str(key)
            if self.expect(",}") == "}":
                return

    def elements(self) -> Iterator[int]:
        """The indices of the array at the cursor; before the next one is asked for, its value must have been passed."""
        self.expect("[")
        if self.peek() == "]":
            self.expect("]")
            return
        index = 0
        while True:
            yield index
            index += 1
            if self.expect(",]") == "]":
                return
