"""A requirement is held against the bad side of an interval."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.limits import Interval, Limit, Verdict, parse_limit

numbers = st.floats(-10, 10, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">= 0.99", Limit(">=", 0.99)),
        ("<=1%", Limit("<=", 0.01)),
        ("== 0", Limit("==", 0.0)),
        ("<= 10_000", Limit("<=", 10_000.0)),
        (" > 1e-3 ", Limit(">", 0.001)),
    ],
)
def test_limits_are_read(text: str, expected: Limit) -> None:
    assert parse_limit(text) == expected


@pytest.mark.parametrize("text", ["", "0.99", ">= ", "=> 0.9", ">= 0.9 or so", ">= nan"])
def test_other_words_are_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(RoadworthyError, match="write an operator and a number"):
        parse_limit(text)


@settings(derandomize=True)
@given(st.sampled_from([">=", "<=", "<", ">"]), numbers, numbers, numbers)
def test_the_verdict_agrees_with_both_ends(op: str, bound: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    limit = Limit(op, bound)  # type: ignore[arg-type]  # sampled from the operators
    verdict = limit.judge((low + high) / 2, Interval(low, high))
    held = [limit.holds(low), limit.holds(high)]
    assert (verdict is Verdict.PASS) == all(held)
    assert (verdict is Verdict.FAIL) == (not any(held))


def test_a_point_limit_ignores_the_interval() -> None:
    assert parse_limit(">= 0.9", at="point").judge(0.95, Interval(0.1, 1.0)) is Verdict.PASS


def test_equality_inside_the_interval_cannot_be_told() -> None:
    assert parse_limit("== 0.5").judge(0.5, Interval(0.4, 0.6)) is Verdict.CANNOT_TELL
    assert parse_limit("== 0.5").judge(0.9, Interval(0.8, 1.0)) is Verdict.FAIL
