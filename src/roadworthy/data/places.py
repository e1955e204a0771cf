"""Where raw data lie: paths and globs turned into files, and their content addresses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.names import MADE
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.fingerprint import sha256_file
from roadworthy.kernel.records import SourceFile

_GLOB = frozenset("*?[")


class Place(Struct, frozen=True):
    """A file or folder that a source names, and the name under which its records remember it."""

    path: Path
    name: str


def places(declared: Source, root: Path) -> list[Place]:
    """The files and folders that a declared path or glob stands for, sorted.

    Their names are relative to the fixed part of the path, so that a record's provenance is the same on every machine.

    Raises:
        SourceError: if there is none, or no path is declared.
    """
    if not declared.path:
        raise SourceError(
            f"a source of kind {declared.kind!r} needs a path",
            where=_where(declared),
            fix='add path = "folder/*.tar.gz", relative to the declaration',
        )
    whole = root / declared.path
    fixed = _fixed_part(whole)
    found = [whole] if whole.exists() else _matching(fixed, whole.relative_to(fixed).as_posix())
    if not found:
        raise SourceError(
            f"nothing lies at {declared.path}",
            where=f"{_where(declared)}, looked in {root}",
            fix="correct the path; it is relative to the declaration's folder",
        )
    return [Place(path, path.relative_to(fixed).as_posix()) for path in found]


@runtime_checkable
class Fingerprinted(Protocol):
    """A source whose records lie in no file, and which can say what they are now."""

    def contents(self, declared: Source, *, root: Path) -> list[SourceFile]:
        """Content addresses that change whenever a record does."""


def source_files(
    declaration: Declaration, root: Path, *, sources: Mapping[str, object] | Catalogue[Any] | None = None
) -> list[SourceFile]:
    """Every raw file that the declaration reads, with its content address, in reading order.

    A stage that ran on the same list would read the same bytes. Sources that make their own data have no file; what
    they make depends on their options alone.

    Args:
        sources: kinds of source; those that read no path are asked for their content. None leaves them out.
    """
    found: list[SourceFile] = []
    for declared in declaration.data.sources:
        if sources is not None and not declared.path and declared.kind not in MADE:
            source = sources[declared.kind]
            found.extend(source.contents(declared, root=root) if isinstance(source, Fingerprinted) else [])
        paths = [path for place in places(declared, root) for path in files_of(place.path)] if declared.path else []
        if declared.label and declared.label.origin == "csv":
            paths.append(root / declared.label.path)
        found.extend(
            SourceFile(path=_told(path, root), bytes=path.stat().st_size, sha256=sha256_file(path))
            for path in paths
            if path.is_file()
        )
    return found


def files_of(path: Path) -> list[Path]:
    """The file itself, or all regular files below a folder, sorted; links are not followed."""
    if not path.is_dir():
        return [path]
    return sorted(inside for inside in path.rglob("*") if inside.is_file() and not inside.is_symlink())


def _matching(folder: Path, pattern: str) -> list[Path]:
    """What a glob stands for, sorted; names that begin with a dot are hidden, as in a shell."""
    if not _GLOB & set(pattern):
        return []
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def _fixed_part(whole: Path) -> Path:
    """The folder above the first part with a wildcard, or above the last part."""
    fixed = Path(whole.anchor) if whole.anchor else Path()
    for part in whole.parts[1 if whole.anchor else 0 : -1]:
        if _GLOB & set(part):
            break
        fixed /= part
    return fixed


def _told(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _where(declared: Source) -> str:
    return f"line {declared.line}, [[data.source]]" if declared.line else "[[data.source]]"
