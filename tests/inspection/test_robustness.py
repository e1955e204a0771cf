import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.inputs import InputField
from roadworthy.declare.requirements import Perturbation
from roadworthy.inspection.robustness import inspect_typos, typed_badly, with_typos
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict

TEXT = (InputField(name="text", type="text"),)


@given(st.text(max_size=200), st.integers(0, 99))
@settings(derandomize=True, max_examples=150)
def test_any_text_can_be_typed_badly(text, seed):
    new, typos, words = typed_badly(text, rate=1.0, draws=np.random.default_rng(seed))
    assert typos == words
    assert len(new.split(" ")) == len(text.split(" "))
    assert abs(len(new) - len(text)) <= words
    assert typed_badly(text, rate=0.0, draws=np.random.default_rng(seed))[0] == text


def test_the_rate_is_the_share_of_words():
    _, typos, words = typed_badly("money " * 20_000, rate=0.05, draws=np.random.default_rng(0))
    assert words == 20_000
    assert typos == pytest.approx(1000, rel=0.1)


def test_the_same_seed_gives_the_same_typos_and_a_row_does_not_depend_on_others():
    rows = {"text": ["some free money here"] * 50, "size": [1] * 50}
    first, again = (with_typos(rows, TEXT, rate=0.5, seed=3) for _ in range(2))
    other = with_typos(rows, TEXT, rate=0.5, seed=4)
    changed = with_typos({**rows, "text": ["x y z", *rows["text"][1:]]}, TEXT, rate=0.5, seed=3)
    assert first.columns == again.columns != other.columns
    assert changed.columns["text"][1:] == first.columns["text"][1:]
    assert first.columns["size"] == [1] * 50
    assert len(set(first.columns["text"])) > 5


def test_noise_is_of_the_declared_size_and_leaves_what_is_no_number():
    rng = np.random.default_rng(0)
    values = rng.normal(50, 10, 5000).tolist()
    fields = (InputField(name="x", type="number"),)
    noisy = with_typos({"x": [*values, None, math.nan, "n/a", True]}, fields, rate=0.1, seed=1).columns["x"]
    gaps = np.array(noisy[:5000]) - np.array(values)
    assert gaps.std() == pytest.approx(1.0, rel=0.1)
    assert noisy[5000] is None
    assert math.isnan(noisy[5001])
    assert noisy[5002:] == ["n/a", True]
    whole = with_typos({"x": list(range(100))}, fields, rate=0.1, seed=1).columns["x"]
    assert all(float(value).is_integer() for value in whole)
    assert with_typos({"x": [4.0] * 9}, fields, rate=0.1, seed=1).columns["x"] == [4.0] * 9


def test_words_matter_to_a_model_of_words(mail):
    (found,) = inspect_typos(
        mail.model, mail.columns, truth=mail.truth, bar=Perturbation(rate=1.0, max_drop=0.03), measure="recall"
    )
    assert found.check == "robustness.typos"
    assert found.verdict is Verdict.FAIL
    assert found.severity is Severity.BLOCKER
    assert found.interval.low <= found.measured <= found.interval.high
    assert found.evidence["changed"] == found.evidence["among"] > 500


def test_a_few_typos_are_borne(mail):
    (found,) = inspect_typos(mail.model, mail.columns, truth=mail.truth, bar=Perturbation(rate=0.02, max_drop=0.2))
    assert found.verdict is Verdict.PASS
    assert found.evidence["measure"] == "f1"


def test_the_finding_is_the_same_every_time(table):
    bar = Perturbation(rate=0.3, max_drop=0.05)
    first, again = (inspect_typos(table.model, table.columns, truth=table.truth, bar=bar) for _ in range(2))
    assert first == again
    assert first[0].measured > 0


def test_without_a_bar_it_is_a_note(table):
    (found,) = inspect_typos(table.model, table.columns, truth=table.truth, bar=Perturbation(rate=0.3))
    assert found.severity is Severity.NOTE
    assert found.limit is None


def test_a_measure_that_cannot_drop_is_refused(table):
    with pytest.raises(RoadworthyError, match="'recal' cannot be measured"):
        inspect_typos(table.model, table.columns, truth=table.truth, bar=Perturbation(), measure="recal")


def test_a_model_that_crashes_on_typos_is_found(mail):
    class Fragile:
        kind, name, inputs = "mail", "fragile", mail.model.inputs

        def __init__(self):
            self.asked = 0

        def predict(self, columns):
            self.asked += 1
            if self.asked > 1:
                raise KeyError("fre")
            return mail.model.predict(columns)

    (found,) = inspect_typos(Fragile(), mail.columns, truth=mail.truth, bar=Perturbation(rate=0.5))
    assert found.verdict is Verdict.FAIL
    assert "KeyError" in found.summary
