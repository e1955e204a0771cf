"""Where raw data lie: paths and globs turned into files, and their content addresses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.names import MADE
from roadworthy.kernel.catalogue import Catalogue, resolve
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.fingerprint import sha256_file
from roadworthy.kernel.records import SourceFile

_GLOB = frozenset("*?[")
_FETCHED = "roadworthy.data.remote.fetching:fetched"


class Place(Struct, frozen=True):
    """A file or folder that a source names.

    Attributes:
        path: where it lies on this machine.
        name: how its records remember it.
        told: the address that it was fetched from; empty for what lay here.
    """

    path: Path
    name: str
    told: str = ""


def places(declared: Source, root: Path) -> list[Place]:
    """The files and folders that a declared path or glob stands for, sorted.

    Their names are relative to the fixed part of the path, so that a record's provenance is the same on every machine.
    What lies at an address (`https://`, `s3://`) is fetched first, or found again if it has not changed.

    Raises:
        SourceError: if there is none, no path is declared, or the file is not the declared one.
    """
    if not declared.path:
        raise SourceError(
            f"a source of kind {declared.kind!r} needs a path",
            where=_where(declared),
            fix='add path = "folder/*.tar.gz", relative to the declaration',
        )
    if "://" in declared.path:
        folder = Path(declared.cache) if declared.cache else root / ".roadworthy" / "cache"
        return [Place(one.path, one.name, one.told) for one in resolve(_FETCHED)(declared, folder)]
    whole = root / declared.path
    fixed = _fixed_part(whole)
    found = [whole] if whole.exists() else _matching(fixed, whole.relative_to(fixed).as_posix())
    if not found:
        raise SourceError(
            f"nothing lies at {declared.path}",
            where=f"{_where(declared)}, looked in {root}",
            fix="correct the path; it is relative to the declaration's folder",
        )
    _as_declared(declared, found)
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
        for place in places(declared, root) if declared.path else []:
            found.extend(_file(path, _told(path, place, root)) for path in files_of(place.path) if path.is_file())
        if declared.label and declared.label.origin == "csv":
            beside = root / declared.label.path
            found.extend([_file(beside, _told(beside, Place(beside, ""), root))] if beside.is_file() else [])
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


def _as_declared(declared: Source, found: list[Path]) -> None:
    """The one file has the declared content."""
    if not declared.sha256:
        return
    if len(found) != 1 or not found[0].is_file():
        raise SourceError("sha256 is of one file", where=_where(declared), fix="name one file, or take sha256 out")
    digest = sha256_file(found[0])
    if digest != declared.sha256.lower():
        raise SourceError(
            f"the file is not the declared one: its SHA-256 is {digest}",
            where=f"{_where(declared)} {declared.path}",
            fix="look at the file; if it is right, declare this sha256",
        )


def _file(path: Path, told: str) -> SourceFile:
    return SourceFile(path=told, bytes=path.stat().st_size, sha256=sha256_file(path))


def _told(path: Path, place: Place, root: Path) -> str:
    if place.told:
        return place.told if path == place.path else f"{place.told}/{path.relative_to(place.path).as_posix()}"
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _where(declared: Source) -> str:
    return f"line {declared.line}, [[data.source]]" if declared.line else "[[data.source]]"
