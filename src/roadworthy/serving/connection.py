"""One connection: bytes to requests, replies to bytes, and no patience with those who stall."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import Protocol, cast
from urllib.parse import unquote_to_bytes

import httptools

from roadworthy.serving.exchange import Refusal, Reply, Request, busy
from roadworthy.serving.limits import Limits

_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class State(Enum):
    """What the connection waits for."""

    IDLE = "a request"
    HEAD = "the rest of the headers"
    BODY = "the rest of the body"
    ENDING = "the client to close"


class Host(Protocol):
    """The server, as a connection sees it. `now` is a coarse clock in seconds; `date` a ready-made header line."""

    limits: Limits
    now: float
    date: bytes
    buffered: int
    closing: bool

    def joined(self, connection: "Connection") -> bool:
        """A connection was made; False if there are too many."""

    def left(self, connection: "Connection") -> None:
        """A connection is lost."""

    def submit(self, connection: "Connection", request: Request | Reply, *, keep: bool) -> None:
        """A request, or the refusal of what was no request, takes its place in the turn."""

    def flush(self) -> None:
        """Answer what has gathered, now."""


class Connection(asyncio.Protocol):
    """Parses with httptools; every request goes through the host's turn, so that replies keep their order."""

    __slots__ = (
        "_began",
        "_body_bytes",
        "_charged",
        "_fresh",
        "_half_closed",
        "_head_bytes",
        "_head_fed",
        "_headers",
        "_headers_seen",
        "_host",
        "_parser",
        "_parts",
        "_refusal",
        "_stalled",
        "_transport",
        "_url",
        "deadline",
        "pending",
        "round",
        "state",
    )

    def __init__(self, host: Host) -> None:
        self._host = host
        self.state, self.deadline, self.pending, self.round = State.IDLE, 0.0, 0, 0
        self._charged = 0
        self._fresh = self._half_closed = self._stalled = False
        self._refusal: Refusal | None = None

    # --- the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._await_request()
        if not self._host.joined(self):
            self._refuse(busy("connections", "too many connections"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was half read."""
        self._discharge()
        self._host.left(self)

    def data_received(self, data: bytes) -> None:
        """Parse; whatever is no HTTP is refused once, and then nothing more is read."""
        if self.state is State.ENDING:
            return
        self._fresh = False
        try:
            self._parser.feed_data(data)
            if self.state is State.HEAD and not self._fresh:
                self._count_unfinished(len(data))
        except httptools.HttpParserUpgrade:
            self._refuse(Refusal(400, "upgrade", "no other protocol is offered here"))
        except (httptools.HttpParserError, Refusal) as err:
            self._refuse(self._refusal or Refusal(400, "http", f"this is no HTTP/1.1 request: {err}"))
        if self._stalled:
            self.deadline = self._host.now + self._host.limits.write_seconds

    def eof_received(self) -> bool:
        """A client that has sent everything may still wait for its replies."""
        self._half_closed = True
        if not self.pending:
            return False
        self.state, self.deadline = State.ENDING, self._host.now + self._host.limits.write_seconds
        return True

    def pause_writing(self) -> None:
        """The client does not read: read no more from it."""
        self._transport.pause_reading()
        self._stalled = True
        self.deadline = self._host.now + self._host.limits.write_seconds

    def resume_writing(self) -> None:
        """The client has read."""
        self._transport.resume_reading()
        self._stalled = False
        if self.state is State.IDLE:
            self.deadline = self._host.now + self._host.limits.idle_seconds

    # --- the host's side

    def send(self, reply: Reply, *, keep: bool) -> None:
        """Write one reply; with `keep` false it is the last."""
        self.pending -= 1
        transport = self._transport
        if transport.is_closing():
            return
        keep = keep and not self._host.closing
        transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b%b%b\r\n%b"
            % (
                reply.status,
                _PHRASES[reply.status],
                reply.content_type,
                len(reply.body),
                self._host.date,
                reply.extra,
                b"" if keep else b"connection: close\r\n",
                reply.body,
            )
        )
        if self._half_closed:
            if not self.pending:
                transport.close()
        elif not keep:
            self._end()

    def expire(self) -> None:
        """The deadline has passed."""
        if self.state is State.ENDING or self._transport.get_write_buffer_size():
            self._transport.abort()
        elif self.state is State.IDLE:
            self._transport.close()
        elif self.state is State.BODY and self._on_pace():
            self.deadline = self._host.now + 1.0
        else:
            self._refuse(Refusal(408, "timeout", f"waited too long for {self.state.value}"))

    def close_if_idle(self) -> None:
        """Close unless a request is under way."""
        if self.state is State.IDLE and not self.pending:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # --- the parser's side

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self.state, self.deadline = State.HEAD, self._host.now + self._host.limits.head_seconds
        self._url, self._headers, self._parts = b"", dict[bytes, bytes](), list[bytes]()
        self._head_bytes = self._head_fed = self._body_bytes = self._headers_seen = 0
        self._fresh = True

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One whole header; trailers after a chunked body are read and dropped."""
        self._headers_seen += 1
        self._count_head(len(name) + len(value) + 4)
        if self._headers_seen > self._host.limits.max_headers:
            self._stop(Refusal(431, "head", f"more than {self._host.limits.max_headers} headers"))
        if self.state is State.BODY:
            return
        name = name.lower()
        if name in self._headers:
            if name in (b"content-length", b"host", b"transfer-encoding", b"authorization", b"content-type"):
                self._stop(Refusal(400, "header", f"header {name.decode()} is given twice"))
            value = self._headers[name] + b", " + value
        self._headers[name] = value

    def on_headers_complete(self) -> None:
        """Refuse what need not be read."""
        host = self._host
        self.state, self._began = State.BODY, host.now
        self.deadline = host.now + host.limits.body_seconds
        refusal = check_head(self._headers, version=self._parser.get_http_version(), limits=host.limits)
        if refusal is None and self._parser.should_upgrade():
            refusal = Refusal(400, "upgrade", "no other protocol is offered here")
        if refusal is not None:
            self._stop(refusal)
        if self._headers.get(b"expect", b"").lower() == b"100-continue":
            host.flush()
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._parts.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > self._host.limits.max_body:
            self._stop(_too_large(self._host.limits))
        self._charged += len(body)
        self._host.buffered += len(body)
        if self._host.buffered > self._host.limits.max_buffered:
            self._stop(busy("memory", "too many large requests at the same time"))

    def on_message_complete(self) -> None:
        """A whole request takes its place in the turn."""
        keep = self._parser.should_keep_alive()
        method = self._parser.get_method().decode()
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        request = Request(method, path_of(self._url), self._headers, body)
        self._discharge()
        self._await_request()
        if method == "HEAD":
            keep = False  # it is refused, and the refusal has a body, which this client would take for the next reply
        if not keep:
            self.state = State.ENDING
            self.deadline = self._host.now + self._host.limits.write_seconds
        self.pending += 1
        self._host.submit(self, request, keep=keep)

    # --- inside

    def _await_request(self) -> None:
        self.state, self.deadline = State.IDLE, self._host.now + self._host.limits.idle_seconds
        self._parts, self._url = [], b""

    def _stop(self, refusal: Refusal) -> None:
        # Raised through the parser, which gives up; `data_received` then sends it.
        self._refusal = refusal
        raise refusal

    def _refuse(self, refusal: Refusal) -> None:
        if self.state is State.ENDING:
            return  # the last request has been taken; what follows it is dropped
        self.state, self.deadline = State.ENDING, self._host.now + self._host.limits.write_seconds
        self.pending += 1
        self._host.submit(self, refusal.reply(), keep=False)

    def _end(self) -> None:
        # Closing with unread data in the socket would send a reset, which may overtake the reply: say that nothing
        # more follows, and read on for a while without listening.
        self.state, self.deadline = State.ENDING, self._host.now + self._host.limits.linger_seconds
        self._discharge()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self._host.limits.max_head:
            self._stop(_too_long(self._host.limits))

    def _count_unfinished(self, size: int) -> None:
        # The parser keeps a header that has no end to itself; this is how it is noticed.
        self._head_fed += size
        if self._head_fed > self._host.limits.max_head:
            self._stop(_too_long(self._host.limits))

    def _on_pace(self) -> bool:
        limits = self._host.limits
        return self._host.now - self._began < limits.body_seconds + self._body_bytes / limits.slowest

    def _discharge(self) -> None:
        self._host.buffered -= self._charged
        self._charged = 0


def check_head(headers: dict[bytes, bytes], *, version: str, limits: Limits) -> Refusal | None:
    """What is wrong with a request that can be told from its headers alone, or None."""
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if version not in ("1.0", "1.1"):
        return Refusal(400, "http", "HTTP/1.1 is spoken here")
    if version == "1.1" and b"host" not in headers:
        return Refusal(400, "header", "HTTP/1.1 needs a Host header")
    return _check_framing(length, coding, version, limits) or _check_coding(headers)


def _check_framing(length: bytes | None, coding: bytes | None, version: str, limits: Limits) -> Refusal | None:
    if length is not None and coding is not None:
        return Refusal(400, "framing", "Content-Length and Transfer-Encoding contradict each other")
    if coding is not None and (coding.strip().lower() != b"chunked" or version == "1.0"):
        return Refusal(400, "framing", "the only transfer coding taken is chunked, in HTTP/1.1")
    if length is not None and not length.isdigit():
        return Refusal(400, "framing", "Content-Length is no number")
    if length is not None and (len(length) > 15 or int(length) > limits.max_body):
        return _too_large(limits)
    return None


def _check_coding(headers: dict[bytes, bytes]) -> Refusal | None:
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return Refusal(415, "encoding", "send the body uncompressed")
    if headers.get(b"expect", b"100-continue").lower() != b"100-continue":
        return Refusal(417, "header", "the one expectation met is 100-continue")
    return None


def path_of(target: bytes) -> str:
    """The path of a request target: without scheme, host and query, percent-decoded.

    >>> path_of(b"http://here/v2/models/a%20b?x=1")
    '/v2/models/a b'
    """
    scheme, found, rest = target.partition(b"://")
    if found and b"/" not in scheme:
        target = b"/" + rest.partition(b"/")[2]
    path = target.partition(b"?")[0].partition(b"#")[0]
    return unquote_to_bytes(path).decode("utf-8", "replace") if b"%" in path else path.decode("latin-1")


def _too_long(limits: Limits) -> Refusal:
    return Refusal(431, "head", f"request line and headers exceed {limits.max_head} bytes")


def _too_large(limits: Limits) -> Refusal:
    return Refusal(413, "body", f"a body may have at most {limits.max_body} bytes")
