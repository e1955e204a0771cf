"""The real server in a process of its own, for a stress test before the release and for the demo."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Thread

import msgspec
from msgspec import Struct

from roadworthy.bundle.keys import PublicKey
from roadworthy.kernel.errors import RoadworthyError, ServingError
from roadworthy.kernel.files import write_atomically
from roadworthy.serving.start import Address, Means, serve, verify_now

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0


class Served(Struct, frozen=True, kw_only=True):
    """A server that runs. `pid` is its process."""

    host: str
    port: int
    pid: int

    @property
    def resident_mb(self) -> float:
        """Resident memory of the server now, in 1,000,000 bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class _Errand:
    """What the child is to serve, and how."""

    pointer: Path
    logs: Path
    trusted: Sequence[PublicKey] = ()
    verified: bool = True
    keep_inputs: bool = False
    clock: "Synchronized[float] | None" = None


@contextmanager
def on_trial(bundle: Path, version: str, *, desk: Path) -> Iterator[Served]:
    """Serve a bundle that has no certificate yet, on a free port of 127.0.0.1, with its log on the desk.

    Only code that holds the bundle can do this; no command and no setting leads here.
    """
    pointer = desk / "trial" / "live.json"
    write_atomically(pointer, msgspec.json.encode({"bundle": str(bundle.absolute()), "version": version}))
    with _child(_Errand(pointer, desk / "trial-log", verified=False)) as served:
        yield served


@contextmanager
def following(
    pointer: Path,
    logs: Path,
    *,
    trusted: Sequence[PublicKey],
    keep_inputs: bool,
    clock: "Synchronized[float] | None" = None,
) -> Iterator[Served]:
    """Serve what a live pointer points at, on a free port of 127.0.0.1.

    Args:
        clock: Unix seconds by which records are dated; the machine's own clock if None.
    """
    with _child(_Errand(pointer, logs, trusted=trusted, keep_inputs=keep_inputs, clock=clock)) as served:
        yield served


@contextmanager
def _child(errand: _Errand) -> Iterator[Served]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(errand, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _answer(ours, process.pid or 0)
    finally:
        process.terminate()
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        ours.close()


def _answer(pipe: Connection, pid: int) -> Served:
    begun = time.monotonic()
    while not pipe.poll(0.05):
        if time.monotonic() - begun > _START_SECONDS:
            raise ServingError("the server did not start in time", where=f"process {pid}", fix="look at its output")
    try:
        said = pipe.recv_bytes()
    except EOFError as err:
        raise ServingError(
            "the server ended before it answered", where=f"process {pid}", fix="look at its output"
        ) from err
    told = msgspec.json.decode(said)
    if "what" in told:
        raise ServingError(told["what"], where=told["where"], fix=told["fix"])
    return Served(host=told["host"], port=told["port"], pid=pid)


def _serve(errand: _Errand, pipe: Connection) -> None:
    """The child: says where it answers, or why it does not; it ends with its parent, however that ends."""
    Thread(target=_end_with_parent, daemon=True).start()

    def ready(address: Address) -> None:
        pipe.send_bytes(msgspec.json.encode(address))

    def now() -> float:
        return time.time() if errand.clock is None else errand.clock.value

    try:
        serve(
            errand.pointer,
            port=0,
            trusted=errand.trusted,
            log_folder=errand.logs,
            keep_inputs=errand.keep_inputs,
            ready=ready,
            means=Means(verify=verify_now if errand.verified else _unverified, clock=now, poll_seconds=0.1),
        )
    except RoadworthyError as err:
        pipe.send_bytes(msgspec.json.encode({"what": err.what, "where": err.where, "fix": err.fix}))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _unverified(folder: Path, trusted: Sequence[PublicKey]) -> None:
    """Stands in for the verification of a bundle that is on trial."""
