"""From the live pointer to a server that answers, and follows the pointer from then on."""

import asyncio
import gc
import ipaddress
import logging
import resource
import signal
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic, time

import msgspec
import uvloop
from msgspec import Struct

from roadworthy.bundle.certificate import verify_bundle
from roadworthy.bundle.keys import PublicKey
from roadworthy.bundle.model import Model as Bundle
from roadworthy.kernel.errors import RoadworthyError, ServingError
from roadworthy.serving.answering import Model, warm
from roadworthy.serving.handler import Handler, Health
from roadworthy.serving.limits import Limits
from roadworthy.serving.log import Durability, LogWriter
from roadworthy.serving.metrics import Metrics
from roadworthy.serving.server import Server, listen
from roadworthy.serving.turn import Logs, Turn

_logger = logging.getLogger("roadworthy.serving")


class Pointer(Struct, frozen=True):
    """The live pointer's file. `bundle` is absolute, or relative to the folder above the pointer's."""

    bundle: str
    version: str


class Address(Struct, frozen=True):
    """Where the server listens."""

    host: str
    port: int


def load_bundle(folder: Path) -> Model:
    """The model of a bundle."""
    return Bundle.load(folder)


def verify_now(folder: Path, trusted: Sequence[PublicKey]) -> object:
    """The certificate of a bundle, if it holds today."""
    return verify_bundle(folder, trusted=trusted, now=datetime.now(UTC))


class Means(Struct, frozen=True, kw_only=True):
    """How things are done; given by those who test or embed the server, left alone by others.

    Attributes:
        load: makes a model of a bundle's folder. verify: raises where a folder may not be served.
        poll_seconds: how often the pointer is looked at. recheck_seconds: how often the live bundle is verified anew.
        log_predictions: without it nothing can be watched or explained.
        clock: Unix seconds for the records.
    """

    load: Callable[[Path], Model] = load_bundle
    verify: Callable[[Path, Sequence[PublicKey]], object] = verify_now
    limits: Limits = Limits()
    durability: Durability = "group"
    log_predictions: bool = True
    poll_seconds: float = 1.0
    recheck_seconds: float = 600.0
    clock: Callable[[], float] = time


def serve(  # noqa: PLR0913  each is a declared setting of the server
    pointer: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    trusted: Sequence[PublicKey] = (),
    log_folder: Path,
    token: str | None = None,
    keep_inputs: bool = False,
    ready: Callable[[Address], None] | None = None,
    means: Means | None = None,
) -> None:
    """Serve what the pointer points at until SIGTERM or SIGINT.

    Args:
        pointer: JSON file `{"bundle": folder, "version": content id}`; it is followed.
        host: an address of this machine; anything but loopback needs a token.
        port: 0 takes a free one, which `ready` is told.
        trusted: keys whose certificates are accepted.
        log_folder: where predictions and feedback are logged, before they are acknowledged.
        token: what clients must bring as `Authorization: Bearer`.
        keep_inputs: whether the input of each row is logged with it.
        ready: called once, when questions are answered.
        means: for tests and embedding.

    Raises:
        ServingError: if nothing is live, the port is in use, the log cannot be written, a token is missing.
        BundleError: if the bundle is tampered with, or not the one that the pointer names.
        GateError: if it has no valid certificate.
    """
    means = means or Means()
    _check_exposure(host, token)
    with listen(host, port) as listening:
        follower = Follower(pointer, trusted, means)
        model = follower.open()
        logs = Logs(
            LogWriter(log_folder, "predictions", durability=means.durability) if means.log_predictions else None,
            LogWriter(log_folder, "feedback", durability=means.durability),
            keep_inputs=keep_inputs,
        )
        running = Running(follower, logs, token=token)
        _raise_file_limit()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(running.run(model, listening, ready))


class Follower:
    """Reads the pointer, and opens what it points at."""

    def __init__(self, pointer: Path, trusted: Sequence[PublicKey], means: Means) -> None:
        self.means = means
        self._pointer, self._trusted = pointer, trusted
        self._seen = b""
        self._folder = Path()

    def open(self) -> Model:
        """The model that is live now, verified, loaded and warm.

        Raises:
            RoadworthyError: saying why it is not served.
        """
        self._seen = self._read()
        folder, version = self._target(self._seen)
        self.means.verify(folder, self._trusted)
        model = self.means.load(folder)
        if model.version != version:
            raise ServingError(
                f"the bundle is version {model.version}, and the pointer names {version}",
                where=str(self._pointer),
                fix="release the model again",
            )
        warm(model)
        self._folder = folder
        return model

    def moved(self) -> bool:
        """Whether the pointer has changed since it was last followed."""
        try:
            return self._read() != self._seen
        except ServingError:
            return False  # between two releases, or removed: what is live stays live

    def recheck(self) -> None:
        """Verify the bundle that is served, again: certificates expire."""
        self.means.verify(self._folder, self._trusted)

    def _read(self) -> bytes:
        try:
            return self._pointer.read_bytes()
        except OSError as err:
            raise ServingError(
                "nothing is live", where=str(self._pointer), fix="release a model first: roadworthy release"
            ) from err

    def _target(self, seen: bytes) -> tuple[Path, str]:
        try:
            read = msgspec.json.decode(seen, type=Pointer)
        except msgspec.DecodeError as err:
            raise ServingError(
                f"the live pointer cannot be read: {err}",
                where=str(self._pointer),
                fix="release a version again: roadworthy release",
            ) from err
        return self._pointer.resolve().parent.parent / read.bundle, read.version


class Running:
    """A server and what goes on beside it: following the pointer, probing a full disk, stopping."""

    def __init__(self, follower: Follower, logs: Logs, *, token: str | None) -> None:
        self._follower, self._means, self._token = follower, follower.means, token
        self._health, self._metrics = Health(), Metrics()
        self._logs, self._certified = logs, True
        self._turn = Turn(logs, self._metrics, clock=self._means.clock)

    async def run(self, model: Model, listening: socket.socket, ready: Callable[[Address], None] | None) -> None:
        """Serve until told to stop."""
        server = Server(self._handler(model), self._turn, health=self._health, limits=self._means.limits)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        if current_thread() is main_thread():
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(each, stop.set)
        await server.start(listening)
        gc.collect()
        gc.freeze()
        following = loop.create_task(self._follow(server))
        if ready:
            host, port = listening.getsockname()[:2]
            ready(Address(host, port))
        await stop.wait()
        following.cancel()
        await server.stop()

    async def _follow(self, server: Server) -> None:
        rechecked = monotonic()
        while True:
            await asyncio.sleep(self._means.poll_seconds)
            self._probe()
            if await asyncio.to_thread(self._follower.moved):
                await self._swap(server)
            if monotonic() - rechecked >= self._means.recheck_seconds:
                rechecked = monotonic()
                await asyncio.to_thread(self._recheck)

    async def _swap(self, server: Server) -> None:
        try:
            model = await asyncio.to_thread(self._follower.open)
        except Exception as err:
            self._health.refused = err.what if isinstance(err, RoadworthyError) else repr(err)
            self._metrics.swap_refusals += 1
            _logger.exception("the new release is refused, %s goes on", server.handler.model.version)
            return
        server.handler = self._handler(model)
        self._health.refused, self._certified = "", True
        self._metrics.swaps += 1
        _logger.info("live is now %s %s", model.name, model.version)

    def _recheck(self) -> None:
        try:
            self._follower.recheck()
            self._certified = True
        except RoadworthyError:
            self._certified = False
            _logger.exception("the bundle that is served no longer holds")

    def _probe(self) -> None:
        failing = [writer for writer in self._logs.every if not writer.probe()]
        self._health.ready = not failing
        self._health.why = f"the log cannot be written: {failing[0].failure}" if failing else ""

    def _handler(self, model: Model) -> Handler:
        def show() -> bytes:
            info = (("model", model.name), ("version", model.version))
            return self._metrics.text(self._gauges(), info)

        return Handler(
            model, health=self._health, token=self._token, max_rows=self._means.limits.max_rows, show_metrics=show
        )

    def _gauges(self) -> dict[str, float]:
        gauges = {
            "ready": float(self._health.ready),
            "certificate_valid": float(self._certified),
            "release_refused": float(bool(self._health.refused)),
        }
        for writer in self._logs.every:
            gauges[f"{writer.kind}_log_bytes"] = float(writer.bytes)
            gauges[f"{writer.kind}_log_failures"] = float(writer.failures)
            gauges[f"{writer.kind}_log_syncs"] = float(writer.syncs)
        return gauges


def _check_exposure(host: str, token: str | None) -> None:
    if token is not None and len(token) < 16:
        raise ServingError("the token is shorter than 16 characters", where="token", fix="make a longer one")
    if token is None and not _loopback(host):
        raise ServingError(
            "whoever reaches this address could ask the model and send labels",
            where=host,
            fix="set ROADWORTHY_TOKEN to a secret, or serve on 127.0.0.1",
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
