import numpy as np
import pytest

from roadworthy.evaluation.slices import LEAST_ROWS, MOST_SHOWN, find_slices, slice_findings, slice_rows
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Verdict


def test_a_slice_that_is_worse_is_found_and_comes_first(make, draw):
    scored = draw(1000)
    language = np.where(np.arange(1000) % 10 == 0, "de", "en")
    wrong = np.where(language == "de", 1 - scored.truth, scored.truth)
    found = find_slices(make(scored.truth, scored.probability, decision=wrong), {"language": language.tolist()})
    assert found[0].name == "language=de"
    (row, *_) = slice_rows(found, {found[0].metric: 0.1})
    assert (row["slice"], row["value"], row["overall"]) == ("language=de", 1.0, 0.1)
    findings = slice_findings(found)
    assert {finding.subject for finding in findings} == {"language=de"}
    assert all(finding.verdict is Verdict.FAIL and not finding.blocks for finding in findings)
    assert "100 %" in findings[0].summary


def test_among_hundreds_of_slices_that_are_alike_none_is_blamed(draw):
    blamed = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        columns = {f"c{at}": rng.integers(0, 8, 1500).astype(str).tolist() for at in range(20)}
        findings = slice_findings(find_slices(draw(1500, seed=seed), columns))
        blamed += findings[0].verdict is Verdict.FAIL
    assert blamed <= 4


def test_few_rows_are_no_slice_and_many_slices_are_not_all_shown(draw):
    scored = draw(2000)
    rare = ["rare"] * (LEAST_ROWS - 1) + ["common"] * (2001 - LEAST_ROWS)
    assert {each.name for each in find_slices(scored, {"c": rare})} == {"c=common"}
    many = [str(at % 60) for at in range(2000)]
    assert len(slice_rows(find_slices(scored, {"c": many}), {})) == MOST_SHOWN


def test_numbers_are_cut_into_quarters_and_missing_is_a_value(draw):
    scored = draw(400)
    size = [None if at % 8 == 0 else float(at) for at in range(400)]
    names = {each.name for each in find_slices(scored, {"size": size})}
    assert "size=(missing)" in names
    assert len(names) == 5


def test_a_slice_of_everything_is_no_slice(draw):
    found = find_slices(draw(100), {"c": ["same"] * 100})
    assert found == []
    assert slice_findings(found) == []


def test_a_column_of_another_length_is_refused(draw):
    with pytest.raises(MeasureError, match="column c"):
        find_slices(draw(100), {"c": ["a"]})
