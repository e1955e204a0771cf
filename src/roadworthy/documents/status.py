"""The life cycle as a picture: what each stage holds, how fresh it is, and what blocks."""

from collections.abc import Sequence
from html import escape
from typing import Literal

from msgspec import Struct

from roadworthy.documents.svg import picture, tag, text
from roadworthy.kernel.units import ago

STAGES = ("frame", "acquire", "prepare", "train", "evaluate", "inspect", "gate", "serve", "watch")
"""The stages in their order; after the last comes the first again."""

State = Literal["done", "stale", "blocked", "empty", "running"]
SIGNS: dict[State, str] = {"done": "●", "stale": "◐", "blocked": "✕", "empty": "○", "running": "▶"}
_SAID: dict[State, str] = {
    "done": "done",
    "stale": "its inputs have changed since",
    "blocked": "blocked",
    "empty": "not yet",
    "running": "running",
}
_NARROW = 72


class StageState(Struct, frozen=True):
    """One stage as it stands.

    Attributes:
        name: one of `STAGES`.
        state: done, stale (its inputs changed since), blocked, empty or running.
        holds: what it holds, such as "6,046 mails"; empty if nothing.
        age_seconds: how long ago that was made; None if never.
        blocks: what keeps it from going on; empty if nothing does.
    """

    name: str
    state: State
    holds: str = ""
    age_seconds: float | None = None
    blocks: str = ""


def life_cycle_text(stages: Sequence[StageState], width: int = 100) -> str:
    """The loop and what each stage holds, drawn with signs for a terminal of `width` columns.

    >>> print(life_cycle_text([StageState("frame", "done", "4 bars"), StageState("gate", "empty")], 60))
    ● frame  4 bars
    ○ gate
    """
    longest = max((len(stage.name) for stage in stages), default=0)
    lines = [_stage_line(stage, longest, width) for stage in stages]
    return "\n".join([*_loop(stages, width), *lines])


def life_cycle_svg(stages: Sequence[StageState]) -> str:
    """The loop as a road: out along the top, back along the bottom."""
    there, back = stages[: (len(stages) + 1) // 2], stages[(len(stages) + 1) // 2 :]
    road = "M85 75 H875 A68 68 0 0 1 875 211 H85 A68 68 0 0 1 85 75 Z"
    marks = [tag("path", d=road, class_="road"), tag("path", d=road, class_="lane")]
    marks += [_node(stage, _place(i, len(there)), 75.0, above=True) for i, stage in enumerate(there)]
    marks += [_node(stage, 960.0 - _place(i, len(back)), 211.0, above=False) for i, stage in enumerate(back)]
    said = "; ".join(
        f"{stage.name}: {_SAID[stage.state]}{f', {stage.holds}' if stage.holds else ''}" for stage in stages
    )
    return picture(960.0, 276.0, "".join(marks), label=f"Life cycle. {said}", class_="chart cycle")


def _place(index: int, count: int) -> float:
    """Where a stop lies along the straight part of the road."""
    return 480.0 if count == 1 else 140.0 + 680.0 * index / (count - 1)


def _node(stage: StageState, x: float, y: float, *, above: bool) -> str:
    """A stop on the road: its name and age stand outside the loop, what it holds or what blocks it inside."""
    notes = [line for line in _fold(stage.blocks or stage.holds) if line]
    name, age = (y - 28, y - 47) if above else (y + 39, y + 56)
    first = y + 37 if above else y - 28 - 15 * (len(notes) - 1)
    words = [text(x, name, stage.name, class_="stage", text_anchor="middle")]
    if stage.age_seconds is not None:
        words.append(text(x, age, ago(stage.age_seconds), class_="tick", text_anchor="middle"))
    class_ = "holds blocked" if stage.blocks else "holds"
    words += [text(x, first + 15 * row, line, class_=class_, text_anchor="middle") for row, line in enumerate(notes)]
    sign = text(x, y + 5, "✓" if stage.state == "done" else SIGNS[stage.state], class_="sign", text_anchor="middle")
    label = tag("title", escape(f"{stage.name}: {_SAID[stage.state]}. {stage.holds} {stage.blocks}".strip()))
    return tag(
        "g", label + tag("circle", cx=x, cy=y, r=17.0, class_="stop") + sign + "".join(words), class_=stage.state
    )


def _fold(words: str, most: int = 22) -> tuple[str, str]:
    """Words on two lines of at most `most` signs."""
    if len(words) <= most:
        return words, ""
    cut = words.rfind(" ", 0, most + 1)
    cut = cut if cut > 0 else most
    rest = words[cut:].strip()
    return words[:cut].strip(), rest if len(rest) <= most else rest[: most - 1] + "…"


def _loop(stages: Sequence[StageState], width: int) -> list[str]:
    """The loop in two rows; nothing where it does not fit or is no whole loop."""
    if width < _NARROW or len(stages) != len(STAGES):
        return []
    shown = [f"{SIGNS[stage.state]} {stage.name}" for stage in stages]
    there = " ──▶ ".join(shown[:5])
    back = " ◀── ".join(reversed(shown[5:]))
    room = len(there)
    return [
        f"╭─▶ {there} ─╮",
        f"╰── {back} ◀{'─' * (room - len(back) - 1)}─╯",
        "",
    ]


def _stage_line(stage: StageState, longest: int, width: int) -> str:
    parts = [stage.holds, f"{stage.state}: {stage.blocks}" if stage.blocks else ""]
    if stage.state == "stale" and not stage.blocks:
        parts.append(_SAID["stale"])
    age = "" if stage.age_seconds is None else ago(stage.age_seconds)
    words = " · ".join(part for part in parts if part)
    head = f"{SIGNS[stage.state]} {stage.name:<{longest}}  "
    room = max(width - len(head) - (len(age) + 2 if age else 0), 8)
    words = words if len(words) <= room else words[: room - 1] + "…"
    return f"{head}{words:<{room}}  {age}".rstrip() if age else f"{head}{words}".rstrip()
