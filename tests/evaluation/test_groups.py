import numpy as np
import pytest

from roadworthy.declare.names import FAIRNESS
from roadworthy.declare.requirements import Fairness
from roadworthy.evaluation.groups import audit, fairness_findings, group_rows
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.measures.fairness import NOTIONS


def judged(scored, columns, *, intersections=False, **limits):
    fairness = Fairness(
        groups=tuple(columns),
        limits={name: parse_limit(text) for name, text in limits.items()},
        intersections=intersections,
    )
    return fairness_findings(audit(scored, columns, intersections=intersections), fairness)


@pytest.fixture
def lesson(make):
    """Group A: 80 % true and 10 % false positives; group B: 60 % and 25 %; 2,000 and 800 applicants."""
    cells = {"A": (800, 100, 200, 900), "B": (240, 100, 160, 300)}
    truth, decision, group = [], [], []
    for name, (tp, fp, fn, tn) in cells.items():
        truth += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        decision += [1] * (tp + fp) + [0] * (fn + tn)
        group += [name] * (tp + fp + fn + tn)
    return make(truth, [0.5] * len(truth), decision=decision), {"group": group}


def test_what_may_be_declared_is_what_can_be_judged():
    assert set(NOTIONS) == set(FAIRNESS)


def test_overall_figures_look_good_and_equalised_odds_are_refused(lesson):
    (finding,) = judged(*lesson, equalized_odds_gap="<= 0.1")
    assert finding.verdict is Verdict.FAIL
    assert finding.measured == pytest.approx(0.2)
    assert finding.blocks
    assert finding.evidence["between"] == ["A", "B"]
    assert finding.summary.startswith(
        "the largest gap in recall or the false-positive rate between groups of group is 20 %"
    )
    assert finding.remedy


def test_the_table_shows_each_rate_with_its_interval_and_rows(lesson):
    first, second = group_rows(audit(*lesson, intersections=False))
    assert (first["group"], first["rows"], second["group"]) == ("A", 2000, "B")
    assert first["recall"]["value"] == pytest.approx(0.8)
    assert first["false_positive_rate"]["value"] == pytest.approx(0.1)
    assert first["recall"]["low"] < 0.8 < first["recall"]["high"]
    assert first["recall"]["rows"] == 1000
    assert second["false_positive_rate"]["value"] == pytest.approx(0.25)
    assert first["calibration_error"]["value"] == pytest.approx(0.0)


def test_a_rate_that_a_group_does_not_have_is_none(make):
    (row,) = group_rows(audit(make([0, 0], [0.1, 0.2]), {"sex": ["f", "f"]}, intersections=False))
    assert row["recall"] is None
    assert row["precision"] is None


def test_intersections_are_judged_beside_the_attributes(draw):
    rng = np.random.default_rng(0)
    columns = {"sex": rng.choice(["f", "m"], 600).tolist(), "age": rng.choice(["young", "old"], 600).tolist()}
    found = judged(draw(600), columns, intersections=True, demographic_parity_gap="<= 0.9")
    assert [finding.subject for finding in found] == ["sex", "age", "sex x age"]
    assert found[2].evidence["compared"] == 6
    assert set(found[2].evidence["rows"]) == {"f x old", "f x young", "m x old", "m x young"}
    assert {finding.verdict for finding in found} == {Verdict.PASS}


def test_a_small_group_cannot_be_told_and_says_whose_rows_are_wanted(draw):
    scored = draw(1000)
    language = ["xx"] * 4 + ["en", "de"] * 498
    (finding,) = judged(scored, {"language": language}, demographic_parity_gap="<= 0.25")
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.more_rows == sum(finding.evidence["rows_needed"].values())
    assert "xx" in finding.remedy


def test_rows_without_a_group_are_counted_but_no_group(draw):
    sex = ["f"] * 40 + ["m"] * 40 + [None] * 10 + ["(missing)"] * 10
    (finding,) = judged(draw(100), {"sex": sex}, demographic_parity_gap="<= 0.9")
    assert finding.evidence["rows"] == {"f": 40, "m": 40}
    assert finding.evidence["rows_without_group"] == 20


def test_one_group_alone_cannot_be_told(draw):
    (finding,) = judged(draw(50), {"sex": ["f"] * 50}, demographic_parity_gap="<= 0.1")
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.blocks


def test_a_rate_that_no_group_has_cannot_be_told(make):
    scored = make([0] * 40, [0.1] * 40)
    (finding,) = judged(scored, {"sex": ["f", "m"] * 20}, equal_opportunity_gap="<= 0.1")
    assert finding.verdict is Verdict.CANNOT_TELL
    assert "f, m hold no row" in finding.summary
