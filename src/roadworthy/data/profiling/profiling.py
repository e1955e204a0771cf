"""Profiles of frames."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from roadworthy.data.profiling.frames import buffer_of
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.profile.choice import kernel_for
from roadworthy.measures.profile.counting import Counting
from roadworthy.measures.profile.profile import Profile

STEP = 262_144
"""Rows that are taken at a time."""

_GROUPS = 10_000


def profile_table(frame: pl.DataFrame, *, keys: pl.Series | None = None) -> Profile:
    """The profile of a frame.

    Args:
        frame: any; a frame without rows has a profile too.
        keys: a name for each row, by which those of the sample are found again.

    >>> profile_table(pl.DataFrame({"n": [1, 2, 2, None]})).columns["n"].top(1)[0].rows
    2
    """
    counting = Counting(kernel_for(frame.height * frame.width))
    _count(counting, frame, keys)
    return counting.profile()


def profile_parts(frames: Iterable[pl.DataFrame]) -> Profile:
    """The profile of a table that comes in parts; only one part is held at a time.

    >>> frame = pl.DataFrame({"n": [1, 2, 3]})
    >>> profile_parts([frame[:1], frame[1:]]) == profile_table(frame)
    True
    """
    counting = Counting()
    for frame in frames:
        _count(counting, frame, None)
    return counting.profile()


def profile_by(frame: pl.DataFrame, by: str) -> dict[Any, Profile]:
    """The profile of the rows of each value of a column (a class, a group, an hour), by value; missing is one.

    Merged, they are the profile of the frame.

    Raises:
        DataError: if there is no such column, or it has more than 10,000 values.

    >>> sorted(profile_by(pl.DataFrame({"g": ["a", "b", "a"], "n": [1, 2, 3]}), "g"))
    ['a', 'b']
    """
    if by not in frame.columns:
        raise DataError(f"there is no column {by!r}", where="profile by group", fix=did_you_mean(by, frame.columns))
    groups = frame[by].n_unique()
    if groups > _GROUPS:
        raise DataError(
            f"{by!r} has {groups:,} values, more than {_GROUPS:,}",
            where="profile by group",
            fix="group by a column with few values: a class, a group, the hour of a time",
        )
    return {key[0]: profile_table(part) for key, part in frame.partition_by(by, as_dict=True).items()}


def _count(counting: Counting, frame: pl.DataFrame, keys: pl.Series | None) -> None:
    for start in range(0, max(frame.height, 1), STEP):
        part = frame[start : start + STEP]
        names = None if keys is None else keys[start : start + STEP].cast(pl.String).fill_null("").to_list()
        counting.add({column.name: buffer_of(column) for column in part}, rows=part.height, names=names)
