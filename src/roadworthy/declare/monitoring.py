"""`[monitor]`: how the model is watched."""

from typing import Literal

from msgspec import Struct

from roadworthy.kernel.units import Duration, parse_duration


class Labels(Struct, frozen=True, kw_only=True):
    """How the truth returns: how late, and from where."""

    delay: Duration = parse_duration("0s")
    source: str = "feedback"


class FalseAlarms(Struct, frozen=True, kw_only=True):
    """`"<= 1 per 1000 windows"`: how often a watch may cry in vain."""

    count: int = 1
    windows: int = 1000


class Monitor(Struct, frozen=True, kw_only=True):
    """What `watch` does. A window is a length of time."""

    window: Duration = parse_duration("1d")
    labels: Labels = Labels()
    false_alarms: FalseAlarms = FalseAlarms()
    on_failure: tuple[Literal["review", "retrain"], ...] = ("review",)
