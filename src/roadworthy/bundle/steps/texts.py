"""Rows to texts: which words of a row the model may read, and what is masked because it gives the answer away."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from roadworthy.bundle.domains import registered_domain, shown_host
from roadworthy.bundle.encoded import Columns

_LINKS, _ADDRESSES, _RULES = ("://", "www."), ("@",), ("____", "----", "====")
_LIST_TAG = re.compile(r"\[[\w .:-]{2,24}\]")
_LIST_WORDS = ("mailing list", "listinfo", "//lists.", "@lists.", "-request@", "unsubscribe")
_RULER = re.compile(r"[_=-]{12,}")
_WORD = re.compile(r"\w+")


def _in_order(words: str) -> tuple[str, ...]:
    return tuple(words.split())


HEADERS = _in_order(
    "bcc cc content-disposition content-language content-transfer-encoding content-type date from importance "
    "disposition-notification-to in-reply-to message-id mime-version organization priority references reply-to sender "
    "subject to user-agent x-mailer x-mimeole x-msmail-priority x-priority"
)
"""Headers that the writer's own program sets; all others tell more of the way than of the mail and are not read."""


class ColumnText(Struct, frozen=True, kw_only=True, tag="columns"):
    """The text of some columns, one below the other."""

    columns: tuple[str, ...]
    redact: tuple[str, ...] = ()
    limit: int = 20_000

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are read."""
        return self.columns

    def read(self, rows: Columns) -> list[str]:
        """One text a row; a missing value is an empty one."""
        texts = zip(*(rows[name] for name in self.columns), strict=True)
        joined = ("\n".join("" if part is None else str(part)[: self.limit] for part in parts) for parts in texts)
        return [masked(text, self.redact) for text in joined]


class MailText(Struct, frozen=True, kw_only=True, tag="mail"):
    """Subject (twice, since it weighs more) and body of a mail; links read as `url`, addresses are left out.

    Where links lead is told by the marks, and addresses name people.

    Attributes:
        redact: lower-case words; a run of characters without space that holds one is masked.
        lists: drop what mailing lists add: `[tags]` in subjects, and lines on subscribing.
        limit: characters of the body that are read.
    """

    redact: tuple[str, ...] = ()
    lists: bool = False
    limit: int = 20_000
    subject: bool = True
    body: bool = True

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are read."""
        return ("subject",) * self.subject + ("text",) * self.body

    def read(self, rows: Columns) -> list[str]:
        """One text a row."""
        count = len(rows[self.inputs[0]])
        subjects = [self._subject(text) for text in rows["subject"]] if self.subject else [""] * count
        bodies = [self._body(text) for text in rows["text"]] if self.body else [""] * count
        return [subject + body for subject, body in zip(subjects, bodies, strict=True)]

    def _subject(self, text: str) -> str:
        text = without_people(text, self.limit)
        text = masked(_LIST_TAG.sub(" ", text) if self.lists else text, self.redact)
        return f"{text}\n{text}\n"

    def _body(self, text: str) -> str:
        text = without_people(text, self.limit)
        text = masked(without_lists(text) if self.lists else text, self.redact)
        text = masked(text, _LINKS, instead=" url ")
        return _RULER.sub(" ", text) if holds(text, _RULES) else text


class MailMarks(Struct, frozen=True, kw_only=True, tag="marks"):
    """What a mail says beside its words: header names, program, types, domains of sender and links; one mark a line.

    Attributes:
        headers: names of the headers whose presence may be read.
        redact: a mark that holds one of these words is left out, unless it tells the domain that sent the mail.
    """

    headers: tuple[str, ...] = HEADERS
    redact: tuple[str, ...] = ()
    links: int = 60

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (
            "headers",
            "mailer",
            "content_type",
            "transfer_encoding",
            "message_id",
            "from_domain",
            "reply_domain",
            "links",
            "attachments",
        )

    def read(self, rows: Columns) -> list[str]:
        """One text a row, one mark a line."""
        allowed = frozenset(self.headers)
        cells = zip(*(rows[name] for name in self.inputs), strict=True)
        texts = ("\n".join(self._marks(row, allowed)) for row in cells)
        return [masked_lines(text, self.redact, spared=("from:", "reply:")) for text in texts]

    def _marks(self, row: Sequence[Any], allowed: frozenset[str]) -> Iterable[str]:
        headers, mailer, content_type, encoding, message_id, sender, reply, links, attachments = row
        yield from (f"header:{name}" for name in headers if name in allowed)
        yield from (f"mailer:{word}" for word in _WORD.findall(mailer.lower())[:4])
        yield f"type:{content_type}"
        yield f"encoding:{encoding[:16]}"
        yield f"id:{shape(message_id)}"
        yield f"from:{sender}"
        yield f"reply:{reply}"
        for host in hosts(links[: self.links]):
            yield f"link:{registered_domain(host)}"
            yield f"top:{host.rsplit('.', 1)[-1]}"
        yield from (f"attachment:{kind}" for kind in attachments)


TextReader = ColumnText | MailText | MailMarks


def holds(text: str, words: tuple[str, ...]) -> bool:
    """Whether any of the lower-case words stands anywhere in the text, in any case.

    >>> holds("From Joe@Lists.Example.org", ("example.org",))
    True
    """
    lower = text.lower()
    return any(word in lower for word in words)


def without_people(text: str, limit: int) -> str:
    """The text without mail addresses, cut to `limit` characters.

    Addresses name people, and in training they may stand pseudonymised, so that nothing may depend on their letters.

    >>> without_people("ask Joe@example.org , please", 20)
    'ask   , please'
    """
    return masked(text[: 4 * limit], _ADDRESSES)[:limit]


def masked(text: str, words: tuple[str, ...], *, instead: str = " ") -> str:
    """The text without the runs of characters that hold one of the lower-case words; something stands in their place.

    >>> masked("write to Joe@lists.example.org now", ("example.org",))
    'write to   now'
    """
    lower = text.lower()
    if not any(word in lower for word in words):
        return text
    if len(lower) != len(text):
        lower = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    kept, end = [], 0
    for hit in _any_of(words).finditer(lower):
        if hit.start() >= end:
            kept.append(text[end : _run_start(text, hit.start(), end)])
            end = _run_end(text, hit.end())
    return instead.join([*kept, text[end:]])


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


def _run_start(text: str, at: int, least: int) -> int:
    while at > least and not text[at - 1].isspace():
        at -= 1
    return at


def _run_end(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at


def masked_lines(text: str, words: tuple[str, ...], *, spared: tuple[str, ...] = ()) -> str:
    """The text without the lines that hold one of the lower-case words; lines that begin as spared ones stay."""
    if not holds(text, words):
        return text
    return "\n".join(line for line in text.split("\n") if line.startswith(spared) or not holds(line, words))


def without_lists(text: str) -> str:
    """The text without lines on how to join or leave a mailing list."""
    return masked_lines(text, _LIST_WORDS)


def hosts(links: Iterable[str]) -> list[str]:
    """Lower-case host names of those links that have one.

    >>> hosts(["http://a.example.org/x", "mailto:joe@example.org", "www.example.com"])
    ['a.example.org', 'www.example.com']
    """
    return [host for link in links if (host := shown_host(link))]


def shape(message_id: str) -> str:
    """How the left part of a Message-ID is built: which program wrote it.

    >>> shape("20020822.A1B2C3@example.org")
    '0.H'
    """
    local = re.sub(r"[A-F0-9]*[A-F][A-F0-9]{3,}|[A-F0-9]{3,}[A-F][A-F0-9]*", "H", message_id.partition("@")[0])
    return re.sub(r"[a-z]+", "a", re.sub(r"[0-9]+", "0", local))[:24]
