"""The server: who is connected, what has gathered in this turn, when to stop."""

import asyncio
import errno
import logging
import socket
from email.utils import formatdate
from time import monotonic

from roadworthy.kernel.errors import ServingError
from roadworthy.serving.connection import Connection
from roadworthy.serving.exchange import Reply, Request, busy
from roadworthy.serving.handler import Handler, Health
from roadworthy.serving.limits import Limits
from roadworthy.serving.turn import Turn

_logger = logging.getLogger("roadworthy.serving")
_BACKLOG = 4096
_SWEEP_SECONDS = 0.25
_SHED = busy("overload", "the server is overloaded").reply()


class Server:
    """Serves one listening socket; `handler` may be replaced at any time, and takes effect with the next turn.

    Args:
        handler: answers requests. turn: scores, logs and counts them.
        health: told when the server stops being ready.
    """

    def __init__(self, handler: Handler, turn: Turn, *, health: Health, limits: Limits) -> None:
        self.handler, self.turn, self.health, self.limits = handler, turn, health, limits
        self.metrics = turn.metrics
        self.now, self.date, self.buffered, self.closing = monotonic(), b"", 0, False
        self._connections: set[Connection] = set()
        self._waiting: list[tuple[Connection, Request | Reply, bool]] = []
        self._round, self._round_began, self._shedding, self._scheduled = 0, 0.0, False, False
        self._listener: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    async def start(self, listening: socket.socket) -> None:
        """Accept connections on a bound socket."""
        self._loop = asyncio.get_running_loop()
        self._sweep()
        self._listener = await self._loop.create_server(lambda: Connection(self), sock=listening, backlog=_BACKLOG)

    async def stop(self) -> None:
        """Say that we are not ready, let the news spread, close the door, answer what is in flight, sync the logs."""
        self.health.ready, self.health.why = False, "stopping"
        await asyncio.sleep(self.limits.drain_delay)
        self.closing = True
        if self._listener:
            self._listener.close()
        for connection in list(self._connections):
            connection.close_if_idle()
        end = monotonic() + self.limits.drain_seconds
        while self._connections and monotonic() < end:
            await asyncio.sleep(0.01)
        self.flush()
        for connection in list(self._connections):
            connection.abort()
        if self._sweeping:
            self._sweeping.cancel()
        for writer in self.turn.logs.every:
            await self._loop.run_in_executor(None, writer.close)

    # --- what a connection asks (see `connection.Host`)

    def joined(self, connection: Connection) -> bool:
        """A connection was made; False if there are too many."""
        self._connections.add(connection)
        self.metrics.connections_opened += 1
        return len(self._connections) <= self.limits.max_connections

    def left(self, connection: Connection) -> None:
        """A connection is lost."""
        self._connections.discard(connection)

    def submit(self, connection: Connection, request: Request | Reply, *, keep: bool) -> None:
        """A request takes its place in the turn."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._end_turn)
            self._begin_round()
        elif connection.round == self._round:
            self._begin_round()
        connection.round = self._round
        if self._shedding:
            request = _SHED
        self._waiting.append((connection, request, keep))
        if len(self._waiting) >= self.limits.turn_requests:
            self.flush()

    def flush(self) -> None:
        """Answer what has gathered."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        replies = self.turn.answer(self.handler, [request for _, request, _ in waiting])
        for (connection, _, keep), reply in zip(waiting, replies, strict=True):
            connection.send(reply, keep=keep)
        took = monotonic() - self._round_began
        self.metrics.took(took, len(waiting))
        self._shedding = took > self.limits.round_seconds

    # --- inside

    def _end_turn(self) -> None:
        self.flush()
        self._scheduled = self._shedding = False

    def _begin_round(self) -> None:
        # Under load the event loop may find new requests for seconds without a pause. How long a client waits is how
        # long it takes until each connection had its turn once: that is a round.
        self._round, self._round_began, self._shedding = self._round + 1, monotonic(), False

    def _sweep(self) -> None:
        self.now = monotonic()
        self.date = b"date: %s\r\n" % formatdate(usegmt=True).encode()
        self.metrics.connections = len(self._connections)
        for connection in [each for each in self._connections if each.deadline < self.now]:
            connection.expire()
        self._sweeping = self._loop.call_later(_SWEEP_SECONDS, self._sweep)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises:
        ServingError: if the port is in use, needs rights, or the host is not ours.
    """
    where = f"{host}:{port}"
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
    except (OSError, UnicodeError) as err:
        raise ServingError(f"no such address: {err}", where=where, fix="give an address of this machine") from err
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.setblocking(False)  # noqa: FBT003  the standard library takes no keyword here
    except OSError as err:
        listening.close()
        raise _cannot_listen(err, where) from err
    return listening


def _cannot_listen(err: OSError, where: str) -> ServingError:
    match err.errno:
        case errno.EADDRINUSE:
            return ServingError(
                "the port is in use",
                where=where,
                fix="stop what listens there, or choose another port ([deploy.online] port)",
            )
        case errno.EACCES:
            return ServingError("no right to listen on this port", where=where, fix="choose a port above 1023")
        case _:
            return ServingError(f"cannot listen: {err.strerror}", where=where, fix="give an address of this machine")
