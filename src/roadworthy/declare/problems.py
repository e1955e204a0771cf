"""All that is wrong in one file, collected before anything is said."""

from collections.abc import Mapping

from roadworthy.declare.locate import Path
from roadworthy.kernel.errors import Problem


class Problems:
    """Collects problems with the line each stands on."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self._file, self._lines = file, lines
        self._found: list[tuple[int, Path, Problem]] = []

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest table around it that stands in the text; 1 if none does."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def add(self, path: Path, what: str, *, fix: str) -> None:
        """Something is wrong at `path`."""
        line = self.line(path)
        self._found.append((line, path, Problem(what=what, where=f"{self._file}:{line}", fix=fix)))

    def doubt(self, path: Path, what: str, *, fix: str) -> None:
        """Something is incoherent at `path`; not said where a plainer problem stands at or below it already."""
        if not any(found[: len(path)] == path for _, found, _ in self._found):
            self.add(path, what, fix=fix)

    def all(self) -> list[Problem]:
        """Every problem once, in the order of the file."""
        ordered = sorted(self._found, key=lambda found: found[0])
        return list(dict.fromkeys(problem for _, _, problem in ordered))


def named(path: Path) -> str:
    """A path as a person would write it.

    >>> named(("data", "source", 0, "label"))
    'data.source[1].label'
    """
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
