import shutil

import numpy as np
import pytest

from roadworthy.inspection.odd import ODD_MAILS, inspect_odd_inputs
from roadworthy.inspection.parity import inspect_parity
from roadworthy.inspection.replay import Sample
from roadworthy.kernel.limits import Verdict


def expected(released, count):
    some = {name: values[:count] for name, values in released.columns.items()}
    return some, released.model.predict(some).probability


def test_raw_mail_in_a_fresh_process_gets_the_answer_of_training(mail):
    _, probability = expected(mail, 30)
    (found,) = inspect_parity(mail.folder, Sample(raws=mail.raws[:30]), expected=probability, threshold=0.5)
    assert found.verdict is Verdict.PASS, found.summary
    assert found.measured == 0.0
    assert found.evidence["version"] == mail.model.version


def test_rows_of_a_table_too_and_a_difference_is_named(table):
    some, probability = expected(table, 20)
    wrong = probability.copy()
    wrong[7] += 0.01
    wrong[11] = np.nan
    (found,) = inspect_parity(table.folder, Sample(columns=some), expected=wrong, threshold=0.5)
    assert found.verdict is Verdict.FAIL
    assert [row["row"] for row in found.evidence["worst"]] == [11, 7]


def test_a_flipped_decision_is_a_difference(table):
    some, probability = expected(table, 20)
    (found,) = inspect_parity(table.folder, Sample(columns=some), expected=probability, threshold=0.9, tolerance=1e-6)
    between = int(((probability >= 0.5) & (probability < 0.9)).sum())
    assert found.evidence["unlike"] == between > 0


def test_a_bundle_that_does_not_load_is_a_finding_with_its_words(table, tmp_path):
    folder = tmp_path / "broken"
    shutil.copytree(table.folder, folder)
    (folder / "manifest.json").write_text("{}")
    some, probability = expected(table, 3)
    (found,) = inspect_parity(folder, Sample(columns=some), expected=probability, threshold=0.5)
    assert found.verdict is Verdict.FAIL
    assert "BundleError" in found.evidence["output"]


def test_other_row_counts_are_a_finding(table):
    some, probability = expected(table, 3)
    (found,) = inspect_parity(table.folder, Sample(columns=some), expected=probability[:2], threshold=0.5)
    assert found.summary == "3 answers for 2 rows"


def test_a_process_that_does_not_end_is_a_finding(table):
    some, probability = expected(table, 3)
    (found,) = inspect_parity(table.folder, Sample(columns=some), expected=probability, threshold=0.5, seconds=0.01)
    assert "no end after" in found.summary


@pytest.mark.parametrize("kind", ["table", "mail"])
def test_odd_inputs_do_not_crash_a_sound_model(kind, request):
    released = request.getfixturevalue(kind)
    (found,) = inspect_odd_inputs(released.model, released.columns)
    assert found.verdict is Verdict.PASS, found.summary
    assert found.evidence["tried"] >= len(ODD_MAILS)


class Fragile:
    kind = "mail"

    def __init__(self, model):
        self.name, self.model = model.name, model

    def predict_raw(self, raws):
        raws[0].decode("ascii")
        return self.model.predict_raw(raws)


def test_a_model_that_crashes_on_odd_mail_is_found(mail):
    (found,) = inspect_odd_inputs(Fragile(mail.model), {})
    assert found.verdict is Verdict.FAIL
    assert any("UnicodeDecodeError" in line for line in found.evidence["broken"])
