import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.measures.judging import holm, in_words, share_finding


@given(st.lists(st.floats(0, 1), max_size=20))
@settings(derandomize=True, max_examples=200)
def test_holm_steps_down_and_never_lowers(p_values):
    corrected = holm(p_values)
    assert all(raw <= new <= 1 for raw, new in zip(p_values, corrected, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, p_values[at] * (len(p_values) - rank)))
        assert corrected[at] == pytest.approx(highest)


def test_holm_keeps_false_alarms_at_what_it_says():
    rng = stats.uniform(0, 1)
    alarms = sum(min(holm(rng.rvs(20, random_state=seed).tolist())) < 0.05 for seed in range(400))
    assert alarms / 400 < 0.08


def test_a_share_of_nought_says_how_many_more_rows_would_decide():
    finding = share_finding(
        "performance.false_positive_rate",
        "test",
        hits=0,
        trials=1245,
        limit=parse_limit("<= 0.001"),
        summary_noun="false-positive rate",
        rows_noun="ham mail",
        severity=Severity.BLOCKER,
        remedy="gather more ham",
        evidence={"seen": "all"},
    )
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.more_rows == 3838 - 1245
    assert finding.summary == (
        "false-positive rate is 0 % (0 of 1,245 ham mails; 95 % interval 0 % to 0.308 %); asked for <= 0.1 %: "
        "cannot tell, about 2,593 more ham mails would"
    )
    assert finding.blocks
    assert finding.remedy == "gather more ham"
    assert finding.evidence == {"hits": 0, "trials": 1245, "seen": "all"}


def test_no_rows_at_all_cannot_tell_and_say_how_many_it_takes_at_least():
    finding = share_finding("unit.x", "y", hits=0, trials=0, limit=parse_limit(">= 0.99"))
    assert finding.verdict is Verdict.CANNOT_TELL
    assert finding.measured is None
    assert finding.more_rows == 380


def test_a_pass_needs_no_remedy_and_no_rows():
    finding = share_finding("a.b", "c", hits=0, trials=1000, limit=parse_limit("<= 0.01"), remedy="x")
    assert (finding.verdict, finding.remedy, finding.more_rows) == (Verdict.PASS, "", None)


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.99994, "share", "99.994 %"),
        (1.0, "share", "100 %"),
        (0.0, "share", "0 %"),
        (0.5, "share", "50 %"),
        (0.000012, "share", "0.0012 %"),
        (0.00000012, "share", "1.20e-05 %"),
        (0.99995, "", "0.99995"),
        (12.345, "ms", "12.3 ms"),
        (1234567.0, "rows", "1,234,567 rows"),
        (-0.25, "", "-0.25"),
        (99.5, "%", "99.5 %"),
    ],
)
def test_numbers_read_as_people_write_them(number, unit, text):
    assert in_words(number, unit) == text


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match=r"outside \[0, 1\]"):
        holm([0.5, 1.2])
    with pytest.raises(MeasureError, match="no share"):
        share_finding("a.b", "c", hits=3, trials=2, limit=parse_limit("<= 0.1"))
