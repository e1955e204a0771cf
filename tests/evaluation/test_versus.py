import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.evaluation.versus import better_than
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Verdict

COSTS = Costs(false_positive=10.0, false_negative=1.0)


def flipped(scored, make, *, share, seed):
    """A model that is wrong on a share of all rows."""
    wrong = np.random.default_rng(seed).random(len(scored.truth)) < share
    return make(scored.truth, scored.probability, decision=np.where(wrong, 1 - scored.truth, scored.truth))


def test_a_model_that_errs_less_is_better_and_the_evidence_says_how(draw, make):
    base = draw(1000)
    good, bad = flipped(base, make, share=0.02, seed=1), flipped(base, make, share=0.2, seed=2)
    finding = better_than("simple", good, bad, costs=COSTS)
    assert finding.check == "performance.better_than.simple"
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["mcnemar_p"] < 1e-6
    assert finding.evidence["f1_difference"]["low"] > 0
    assert "less than with the simple model" in finding.summary
    turned = better_than("simple", bad, good, costs=COSTS)
    assert turned.verdict is Verdict.FAIL
    assert turned.measured == pytest.approx(-finding.measured)
    assert turned.blocks
    assert "more than with the simple model" in turned.summary


def test_a_model_that_answers_the_same_is_not_better(draw):
    same = draw(500)
    finding = better_than("live", same, same, costs=COSTS)
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.more_rows is None


def test_a_small_advantage_on_few_rows_cannot_be_told_and_says_how_many_would(draw, make):
    base = draw(100)
    finding = better_than(
        "simple", flipped(base, make, share=0.1, seed=1), flipped(base, make, share=0.16, seed=5), costs=COSTS
    )
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.more_rows > 50
    assert "more rows would" in finding.summary


def test_equal_models_are_seldom_called_better(draw, make):
    called = 0
    for seed in range(200):
        base = draw(300, seed=seed)
        one, two = flipped(base, make, share=0.1, seed=2 * seed), flipped(base, make, share=0.1, seed=2 * seed + 1)
        called += better_than("simple", one, two, costs=COSTS).verdict is Verdict.PASS
    assert called / 200 < 0.06  # one side of a 95 % interval: 2.5 % of repetitions


def test_other_rows_are_refused(draw):
    with pytest.raises(MeasureError, match="not scored on the rows"):
        better_than("simple", draw(100), draw(99), costs=COSTS)
