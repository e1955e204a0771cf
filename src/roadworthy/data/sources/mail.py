"""Raw RFC 5322 messages from folders, Maildir, mbox, tar and zip archives, or single files."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from roadworthy.data.archives import Member, members, unread
from roadworthy.data.bounded import Limits
from roadworthy.data.places import Place, places
from roadworthy.data.source import Given, RawMail, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import parse_size

_HEAD = 65_536
_FIELD = re.compile(rb"(?m)^([!-9;-~]{1,76})[ \t]*:")
_KNOWN = frozenset(
    b"from to subject date received message-id return-path delivered-to mime-version content-type reply-to sender cc "
    b"bcc x-mailer list-id envelope-to x-original-to dkim-signature authentication-results".split()
)
_ENVELOPE = re.compile(rb"(?:\A|(?<=\n)\r?\n)From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[!-9;-~]{1,76}[ \t]*:)")
_MBOX_NAMES = (".mbox", ".mbx", ".mbox.txt")
_OPTIONS = ("format", "max_mail")
_FORMATS = ("auto", "mail", "mbox")


def mail(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every message that the declared path or glob holds.

    Options: `format` (`auto`, `mail`, `mbox`: what one file holds) and `max_mail` (`"256MB"`: a larger one is skipped).

    Raises:
        SourceError: if no message is found at all, or an option is not known.
    """
    limits, form = _options(declared)
    found = 0
    first: Finding | None = None
    context.progress.begin(f"read {declared.path}")
    for place in places(declared, context.root):
        for given in _messages(place, form, limits):
            if isinstance(given, RawMail):
                found += 1
            else:
                first = first or given
            context.progress.advance()
            yield given
    context.progress.end()
    if not found:
        raise SourceError(
            "no mail was found" + (f"; first: {first.summary}" if first else ""),
            where=f"{declared.path} in {context.root}",
            fix='give raw messages (folder, Maildir, mbox, tar or zip); for a table use kind = "csv"',
        )


def _options(declared: Source) -> tuple[Limits, str]:
    for name in declared.options:
        if name not in _OPTIONS:
            raise SourceError(
                f"{name!r} is no option of a mail source", where="[[data.source]]", fix=did_you_mean(name, _OPTIONS)
            )
    form = str(declared.options.get("format", "auto"))
    if form not in _FORMATS:
        raise SourceError(
            f"{form!r} is no format of mail", where="[[data.source]], format", fix=did_you_mean(form, _FORMATS)
        )
    largest = declared.options.get("max_mail")
    return (Limits(member=parse_size(str(largest))) if largest else Limits()), form


def _messages(place: Place, form: str, limits: Limits) -> Iterator[RawMail | Finding]:
    alone = place.path.is_file()
    for member in members(place, limits=limits):
        if isinstance(member, Finding):
            yield member
        elif _is_mbox(member, alone=alone, form=form):
            yield from _split(member)
        elif not looks_like_mail(member.data):
            yield unread(member.archive, member.name, _what_it_is(member), check="data.not_mail")
        else:
            yield RawMail(raw=member.data, archive=member.archive, member=member.name, offset=member.offset)


def looks_like_mail(data: bytes) -> bool:
    r"""Whether bytes begin as a message does: a header that mail programs write stands before the first empty line.

    >>> looks_like_mail(b"From: a@b.c\n\nhi"), looks_like_mail(b"name,age\nann,3\n")
    (True, False)
    """
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf\r\n\t ")
    head = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return any(name.lower() in _KNOWN for name in _FIELD.findall(head))


def _is_mbox(member: Member, *, alone: bool, form: str) -> bool:
    """A file of its own that begins as an mbox is one; inside archives the name must say so."""
    if form != "auto":
        return form == "mbox"
    named = member.name.lower().endswith(_MBOX_NAMES)
    return member.data.startswith(b"From ") and (named or (alone and member.archive.endswith(member.name)))


def _split(member: Member) -> Iterator[RawMail | Finding]:
    """Messages of an mbox; its `From ` lines are kept, since a single message may begin with one too."""
    data = member.data
    starts = [hit.start() + _blank(data, hit.start()) for hit in _ENVELOPE.finditer(data)]
    if not starts:
        yield unread(member.archive, member.name, "it holds no message of an mbox", check="data.not_mail")
    if starts and starts[0] > 0:
        yield unread(
            member.archive, member.name, f"its first {starts[0]:,} bytes are no message", check="data.not_mail"
        )
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        raw = data[start:end].rstrip(b"\r\n") + b"\n"
        yield RawMail(raw=raw, archive=member.archive, member=member.name, offset=start)


def _blank(data: bytes, start: int) -> int:
    """Length of the empty line that a match begins with."""
    return len(re.match(rb"\r?\n?", data[start : start + 2])[0])  # type: ignore[index]  # the pattern always matches


def _what_it_is(member: Member) -> str:
    suffix = PurePosixPath(member.name).suffix.lower()
    kinds = {".csv": "a table", ".tsv": "a table", ".json": "JSON", ".html": "a web page", ".pst": "an Outlook store"}
    return f"it is no mail but {kinds[suffix]}" if suffix in kinds else "it has no mail header"
