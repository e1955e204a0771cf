"""The declaration in words."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from roadworthy.declare.explain import guards, sentence
from roadworthy.declare.reading import parse_declaration, read_declaration
from roadworthy.declare.requirements import Require

EXAMPLES = Path(__file__).parents[2] / "examples"
LEVELS = {
    "data",
    "unit",
    "integration",
    "performance",
    "robustness",
    "fairness",
    "stress",
    "release",
    "drift",
    "quality",
}


@pytest.fixture(params=["spam", "credit"])
def declared(request):
    return read_declaration(EXAMPLES / request.param, environment={"ROADWORTHY_DATA": "/data"})


def test_one_sentence_that_names_need_unit_costs_and_threshold(declared):
    told = sentence(declared)
    assert told.endswith(".")
    assert not re.search(r"[.!?] [A-Z]", told), "more than one sentence"
    assert declared.problem.need in told
    assert f"{declared.costs.false_positive:g}" in told
    assert f"{declared.costs.threshold:.2f}" in told


def test_every_level_is_guarded_or_said_not_to_be(declared):
    assert {guard.level for guard in guards(declared)} == LEVELS


def test_a_default_always_says_why_and_what_is_declared_never_does(declared):
    for guard in guards(declared):
        assert bool(guard.why) == (not guard.declared), guard


def test_every_declared_bar_is_told(declared):
    told = [guard.what for guard in guards(declared) if guard.declared]
    for name, limit in declared.require.metrics.items():
        assert any(what.startswith(f"{name} {limit}") for what in told)
    for name in declared.require.fairness.limits:
        assert any(what.startswith(name) for what in told)
    assert any("precision" in what for what in told) == ("precision" in declared.require.metrics)


def test_without_bars_the_list_says_that_nothing_can_fail(declared):
    told = [guard for guard in guards(replace(declared, require=Require())) if guard.level == "performance"]
    assert any("no bar was declared" in guard.why for guard in told)


def test_an_unwatched_breach_is_told():
    text = (EXAMPLES / "spam" / "roadworthy.toml").read_text(encoding="utf-8")
    text = text.replace('on_failure   = ["review", "retrain"]', "on_failure = []")
    told = guards(parse_declaration(text, name="r", environment={"ROADWORTHY_DATA": "/data"}))
    assert any(guard.what == "a breach is reported" for guard in told)
