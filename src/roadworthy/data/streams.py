"""Files of a source as bounded streams of bytes, wherever they lie: alone, compressed, in folders or in archives."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from roadworthy.data.archives import Member, members, unread
from roadworthy.data.bounded import BombError, Bounded, Limits, kind_of, open_bounded
from roadworthy.data.places import Place, places
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import parse_size, plural

_HEAD = 512
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_PACKED_TARS = (*(f".tar{packed}" for packed in _PACKED), ".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
_ARCHIVES = ("zip", "tar", "7z", "rar")
_SHOWN = 20
_LONGEST_NUMBER = 5


class Stream(Struct, frozen=True, kw_only=True):
    """One file that can be read from its beginning, as often as one likes.

    Attributes:
        archive: the file, folder or archive that was declared.
        member: path inside it, with `/`; the file's own name where it was declared itself.
        open: a fresh stream of its bytes; it raises `BombError` where too much comes out, and one of `UNREADABLE`.
    """

    archive: str
    member: str
    open: Callable[[], "io.BytesIO | Bounded"]

    @property
    def name(self) -> str:
        """Archive and member in one, to begin the names of rows with."""
        return self.archive if PurePosixPath(self.archive).name == self.member else f"{self.archive}/{self.member}"

    def read(self, *, most: int = 256 << 20) -> bytes:
        """All of it.

        Raises:
            BombError: if it has more than `most` bytes.
        """
        pieces: list[bytes] = []
        size = 0
        with closing(self.open()) as stream:
            while piece := stream.read(1 << 20):
                size += len(piece)
                if size > most:
                    raise BombError(f"it is larger than {most:,} bytes")
                pieces.append(piece)
        return b"".join(pieces)


def streams(
    declared: Source, root: Path, *, endings: Collection[str], limits: Limits, ignored: Collection[str] = ()
) -> Iterator[Stream | Finding]:
    """Every file that the declared path or glob holds, in a fixed order, and a finding for each one that is not given.

    A file that is named itself is given whatever its ending is; in folders and archives endings decide, and what was
    passed over is told in one note for each of them. `ignored` endings are passed over without a word: they are read
    by other means.

    Raises:
        SourceError: if nothing lies there.
    """
    for place in places(declared, root):
        over: dict[str, int] = {}
        for found in _of_place(place, endings=endings, limits=limits):
            if isinstance(found, Finding) or _ending(found.member) in endings or found.member == place.path.name:
                yield found
            elif _ending(found.member) not in ignored:
                over[_ending(found.member)] = over.get(_ending(found.member), 0) + 1
        if over:
            yield passed_over(place.name, over)


def set_aside(stream: Stream, why: str, *, check: str = "data.readable", remedy: str = "") -> Finding:
    """A finding about a file that was skipped."""
    member = "" if stream.name == stream.archive else stream.member
    return unread(stream.archive, member, why, check=check, remedy=remedy)


def passed_over(archive: str, over: Mapping[str, int]) -> Finding:
    """What was not read because of its ending."""
    told = ", ".join(f"{count:,} {ending or 'without an ending'}" for ending, count in sorted(over.items())[:_SHOWN])
    count = sum(over.values())
    return Finding(
        check="data.passed_over",
        subject=archive,
        verdict=Verdict.PASS,
        summary=f"{plural(count, 'file')} of other kinds in {archive} passed over: {told}.",
        measured=float(count),
        unit="files",
        severity=Severity.NOTE,
        evidence={"endings": dict(over)},
    )


def checked_options(declared: Source, known: Collection[str]) -> dict[str, Any]:
    """The options of a source.

    Raises:
        SourceError: if one is not known; the nearest is offered.
    """
    for name in declared.options:
        if name not in known:
            raise SourceError(
                f"{name!r} is no option of a source of kind {declared.kind!r}",
                where=f"[[data.source]] {declared.path}",
                fix=did_you_mean(name, known) if known else "take it out",
            )
    return dict(declared.options)


def size_option(options: Mapping[str, Any], name: str, usual: int) -> int:
    """A declared size in bytes, such as `"16MB"`."""
    return parse_size(str(options[name])) if name in options else usual


def count_option(options: Mapping[str, Any], name: str, usual: int) -> int:
    """A declared whole number of at least 1.

    Raises:
        SourceError: if it is none.
    """
    value = options.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SourceError(
            f"{name} cannot be {value!r}", where="[[data.source]]", fix=f"write a whole number, such as {usual}"
        )
    return value


def nothing_found(declared: Source, what: str, first: Finding | None) -> SourceError:
    """The error of a source out of which no record came."""
    return SourceError(
        f"no {what} was found" + (f"; first: {first.summary}" if first else ""),
        where=first.subject if first else declared.path,
        fix=(first.remedy if first else "") or "correct the path",
    )


def _ending(name: str) -> str:
    """The ending that tells what a file is; that of a compressed file is the one before."""
    path = PurePosixPath(name.lower())
    while path.suffix in _PACKED or (path.suffix[1:].isdecimal() and len(path.suffix) <= _LONGEST_NUMBER):
        path = path.with_suffix("")  # access.log.1.gz
    return path.suffix


def _of_place(place: Place, *, endings: Collection[str], limits: Limits) -> Iterator[Stream | Finding]:
    if place.path.is_dir():
        yield from _of_folder(place, endings=endings, limits=limits)
        return
    kind = _kind(place.path)
    own = kind == "zip" and place.path.suffix.lower() in endings
    if not own and (kind in _ARCHIVES or (kind and place.path.name.lower().endswith(_PACKED_TARS))):
        yield from (_held(one) for one in members(place, limits=limits))
    else:
        yield _file(place.path, place.name, place.path.name, limits=limits)


def _of_folder(place: Place, *, endings: Collection[str], limits: Limits) -> Iterator[Stream | Finding]:
    for path in sorted(place.path.rglob("*")):
        member = path.relative_to(place.path).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(member).parts) or path.is_dir():
            continue
        if path.is_symlink() or not path.is_file():
            yield unread(place.name, member, "it is a link or no regular file")
        elif _ending(member) not in endings:
            yield Stream(archive=place.name, member=member, open=io.BytesIO)
        else:
            yield _file(path, place.name, member, limits=limits)


def _file(path: Path, archive: str, member: str, *, limits: Limits) -> Stream | Finding:
    kind = _kind(path)
    if path.stat().st_size == 0:
        return unread(archive, "" if archive.endswith(member) else member, "it is empty")
    packed = kind if f".{kind}" in _PACKED else ""
    return Stream(archive=archive, member=member, open=lambda: open_bounded(path, packed, limits=limits))


def _held(found: Member | Finding) -> Stream | Finding:
    if isinstance(found, Finding):
        return found
    return Stream(archive=found.archive, member=found.name, open=lambda: io.BytesIO(found.data))


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        return kind_of(stream.read(_HEAD))
