from datetime import UTC, date, datetime

import pytest

from roadworthy.bundle.certificate import Waiver
from roadworthy.gate.waivers import granted, read_waivers, waiver_document
from roadworthy.kernel.errors import GateError

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOOD = Waiver(person="Ada", reason="a pilot with ten users", expires=date(2026, 6, 1), check="performance.recall")


def test_it_is_kept_as_a_plain_document_and_comes_back():
    waiver = granted(GOOD, now=NOW)
    key, body = waiver_document(waiver)
    assert waiver.granted == NOW.isoformat()
    assert body["expires"] == "2026-06-01"
    assert read_waivers([body]) == [waiver]
    assert waiver_document(GOOD)[0] == key


def test_all_that_is_wrong_is_said_at_once():
    bad = Waiver(person="", reason="ok", expires=date(2026, 5, 1), check="*")
    with pytest.raises(GateError, match=r"no person; it gives no reason.*; it does not name one check.*; it expired"):
        granted(bad, now=NOW)


def test_a_kept_waiver_that_cannot_be_read_is_an_error():
    with pytest.raises(GateError, match=r"cannot be read"):
        read_waivers([{"person": "Ada"}])


@pytest.mark.parametrize("subject", ["group [a]", "a?b", "*"])
def test_a_subject_with_signs_of_a_pattern_can_be_named_as_it_is(subject):
    body = waiver_document(Waiver(person="A", reason="b c d", expires=date(2026, 6, 1), check="a.b", subject=subject))[
        1
    ]
    assert read_waivers([body])[0].subject == subject
