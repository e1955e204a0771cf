"""The six dimensions of data quality, and which check tells of which."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Dimension(StrEnum):
    """What can be wrong with data."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"


class Meaning(Struct, frozen=True, kw_only=True):
    """What a dimension asks, what it is counted in, and whether breaches of several checks add up.

    Attributes:
        asks: the question, for people.
        unit: cells, or whole records.
        adds: breaches of different checks are different records (an old one is no future one); else they are likely the
            same ones (an exact copy is a near copy too), and the largest count stands for all.
    """

    asks: str
    unit: Literal["cells", "records"]
    adds: bool = True


MEANING = {
    Dimension.ACCURACY: Meaning(asks="Are values what they are in the real world?", unit="cells"),
    Dimension.COMPLETENESS: Meaning(asks="Is every value and record there that should be?", unit="cells"),
    Dimension.CONSISTENCY: Meaning(asks="Is the same thing always said in the same way?", unit="cells"),
    Dimension.TIMELINESS: Meaning(asks="Are records of the right time?", unit="records"),
    Dimension.VALIDITY: Meaning(asks="May values be what they are?", unit="cells"),
    Dimension.UNIQUENESS: Meaning(asks="Is each thing there once?", unit="records", adds=False),
}
"""What each dimension asks."""

_CHECKS = {
    Dimension.ACCURACY: ("label_errors", "errors.outlier", "errors.place"),
    Dimension.COMPLETENESS: ("disguised", "gaps", "missingness", "representation", "imputation", "errors.absent"),
    Dimension.CONSISTENCY: ("errors", "dependencies", "contradictions"),
    Dimension.TIMELINESS: (
        "dates", "future_dates", "old_dates", "refresh", "late", "clocks", "daylight_saving", "stale", "window",
    ),
    Dimension.VALIDITY: ("types", "codes", "contract"),
    Dimension.UNIQUENESS: ("keys", "near_duplicates", "primary_key"),
}  # fmt: skip
_BELONGS = {check: dimension for dimension, checks in _CHECKS.items() for check in (dimension.value, *checks)}


def dimension_of(check: str) -> Dimension | None:
    """The dimension that a check tells of, by its name or the beginning of it; None for how data were read and split.

    A check of a plug-in that is named `data.<dimension>.<anything>` finds its place by itself.

    >>> dimension_of("data.consistency.adult"), dimension_of("data.hostile")
    (<Dimension.CONSISTENCY: 'consistency'>, None)
    """
    room, *words = check.split(".")
    if room != "data":
        return None
    return _BELONGS.get(".".join(words[:2])) or _BELONGS.get(words[0])
