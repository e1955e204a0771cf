import pytest

from roadworthy.declare.names import METRICS as DECLARABLE
from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Fairness
from roadworthy.evaluation.bars import judge_bars
from roadworthy.evaluation.evaluate import evaluate
from roadworthy.evaluation.metrics import METRICS
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict, parse_limit


def bars(scored, **limits):
    found = evaluate(scored, costs=Costs(), positive="spam", baselines={}, slices={}, groups={}, fairness=Fairness())
    return judge_bars(found, {name: parse_limit(text) for name, text in limits.items()})


@pytest.fixture
def lesson(make):
    """18 of 20 flagged are spam, 18 of 30 spam are flagged: precision 90 %, recall 60 %, F1 72 %."""
    truth = [1] * 18 + [0] * 2 + [1] * 12 + [0] * 68
    return make(truth, [0.9] * 20 + [0.1] * 80)


def test_every_metric_that_may_be_declared_can_be_judged(draw):
    assert set(METRICS) == set(DECLARABLE)
    found = bars(draw(500), **dict.fromkeys(DECLARABLE, ">= -1"))
    assert [finding.check for finding in found] == [f"performance.{name}" for name in DECLARABLE]
    assert {finding.verdict for finding in found} == {Verdict.PASS}
    assert {finding.severity for finding in found} == {Severity.BLOCKER}


def test_f1_of_92_and_precision_over_95_percent_on_the_lessons_hundred_mails(lesson):
    f1, precision, recall = bars(lesson, f1=">= 0.92", precision=">= 0.95", recall=">= 0.9")
    assert f1.verdict is Verdict.FAIL
    assert f1.measured == pytest.approx(0.72)
    assert recall.verdict is Verdict.FAIL
    assert precision.verdict is Verdict.CANNOT_TELL
    assert precision.more_rows == 53
    assert precision.summary == (
        "precision is 90 % (18 of 20 flagged rows; 95 % interval 69.9 % to 97.2 %); asked for >= 95 %: "
        "cannot tell, about 53 more flagged rows would"
    )


def test_the_rows_said_to_decide_f1_do_decide_and_fewer_do_not(make):
    truth = [1] * 36 + [0] * 4 + [1] * 4 + [0] * 60
    probability = [0.9] * 40 + [0.1] * 64
    counting = 44  # rows that are positive or flagged
    (few,) = bars(make(truth, probability), f1=">= 0.86")
    assert few.verdict is Verdict.CANNOT_TELL
    enough = 1 + -(-few.more_rows // counting)
    (many,) = bars(make(truth * enough, probability * enough), f1=">= 0.86")
    assert many.verdict is Verdict.PASS
    (fewer,) = bars(make(truth * (enough - 1), probability * (enough - 1)), f1=">= 0.86")
    assert fewer.verdict is Verdict.CANNOT_TELL


def test_the_rows_said_to_decide_auc_about_do(draw):
    (few,) = bars(draw(300, seed=5), auc=">= 0.85")
    assert few.verdict is Verdict.CANNOT_TELL
    assert few.more_rows > 0
    assert "rows would" in few.summary


def test_a_limit_at_the_point_is_held_against_the_number_alone(lesson):
    limit = parse_limit(">= 0.85", at="point")
    found = evaluate(lesson, costs=Costs(), positive="spam", baselines={}, slices={}, groups={}, fairness=Fairness())
    (finding,) = judge_bars(found, {"precision": limit})
    assert finding.verdict is Verdict.PASS
    assert "by the number alone" in finding.summary


def test_a_metric_without_a_value_blocks_and_says_why(make):
    (finding,) = bars(make([0] * 30, [0.1] * 30), recall=">= 0.9")
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.blocks
    assert "no positive row" in finding.summary


def test_an_unknown_metric_offers_the_nearest(lesson):
    with pytest.raises(RoadworthyError, match='did you mean "precision"'):
        bars(lesson, presicion=">= 0.9")
