"""What fetching needs of a server, and how to add another kind of one."""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

_LONGEST = 120


class Answer(Struct, frozen=True, kw_only=True):
    """The bytes of one file as a server sends them.

    Attributes:
        chunks: the bytes, from `start` on; they may end too early.
        start: the offset that they begin at; 0 where the server sends all of it, whatever it was asked for.
        size: bytes of the whole file; None where the server does not say.
        tag: what the server calls this state of the file; empty where it gives no name to it.
    """

    chunks: Iterator[bytes]
    start: int
    size: int | None
    tag: str


class BrokenError(Exception):
    """The server or the network failed in a way that may pass; `wait` is how many seconds the server asked for."""

    def __init__(self, said: str, *, wait: float = 0.0) -> None:
        super().__init__(said)
        self.wait = wait


class Origin(Protocol):
    """One file at a server.

    Attributes:
        told: its address as it may be printed and stored.
        key: its address as it was written, which the cache remembers.
        name: the last part of it, by which readers know the kind of file.
    """

    told: str
    key: str
    name: str

    def open(self, start: int, tag: str) -> Answer | None:
        """The file from an offset on.

        Args:
            start: the offset wanted, where bytes before it are at hand.
            tag: the state of the file that is at hand. With `start`, the rest of that state is wanted, else the whole
                of another one. Without `start`, nothing is wanted unless the state is another.

        Returns:
            The bytes; None if `start` is 0 and the state is still the one at hand.

        Raises:
            BrokenError: if asking again may help.
            SourceError: if not.
        """


def file_name(path: str) -> str:
    """The last part of a path as a name that a file may have, with its ending.

    >>> file_name("data/2024/orders.csv.gz"), file_name("data/.."), file_name("x" * 999 + ".csv")[-7:]
    ('orders.csv.gz', 'file', 'xxx.csv')
    """
    name = path.rstrip("/").rpartition("/")[2].replace("\x00", "")
    return "file" if name in ("", ".", "..") else name[-_LONGEST:]
