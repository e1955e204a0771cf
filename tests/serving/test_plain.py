"""Labels that come back, where the target has several negative values."""

import json

import pytest

from roadworthy.serving.exchange import Refusal, Request
from roadworthy.serving.plain import take_feedback


def returned(model, label: str):
    body = json.dumps({"id": "a", "label": label}).encode()
    return take_feedback(Request("POST", "/feedback", {}, body), model, max_rows=10).returned[0].label


def test_any_other_value_counts_as_not_positive(fake):
    model = fake.FakeModel()
    model.negative = "not spam"
    assert [returned(model, label) for label in ("spam", "not spam", "newsletter")] == [
        "spam",
        "not spam",
        "newsletter",
    ]


@pytest.mark.parametrize("label", ["spma", "Spam", "", " "])
def test_a_slip_of_the_pen_is_refused(fake, label):
    model = fake.FakeModel()
    model.negative = "not spam"
    with pytest.raises(Refusal, match="the label is"):
        returned(model, label)
