"""The simulated provider: the same for the same seed, real messages, hard enough, and a break in month ten."""

from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from statistics import median

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from roadworthy.bundle.mail import parse_mail
from roadworthy.data.simulated.calendar import Calendar
from roadworthy.data.simulated.provider import read_grammar, simulate
from roadworthy.data.simulated.source import simulated_mail
from roadworthy.data.simulated.unwanted import CAMPAIGNS, NEW_TACTIC, NEW_TACTIC_MONTH
from roadworthy.data.source import RawMail, SourceContext
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.ports import Silent

RESERVED = ("example", "test", "invalid")


@pytest.fixture(scope="module")
def year():
    return list(simulate(7, per_day=16))


@pytest.fixture(scope="module")
def parsed(year):
    return [parse_mail(mail.raw) for mail in year]


@pytest.fixture(scope="module")
def scores(year, parsed):
    """Answers of TF-IDF and logistic regression learnt on the reported labels of months 1 to 7."""
    texts = [f"{mail.subject}\n{mail.text}" for mail in parsed]
    label = np.array([mail.label == "spam" for mail in year])
    month = months(year)
    early = np.flatnonzero(month <= 7)
    weigh = TfidfVectorizer(min_df=2, sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=300).fit(weigh.fit_transform([texts[row] for row in early]), label[early])
    return label, model.predict(weigh.transform(texts))


def months(year):
    return np.array([int(mail.name[6:8]) for mail in year])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    def some(seed):
        return list(simulate(seed, first_month=3, last_month=3, per_day=4))

    assert some(1) == some(1)
    assert {mail.raw for mail in some(1)}.isdisjoint(mail.raw for mail in some(2))


def test_a_month_is_the_same_made_alone_or_with_others():
    both = list(simulate(5, first_month=9, last_month=10, per_day=3))
    assert [mail for mail in both if mail.name.startswith("month-10")] == list(
        simulate(5, first_month=10, last_month=10, per_day=3)
    )


def test_mail_comes_in_the_order_of_receipt_within_its_month(year):
    assert [mail.received for mail in year] == sorted(mail.received for mail in year)
    for mail, month in zip(year, months(year), strict=True):
        assert Calendar(int(month)).begin <= mail.received < Calendar(int(month)).end
    assert len({mail.name for mail in year}) == len(year)


def test_as_many_mails_as_asked():
    assert 365 * 20 * 0.94 < sum(1 for _ in simulate(3)) < 365 * 20 * 1.06


def test_every_message_is_read_whole_by_the_standard_library(year):
    for mail in year[::40]:
        message = message_from_bytes(mail.raw, policy=policy.default)
        assert not [defect for part in message.walk() for defect in part.defects]
        assert {"From", "To", "Subject", "Date", "Message-ID", "Received", "Content-Type"} <= set(message.keys())
        assert message.get_body(("plain", "html")).get_content().strip()


def test_our_parser_finds_time_and_sender_and_nothing_broken(year, parsed):
    assert all(mail.received == one.received for mail, one in zip(parsed, year, strict=True))
    assert all(mail.from_domain and mail.text.strip() and not mail.defects for mail in parsed)


def test_the_forms_of_mail_are_many(year):
    heads = Counter()
    for mail in year:
        head = mail.raw.lower()
        marks = (
            b"multipart/alternative",
            b"multipart/mixed",
            b"charset=utf-8",
            b"iso-8859-1",
            b"windows-1252",
            b"list-id:",
        )
        marks += (
            b"quoted-printable",
            b"encoding: base64",
            b"=?utf-8?b?",
            b"in-reply-to:",
            b"text/html",
            b"display:none",
        )
        heads.update(mark for mark in marks if mark in head)
    assert len(heads) == 12
    assert min(heads.values()) > 10


def test_nobody_real_owns_a_domain(parsed):
    for mail in parsed:
        domains = [mail.from_domain, mail.message_id_domain, *(link.split("/")[2] for link in mail.links)]
        assert all(domain.rpartition(".")[2] in RESERVED for domain in domains), domains


def test_about_one_label_in_a_hundred_is_wrong_and_wanted_ones_only_on_newsletters(year):
    wrong = [mail for mail in year if mail.label != mail.truth]
    assert 0.005 < len(wrong) / len(year) < 0.016
    assert {mail.kind for mail in wrong if mail.truth == "ham"} == {"newsletter"}
    assert {mail.truth for mail in wrong} == {"ham", "spam"}


def test_reports_come_late_and_not_for_all(year):
    spam = [mail for mail in year if mail.truth == "spam" and mail.kind != NEW_TACTIC]
    told = [mail for mail in spam if mail.reported_at is not None]
    assert 0.74 < len(told) / len(spam) < 0.84
    assert all(mail.reported_at > mail.received for mail in told)
    assert 4 < median((mail.reported_at - mail.received) / 3600 for mail in told) < 8
    new = [mail for mail in year if mail.kind == NEW_TACTIC and mail.reported_at is not None]
    assert median((mail.reported_at - mail.received) / 3600 for mail in new) > 15


def test_campaigns_come_and_go(year):
    month = months(year)
    seen = {(mail.kind, int(at)) for mail, at in zip(year, month, strict=True) if mail.truth == "spam"}
    for campaign in CAMPAIGNS:
        assert {at for kind, at in seen if kind == campaign.name} <= set(range(campaign.first, campaign.last + 1))
        assert (campaign.name, campaign.last) in seen
    assert {at for kind, at in seen if kind == NEW_TACTIC} == {10, 11, 12}


def test_it_is_learnable_but_not_trivially(year, scores):
    label, said = scores
    later = np.isin(months(year), (8, 9))
    assert 0.90 < f1_score(label[later], said[later]) < 0.985


def test_what_was_learnt_breaks_in_month_ten(year, scores):
    label, said = scores
    month = months(year)
    before, after = np.isin(month, (8, 9)), month >= NEW_TACTIC_MONTH
    new = np.array([mail.kind == NEW_TACTIC for mail in year])
    assert said[new].mean() < 0.5
    assert f1_score(label[after], said[after]) < f1_score(label[before], said[before]) - 0.1


def test_what_breaks_can_be_learnt_from_reports(year, parsed):
    texts = [f"{mail.subject}\n{mail.text}" for mail in parsed]
    label = np.array([mail.label == "spam" for mail in year])
    month, new = months(year), np.array([mail.kind == NEW_TACTIC for mail in year])
    weigh = TfidfVectorizer(min_df=2, sublinear_tf=True)
    early = np.flatnonzero(month <= 11)
    model = LogisticRegression(C=10, max_iter=300).fit(weigh.fit_transform([texts[row] for row in early]), label[early])
    rows = np.flatnonzero((month == 12) & new)
    assert model.predict(weigh.transform([texts[row] for row in rows])).mean() > 0.6


def test_every_rule_that_a_text_names_exists():
    grammar = read_grammar()
    given = {"to": "Ann", "link": "https://a.example/b", "brand": "Brand"}
    for rule in grammar.rules:
        for seed in range(30):
            assert "{" not in grammar.text(rule, Random(seed), given)


def context():
    return SourceContext(root=Path(), target="label", data=Data(sources=()), progress=Silent())


def test_the_source_gives_raw_mail_with_labels():
    declared = Source(kind="simulated_mail", options={"seed": 4, "from_month": 2, "months": 2, "per_day": 2})
    found = list(simulated_mail(declared, context=context()))
    assert all(isinstance(one, RawMail) for one in found)
    assert [(one.raw, one.label, one.member) for one in found] == [
        (mail.raw, mail.label, mail.name) for mail in simulate(4, first_month=2, last_month=3, per_day=2)
    ]
    assert {one.archive for one in found} == {"simulated/seed-4-per-day-2"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"sede": 1}, "did you mean .seed."),
        ({"seed": "7"}, "whole number"),
        ({"months": 13}, "months go from 1 to 12"),
        ({"from_month": 0}, "months go from 1 to 12"),
        ({"per_day": 0}, "1 or more"),
    ],
)
def test_what_the_source_refuses(options, told):
    with pytest.raises(SourceError, match=told):
        next(simulated_mail(Source(kind="simulated_mail", options=options), context=context()))
