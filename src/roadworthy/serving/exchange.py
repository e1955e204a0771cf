"""The nouns of one exchange: a request, a reply, a refusal, a question for the model."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from msgspec import Struct, field

JSON = b"application/json"


class Request(Struct, frozen=True):
    """A whole request. `path` is without query, percent-decoded; header names are lower case."""

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    body: bytes = b""


class Reply(Struct, frozen=True):
    """A whole reply.

    Attributes:
        extra: whole header lines, each ending in CR LF.
        refused: why the request was refused, one word for the counter; empty if it was not.
    """

    status: int
    body: bytes
    content_type: bytes = JSON
    extra: bytes = b""
    refused: str = ""


class Refusal(Exception):  # noqa: N818  a refusal is an answer to the client, no fault of ours
    """A request that is not answered as asked.

    Args:
        status: 4xx, or 503 where we cannot answer now.
        reason: one word, counted in the metrics.
        message: one sentence for the client.
        extra: whole header lines.
    """

    def __init__(self, status: int, reason: str, message: str, extra: bytes = b"") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.extra = status, reason, message, extra

    def reply(self) -> Reply:
        """The refusal as the client sees it."""
        return Reply(
            status=self.status,
            body=msgspec.json.encode({"error": self.message}),
            extra=self.extra,
            refused=self.reason,
        )


def busy(reason: str, message: str) -> Refusal:
    """A refusal that asks the client to come again in a second."""
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, reason, message, b"retry-after: 1\r\n")


class Answer(Struct, frozen=True):
    """The model's answer to one question, row by row."""

    ids: list[str]
    probability: list[float]
    decision: list[int]


class Question(Struct, frozen=True, kw_only=True):
    """Rows that the model is asked about.

    Attributes:
        rows: at least 1.
        columns: one list of `rows` values per declared input, for a table model; raws: `rows` mails, for a mail model.
        given: the rows of a table as they came, with columns that the model does not read; may be empty.
        render: makes the reply of the answer.
        keys: what the client calls each row, where the model finds no key in it; may be empty.
    """

    rows: int
    render: Callable[[Answer], Reply]
    columns: Mapping[str, list[Any]] = field(default_factory=dict)
    raws: Sequence[bytes] = ()
    given: Sequence[dict[str, Any]] = ()
    keys: Sequence[str] = ()


class Returned(Struct, frozen=True):
    """The truth of one prediction, as the client sends it back."""

    label: str
    id: str = ""
    key: str = ""
    source: str = ""


class Feedback(Struct, frozen=True):
    """Truths that came back in one request."""

    returned: list[Returned]


class Handles(Protocol):
    """What the server asks of a handler."""

    def accept(self, request: Request) -> "Reply | Question | Feedback":
        """A reply that needs no model, a question for the model, or feedback to be kept; or raises `Refusal`."""
