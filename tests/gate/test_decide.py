from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.certificate import Waiver
from roadworthy.declare.requirements import Fairness, Perturbation, Require, Stress
from roadworthy.gate.decide import ALWAYS, decide, required_levels
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict, parse_limit

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def finding(verdict, check="performance.recall", subject="test", severity=Severity.BLOCKER, **rest):
    return Finding(check=check, subject=subject, verdict=verdict, summary="it is 0.5", severity=severity, **rest)


def waiver(**changes):
    facts = {"person": "Ada", "reason": "a pilot with ten users", "expires": date(2026, 6, 1)}
    return Waiver(**(facts | {"check": "performance.recall"} | changes))


def decided(*findings, require=None, levels=ALWAYS, waivers=()):
    return decide(findings, require=require or Require(), levels_run=levels, waivers=waivers, now=NOW)


def test_nothing_that_blocks_passes():
    warned = finding(Verdict.FAIL, severity=Severity.WARNING)
    decision = decided(finding(Verdict.PASS), warned, finding(Verdict.FAIL, severity=Severity.NOTE))
    assert (decision.verdict, decision.reasons, decision.by_waiver) == (Verdict.PASS, [], False)


def test_a_failing_blocker_fails_and_is_named():
    decision = decided(finding(Verdict.FAIL, limit=parse_limit(">= 0.9")))
    assert decision.verdict is Verdict.FAIL
    assert decision.reasons == ["performance.recall of test: it is 0.5 (required >= 0.9)"]


def test_a_doubtful_blocker_cannot_tell_and_says_how_many_more_rows():
    doubts = [finding(Verdict.CANNOT_TELL, more_rows=1500), finding(Verdict.CANNOT_TELL, "fairness.gap", more_rows=20)]
    decision = decided(*doubts)
    assert (decision.verdict, decision.more_rows) == (Verdict.CANNOT_TELL, 1500)
    assert "about 1,500 more rows would decide" in decision.reasons[1]
    unknown = decided(*doubts, finding(Verdict.CANNOT_TELL, "stress.p99"))
    assert unknown.more_rows is None


def test_failure_outweighs_doubt_and_comes_first():
    decision = decided(finding(Verdict.CANNOT_TELL, "a.doubt"), finding(Verdict.FAIL, "b.failure"), levels=("data",))
    assert decision.verdict is Verdict.FAIL
    names = [reason.split(" ")[0].strip(":") for reason in decision.reasons]
    assert names == ["unit", "integration", "performance", "b.failure", "a.doubt"]


@pytest.mark.parametrize("level", ALWAYS)
def test_a_level_that_was_not_run_fails(level):
    decision = decided(levels=[one for one in ALWAYS if one != level])
    assert (decision.verdict, decision.missing) == (Verdict.FAIL, [level])


def test_declared_levels_are_required():
    require = Require(
        robustness={"typos": Perturbation()},
        fairness=Fairness(groups=("sex",), limits={"equalized_odds_gap": parse_limit("<= 0.1")}),
        stress=Stress(),
    )
    assert required_levels(require) == [*ALWAYS, "robustness", "fairness", "stress"]
    assert decided(require=require).missing == ["robustness", "fairness", "stress"]


def test_a_declared_bar_that_left_no_finding_fails_and_cannot_be_waived():
    require = Require(metrics={"precision": parse_limit(">= 0.9")})
    decision = decided(require=require, waivers=[waiver(check="performance.precision")])
    assert (decision.verdict, decision.missing) == (Verdict.FAIL, ["performance.precision"])


def test_a_declared_bar_blocks_even_if_its_check_forgot_to_say_so():
    require = Require(metrics={"recall": parse_limit(">= 0.9")})
    forgot = finding(Verdict.FAIL, severity=Severity.WARNING)
    assert decided(forgot, require=require).verdict is Verdict.FAIL
    beside = finding(Verdict.PASS)
    assert decided(beside, forgot, require=require).verdict is Verdict.PASS


def test_a_waiver_turns_the_named_blocker_alone():
    failing = [finding(Verdict.FAIL), finding(Verdict.FAIL, "fairness.gap", "sex")]
    one = decided(*failing, waivers=[waiver()])
    assert (one.verdict, [f.check for f in one.failing]) == (Verdict.FAIL, ["fairness.gap"])
    both = decided(*failing, waivers=[waiver(), waiver(check="fairness.gap", subject="s*")])
    assert both.verdict is Verdict.PASS
    assert both.by_waiver
    assert both.reasons[1] == "performance.recall of test: waived by Ada until 2026-06-01: a pilot with ten users"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"expires": date(2026, 5, 3)}, "it expired on 2026-05-03"),
        ({"reason": " "}, "it gives no reason"),
        ({"reason": "ok"}, "it gives no reason"),
        ({"person": ""}, "it names no person"),
        ({"check": "*"}, "it does not name one check"),
        ({"check": "performance.*"}, "it does not name one check"),
    ],
)
def test_a_waiver_without_person_reason_check_or_future_counts_for_nothing(change, why):
    decision = decided(finding(Verdict.FAIL), waivers=[waiver(**change)])
    assert decision.verdict is Verdict.FAIL
    assert why in decision.refused[0]


def test_a_waiver_holds_through_its_last_day():
    assert decided(finding(Verdict.FAIL), waivers=[waiver(expires=date(2026, 5, 4))]).verdict is Verdict.PASS


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(Verdict),
        st.sampled_from(["performance.recall", "data.size", "fairness.gap"]),
        st.sampled_from(["test", "sex"]),
        st.sampled_from(Severity),
    ),
    max_size=6,
)
RANK = {Verdict.PASS: 0, Verdict.CANNOT_TELL: 1, Verdict.FAIL: 2}


@settings(derandomize=True, max_examples=100)
@given(FINDINGS, FINDINGS)
def test_more_findings_never_make_a_verdict_better_and_order_is_nothing(some, more):
    fewer, all_of_them = decided(*some), decided(*some, *more)
    assert RANK[all_of_them.verdict] >= RANK[fewer.verdict]
    assert decided(*reversed(some)).verdict is fewer.verdict


@settings(derandomize=True, max_examples=100)
@given(FINDINGS)
def test_it_passes_exactly_when_nothing_blocks(some):
    assert (decided(*some).verdict is Verdict.PASS) == (not any(one.blocks for one in some))
