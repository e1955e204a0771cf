"""Files that are whole or not there: nothing half-written is ever visible under its final name."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roadworthy.kernel.errors import PlaceError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_LEAST_FREE = 65_536


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write, sync and rename, so that a reader (or a crash) sees the old file or the new one.

    Raises:
        PlaceError: if the disk is full or the folder cannot be written; the old file is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with explained(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


@contextmanager
def appearing_folder(final: Path) -> Iterator[Path]:
    """A scratch folder that gets its final name only if the block succeeds; an existing one is kept.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "made"
    >>> with appearing_folder(place) as scratch:
    ...     _ = (scratch / "a.txt").write_text("a")
    >>> sorted(p.name for p in place.iterdir())
    ['a.txt']
    """
    with explained(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{final.name[:32]}."))
        scratch.chmod(0o755)
    try:
        # what went wrong is looked at before the scratch folder, and with it the evidence of a full disk, is removed
        with explained(final):
            yield scratch
            _sync_files(scratch)
            if final.exists():
                shutil.rmtree(scratch)
            else:
                scratch.replace(final)
                _sync_folder(final.parent)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


@contextmanager
def locked(path: Path, *, busy: str) -> Iterator[None]:
    """Hold an advisory lock on `path` for the block; it ends with the process, however that ends.

    Raises:
        PlaceError: at once, if another process holds it; `busy` says what that process does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlaceError(busy, where=str(path), fix="wait for it to end, or stop it; then run this again") from None
        yield


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a full disk or a missing permission into an error that says so."""
    try:
        yield
    except PermissionError as err:
        raise PlaceError(
            "no permission to write", where=str(err.filename or path), fix="choose a folder you own"
        ) from err
    except Exception as err:
        if not _full(err, path):
            raise
        raise PlaceError(
            "the disk is full; nothing was half-written", where=str(path), fix="free some space, then run this again"
        ) from err


def _full(err: Exception, path: Path) -> bool:
    """Whether the disk is full; libraries that write by themselves say so in words only, numpy not even that."""
    if isinstance(err, OSError):
        return err.errno in _FULL or (err.errno is None and _no_space(path))
    return any(f"os error {number}" in str(err) for number in _FULL) or "No space left on device" in str(err)


def _no_space(path: Path) -> bool:
    """Whether the disk is full: numpy says that it wrote less than it was asked to, and not why."""
    place = next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))
    return shutil.disk_usage(place).free < _LEAST_FREE


def _sync_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
