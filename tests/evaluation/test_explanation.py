"""An explanation is what the model itself says when a part is taken away."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.evaluation.explanation import explain_row


def linear(columns: Mapping[str, Sequence[Any]]) -> NDArray[np.float64]:
    scores = [2.0 * a - 1.0 * b for a, b in zip(columns["a"], columns["b"], strict=True)]
    return np.array([1 / (1 + math.exp(-score)) for score in scores])


def test_the_stronger_part_comes_first_and_signs_are_right() -> None:
    effects = explain_row(linear, {"a": 1.0, "b": 1.0, "c": "unused"}, neutral={"a": 0.0, "b": 0.0})
    assert [effect.part for effect in effects] == ["a", "b"]
    assert effects[0].change > 0 > effects[1].change
    assert effects[0].without == linear({"a": [0.0], "b": [1.0]})[0]


def test_the_guilty_line_is_named() -> None:
    def predict(columns: Mapping[str, Sequence[str]]) -> NDArray[np.float64]:
        return np.array([0.95 if "lottery" in text else 0.05 for text in columns["text"]])

    text = "Dear friend\nyou won the lottery\n\nregards"
    effects = explain_row(predict, {"text": text}, neutral={}, lines_of=["text"])
    assert effects[0].part == "text, line 2"
    assert effects[0].shown == "you won the lottery"
    assert len(effects) == 3


def test_nothing_to_take_away_gives_no_effect() -> None:
    assert explain_row(linear, {"a": 1.0, "b": 0.0}, neutral={}) == []
