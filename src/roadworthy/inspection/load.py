"""A load generator: so many connections, each with one request in flight, for so long; honest about what failed."""

import asyncio
from collections.abc import Sequence
from itertools import count
from time import perf_counter

import httptools
import numpy as np
import uvloop
from msgspec import Struct
from numpy.typing import NDArray

_AT_ONCE = 512
_FIRST_BAD_STATUS = 400
_PAUSE_SECONDS = 0.05


class LoadResult(Struct, frozen=True, kw_only=True):
    """What came of a load.

    Attributes:
        requests: how many were sent and came to an end, good or bad.
        errors: refused or lost connections, replies that are no HTTP, statuses from 400 on. timeouts: no reply in time.
        seconds: from the first request to the last end.
        latencies: milliseconds from sending to the whole reply, of the good ones, in the order of their end.
        first_error: what the first error was; empty if there was none.
    """

    requests: int
    errors: int
    timeouts: int
    seconds: float
    latencies: NDArray[np.float64]
    first_error: str = ""

    @property
    def rate(self) -> float:
        """Good replies a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def load(
    host: str,
    port: int,
    requests: Sequence[bytes],
    *,
    concurrent: int,
    seconds: float,
    timeout: float = 10.0,
) -> LoadResult:
    """Keep `concurrent` keep-alive connections busy for `seconds`, each with one request in flight (closed loop).

    Args:
        host: of the server.
        port: of the server.
        requests: whole HTTP/1.1 requests; used in turn.
        concurrent: connections, at least 1.
        seconds: how long new requests are sent.
        timeout: seconds after which a request counts as timed out.

    Note:
        A closed loop waits for a slow server and so sends less: it measures the latency at this many requests in
        flight, not at a given rate.
    """
    return uvloop.run(_Load(host, port, requests, timeout=timeout).run(concurrent, seconds))


class _Load:
    def __init__(self, host: str, port: int, requests: Sequence[bytes], *, timeout: float) -> None:
        self.requests, self.timeout = requests, timeout
        self.latencies: list[float] = []
        self.errors = self.timeouts = self.ended = 0
        self.first_error = ""
        self.stopping = False
        self._host, self._port, self._numbers = host, port, count()

    async def run(self, concurrent: int, seconds: float) -> LoadResult:
        gate = asyncio.Semaphore(_AT_ONCE)
        clients = await asyncio.gather(*(self._connect(gate) for _ in range(concurrent)))
        began = perf_counter()
        sweep = asyncio.create_task(self._sweep(clients))
        for client in clients:
            client.ask()
        await asyncio.sleep(seconds)
        self.stopping = True
        while any(client.sent_at for client in clients) and perf_counter() - began < seconds + self.timeout + 1.0:
            await asyncio.sleep(0.002)
        took = perf_counter() - began
        sweep.cancel()
        for client in clients:
            client.close()
        return LoadResult(
            requests=self.ended,
            errors=self.errors,
            timeouts=self.timeouts,
            seconds=took,
            latencies=np.array(self.latencies, dtype=np.float64),
            first_error=self.first_error,
        )

    def next_request(self) -> bytes:
        return self.requests[next(self._numbers) % len(self.requests)]

    def good(self, milliseconds: float) -> None:
        self.ended += 1
        self.latencies.append(milliseconds)

    def bad(self, why: str, *, timed_out: bool = False) -> None:
        self.ended += 1
        self.first_error = self.first_error or why
        if timed_out:
            self.timeouts += 1
        else:
            self.errors += 1

    async def reconnect(self, client: "_Client") -> None:
        """Try again after a pause, so that a dead server gives some errors, not a million."""
        await asyncio.sleep(_PAUSE_SECONDS)
        if self.stopping:
            return
        try:
            await asyncio.get_running_loop().create_connection(lambda: client, self._host, self._port)
        except OSError as err:
            self.bad(f"cannot connect: {err}")
            client.retry()
        else:
            client.ask()

    async def _connect(self, gate: asyncio.Semaphore) -> "_Client":
        client = _Client(self)
        async with gate:
            try:
                await asyncio.get_running_loop().create_connection(lambda: client, self._host, self._port)
            except OSError as err:
                self.bad(f"cannot connect: {err}")
        return client

    async def _sweep(self, clients: Sequence["_Client"]) -> None:
        while True:
            await asyncio.sleep(min(0.1, self.timeout / 4))
            late = perf_counter() - self.timeout
            for client in clients:
                if client.sent_at and client.sent_at < late:
                    client.time_out()


class _Client(asyncio.Protocol):
    __slots__ = ("_load", "_parser", "_retrying", "_transport", "sent_at")

    def __init__(self, load: _Load) -> None:
        self._load, self.sent_at = load, 0.0
        self._transport: asyncio.WriteTransport | None = None
        self._retrying: asyncio.Task[None] | None = None

    def ask(self) -> None:
        if self._transport is None:
            self.retry()
            return
        self.sent_at = perf_counter()
        self._transport.write(self._load.next_request())

    def retry(self) -> None:
        if not self._load.stopping:
            self._retrying = asyncio.get_running_loop().create_task(self._load.reconnect(self))

    def time_out(self) -> None:
        self.sent_at = 0.0
        self._load.bad("no reply in time", timed_out=True)
        self.close()

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport can write
        self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.sent_at:
            self.sent_at = 0.0
            self._load.bad(f"connection lost: {exc or 'closed by the server'}")
        self.retry()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as err:
            if self.sent_at:
                self.sent_at = 0.0
                self._load.bad(f"no HTTP: {err}")
            self.close()

    def on_message_complete(self) -> None:
        took, self.sent_at = (perf_counter() - self.sent_at) * 1000.0, 0.0
        status = self._parser.get_status_code()
        if status < _FIRST_BAD_STATUS:
            self._load.good(took)
        else:
            self._load.bad(f"status {status}")
        if not self._parser.should_keep_alive():
            self.close()
        elif not self._load.stopping:
            self.ask()
