import math

import msgspec
import numpy as np
import pytest
from sklearn import metrics as oracle

from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Fairness
from roadworthy.evaluation.evaluate import evaluate
from roadworthy.evaluation.metrics import METRICS
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.kernel.records import Evaluation

COSTS = Costs(false_positive=10.0, false_negative=1.0)


def measured(scored, **given):
    whole = {"baselines": {}, "slices": {}, "groups": {}, "fairness": Fairness(), "costs": COSTS, "positive": "spam"}
    return evaluate(scored, **{**whole, **given})


def of(evaluation, check):
    return [finding for finding in evaluation.findings if finding.check == check]


def test_every_metric_agrees_with_scikit_learn_and_lies_in_its_interval(draw):
    scored = draw(800)
    found = measured(scored).metrics
    truth, said, decision = scored.truth, scored.probability, scored.decision
    expected = {
        "error_rate": oracle.zero_one_loss(truth, decision),
        "accuracy": oracle.accuracy_score(truth, decision),
        "precision": oracle.precision_score(truth, decision),
        "recall": oracle.recall_score(truth, decision),
        "f1": oracle.f1_score(truth, decision),
        "auc": oracle.roc_auc_score(truth, said),
        "one_minus_auc_percent": 100 * (1 - oracle.roc_auc_score(truth, said)),
        "average_precision": oracle.average_precision_score(truth, said),
        "brier": oracle.brier_score_loss(truth, said),
        "log_loss": oracle.log_loss(truth, said),
        "balanced_accuracy": oracle.balanced_accuracy_score(truth, decision),
        "mcc": oracle.matthews_corrcoef(truth, decision),
    }
    assert list(found) == list(METRICS)
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-9)
    for each in found.values():
        assert each.interval.low <= each.value <= each.interval.high
        assert each.rows > 0


def test_it_travels_as_json_and_comes_back_equal(draw):
    scored = draw(300)
    whole = measured(
        scored,
        baselines={"majority": draw(300)},
        slices={"language": ["en", "de", "fr"] * 100, "size": list(range(300))},
        groups={"sex": ["f", "m"] * 150},
        fairness=Fairness(limits={"demographic_parity_ratio": parse_limit(">= 0.8")}),
    )
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Evaluation) == whole


def test_no_number_in_it_is_nan_or_infinite_even_for_a_perfect_model_on_few_rows(make):
    whole = measured(
        make([0, 0, 0, 1, 1], [0.0, 0.0, 0.0, 1.0, 1.0]),
        groups={"sex": ["f", "f", "m", "m", "m"]},
        fairness=Fairness(
            limits={"equalized_odds_gap": parse_limit("<= 0.1"), "calibration_gap": parse_limit("<= 0.1")}
        ),
    )
    for name, each in whole.metrics.items():
        assert math.isfinite(each.value), name
        assert math.isfinite(each.interval.low), name
        assert math.isfinite(each.interval.high), name
        assert each.interval.high > each.interval.low or name in {"brier", "log_loss"}, name
    assert all(math.isfinite(number) for curve in whole.curves.values() for point in curve for number in point)
    assert {finding.verdict for finding in whole.findings if finding.level == "fairness"} == {Verdict.CANNOT_TELL}


def test_the_same_rows_give_the_same_evaluation(draw):
    assert measured(draw(200, seed=3)) == measured(draw(200, seed=3))


def test_accuracy_misleads_on_99_percent_ham_and_the_warning_says_so(make):
    truth = [1] * 10 + [0] * 990
    whole = measured(make(truth, [0.1] * 1000))
    (warning,) = of(whole, "performance.imbalance")
    assert warning.severity is Severity.WARNING
    assert warning.verdict is not Verdict.PASS
    assert 'always answering "not spam" is right on 99 % of the rows' in warning.summary
    assert "recall 0 %" in warning.summary
    assert "balanced accuracy 50 %" in warning.summary


def test_balanced_classes_need_no_warning(draw):
    assert of(measured(draw(400, share=0.5)), "performance.imbalance") == []


def test_metrics_without_a_value_are_left_out_and_the_reason_is_told(make):
    whole = measured(make([0] * 50, [0.1] * 50))
    told = of(whole, "performance.undefined")
    named = {name for finding in told for name in finding.evidence["metrics"]}
    assert {"recall", "precision", "auc", "f1", "mcc"} <= named
    assert named.isdisjoint(whole.metrics)
    assert named | set(whole.metrics) == set(METRICS)
    assert all(finding.verdict is Verdict.CANNOT_TELL for finding in told)
    assert "roc" not in whole.curves


def test_a_calibrated_model_passes_and_a_shifted_one_fails(make, draw):
    (good,) = of(measured(draw(3000)), "performance.calibration")
    assert good.verdict is Verdict.PASS
    scored = draw(3000)
    (bad,) = of(measured(make(scored.truth, np.clip(scored.probability + 0.2, 0, 1))), "performance.calibration")
    assert bad.verdict is Verdict.FAIL
    assert bad.evidence["spiegelhalter_p"] < 0.001
    (few,) = of(measured(draw(60)), "performance.calibration")
    assert few.verdict is Verdict.CANNOT_TELL


def test_no_rows_or_columns_that_are_not_aligned_are_refused(make, draw):
    with pytest.raises(MeasureError, match="no rows"):
        measured(make([], []))
    with pytest.raises(MeasureError, match="different length"):
        measured(draw(50), slices={"language": ["en"]})
    with pytest.raises(MeasureError, match="different length"):
        measured(draw(50), groups={"sex": ["f"]})


def test_baselines_are_measured_on_the_same_rows(draw):
    whole = measured(draw(200), baselines={"simple": draw(200)})
    assert whole.baselines["simple"] == whole.metrics


@pytest.mark.corpus
def test_credit_groups_of_real_applicants(corpus, make):
    """German Credit by age: whatever the model, 300 people are too few to prove four fifths either way for sure."""
    rows = [line.split() for line in (corpus / "german_credit" / "german.data").read_text().splitlines()][:300]
    truth = [int(row[20] == "1") for row in rows]
    probability = [0.5 + 0.3 * (row[0] in {"A13", "A14"}) for row in rows]
    age = ["to 25" if int(row[12]) <= 25 else "over 25" for row in rows]
    whole = measured(
        make(truth, probability, threshold=0.6),
        groups={"age": age},
        fairness=Fairness(limits={"demographic_parity_ratio": parse_limit(">= 0.8")}),
    )
    assert [row["rows"] for row in whole.groups] == [age.count("over 25"), age.count("to 25")]
    (finding,) = of(whole, "fairness.demographic_parity_ratio")
    assert finding.verdict is not Verdict.PASS
    assert finding.blocks
