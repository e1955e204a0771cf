"""A raw RFC 5322 message as a record. Used when data are acquired and when the model answers: one code, two moments."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from roadworthy.bundle.charset import decode, header_text
from roadworthy.bundle.dates import parse_date, received_time
from roadworthy.bundle.domains import registered_domain
from roadworthy.bundle.html import Page, looks_like_html, read_page
from roadworthy.bundle.mime import Part, extension, open_message

_LONGEST = 1_000_000
_LONGEST_VALUE = 1_000
_LONGEST_HEADER = 20_000
_LONGEST_LINK = 2_000
_LONGEST_ADDRESS = 320
_MOST_LINKS = 200
_MOST_ADDRESSES = 200
_LINK = re.compile(r"""(?i)\b(?:https?|ftp)://[^\s"'<>)\]]+|\bwww\.[^\s"'<>)\]]+""")
_ADDRESS = re.compile(r"""([^\s<>,;:"'()\[\]@]{1,128}@[^\s<>,;:"'()\[\]@]{1,253})""")
_IN_ANGLES = re.compile(r"<\s*([^\s<>@]{0,128}@[^\s<>@]{1,253})\s*>")
_ID = re.compile(r"<\s*([^<>]+?)\s*>")
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NEEDLESS = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff]")
_LIST_NAMES = frozenset(
    ("sender", "precedence", "errors-to", "x-mailman-version", "mailing-list", "x-loop", "x-beenthere")
)


class Mail(Struct, frozen=True, kw_only=True):
    """One message, tolerant of everything.

    Attributes:
        message_id: without angle brackets; empty if there is none.
        date: UTC seconds of the Date header; received: of the topmost plausible Received header; None if missing.
        time: `received`, else `date`; what records are ordered by.
        from_name, from_address, from_domain: of the first sender; the domain is the registered one (`example.co.uk`).
        reply_domain: registered domain of Reply-To; empty if there is none.
        message_id_domain: registered domain behind the @ of the Message-ID.
        to_addresses: of To and Cc.
        subject: decoded. text: plain parts and visible text of HTML parts, at most 1,000,000 characters each.
        headers: lower-case header names in order. list_headers: `name:value` of headers that mailing lists add.
        links: at most 200 addresses from text and HTML. attachments: `content/type:extension`.
        charset_notes: what had to be guessed, such as `unknown charset gb-2312`. defects: MIME defects counted.
        html_*: what the HTML did: characters hidden from the reader, comments inside words, links that show another
            host than they lead to, images, forms, scripts.
    """

    message_id: str
    date: float | None
    received: float | None
    time: float | None
    from_name: str
    from_address: str
    from_domain: str
    reply_domain: str
    message_id_domain: str
    to_addresses: list[str]
    subject: str
    text: str
    headers: list[str]
    list_headers: list[str]
    mailer: str
    content_type: str
    transfer_encoding: str
    links: list[str]
    link_count: int
    attachments: list[str]
    size: int
    parts: int
    received_count: int
    plain_chars: int
    html_chars: int
    html_hidden_chars: int
    html_comments: int
    html_false_links: int
    html_images: int
    html_forms: int
    html_scripts: int
    zero_width: int
    charset_notes: list[str]
    defects: int


class _Body(Struct):
    """What the parts of one message hold together."""

    plain: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)


def parse_mail(raw: bytes) -> Mail:
    r"""Read any bytes as a message; nothing is raised, whatever they hold.

    Of a message above 8 MiB the first 8 MiB are read (`size` is the whole); of its parts the first 1,000.

    >>> mail = parse_mail(b"From: Ann <ann@mail.example.co.uk>\nSubject: =?utf-8?q?caf=C3=A9?=\n\nhello")
    >>> mail.from_domain, mail.subject, mail.text
    ('example.co.uk', 'café', 'hello')
    """
    opened = open_message(raw)
    notes: list[str] = []
    first: dict[str, str] = {}
    names: list[str] = []
    for name, value in opened.headers:
        lower = _clean_name(name)
        names.append(lower)
        first.setdefault(lower, value)
    body = _read_parts(opened.leaves, notes)
    plain, visible = "\n".join(body.plain)[:_LONGEST], "\n".join(page.text for page in body.pages)[:_LONGEST]
    subject = header_text(first.get("subject", ""), notes)[:_LONGEST_VALUE]
    text, zero_width = _without_zero_width(f"{plain}\n{visible}".strip() if visible else plain.strip())
    subject, in_subject = _without_zero_width(subject)
    links = [link for page in body.pages for link in page.links] + _LINK.findall(plain)
    from_name, from_address = _sender(first.get("from", ""), notes)
    message_id = _clean_id(first.get("message-id", ""))
    received = [value for name, value in opened.headers if len(name) == 8 and name.lower() == "received"]
    date, arrived = parse_date(first.get("date", "")), received_time(received)
    return Mail(
        message_id=message_id,
        date=date,
        received=arrived,
        time=date if arrived is None else arrived,
        from_name=from_name,
        from_address=from_address,
        from_domain=registered_domain(from_address.rpartition("@")[2]),
        reply_domain=registered_domain(_first_address(first.get("reply-to", "")).rpartition("@")[2]),
        message_id_domain=registered_domain(message_id.rpartition("@")[2]) if "@" in message_id else "",
        to_addresses=_addresses(first.get("to", ""), first.get("cc", "")),
        subject=subject,
        text=text,
        headers=names,
        list_headers=_list_headers(opened.headers, notes),
        mailer=header_text(first.get("x-mailer") or first.get("user-agent") or "", notes)[:_LONGEST_VALUE],
        content_type=_content_type(first.get("content-type", "")),
        transfer_encoding=_printable(first.get("content-transfer-encoding", "").strip().lower()[:40]),
        links=[_printable(link[:_LONGEST_LINK]) for link in links[:_MOST_LINKS]],
        link_count=len(links),
        attachments=body.attachments,
        size=len(raw),
        parts=opened.parts,
        received_count=len(received),
        plain_chars=len(plain),
        html_chars=len(visible),
        html_hidden_chars=sum(page.hidden for page in body.pages),
        html_comments=sum(page.comments for page in body.pages),
        html_false_links=sum(page.false_links for page in body.pages),
        html_images=sum(page.images for page in body.pages),
        html_forms=sum(page.forms for page in body.pages),
        html_scripts=sum(page.scripts for page in body.pages),
        zero_width=zero_width + in_subject,
        charset_notes=notes,
        defects=opened.defects,
    )


def mail_columns(mails: Sequence[Mail]) -> dict[str, list[Any]]:
    r"""One list for each field of `Mail`, in the order of the mails.

    >>> mail_columns([parse_mail(b"Subject: hi\n\nthere")])["subject"]
    ['hi']
    """
    return {name: [getattr(mail, name) for mail in mails] for name in Mail.__struct_fields__}


def _read_parts(leaves: Sequence[Part], notes: list[str]) -> _Body:
    body = _Body()
    left = {"text/plain": _LONGEST, "text/html": _LONGEST}
    for part in leaves:
        if part.data is None:
            kind = _printable(part.content_type[:60])
            body.attachments.append(f"{kind}:{extension(header_text(part.filename, notes))}")
            continue
        text = decode(part.data[: 4 * left[part.content_type]], part.charset, notes)[: left[part.content_type]]
        left[part.content_type] -= len(text)
        if part.content_type == "text/html" or looks_like_html(text):
            body.pages.append(read_page(text))
        else:
            body.plain.append(text)
    return body


def _sender(value: str, notes: list[str]) -> tuple[str, str]:
    """Name and address of the first sender. The address is found in the raw value, so that a name may hold an @."""
    address = _first_address(value)
    before, angle, _ = value.partition("<")
    words = before if angle else value.replace(address, "")
    name = header_text(words.strip(), notes).strip(" \t\"'()<>,;")
    return _without_zero_width(name[:_LONGEST_VALUE])[0], address


def _first_address(value: str) -> str:
    inside = _IN_ANGLES.search(value[:_LONGEST_HEADER])
    found = inside or _ADDRESS.search(value[:_LONGEST_HEADER])
    return _printable(found[1].lower()[:_LONGEST_ADDRESS]) if found else ""


def _addresses(*values: str) -> list[str]:
    found = [address for value in values for address in _ADDRESS.findall(value[:_LONGEST_HEADER])]
    return [_printable(address.lower()[:_LONGEST_ADDRESS]) for address in found[:_MOST_ADDRESSES]]


def _list_headers(headers: Sequence[tuple[str, str]], notes: list[str]) -> list[str]:
    return [
        f"{name.lower()}:{header_text(value, notes)[:_LONGEST_VALUE]}"
        for name, value in headers
        if name[:5].lower() == "list-" or name.lower() in _LIST_NAMES
    ][:_MOST_ADDRESSES]


def _content_type(value: str) -> str:
    return _printable(value.partition(";")[0].strip().lower()[:60])


def _clean_id(value: str) -> str:
    inside = _ID.search(value)
    return _printable((inside[1] if inside else value).strip()[:_LONGEST_VALUE])


@lru_cache(maxsize=4096)
def _clean_name(name: str) -> str:
    return _printable(name.strip().lower()[:100])


def _printable(text: str) -> str:
    """Text that any table can hold: bytes beyond ASCII, which the parser keeps as half characters, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _without_zero_width(text: str) -> tuple[str, int]:
    """Characters of no width are counted, and those that no script needs are taken out so that words are whole."""
    if text.isascii():
        return text, 0
    count = len(_ZERO_WIDTH.findall(text))
    return (_NEEDLESS.sub("", text) if count else text), count
