"""Any file or folder opened as it is: no declaration, no project."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roadworthy.data.recognising import Recognised, recognise
from roadworthy.data.source import Given, ReadSource, SourceContext
from roadworthy.declare.data import Data, Source
from roadworthy.declare.names import SOURCE_OPTIONS
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.ports import Progress, Silent

__all__ = ["Recognised", "open_data", "recognise"]


def open_data(
    place: Path | str,
    *,
    sources: Catalogue[ReadSource],
    kind: str | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Given]:
    """The records of a file, folder, glob or address, and what was noticed while reading.

    What it is is told by its content, unless `kind` says so. Nothing is declared: a source decides by itself what a
    declaration would have said (separator, encoding, header), and says how.

    Args:
        place: a path, a glob, or an address such as `https://...` that a source knows.
        sources: source kinds by name.
        kind: a name among them.
        options: of that source.

    Raises:
        SourceError: if nothing lies there, nothing can read it, or it cannot be read.
    """
    where = str(place)
    if kind is None:
        found = _recognised(where)
        kind, options = found.kind, {**found.options, **(options or {})}
        if kind not in sources:
            raise SourceError(
                f"this is a kind of data that nothing here reads: {kind} ({found.why})",
                where=where,
                fix=f"name what it is, if you know better; what can be read: {', '.join(sources)}",
            )
    elif kind not in sources:
        raise SourceError(f"there is no kind of data {kind!r}", where=where, fix=did_you_mean(kind, sources))
    declared = Source(kind=kind, path=where, options=dict(options or {}))
    if kind == "database" and "://" not in where:
        declared = Source(kind=kind, options={"url": f"sqlite:///{Path(where).resolve()}", **declared.options})
    context = SourceContext(root=Path.cwd(), target="", data=Data(sources=(declared,)), progress=progress or Silent())
    yield from sources[kind](declared, context=context)


def readable(sources: Catalogue[ReadSource]) -> dict[str, tuple[str, ...]]:
    """The kinds that can be read, and the options of each, as far as they are built in."""
    return {kind: tuple(SOURCE_OPTIONS.get(kind, ())) for kind in sources}


def _recognised(where: str) -> Recognised:
    path = Path(where)
    if "://" in where:
        return Recognised(kind=where.partition("://")[0], why="its address says so")
    if not path.exists():
        first = (
            next(iter(sorted(Path().glob(where))), None) if set("*?[") & set(where) and not path.is_absolute() else None
        )
        if first is None and path.is_absolute() and set("*?[") & set(where):
            first = next(iter(sorted(Path(path.anchor).glob(where[len(path.anchor) :]))), None)
        if first is None:
            raise SourceError(
                "nothing lies there", where=where, fix="correct the path; a glob such as 'data/*.csv' will do"
            )
        path = first
    try:
        return recognise(path)
    except OSError as err:
        raise SourceError(
            f"it cannot be read: {err.strerror}", where=where, fix="give a file that you may read"
        ) from err
