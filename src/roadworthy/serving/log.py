"""The writer of the prediction and feedback logs: nothing is acknowledged that is not written.

One `os.write` a turn, to a segment opened with O_APPEND, before the replies of the turn: what the kernel has taken
survives the death of the process. Against the death of the machine, a thread syncs every `group_seconds`; with
`durability="sync"` each turn waits for the disk instead.
"""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Literal, TypeAlias

from roadworthy.bundle.predictions import Kind
from roadworthy.kernel.errors import ServingError

Durability: TypeAlias = Literal["group", "sync"]
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PROBE_BYTES = 65_536


class LogWriter:
    """Appends to segments of its own; a full disk is an error for the caller and heals by itself.

    Args:
        folder: made if missing.
        kind: predictions or feedback.
        durability: `group` syncs in the background, `sync` before `append` returns.
        segment_bytes: a new segment begins when the current one would grow beyond this.
        group_seconds: how long the disk may lag behind in `group` mode.

    Raises:
        ServingError: if the folder cannot be made or written.
    """

    def __init__(
        self,
        folder: Path,
        kind: Kind,
        *,
        durability: Durability = "group",
        segment_bytes: int = 64 << 20,
        group_seconds: float = 0.05,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        self.folder, self.kind, self.durability = folder, kind, durability
        self.segment_bytes, self.group_seconds = segment_bytes, group_seconds
        self.bytes = self.failures = self.syncs = 0
        self.failure = ""
        self._write = write
        self._handle, self._size, self._unsynced = -1, 0, False
        self._wake, self._ended = Event(), Event()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise ServingError(
                f"the log folder cannot be made: {err.strerror}", where=str(folder), fix="choose a folder you own"
            ) from err
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ServingError("the log folder cannot be written", where=str(folder), fix="choose a folder you own")
        self._syncer = Thread(target=self._sync_in_groups, name=f"sync-{kind}", daemon=True)
        if durability == "group":
            self._syncer.start()

    def append(self, data: bytes) -> None:
        """Write all of `data`, or nothing of it.

        Raises:
            ServingError: if the log cannot take it; nothing may then be acknowledged.
        """
        if not data:
            return
        try:
            if self._handle < 0 or (self._size and self._size + len(data) > self.segment_bytes):
                self._begin_segment()
            self._write_whole(data)
            if self.durability == "sync":
                os.fdatasync(self._handle)
        except OSError as err:
            self._take_back()
            self._note(err)
            raise ServingError(
                f"the {self.kind} log cannot be written: {self.failure}",
                where=str(self.folder),
                fix="free some space; the server goes on by itself",
            ) from err
        self._size += len(data)
        self.bytes += len(data)
        self.failure = ""
        if not self._unsynced:
            self._unsynced = True
            self._wake.set()

    def probe(self) -> bool:
        """Whether the log can be written (again); tries with a scratch file where the last append failed."""
        if not self.failure:
            return True
        scratch = self.folder / f".probe-{self.kind}-{os.getpid()}"
        try:
            scratch.write_bytes(bytes(_PROBE_BYTES))
        except OSError:
            return False
        finally:
            scratch.unlink(missing_ok=True)
        self.failure = ""
        return True

    def close(self) -> None:
        """Sync what was written and end; appending again begins a new segment."""
        if self._syncer.is_alive():
            self._ended.set()
            self._wake.set()
            self._syncer.join()
        self._end_segment()

    def _begin_segment(self) -> None:
        self._end_segment()
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = self.folder / f"{self.kind}-{now}-{os.getpid()}.log"
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._size = 0

    def _end_segment(self) -> None:
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            try:
                os.fdatasync(handle)
            except OSError as err:
                self._note(err)
            finally:
                os.close(handle)

    def _write_whole(self, data: bytes) -> None:
        written = self._write(self._handle, data)
        while written < len(data):
            # A short write is a disk that just filled up, or a size limit: writing on gives the reason.
            written += self._write(self._handle, data[written:])

    def _take_back(self) -> None:
        # No half record may stay in the middle of a segment: what follows would be unreadable.
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:
            self._end_segment()

    def _note(self, err: OSError) -> None:
        self.failures += 1
        self.failure = "the disk is full" if err.errno in _NO_SPACE else (err.strerror or str(err))

    def _sync_in_groups(self) -> None:
        while not self._ended.wait(self.group_seconds):
            self._wake.wait()
            self._wake.clear()
            self._unsynced = False
            self._sync_now()

    def _sync_now(self) -> None:
        try:
            # A duplicate, since the segment may be closed by the other thread while this one waits for the disk.
            handle = os.dup(self._handle)
        except OSError:
            return  # the segment ended meanwhile, and was synced then
        try:
            os.fdatasync(handle)
            self.syncs += 1
        except OSError as err:
            self._note(err)
        finally:
            os.close(handle)
