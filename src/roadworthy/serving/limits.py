"""What the server takes, and how long it waits."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Declared limits; sizes in bytes, times in seconds.

    Attributes:
        max_body: of one request. max_buffered: of all unfinished requests together.
        max_head: request line and headers together. max_headers: how many headers.
        max_rows: rows in one request.
        max_connections: open at the same time; more are told to come again.
        idle_seconds: between requests. head_seconds: from the first byte to the end of the headers.
        body_seconds: for a body, and one second more for every `slowest` bytes of it.
        write_seconds: for a client that does not read its replies. linger_seconds: for one that goes on sending after
            a refusal.
        turn_requests: answered at the latest when so many have gathered.
        round_seconds: how long a client may wait until every connection had its turn; beyond it the rest are refused.
        drain_delay: from "not ready" to the closed door. drain_seconds: for what is in flight then.
    """

    max_body: int = 60_000_000
    max_buffered: int = 500_000_000
    max_head: int = 32_768
    max_headers: int = 100
    max_rows: int = 10_000
    max_connections: int = 20_000
    idle_seconds: float = 75.0
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    slowest: int = 100_000
    write_seconds: float = 30.0
    linger_seconds: float = 2.0
    turn_requests: int = 256
    round_seconds: float = 2.0
    drain_delay: float = 0.2
    drain_seconds: float = 10.0
