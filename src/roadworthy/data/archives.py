"""Members of archives and folders, one at a time, in memory. Nothing is ever unpacked to disk."""

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Self

from msgspec import Struct

from roadworthy.data.bounded import UNREADABLE, BombError, Limits, kind_of, open_bounded
from roadworthy.data.places import Place
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

_USUAL = Limits()
_HEAD = 512
_LONGEST_EXTRA_HEADER = 1 << 20
_ENCRYPTED = 0x1
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
"""Documents that are zip archives by their nature; whoever reads one bounds what comes out of it."""
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class Member(Struct, frozen=True):
    """One regular file: its bytes, and where it was found."""

    data: bytes
    archive: str
    name: str
    offset: int


class _DamagedError(Exception):
    """An archive's structure is broken from here on."""


def members(place: Place, *, limits: Limits = _USUAL) -> Iterator[Member | Finding]:
    """All regular files of a folder or archive, or the file itself; a finding for each one that is not given."""
    if place.path.is_dir():
        yield from _folder(place, limits)
        return
    with place.path.open("rb") as stream:
        kind = kind_of(stream.read(_HEAD))
    if kind == "zip":
        yield from _zip(place, limits)
    elif kind == "tar" or (kind and ".t" in place.path.name.lower()):
        yield from _tar(place, kind, limits)
    elif kind in ("7z", "rar"):
        yield unread(place.name, "", f"{kind} archives are not read", remedy="repack it as tar or zip")
    else:
        yield from _single(place, kind, limits)


def unread(archive: str, member: str, why: str, *, remedy: str = "", check: str = "data.readable") -> Finding:
    """A finding about something that was skipped."""
    subject = f"{archive}:{member}" if member else archive
    return Finding(
        check=check,
        subject=subject,
        verdict=Verdict.FAIL,
        summary=f"{subject} was skipped: {why}.",
        evidence={"archive": archive, "member": member, "why": why},
        remedy=remedy or "look at it; take it out of the data or repair it",
    )


def _folder(place: Place, limits: Limits) -> Iterator[Member | Finding]:
    for path in sorted(place.path.rglob("*")):
        name = path.relative_to(place.path).as_posix()
        if path.is_symlink():
            yield unread(place.name, name, "it is a link")
        elif path.is_dir() or _in_progress(path):
            continue
        elif not path.is_file():
            yield unread(place.name, name, "it is no regular file")
        else:
            yield _file(path, place.name, name, limits=limits)


def _in_progress(path: Path) -> bool:
    """A Maildir keeps mail that is still being delivered in `tmp`."""
    folder = path.parent
    return folder.name == "tmp" and (folder.parent / "cur").is_dir() and (folder.parent / "new").is_dir()


def _file(path: Path, archive: str, name: str, *, limits: Limits) -> Member | Finding:
    try:
        if path.stat().st_size > limits.member:
            return unread(archive, name, _too_large(limits), check="data.hostile")
        data = path.read_bytes()
    except OSError as err:
        return unread(archive, name, f"it cannot be read ({err.strerror})")
    return _member(data, archive, name, offset=0)


def _member(data: bytes, archive: str, name: str, *, offset: int) -> Member | Finding:
    if not data:
        return unread(archive, name, "it is empty")
    kind = kind_of(data[:_HEAD])
    if kind and not (kind == "zip" and name.lower().endswith(_OFFICE)):
        return unread(archive, name, f"it is a {kind} archive inside another", check="data.hostile")
    return Member(data, archive, name, offset)


def _single(place: Place, kind: str, limits: Limits) -> Iterator[Member | Finding]:
    """One file, compressed or not."""
    try:
        with open_bounded(place.path, kind, limits=limits) as stream:
            chunks = list(iter(lambda: stream.read(1 << 20), b""))
    except BombError as err:
        yield unread(place.name, "", str(err), check="data.hostile")
        return
    except UNREADABLE as err:
        yield unread(place.name, "", f"it is damaged ({err})")
        return
    data = b"".join(chunks)
    if kind_of(data[:_HEAD]) == "tar":
        yield from _tar(place, kind, limits)
    else:
        yield _member(data, place.name, PurePosixPath(place.name).name, offset=0)


class _Header(tarfile.TarInfo):
    """A tar header that says what is wrong with it: the standard reader takes a broken one for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as err:  # type: ignore[attr-defined]
            raise _DamagedError(str(err)) from err
        if header.type in _EXTENDED and header.size > _LONGEST_EXTRA_HEADER:
            raise BombError(f"a header claims {header.size:,} bytes")
        return header


def _tar(place: Place, kind: str, limits: Limits) -> Iterator[Member | Finding]:
    read = 0
    try:
        with (
            open_bounded(place.path, kind, limits=limits) as stream,
            tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, errorlevel=1) as archive,
        ):
            for header in archive:
                read += 1
                if read > limits.members:
                    yield _rest(place, read - 1, f"it holds more than {limits.members:,} members", check="data.hostile")
                    return
                if not header.isdir():
                    yield _tar_member(archive, header, place.name, limits=limits)
                archive.members = []  # type: ignore[attr-defined]  # else every header of a long archive is kept
    except BombError as err:
        yield _rest(place, read, str(err), check="data.hostile")
    except (tarfile.TarError, _DamagedError, *UNREADABLE) as err:
        yield _rest(place, read, f"it is damaged ({err})", check="data.readable")


def _rest(place: Place, read: int, why: str, *, check: str) -> Finding:
    return unread(place.name, "", f"{why}; what comes after {read:,} members was not read", check=check)


def _tar_member(archive: tarfile.TarFile, header: tarfile.TarInfo, name: str, *, limits: Limits) -> Member | Finding:
    if not header.isreg():
        return unread(name, header.name, "it is a link or device, not a file", check="data.hostile")
    refused = _refused(header.name, header.size, limits)
    if refused:
        return unread(name, header.name, refused, check="data.hostile")
    stream = archive.extractfile(header)
    data = stream.read() if stream else b""
    if len(data) < header.size:
        raise _DamagedError(f"{header.name} ends early")
    return _member(data, name, header.name, offset=header.offset_data)


def _zip(place: Place, limits: Limits) -> Iterator[Member | Finding]:
    most = min(limits.total, max(limits.grace, int(place.path.stat().st_size * limits.ratio)))
    given = 0
    try:
        with zipfile.ZipFile(place.path) as archive:
            for info in archive.infolist()[: limits.members]:
                if info.is_dir():
                    continue
                found = _zip_member(archive, info, place.name, limits=limits)
                given += len(found.data) if isinstance(found, Member) else 0
                if given > most:
                    yield unread(place.name, "", f"more than {most:,} bytes come out of it", check="data.hostile")
                    return
                yield found
    except (zipfile.BadZipFile, NotImplementedError, ValueError, *UNREADABLE) as err:
        yield unread(place.name, "", f"it is damaged ({err})")


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, *, limits: Limits) -> Member | Finding:
    refused = _refused(info.filename, info.file_size, limits)
    if not refused and stat.S_ISLNK(info.external_attr >> 16):
        refused = "it is a link"
    if refused:
        return unread(name, info.filename, refused, check="data.hostile")
    if info.flag_bits & _ENCRYPTED:
        return unread(name, info.filename, "it is encrypted", remedy="give it without a password")
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, NotImplementedError, *UNREADABLE) as err:
        return unread(name, info.filename, f"it is damaged ({err})")
    return _member(data, name, info.filename, offset=info.header_offset)


def _refused(name: str, size: int, limits: Limits) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":"):
        return "its path leads out of the archive"
    if "\x00" in name:
        return "its path holds a zero byte"
    return _too_large(limits) if size > limits.member else ""


def _too_large(limits: Limits) -> str:
    return f"it is larger than {limits.member:,} bytes"
