"""Six shares with intervals, what stands behind them, and the same in JSON."""

from collections.abc import Callable

import msgspec
import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.card import ScoreCard, score_card, worst_first
from roadworthy.data.quality.dimensions import Dimension, dimension_of
from roadworthy.data.quality.look import SUSPECTS, Look, look_with
from roadworthy.declare.data import Column, Data
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import parse_duration
from roadworthy.wiring.builtin import QUALITY

Looking = Callable[..., Look]
NONE = pl.DataFrame(schema=SUSPECTS)


def finding(check: str, subject: str, count: float, **rest: object) -> Finding:
    verdict = Verdict.FAIL if count else Verdict.PASS
    facts = {"unit": "rows", **rest}
    return Finding(check=check, subject=subject, verdict=verdict, summary="", measured=count, **facts)  # type: ignore[arg-type]


def by_dimension(card: ScoreCard) -> dict[str, object]:
    return {one.dimension: one for one in card.dimensions}


def test_cells_are_counted_once_where_both_checks_name_them(look: Looking) -> None:
    table = look({"a": ["x", "y"] * 50, "b": ["u", "v"] * 50})
    cells = [(row, "a", "x", "data.validity", 0.9, None, "") for row in range(10)]
    cells += [(row, "a", "x", "data.types", 0.9, None, "") for row in range(5, 15)]
    cells += [(row, "b", "u", "data.validity", 0.2, None, "") for row in range(50)]
    suspects = pl.DataFrame(cells, schema=SUSPECTS, orient="row")
    card = score_card(table, [finding("data.validity", "a", 10), finding("data.validity", "b", 20)], suspects)
    validity = by_dimension(card)["validity"]
    assert (validity.judged, validity.breached) == (200, 15 + 20)
    assert [(one.subject, one.breached) for one in validity.subjects] == [("b", 20), ("a", 15)]
    assert validity.score == pytest.approx(1 - 35 / 200)
    assert validity.interval.low < validity.score < validity.interval.high


def test_records_add_up_or_overlap(look: Looking) -> None:
    table = look({"a": ["x", "y"] * 50})
    late = [finding("data.timeliness", "t", 30), finding("data.future_dates", "t", 5)]
    copies = [finding("data.uniqueness", "whole record", 0.1, unit="share", evidence={"hits": 10})]
    card = by_dimension(score_card(table, [*late, *copies, finding("data.keys", "id", 4)], NONE))
    assert card["timeliness"].breached == 35
    assert card["uniqueness"].breached == 10


def test_missing_records_are_missing_cells(look: Looking) -> None:
    table = look({"a": ["x", "y"] * 50, "b": ["u", "v"] * 50})
    gap = finding("data.gaps", "id", 25, unit="records")
    completeness = by_dimension(score_card(table, [gap], NONE))["completeness"]
    assert (completeness.judged, completeness.breached) == (250, 50)


def test_what_nothing_judged_has_no_score_and_says_what_helps(look: Looking) -> None:
    card = by_dimension(score_card(look({"a": ["x", "y"] * 50}), [finding("data.hostile", "f", 3)], NONE))
    assert card["accuracy"].score is None
    assert "[data] time" in card["timeliness"].why
    assert card["validity"].score == 1.0
    assert card["validity"].interval.low < 0.97
    empty = score_card(look({"a": []}), [], NONE)
    assert {one.score for one in empty.dimensions} == {None}


def test_findings_come_worst_first() -> None:
    note = finding("data.a", "1", 9, severity=Severity.NOTE)
    passed = finding("data.b", "2", 0)
    small, large = finding("data.c", "3", 1), finding("data.d", "4", 5)
    assert [one.subject for one in worst_first([passed, note, small, large])] == ["4", "3", "1", "2"]


def test_a_plug_in_finds_its_place_by_name() -> None:
    assert dimension_of("data.accuracy.by_hand") is Dimension.ACCURACY
    assert dimension_of("data.leakage") is None
    assert dimension_of("unit.shape") is None
    assert dimension_of("data.errors.outlier") is Dimension.ACCURACY
    assert dimension_of("data.errors.typo") is Dimension.CONSISTENCY


def test_every_built_in_check_gives_what_json_can_hold(look: Looking) -> None:
    random = np.random.default_rng(8)
    rows = 800
    days = [f"2021-01-{1 + row // 40:02d} {row % 24:02d}:{row % 60:02d}" for row in range(rows)]
    table = {
        "at": days,
        "seen": days[1:] + days[:1],
        "x": [None if random.random() < 0.1 else str(round(value, 3)) for value in random.normal(size=rows)],
        "z": [str(value) for value in np.where(np.arange(rows) < 60, 7, random.integers(0, 500, rows))],
        "c": random.choice(["a", "b", "unknown"], rows).tolist(),
        "y": random.choice(["yes", "no"], rows).tolist(),
    }
    data = Data(
        sources=(),
        time="at",
        max_age=parse_duration("3d"),
        refresh=parse_duration("1d"),
        population={"c": {"a": 0.5}},
        columns={"z": Column(min=0, max=100)},
    )
    made = look(table, data=data, target="y")
    seen = look_with(Catalogue("quality", QUALITY), made)
    card = score_card(made, seen.findings, seen.suspects)
    again = msgspec.json.decode(msgspec.json.encode(card), type=ScoreCard)
    assert again == card
    assert seen.suspects.schema == SUSPECTS
    assert all(0 <= one.score <= 1 for one in card.dimensions if one.score is not None)
