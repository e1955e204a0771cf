"""Any bytes become a record, and what a reader would see becomes its text."""

import email.mime.multipart
import email.mime.text
import tarfile
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.mail import Mail, mail_columns, parse_mail

_PIECES = st.sampled_from(
    [
        b"From: Ann <ann@example.org>\n",
        b"Subject: =?gb-2312?B?xOO6ww==?=\n",
        b"Subject: =?utf-8?Q?=ff=fe_?= \xff\xfe\n",
        b"Content-Type: multipart/mixed; boundary=b\n",
        b"Content-Type: text/html; charset=punycode\n",
        b"Content-Type: text/plain; charset*=utf-7''x\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: uuencode\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=x\n",
        b"Received: from a by b; Thu, 32 Foo 99999 99:99:99 +9999\n",
        b"Date: \x00\n",
        b"\n",
        b"\r\n\r\n",
        b"--b\n",
        b"--b--\n",
        b"begin 644 x\nM\n",
        b"<div style='display:none'><a href=//x>y.com</a><!-- ",
        b"+ADw-script+AD4- +2AA-",
        b":\n: :\n \n",
    ]
)
_BYTES = st.lists(_PIECES | st.binary(max_size=40), max_size=25).map(b"".join)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(_BYTES)
def test_no_bytes_raise_and_every_record_can_be_stored(raw: bytes) -> None:
    mail = parse_mail(raw)
    assert msgspec.json.decode(msgspec.json.encode(mail), type=Mail) == mail
    assert mail.size == len(raw)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(_BYTES)
def test_reading_is_a_function_of_the_bytes(raw: bytes) -> None:
    assert parse_mail(raw) == parse_mail(raw)


def test_a_plain_mail() -> None:
    mail = parse_mail(
        b"Return-Path: <bounce@x.example.com>\r\n"
        b"Received: from a by mx; Thu, 22 Aug 2002 12:36:23 +0100 (IST)\r\n"
        b'From: "O\'Neil, Ann" <Ann@mail.example.co.uk>\r\n'
        b"To: bob@example.org, Carol <carol@example.net>\r\nCc: dave@example.org\r\n"
        b"Reply-To: other@sub.elsewhere.com\r\nMessage-ID: <1@host.example.org>\r\n"
        b"Date: Thu, 22 Aug 2002 18:26:25 +0700\r\nSubject: Hello\r\n there\r\nX-Mailer: Mutt\r\n"
        b"List-Id: <l.example.org>\r\n\r\nsee http://www.example.org/a and www.b.example now\r\n"
    )
    assert mail.from_name == "O'Neil, Ann"
    assert (mail.from_address, mail.from_domain) == ("ann@mail.example.co.uk", "example.co.uk")
    assert mail.to_addresses == ["bob@example.org", "carol@example.net", "dave@example.org"]
    assert (mail.reply_domain, mail.message_id, mail.message_id_domain) == (
        "elsewhere.com",
        "1@host.example.org",
        "example.org",
    )
    assert mail.subject == "Hello there"
    assert (mail.received, mail.date, mail.time) == (1030016183.0, 1030015585.0, 1030016183.0)
    assert mail.headers[:2] == ["return-path", "received"]
    assert mail.list_headers == ["list-id:<l.example.org>"]
    assert mail.links == ["http://www.example.org/a", "www.b.example"]
    assert (mail.mailer, mail.parts, mail.received_count) == ("Mutt", 1, 1)


@pytest.mark.parametrize(
    ("charset", "data", "text", "note"),
    [
        (b"gb-2312-odd", b"caf\xe9", "café", "unknown charset gb-2312-odd"),
        (b"utf-8", b"caf\xe9", "café", "bad bytes in utf-8"),
        (b"punycode", b"abc", "abc", "unknown charset punycode"),
        (b"iso-8859-1", b"\x93quoted\x94", "“quoted”", None),
        (b"gb2312", "你好".encode("gb2312"), "你好", None),
    ],
)
def test_charsets(charset: bytes, data: bytes, text: str, note: str | None) -> None:
    mail = parse_mail(b"From: a@b.cc\nContent-Type: text/plain; charset=" + charset + b"\n\n" + data)
    assert mail.text == text
    assert mail.charset_notes == ([note] if note else [])


def test_undeclared_bytes_in_a_header_are_guessed_and_noted() -> None:
    mail = parse_mail(b"Subject: caf\xe9\n\n")
    assert (mail.subject, mail.charset_notes) == ("café", ["8-bit text without a charset"])


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ([b"x; Thu, 22 Aug 2002 12:00:00 +0000", b"y; Thu, 22 Aug 2002 11:00:00 +0000"], 1030017600.0),
        ([b"x; Thu, 22 Aug 2037 12:00:00 +0000", b"y; Thu, 22 Aug 2002 12:00:00 +0000"], 1030017600.0),
        ([b"x; Thu, 22 Aug 1902 12:00:00 +0000", b"y; Thu, 22 Aug 2002 12:00:00 +0000"], 1030017600.0),
        ([b"no date", b"y; Thu, 22 Aug 2002 12:00:00 +0000"], 1030017600.0),
        ([b"x; Thu, 22 Aug 2222 12:00:00 +0000"], None),
    ],
)
def test_the_topmost_plausible_received_date_counts(received: list[bytes], kept: float | None) -> None:
    raw = b"".join(b"Received: " + one + b"\n" for one in received) + b"From: a@b.cc\n\nx"
    assert parse_mail(raw).received == kept


def test_without_received_the_date_is_the_time() -> None:
    mail = parse_mail(b"Date: Thu, 22 Aug 2002 12:00:00 +0000\n\nx")
    assert (mail.received, mail.time) == (None, 1030017600.0)
    assert parse_mail(b"Date: never\n\nx").time is None


def test_parts_attachments_and_a_mail_inside() -> None:
    outer = email.mime.multipart.MIMEMultipart()
    outer["From"] = "a@b.cc"
    outer.attach(email.mime.text.MIMEText("plain words", "plain"))
    outer.attach(email.mime.text.MIMEText("<p>shown</p>", "html"))
    attached = email.mime.text.MIMEText("secret", "plain")
    attached.add_header("Content-Disposition", "attachment", filename="=?utf-8?q?bill=2Epdf?=.EXE")
    outer.attach(attached)
    inner = b"Subject: inside\n\nforwarded words\n"
    whole = outer.as_bytes()
    mark = outer.get_boundary()
    raw = whole.replace(
        f"--{mark}--".encode(),
        f"--{mark}\nContent-Type: message/rfc822\n\n".encode() + inner + f"\n--{mark}--".encode(),
    )
    mail = parse_mail(raw)
    assert "plain words" in mail.text
    assert "shown" in mail.text
    assert "forwarded words" in mail.text
    assert "secret" not in mail.text
    assert mail.attachments == ["text/plain:exe"]
    assert "inside" not in mail.headers


def test_a_mail_of_fifty_megabytes_is_read_in_its_first_eight() -> None:
    raw = b"From: a@b.cc\nSubject: big\n\n" + b"words and words\n" * 3_300_000
    begun = time.process_time()
    mail = parse_mail(raw)
    assert mail.size == len(raw) > 50_000_000
    assert len(mail.text) <= 1_000_000
    assert mail.defects == 1
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 3000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
        b"Content-Type: message/rfc822\n\n" * 2000,
        b"Content-Type: text/html\n\n" + b"<div>" * 150_000,
        b"Content-Type: text/html\n\n" + b"a<!--" * 150_000,
        b"Content-Type: text/html\n\n" + b"<" * 900_000,
        b"Content-Type: text/html\n\n" + b"<font color=white style='color:#fff'>" * 20_000,
        b"Subject: " + b"=?" * 200_000 + b"\n\nx",
        b"From: " + b"<" * 200_000 + b"\n\nx",
        b"To: " + b"a@" * 200_000 + b"\n\nx",
        b"Message-ID: " + b"<" * 100_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=q\n\n" + b"--q\n\nx\n" * 20_000,
    ],
)
def test_hostile_mails_are_read_in_bounded_time(raw: bytes) -> None:
    begun = time.process_time()
    assert parse_mail(raw).size == len(raw)
    assert time.process_time() - begun < 3


def test_columns_are_aligned() -> None:
    columns = mail_columns([parse_mail(b"Subject: a\n\n1"), parse_mail(b"Subject: b\n\n2")])
    assert tuple(columns) == Mail.__struct_fields__
    assert (columns["subject"], columns["text"]) == (["a", "b"], ["1", "2"])


@pytest.mark.corpus
def test_the_corpus_is_read_whole(corpus: Path) -> None:
    with tarfile.open(corpus / "spamassassin" / "spamassassin_raw.tar.gz") as archive:
        raws = [stream.read() for member in archive if (stream := archive.extractfile(member))]
    mails = [parse_mail(raw) for raw in raws]
    assert len(mails) == 6046
    assert sum(mail.time is None for mail in mails) == 0
    assert sum(bool(mail.text or mail.attachments) for mail in mails) > 6000
