"""Why one prediction came out as it did: what changes when a part of the input is taken away."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Predict = Callable[[Mapping[str, Sequence[Any]]], NDArray[np.float64]]


class Effect(Struct, frozen=True, kw_only=True):
    """A part of the input, and the probability with and without it.

    Attributes:
        part: column, or `column, line n`.
        shown: the beginning of what stood there.
        without: probability of the positive class when the part is taken away, in [0, 1].
        change: probability with the part minus `without`; positive parts speak for the positive class.
    """

    part: str
    shown: str
    without: float
    change: float


def explain_row(
    predict: Predict,
    row: Mapping[str, Any],
    *,
    neutral: Mapping[str, Any],
    lines_of: Sequence[str] = (),
    most: int = 12,
) -> list[Effect]:
    """Occlude one part of a row at a time and ask the model again.

    Args:
        predict: the model's own path from columns to the probability of the positive class, (rows,).
        row: the input, one value a column.
        neutral: what a column holds when it is taken away; columns not named here are left alone.
        lines_of: text columns that are also taken apart into lines.
        most: how many effects to return, largest first.

    Source: Zeiler and Fergus (2014), Visualizing and understanding convolutional networks, section 4.2 (occlusion).

    >>> effects = explain_row(lambda c: np.array([0.9 if "win" in t else 0.1 for t in c["text"]]),
    ...     {"text": "win money"}, neutral={"text": ""})
    >>> effects[0].part, round(effects[0].change, 2)
    ('text', 0.8)
    """
    parts = [(name, _shown(row[name]), {**row, name: empty}) for name, empty in neutral.items() if name in row]
    for name in lines_of:
        parts += _lines(name, row)
    if not parts:
        return []
    tried = [row, *(changed for _, _, changed in parts)]
    said = predict({name: [one[name] for one in tried] for name in row})
    effects = [
        Effect(part=part, shown=shown, without=float(without), change=float(said[0] - without))
        for (part, shown, _), without in zip(parts, said[1:], strict=True)
    ]
    return sorted(effects, key=lambda effect: -abs(effect.change))[:most]


def _lines(name: str, row: Mapping[str, Any], most: int = 200) -> list[tuple[str, str, dict[str, Any]]]:
    lines = str(row.get(name) or "").split("\n")
    return [
        (f"{name}, line {at + 1}", _shown(line), {**row, name: "\n".join(lines[:at] + lines[at + 1 :])})
        for at, line in enumerate(lines[:most])
        if line.strip()
    ]


def _shown(value: Any, width: int = 60) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= width else f"{text[: width - 1]}…"
