"""The hash chain over events: each one's hash covers the one before, so that an edited past is noticed."""

from msgspec import Struct

from roadworthy.kernel.fingerprint import fingerprint

BEGINNING = "0" * 64


class Link(Struct, frozen=True, kw_only=True):
    """One event as it is stored; `body` is its canonical JSON text."""

    number: int
    kind: str
    subject: str
    at: str
    run: str
    body: str


def link_hash(previous: str, link: Link) -> str:
    """Hex SHA-256 over the hash before and everything the event says.

    >>> a = Link(number=1, kind="run.begun", subject="spam", at="", run="", body="{}")
    >>> link_hash(BEGINNING, a) == link_hash(BEGINNING, a), link_hash("1" * 64, a) == link_hash(BEGINNING, a)
    (True, False)
    """
    return fingerprint([previous, link.number, link.kind, link.subject, link.at, link.run, link.body])
