"""On which line of a TOML text each key stands. The standard library reads TOML but does not say."""

import re
import tomllib

Path = tuple[str | int, ...]
"""The way to a value: keys, and positions in arrays, such as `("data", "source", 0, "path")`."""

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'  # the value may end in one or two quotes of its own
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def locate(text: str) -> dict[Path, int]:
    r"""The line (from 1) of every table, key and array item.

    Args:
        text: TOML that `tomllib` accepts; on any other text the answer means nothing.

    >>> locate('[a]\nb = [\n  1,\n]')
    {('a',): 1, ('a', 'b'): 2, ('a', 'b', 0): 3}
    """
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    """One pass over the text; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Path, int] = {}
        self.arrays: dict[Path, int] = {}
        self._counted, self._line = 0, 1

    def scan(self) -> dict[Path, int]:
        """Every statement, one after the other."""
        table: Path = ()
        self.skip()
        while self.at < len(self.text):
            table = self.header() if self.text[self.at] == "[" else self.statement(table)
            self.skip()
        return self.lines

    def skip(self) -> None:
        """Go past spaces, line ends and comments."""
        found = _SKIP.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def mark(self, path: Path) -> None:
        """Note that `path` begins here, unless it began before."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        self.lines.setdefault(path, self._line)

    def header(self) -> Path:
        """`[table]` or `[[array of tables]]`: the table that the next statements belong to."""
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self.keys()
        path: Path = ()
        for key in keys[:-1]:
            path = self.entered((*path, key))
            self.mark(path)
        path = (*path, keys[-1])
        self.mark(path)
        if many:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = self.entered(path)
            self.mark(path)
        self.skip()
        self.at += 2 if many else 1
        return path

    def entered(self, path: Path) -> Path:
        """The path itself, or its newest table where it is an array of tables."""
        return (*path, self.arrays[path]) if path in self.arrays else path

    def keys(self) -> list[str]:
        """A dotted key, without its dots and quotes."""
        found = [self.key()]
        self.skip()
        while self.text.startswith(".", self.at):
            self.at += 1
            found.append(self.key())
            self.skip()
        return found

    def key(self) -> str:
        """One key, bare or quoted."""
        self.skip()
        quoted = self.text[self.at] in "\"'"
        found = (_STRING if quoted else _BARE_KEY).match(self.text, self.at)
        word = found[0] if found else ""
        self.at += len(word)
        return str(tomllib.loads(f"word = {word}")["word"]) if quoted else word

    def statement(self, table: Path) -> Path:
        """`key = value`; answers the table again."""
        path = table
        begin = self.at
        for key in self.keys():
            path = (*path, key)
            end, self.at = self.at, begin
            self.mark(path)
            self.at = end
        self.skip()
        self.at += 1  # the equals sign
        self.value(path)
        return table

    def value(self, path: Path) -> None:
        """Whatever stands at the right of an equals sign or in an array."""
        self.skip()
        self.mark(path)
        opening = self.text[self.at]
        if opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline(path)
        else:
            found = (_STRING if opening in "\"'" else _SCALAR).match(self.text, self.at)
            self.at = found.end() if found else self.at + 1

    def array(self, path: Path) -> None:
        """`[value, value]`, over as many lines as it likes."""
        self.at += 1
        place = 0
        self.skip()
        while not self.text.startswith("]", self.at):
            self.value((*path, place))
            place += 1
            self.separator()
        self.at += 1

    def inline(self, path: Path) -> None:
        """`{ key = value, key = value }`."""
        self.at += 1
        self.skip()
        while not self.text.startswith("}", self.at):
            self.statement(path)
            self.separator()
        self.at += 1

    def separator(self) -> None:
        """A comma, if there is one, and what surrounds it."""
        self.skip()
        if self.text.startswith(",", self.at):
            self.at += 1
            self.skip()
