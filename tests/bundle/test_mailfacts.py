"""Facts of a mail."""

import numpy as np

from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.steps.mailfacts import GROUPS, NAMES, MailFacts

SPAM = b"""From: x99@1.example
Reply-To: other@two.example
Subject: FREE   MONEY!!
Content-Type: text/html

<html><body>WIN $5,000 now! <a href="http://10.0.0.1/a%20b">click</a> <img src=x>
<form></form> to be removed</body></html>
"""


def facts(raw, **options):
    step = MailFacts(**options)
    encoded = step.encode(mail_columns([parse_mail(raw)]))
    assert encoded.shape == (1, len(step.names))
    return dict(zip(step.names, encoded[0].tolist(), strict=True))


def test_facts_of_a_spam():
    found = facts(SPAM)
    assert found["length.subject_exclamations"] == 2
    assert found["length.subject_gap"] == 1
    assert found["length.sums_of_money"] == 1
    assert found["links.links_to_numbers"] == 1
    assert found["links.links_escaped"] == 1
    assert found["links.html"] == 1
    assert found["links.html_forms"] == 1
    assert found["headers.reply_elsewhere"] == 1
    assert found["headers.no_recipient"] == 1
    assert found["headers.no_date"] == 1
    assert found["headers.type_html"] == 1
    assert found["keywords.words_offer"] > 0
    assert found["keywords.opt_out"] == 1


def test_an_empty_mail_has_finite_facts():
    found = facts(b"")
    assert np.isfinite(list(found.values())).all()
    assert found["headers.no_sender"] == 1


def test_groups_and_single_facts_can_be_left_out():
    found = facts(SPAM, groups=("length",), without=("digits",))
    assert "length.digits" not in found
    assert all(name.startswith("length.") for name in found)


def test_names_are_distinct_over_all_groups():
    names = [name for group in GROUPS for name in NAMES[group]]
    assert len(names) == len(set(names))
    assert len(names) >= 55


def test_no_rows():
    assert MailFacts().encode(mail_columns([])).shape == (0, len(MailFacts().names))
