"""Fetched files, named by their content: `objects/<sha256>/<name>`, and what was last seen at each address."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from roadworthy.data.remote.origin import Answer, BrokenError, Origin
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.files import appearing_folder, explained, write_atomically
from roadworthy.kernel.fingerprint import fingerprint, sha256, sha256_file

_TRIES = 5
_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_HEARTENING = 8 << 20
_SLOWEST = 1024


class Seen(Struct, frozen=True, kw_only=True):
    """What lay at an address when it was last looked at."""

    told: str
    name: str
    tag: str
    sha256: str
    size: int


class Bounds(Struct, frozen=True, kw_only=True):
    """What a fetched file must be, and how long it may take.

    Attributes:
        sha256: its declared content address; empty if none is.
        largest: bytes.
        timeout: seconds in which at least 1 KiB per second must have come.
    """

    sha256: str = ""
    largest: int
    timeout: float


class Cache:
    """A folder of fetched files that processes share; a file appears in it whole or not at all."""

    def __init__(self, folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._folder, self._sleep = folder, sleep

    def seen(self, key: str) -> tuple[Seen, Path] | None:
        """What was last fetched from an address, if it is still here."""
        try:
            record = msgspec.json.decode(self._record(key).read_bytes(), type=Seen)
        except (OSError, msgspec.DecodeError):
            return None
        path = self._object(record.sha256, record.name)
        return (record, path) if path.is_file() and path.stat().st_size == record.size else None

    def fetch(self, origin: Origin, bounds: Bounds) -> Path:
        """The file as it is now; nothing is transferred if the server says that it is the one at hand.

        Raises:
            SourceError: if it cannot be had, is too large or too slow, or is not what was declared.
        """
        with explained(self._folder), self._alone(origin.key):
            if bounds.sha256 and (found := self._object(bounds.sha256, origin.name)).is_file():
                return found
            before = self.seen(origin.key)
            part = self._folder / "parts" / sha256(origin.key.encode())
            part.parent.mkdir(parents=True, exist_ok=True)
            tag = self._download(origin, part, before, bounds)
            if tag is None and before:
                return before[1]
            return self._keep(origin, part, tag or "", bounds)

    def folder_of(self, files: list[tuple[str, Path]], name: str) -> Path:
        """A folder that holds fetched files under the names given; the same files make the same folder.

        Raises:
            SourceError: if two of them cannot lie in one folder.
        """
        mark = fingerprint([(inside, path.parent.name) for inside, path in files])
        final = self._folder / "folders" / mark / name
        if final.is_dir():
            return final
        with appearing_folder(final) as scratch:
            for inside, path in files:
                place = scratch / inside
                try:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    os.link(path, place)
                except (FileExistsError, NotADirectoryError):
                    raise SourceError(
                        f"{inside} is a file and a folder at once", where=name, fix="rename one of the two objects"
                    ) from None
        return final

    def _download(self, origin: Origin, part: Path, before: tuple[Seen, Path] | None, bounds: Bounds) -> str | None:
        """All bytes of the file in `part`, and the name of their state; None if the state is the one at hand."""
        tries, said = 0, ""
        while tries < _TRIES:
            start, tag = _begun(part)
            at_hand = tag or (before[0].tag if before else "")
            try:
                answer = origin.open(start, at_hand)
                if answer is None:
                    return None
                self._write(answer, part, origin, bounds)
            except BrokenError as err:
                tries, said = (1 if _begun(part)[0] - start > _HEARTENING else tries + 1), str(err)
                if tries < _TRIES:
                    self._sleep(min(_LONGEST_PAUSE, max(err.wait, _PAUSE * 2**tries)))
            else:
                return answer.tag
        raise SourceError(
            f"the file could not be fetched in {_TRIES} tries: {said}",
            where=origin.told,
            fix="run this again; what has come is kept, and fetching goes on from there",
        )

    def _write(self, answer: Answer, part: Path, origin: Origin, bounds: Bounds) -> None:
        """Append what comes; the length that the server named must have come in the end."""
        _within(answer.size or 0, origin, bounds)
        if answer.start and answer.tag != _begun(part)[1]:
            part.unlink()
            raise BrokenError("the file changed while it was fetched")
        with part.open("r+b" if part.exists() else "wb") as stream:
            stream.truncate(answer.start)
            stream.seek(answer.start)
            # after the bytes of another state are gone, and not before
            _tag_of(part).write_text(answer.tag, "utf-8")
            for chunk in _lively(answer.chunks, bounds.timeout):
                stream.write(chunk)
                _within(stream.tell(), origin, bounds)
            given = stream.tell()
        if answer.size is not None and given != answer.size:
            raise BrokenError(f"{given:,} of {answer.size:,} bytes came")

    def _keep(self, origin: Origin, part: Path, tag: str, bounds: Bounds) -> Path:
        """Give the file its name by its content, and remember what was seen."""
        digest = sha256_file(part)
        if bounds.sha256 and digest != bounds.sha256:
            part.unlink()
            raise SourceError(
                f"the file is not the declared one: its SHA-256 is {digest}",
                where=origin.told,
                fix="look at what the address gives; if it is right, declare this sha256",
            )
        final = self._object(digest, origin.name)
        final.parent.mkdir(parents=True, exist_ok=True)
        _synced(part)
        part.chmod(0o444)
        part.replace(final)
        _tag_of(part).unlink(missing_ok=True)
        record = Seen(told=origin.told, name=origin.name, tag=tag, sha256=digest, size=final.stat().st_size)
        write_atomically(self._record(origin.key), msgspec.json.encode(record))
        return final

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """One process at a time fetches from an address; the others wait and find it done."""
        lock = self._folder / "locks" / sha256(key.encode())
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _object(self, digest: str, name: str) -> Path:
        return self._folder / "objects" / digest / name

    def _record(self, key: str) -> Path:
        return self._folder / "seen" / f"{sha256(key.encode())}.json"


def _begun(part: Path) -> tuple[int, str]:
    """How much has come, and of which state; a state without a name cannot be gone on with."""
    try:
        tag = _tag_of(part).read_text("utf-8")
        size = part.stat().st_size
    except OSError:
        return 0, ""
    return (size, tag) if tag and size else (0, "")


def _tag_of(part: Path) -> Path:
    return part.with_suffix(".tag")


def _within(size: int, origin: Origin, bounds: Bounds) -> None:
    if size > bounds.largest:
        raise SourceError(
            f"the file is larger than {bounds.largest:,} bytes",
            where=origin.told,
            fix='declare remote = { max_size = "20GB" }',
        )


def _lively(chunks: Iterator[bytes], timeout: float) -> Iterator[bytes]:
    """The chunks, unless they drip."""
    begun, given = time.monotonic(), 0
    for chunk in chunks:
        given += len(chunk)
        now = time.monotonic()
        if now - begun > timeout:
            if given < _SLOWEST * timeout:
                raise BrokenError(f"{given:,} bytes came in {now - begun:.1f} s")
            begun, given = now, 0
        yield chunk


def _synced(path: Path) -> None:
    stream: IO[bytes]
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
