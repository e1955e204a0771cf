import math
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.documents import charts
from roadworthy.documents.intervals import Bar, against_limit, side_by_side
from roadworthy.documents.svg import Scale, nice_ticks, spanning
from roadworthy.kernel.limits import Interval, parse_limit
from roadworthy.kernel.records import Trial

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@settings(derandomize=True, max_examples=200)
@given(NUMBERS, st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_are_round_evenly_spaced_and_inside(low, width, count):
    high = low + width
    if high - low < abs(low) * 1e-9:
        return
    ticks = nice_ticks(low, high, count)
    assert len(ticks) <= 3 * count + 2
    assert all(low - width * 1e-6 <= tick <= high + width * 1e-6 for tick in ticks)
    steps = {round((b - a) / width, 6) for a, b in pairwise(ticks)}
    assert len(steps) <= 2


def test_ticks_of_nothing_are_no_endless_loop():
    assert nice_ticks(1.0, 1.0) == [1.0]
    assert nice_ticks(float("nan"), 1.0) == []
    assert nice_ticks(0.0, math.inf) == [0.0]


@settings(derandomize=True, max_examples=100)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_a_span_holds_all_values_with_room(values):
    low, high = spanning(values)
    assert low < high
    assert low - 1e-9 <= min(values)
    assert max(values) <= high + 1e-9


def test_a_span_of_shares_stays_within_them():
    assert spanning([0.98, 1.0], inside=(0.0, 1.0))[1] == 1.0
    assert spanning([math.nan]) == (0.0, 1.15)


def test_places_follow_numbers_and_stop_at_the_edges():
    scale = Scale(0.0, 10.0, 100.0, 200.0)
    assert [scale(value) for value in (-5, 0, 5, 10, 15)] == [100, 100, 150, 200, 200]


def places(svg, name, key):
    return [float(value) for value in re.findall(rf'<{name}[^>]*? {key}="([-\d.]+)"', svg)]


@pytest.mark.parametrize(("limit", "good_left"), [(">= 0.9", False), ("<= 0.9", True)])
def test_the_good_side_of_the_limit_is_the_tinted_one(limit, good_left):
    svg = against_limit(Bar(name="x", value=0.95, interval=Interval(0.93, 0.97)), parse_limit(limit), unit="share")
    tint = float(re.search(r'<rect x="([\d.]+)"[^>]*class="good"', svg)[1])
    post = float(re.search(r'<line x1="([\d.]+)"[^>]*class="post"', svg)[1])
    assert (tint < post) == good_left


def test_the_bar_lies_right_of_a_post_that_it_passes_and_across_one_that_it_does_not():
    for low, across in ((0.92, False), (0.88, True)):
        svg = against_limit(
            Bar(name="x", value=0.95, interval=Interval(low, 0.97)), parse_limit(">= 0.9"), unit="share"
        )
        bar = float(re.search(r'<rect x="([\d.]+)"[^>]*class="bar', svg)[1])
        post = float(re.search(r'<line x1="([\d.]+)"[^>]*class="post"', svg)[1])
        assert (bar < post) == across


def test_words_for_those_who_cannot_see_hold_value_interval_and_limit():
    svg = against_limit(
        Bar(name="recall", value=0.95, interval=Interval(0.9, 0.97)), parse_limit(">= 0.9"), unit="share"
    )
    assert "recall: 95 %, 95 % interval 90 % – 97 %, required ≥ 90 %" in svg


@pytest.mark.parametrize("value", [None, math.nan, math.inf, 0.0])
def test_numbers_that_are_none_do_not_break_a_picture(value):
    bar = Bar(name="x", value=value)
    for svg in (against_limit(bar, parse_limit("<= 1")), side_by_side([bar], label="x"), side_by_side([], label="x")):
        assert "nan" not in re.sub(r">[^<]*<", "><", svg).lower()
        assert "inf" not in re.sub(r'aria-label="[^"]*"|>[^<]*<', "", svg).replace("interval", "").lower()


def test_the_corner_of_a_good_curve_is_enlarged_and_a_poor_one_is_shown_whole():
    good = [[0.0, 0.0, 1.0], [0.0, 0.9, 0.9], [0.01, 0.99, 0.5], [1.0, 1.0, 0.0]]
    poor = [[0.0, 0.0, 1.0], [0.5, 0.7, 0.5], [1.0, 1.0, 0.0]]
    assert "enlarged: false-positive rates up to 2 %" in charts.roc(good, threshold=0.9)
    assert "enlarged" not in charts.roc(poor, threshold=0.5)


def test_the_chosen_threshold_is_marked_where_it_decides():
    curve = [[0.0, 0.0, 1.0], [0.1, 0.5, 0.8], [0.5, 0.9, 0.4], [1.0, 1.0, 0.0]]
    svg = charts.roc(curve, threshold=0.6)
    assert "chosen threshold 0.6" in svg
    ring = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*class="chosen"', svg)
    assert float(ring[1]) == pytest.approx(58 + 0.1 * (460 - 58 - 24), abs=0.01)


def test_calibration_draws_an_error_bar_for_every_bin():
    svg = charts.calibration([[0.1, 0.12, 0.05, 0.2, 100], [0.9, 0.8, 0.6, 0.95, 20]])
    assert svg.count('class="whisker"') == 2
    assert svg.count('class="point model"') == 2


def test_search_draws_each_finished_trial_and_the_best_so_far():
    trials = [
        Trial(number=n, learner=name, params={}, score=score, folds=[score - 0.1, score + 0.1], seconds=1.0)
        for n, (name, score) in enumerate([("a", 0.7), ("b", 0.9), ("a", 0.8)])
    ]
    failed = Trial(number=3, learner="a", params={}, score=math.nan, folds=[], seconds=0.0, state="failed")
    svg = charts.search([*trials, failed])
    assert svg.count("<circle") == 3
    assert 'class="point s1"' in svg
    assert 'class="point s2"' in svg
    assert charts.search([failed]) == charts.search([]) == ""


def test_empty_curves_do_not_break():
    assert "<svg" in charts.cost([], threshold=0.5, unit="")
    assert "<svg" in charts.roc([], threshold=0.5)
    assert "<svg" in charts.precision_recall([], threshold=0.5, base_rate=0.1)
    assert "<svg" in charts.calibration([])
    assert "<svg" in charts.sparkbars([("a", 0, "x")], label="nothing")
