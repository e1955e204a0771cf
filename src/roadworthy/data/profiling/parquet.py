"""Profiles of Parquet files, read in batches, so that memory does not grow with the file."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Protocol

import polars as pl

from roadworthy.data.profiling.frames import buffer_of
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import RoadworthyError, SourceError
from roadworthy.kernel.ports import Progress, Silent
from roadworthy.measures.profile.buffers import Buffer
from roadworthy.measures.profile.choice import kernel_for
from roadworthy.measures.profile.counting import Counting
from roadworthy.measures.profile.kernels import Kernel
from roadworthy.measures.profile.profile import Profile

STEP = 262_144
_ARROW = "roadworthy.data.profiling.arrow:ArrowFile"

Batch = tuple[int, dict[str, Buffer]]
"""Rows and columns."""


class ParquetFile(Protocol):
    """One file in parts that can be read side by side, each in batches."""

    rows: int
    columns: int
    parts: int

    def batches(self, part: int) -> Iterator[Batch]:
        """The batches of one part."""

    def empty(self) -> dict[str, Buffer]:
        """The columns without rows."""


class PolarsFile:
    """A file read by polars alone."""

    def __init__(self, path: Path) -> None:
        self._frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        self.columns = len(self._frame.collect_schema())
        self.rows = int(self._frame.select(pl.len()).collect().item())
        self.parts = -(-self.rows // STEP)

    def batches(self, part: int) -> Iterator[Batch]:
        """The rows of one part."""
        frame = self._frame.slice(part * STEP, STEP).collect()
        yield frame.height, {column.name: buffer_of(column) for column in frame}

    def empty(self) -> dict[str, Buffer]:
        """The columns without rows."""
        return {column.name: buffer_of(column) for column in self._frame.head(0).collect()}


def profile_parquet(
    paths: str | Path | Sequence[str | Path], *, threads: int = 2, progress: Progress | None = None
) -> Profile:
    """The profile of the rows of one or several Parquet files, the same bytes whatever the threads.

    Args:
        paths: a file, or several files that hold one table.
        threads: that read and count side by side; each holds one batch.
        progress: told of the rows that were counted.

    Raises:
        SourceError: if a file is missing, cut off or no Parquet file.
    """
    places = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    files = [_opened(path) for path in places]
    told = progress or Silent()
    told.begin("profile", sum(file.rows for file in files))
    kernel = kernel_for(sum(file.rows * file.columns for file in files))
    first = Counting(kernel)
    for file in files:
        first.add(file.empty(), rows=0)
    work: SimpleQueue[tuple[Path, ParquetFile, int]] = SimpleQueue()
    for path, file in zip(places, files, strict=True):
        for part in range(file.parts):
            work.put((path, file, part))
    counting = _Worker(work, told, kernel)
    with ThreadPoolExecutor(threads) as pool:
        profiles = list(pool.map(lambda _: counting.run(), range(threads)))
    told.end()
    return Profile.merged([first.profile(), *profiles])


class _Worker:
    """Takes parts of files from a queue until none is left."""

    def __init__(self, work: SimpleQueue[tuple[Path, ParquetFile, int]], told: Progress, kernel: Kernel) -> None:
        self._work, self._told, self._kernel = work, told, kernel
        self._lock = Lock()

    def run(self) -> Profile:
        """The profile of the parts that this thread took."""
        counting = Counting(self._kernel)
        while True:
            try:
                path, file, part = self._work.get_nowait()
            except Empty:
                return counting.profile()
            for rows, columns in _read(path, file, part):
                counting.add(columns, rows=rows)
                with self._lock:
                    self._told.advance(rows)


def _opened(path: Path) -> ParquetFile:
    if not path.is_file():
        raise SourceError("there is no such file", where=str(path), fix="give the path of a Parquet file")
    try:
        file: ParquetFile = resolve(_ARROW)(path) if find_spec("pyarrow") is not None else PolarsFile(path)
    except RoadworthyError:
        raise
    except Exception as err:
        raise _unreadable(path, err) from err
    return file


def _read(path: Path, file: ParquetFile, part: int) -> Iterator[Batch]:
    try:
        yield from file.batches(part)
    except Exception as err:
        raise _unreadable(path, err) from err


def _unreadable(path: Path, err: Exception) -> SourceError:
    said = str(err).strip().splitlines()
    return SourceError(
        f"this file cannot be read as Parquet: {said[0] if said else type(err).__name__}",
        where=str(path),
        fix="check that the file is whole and of this format",
    )
