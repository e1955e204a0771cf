"""The profile of a table: small, and the same bytes however its rows were parted and ordered."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Self

import numpy as np

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.intervals import wilson
from roadworthy.measures.profile.column import ColumnProfile
from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.rows import RowSample, merged_samples, no_sample, picked, size_for
from roadworthy.measures.profile.state import Column, merged_columns
from roadworthy.measures.profile.wire import decoded, encoded, opened, sealed


class Profile:
    """What is known of a table without its rows. Two profiles merge to the profile of the rows of both.

    Its state is a function of the multiset of rows: any parting, any order, any tree of merges gives the same bytes. A
    column that only some parts have counts as missing in the others; one whose type differs between parts keeps both
    kinds.

    Args:
        rows: of the table.
        states: of its columns.
        sample: of its rows.
        scales: of columns, where they are known; no part of the state.
    """

    def __init__(
        self,
        rows: int,
        states: Mapping[str, Column],
        *,
        sample: RowSample,
        scales: Mapping[str, str] | None = None,
    ) -> None:
        self.rows = rows
        self.states = dict(sorted(states.items(), key=lambda item: (item[1].position, item[0].encode())))
        self.sample = picked(sample, size_for(len(states)))
        self.scales = dict(scales or {})

    @cached_property
    def columns(self) -> dict[str, ColumnProfile]:
        """Its columns, in the order of the table."""
        return {
            name: ColumnProfile(name, self.rows, state, self.sample, self.scales.get(name, ""))
            for name, state in self.states.items()
        }

    def __getitem__(self, name: str) -> ColumnProfile:
        """One column.

        Raises:
            MeasureError: if there is none of that name; the nearest is offered.
        """
        if name not in self.states:
            raise MeasureError(f"there is no column {name!r}", where="profile", fix=did_you_mean(name, self.states))
        return self.columns[name]

    def merge(self, other: "Profile") -> "Profile":
        """The profile of the rows of both."""
        states = dict(self.states)
        for name, state in other.states.items():
            states[name] = merged_columns(states[name], state) if name in states else state
        sample = merged_samples(self.sample, other.sample, size=size_for(len(states)))
        return Profile(self.rows + other.rows, states, sample=sample, scales={**other.scales, **self.scales})

    @classmethod
    def merged(cls, profiles: Iterable["Profile"]) -> "Profile":
        """The profile of the rows of all of them; of none it is empty."""
        found = empty_profile()
        for profile in profiles:
            found = found.merge(profile)
        return found

    def with_scales(self, scales: Mapping[str, str]) -> "Profile":
        """The same profile, whose columns refuse figures that have no meaning on their scales."""
        return Profile(self.rows, self.states, sample=self.sample, scales={**self.scales, **scales})

    @property
    def duplicates(self) -> Estimate:
        """Rows that repeat another one: exact if all distinct rows are in the sample, else with 95 % bounds.

        The sample is uniform over the distinct rows, so the mean of how often each stands is that of all.
        """
        sampled = self.sample
        if sampled.whole:
            return Estimate.of(self.rows - len(sampled))
        times = sampled.counts.astype(np.float64)
        mean, spread = float(times.mean()), float(times.std(ddof=1)) / float(np.sqrt(len(times)))
        # where no repetition was met, the share that has one may still be a few in a hundred
        once = wilson(int((times > 1).sum()), len(times))
        low, high = max(mean - 1.96 * spread, 1.0), max(mean + 1.96 * spread, 1 + once.high)
        known = float((times - 1).sum())
        return Estimate(
            max(round(self.rows * (1 - 1 / mean)), known),
            max(self.rows * (1 - 1 / low), known),
            self.rows * (1 - 1 / high),
            0.95,
        )

    def to_bytes(self) -> bytes:
        """The profile as bytes, see docs/profile.md; one profile has one form."""
        return sealed(self._payload)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The profile of these bytes.

        Raises:
            MeasureError: if they are no profile, of another version, cut off, or changed.
        """
        rows, states, sample = decoded(opened(data))
        return cls(rows, states, sample=sample)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the state: two profiles with one digest are one."""
        return hashlib.sha256(self._payload).hexdigest()

    @cached_property
    def _payload(self) -> bytes:
        return encoded(self.rows, self.states, self.sample)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same state."""
        return isinstance(other, Profile) and self._payload == other._payload

    def __hash__(self) -> int:
        """Of the state."""
        return hash(self._payload)


def empty_profile() -> Profile:
    """The profile of no table.

    >>> empty_profile().rows
    0
    """
    return Profile(0, {}, sample=no_sample())
