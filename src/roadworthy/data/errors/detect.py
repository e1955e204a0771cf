"""From texts to cells that are likely wrong, without a word of declaration."""

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.absent import absent
from roadworthy.data.errors.channel import Channel, learn_channel
from roadworthy.data.errors.coded import Coded, code_table
from roadworthy.data.errors.combine import Cell, as_frame, combine
from roadworthy.data.errors.dependencies import Dependency, discover
from roadworthy.data.errors.formats import formats
from roadworthy.data.errors.outliers import outliers
from roadworthy.data.errors.patterns import patterns
from roadworthy.data.errors.places import places
from roadworthy.data.errors.signals import Signal
from roadworthy.data.errors.spellings import spellings
from roadworthy.data.errors.tokens import tokens
from roadworthy.data.errors.typos import PLAIN, near, typos
from roadworthy.data.errors.units import units
from roadworthy.data.errors.votes import heard

LIKELY = 0.5
"""A cell at least this likely counts as found."""
_MASKED = 0.4
_BY_VALUE = (absent, units, formats, outliers)
_LONG_ENOUGH = 5


class Suspicion(Struct, frozen=True):
    """All that is suspected of a table.

    Attributes:
        texts: the table. columns: the same, coded.
        cells: what is suspected of each (column, row).
        dependencies: which columns decide which.
        channel: how letters were damaged.
    """

    texts: pl.DataFrame
    columns: Sequence[Coded]
    cells: Mapping[tuple[str, int], Cell]
    dependencies: Sequence[Dependency]
    channel: Channel

    def frame(self, *, least: float = LIKELY) -> pl.DataFrame:
        """The cells at least that likely, likeliest first: row, column, value, check, likelihood, proposal, reason."""
        return as_frame(self.cells, self.texts, least=least)


def suspect(texts: pl.DataFrame) -> Suspicion:
    """Look for cells that are likely wrong in a table of which nothing is known.

    Args:
        texts: the cells as they were read; null is missing. Other types are read as text, lists are passed over.

    >>> clean = [("Boston", "MA"), ("Chicago", "IL"), ("Houston", "TX")] * 40
    >>> texts = pl.DataFrame([*clean, ("Chicxgo", "IL")], schema=["city", "state"], orient="row")
    >>> suspect(texts).frame().select("row", "value", "proposal").row(0)
    (120, 'Chicxgo', 'Chicago')
    """
    columns = code_table(texts)
    channel = learn_channel(_plain(columns))
    signals: list[Signal] = []
    for column in columns:
        signals += [one for detector in _BY_VALUE for one in detector(column)] + patterns(column, channel)
        if not column.prose:
            signals += spellings(column) + typos(column, channel) + tokens(column, channel)
    signals += places(columns)
    masked = _masked(columns, combine(signals))
    dependencies = discover(columns, masked)
    against, support = heard(columns, dependencies, masked)
    return Suspicion(texts, columns, combine([*signals, *against], support), dependencies, channel)


def _plain(columns: Sequence[Coded]) -> list[tuple[str, str]]:
    """Pairs (wrong, right) that are plain without knowing the channel; long enough not to be close by chance."""
    return [
        (column.values[typo.wrong], column.values[typo.right])
        for column in columns
        if not column.prose
        for typo in near(column)
        if typo.log_odds - log(column.counts[typo.wrong]) > PLAIN and len(column.values[typo.right]) >= _LONG_ENOUGH
    ]


def _masked(columns: Sequence[Coded], cells: Mapping[tuple[str, int], Cell]) -> dict[str, NDArray[np.bool_]]:
    masks = {column.name: np.zeros(column.rows, dtype=bool) for column in columns}
    for (column, row), cell in cells.items():
        if cell.likelihood >= _MASKED and cell.detector in {"typo", "token", "pattern", "spelling", "absent", "place"}:
            masks[column][row] = True
    return masks
