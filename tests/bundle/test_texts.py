"""Rows to texts: what is masked, and what marks a mail carries."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.steps.texts import ColumnText, MailMarks, MailText, masked, shape

MAIL = b"""From: Joe <joe@shop.example.co.uk>
To: me@home.example
Subject: [my list] Free offer
Message-ID: <20020822.A1B2C3@shop.example.co.uk>
X-Mailer: Mass Sender 3.1
X-Secret: yes
Content-Type: text/plain

Visit http://www.cheap.example/x?id=7 today, or write to Joe@Shop.example.co.uk .
______________________________________________
To unsubscribe, write to my-request@lists.home.example
Bye
"""


def columns(*raws):
    return mail_columns([parse_mail(raw) for raw in raws])


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="aAbBxİ \n\t.", max_size=40))
def test_masking_is_that_of_a_pattern(text):
    expected = re.sub(r"(?i)\S*(?:ab|x\.)\S*", " ", text)
    assert masked(text, ("ab", "x.")) == expected


def test_a_body_keeps_its_words_and_no_addresses():
    (text,) = MailText().read(columns(MAIL))
    assert text.startswith("[my list] Free offer\n[my list] Free offer\n")
    assert "Visit  url  today" in text
    assert "@" not in text
    assert "unsubscribe" in text
    assert "____" not in text


def test_what_lists_add_is_left_out_if_it_is_a_leak():
    (text,) = MailText(lists=True).read(columns(MAIL))
    assert "my list" not in text
    assert "unsubscribe" not in text
    assert "Bye" in text


def test_redacted_words_vanish_with_the_run_that_holds_them():
    (text,) = MailText(redact=("isit", "offer")).read(columns(MAIL))
    assert "Visit" not in text
    assert "offer" not in text
    assert "Free" in text


def test_subject_or_body_alone():
    assert MailText(body=False).read(columns(MAIL)) == ["[my list] Free offer\n[my list] Free offer\n"]
    assert "Free" not in MailText(subject=False).read(columns(MAIL))[0]
    assert MailText(subject=False).inputs == ("text",)


def test_the_limit_counts_characters_of_the_body():
    long = MAIL + b"word " * 10_000
    (text,) = MailText(limit=500).read(columns(long))
    assert len(text) < 600


def test_marks():
    (text,) = MailMarks(redact=("cheap",)).read(columns(MAIL))
    marks = text.split("\n")
    assert {"header:x-mailer", "mailer:mass", "from:example.co.uk", "type:text/plain", "id:0.H"} <= set(marks)
    assert "top:example" not in marks or "link:cheap.example" not in marks
    assert not any("secret" in mark for mark in marks)
    assert not any("cheap" in mark for mark in marks)


def test_the_sender_is_no_text_to_redact():
    (text,) = MailMarks(redact=("example.co.uk",)).read(columns(MAIL))
    assert "from:example.co.uk" in text.split("\n")


def test_leaking_headers_are_not_read():
    (text,) = MailMarks(headers=("subject",)).read(columns(MAIL))
    assert [mark for mark in text.split("\n") if mark.startswith("header:")] == ["header:subject"]


def test_shapes_tell_programs_apart():
    assert shape("20020822.A1B2C3@example.org") == "0.H"
    assert shape("") == ""
    assert shape("Pine.LNX.4.44.0208221311@x") == "Pa.LNX.0.0.0"


def test_columns_of_a_table():
    text = ColumnText(columns=("title", "note"), redact=("secret",), limit=10)
    assert text.read({"title": ["a", None], "note": ["my secret x", "b" * 20]}) == ["a\nmy   ", "\n" + "b" * 10]
