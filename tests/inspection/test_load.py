"""The load generator against small servers that behave well and badly."""

import asyncio
import threading
from contextlib import suppress
from itertools import count

import numpy as np
import pytest

from roadworthy.inspection.load import load

REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Small:
    """Small servers in a thread; what one answers is made by a function of the request's number."""

    def __init__(self) -> None:
        self.loop, self.servers = asyncio.new_event_loop(), []
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def __call__(self, answer, delay: float = 0.0) -> int:
        """Start one; returns its port."""
        numbers = count()

        async def handle(reader, writer):
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await reader.readuntil(b"\r\n\r\n"):
                    await asyncio.sleep(delay)
                    if (reply := answer(next(numbers))) is None:
                        break
                    writer.write(reply)
            writer.transport.abort()

        self.servers.append(self.run(asyncio.start_server(handle, "127.0.0.1", 0)))
        return self.servers[-1].sockets[0].getsockname()[1]

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    async def close(self) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.05)

    def stop(self) -> None:
        self.run(self.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.01))
        self.loop.close()


@pytest.fixture
def served():
    small = Small()
    yield small
    small.stop()


def test_good_replies_are_counted_and_timed(served):
    result = load("127.0.0.1", served(lambda _: GOOD, delay=0.02), [REQUEST], concurrent=5, seconds=0.3)
    assert (result.errors, result.timeouts, result.first_error) == (0, 0, "")
    assert result.requests == len(result.latencies)
    assert 20 <= result.requests <= 80
    assert np.median(result.latencies) >= 20
    assert result.rate == pytest.approx(result.requests / result.seconds)


def test_refusals_are_errors(served):
    refused = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
    result = load(
        "127.0.0.1", served(lambda n: refused if n % 2 else GOOD, delay=0.005), [REQUEST], concurrent=1, seconds=0.2
    )
    assert abs(result.errors - len(result.latencies)) <= 1
    assert result.first_error == "status 503"


def test_lost_connections_are_errors_and_are_made_anew(served):
    result = load(
        "127.0.0.1", served(lambda n: None if n == 3 else GOOD, delay=0.005), [REQUEST], concurrent=1, seconds=0.4
    )
    assert (result.errors, result.timeouts) == (1, 0)
    assert result.first_error.startswith("connection lost")
    assert len(result.latencies) > 10


def test_noise_is_an_error(served):
    result = load("127.0.0.1", served(lambda n: b"noise\r\n" if n == 0 else GOOD), [REQUEST], concurrent=1, seconds=0.2)
    assert result.errors == 1
    assert result.first_error.startswith("no HTTP")


def test_silence_is_a_timeout(served):
    result = load("127.0.0.1", served(lambda _: b""), [REQUEST], concurrent=2, seconds=0.1, timeout=0.2)
    assert (result.timeouts, result.errors, len(result.latencies)) == (2, 0, 0)


def test_nobody_there_is_told():
    result = load("127.0.0.1", 1, [REQUEST], concurrent=2, seconds=0.1)
    assert result.errors >= 2
    assert result.first_error.startswith("cannot connect")
    assert len(result.latencies) == 0
