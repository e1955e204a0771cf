"""A draft written down as the bytes of an RFC 5322 message."""

import html
import quopri
import re
from base64 import b64encode, encodebytes
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random

from roadworthy.data.simulated.draft import Draft
from roadworthy.data.simulated.world import HOME

_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "zip": "application/zip",
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_NETS = ("192.0.2", "198.51.100", "203.0.113")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_CHARSETS = ("iso-8859-1", "iso-8859-15", "windows-1252", "utf-8", "utf-8", "utf-8")
_HEX = "0123456789abcdef"


def write(draft: Draft, random: Random) -> bytes:
    """The message; lines end in CRLF as over the wire or, for one in four, in LF, as some stores keep it."""
    head, body = _content(draft, random)
    lines = [*_trace(draft, random), *_head(draft, random), "MIME-Version: 1.0", *head]
    raw = "\n".join(lines).encode("ascii", "replace") + b"\n\n" + body
    return raw if random.random() < 0.25 else raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def token(random: Random, size: int) -> str:
    """Some hexadecimal digits."""
    return "".join(random.choices(_HEX, k=size))


def make_id(random: Random, domain: str) -> str:
    """A Message-ID, in one of the forms that mail programs use."""
    form = random.choice(("<{0}.{1}@{2}>", "<{0}@{2}>", "<{3}.{0}@mail.{2}>", "<{0}-{1}@{2}>"))
    return form.format(token(random, 12), token(random, 6), domain, random.randrange(10**8, 10**9))


def _trace(draft: Draft, random: Random) -> list[str]:
    """Received headers, the newest first."""
    inside = draft.sender.domain == HOME and not draft.relay
    relay = draft.relay or f"mail{random.choice(('', '1', '2', '-out'))}.{draft.sender.domain}"
    address = f"{random.choice(_NETS)}.{random.randrange(1, 255)}"
    stamp = _stamp(draft.received)
    hop = f"Received: from {relay} ({relay} [{address}])\n\tby mx1.{HOME} with ESMTP id {token(random, 10)}"
    hop += f"\n\tfor <{draft.to[0].address}>; {stamp}"
    lines = [f"Received: by hub.{HOME} with ESMTPSA id {token(random, 10)}; {stamp}"] if inside else [hop]
    for step in range(random.randrange(0, 3)):
        earlier = _stamp(draft.received - 2.0 - 3.0 * step)
        lines.append(f"Received: by {relay} with ESMTP id {token(random, 9)}; {earlier}")
    return lines


def _head(draft: Draft, random: Random) -> list[str]:
    sender, to = draft.sender, ", ".join(_named(one.name, one.address) for one in draft.to)
    fields = [
        ("From", _named(sender.name, sender.address)),
        ("To", to),
        ("Subject", _worded(draft.subject)),
        ("Date", _stamp(draft.sent)),
        ("Message-ID", draft.message_id or make_id(random, sender.domain)),
        ("Reply-To", draft.reply_to),
        ("In-Reply-To", draft.references[-1] if draft.references else ""),
        ("References", "\n ".join(draft.references)),
        ("X-Mailer", draft.mailer),
        *draft.headers,
    ]
    return [f"{name}: {value}" for name, value in fields if value]


def _content(draft: Draft, random: Random) -> tuple[list[str], bytes]:
    """The headers that describe the content, and the content."""
    parts = []
    if draft.plain or not draft.html:
        parts.append(_text(draft.body, "plain", random))
    if draft.html:
        parts.append(_text(_page(draft, random), "html", random))
    shown = parts[0] if len(parts) == 1 else _several("alternative", parts, random)
    if not draft.attachments:
        return shown
    return _several("mixed", [shown, *(_attachment(name, random) for name in draft.attachments)], random)


def _several(kind: str, parts: list[tuple[list[str], bytes]], random: Random) -> tuple[list[str], bytes]:
    boundary = f"=_{token(random, 16)}"
    pieces = [
        f"--{boundary}\n".encode() + "\n".join(head).encode() + b"\n\n" + body.rstrip(b"\n") + b"\n"
        for head, body in parts
    ]
    return [f'Content-Type: multipart/{kind}; boundary="{boundary}"'], b"".join(pieces) + f"--{boundary}--\n".encode()


def _text(text: str, kind: str, random: Random) -> tuple[list[str], bytes]:
    """A text part in a charset that can hold it, encoded for transfer."""
    charset = "us-ascii" if text.isascii() else random.choice(_CHARSETS)
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:
        charset, data = "utf-8", text.encode()
    name = random.choice((charset, charset.upper(), f'"{charset}"'))
    encoding = "7bit" if text.isascii() and max(map(len, text.split("\n"))) < 900 else "quoted-printable"
    if encoding != "7bit" or random.random() < 0.15:
        encoding = random.choice(("quoted-printable", "quoted-printable", "base64", "8bit"))
    coded = {"quoted-printable": quopri.encodestring, "base64": encodebytes}.get(encoding, bytes)(data)
    return [f"Content-Type: text/{kind}; charset={name}", f"Content-Transfer-Encoding: {encoding}"], coded + b"\n"


def _page(draft: Draft, random: Random) -> str:
    """The body as HTML."""

    def linked(found: re.Match[str]) -> str:
        address = found[0].rstrip(".,")
        shown = f"https://www.{HOME}/login" if draft.false_links else random.choice((address, "here", "Read more"))
        return f'<a href="{address}">{shown}</a>{found[0][len(address) :]}'

    blocks = [_LINK.sub(linked, html.escape(block, quote=False)) for block in draft.body.split("\n\n")]
    style = random.choice(("", ' style="font-family: sans-serif"', ' bgcolor="#ffffff"'))
    image = f'<img src="https://img.{draft.sender.domain}/{token(random, 8)}.png" width="1" height="1">'
    hidden = f'<div style="display:none">{html.escape(draft.hidden)}</div>' if draft.hidden else ""
    inner = "\n".join("<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks)
    return f"<html><body{style}>\n{hidden}{inner}\n{image if draft.kind != 'work' else ''}</body></html>\n"


def _attachment(name: str, random: Random) -> tuple[list[str], bytes]:
    kind = _TYPES[name.rpartition(".")[2]]
    data = random.randbytes(random.randrange(200, 900))
    head = [f'Content-Type: {kind}; name="{name}"', f'Content-Disposition: attachment; filename="{name}"']
    return [*head, "Content-Transfer-Encoding: base64"], encodebytes(data)


def _named(name: str, address: str) -> str:
    return f"{_worded(name)} <{address}>" if name else address


def _worded(text: str) -> str:
    """Header text; whatever is not ASCII becomes encoded words of RFC 2047."""
    if text.isascii():
        return text
    pieces = [text[place : place + 16] for place in range(0, len(text), 16)]
    return "\n ".join(f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in pieces)


def _stamp(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC))
