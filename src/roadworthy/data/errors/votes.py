"""What the dependencies of a table say of each cell, heard together.

A broken dependency tells that one of its cells is wrong, not which. Each cell is therefore judged by all dependencies
that decide its column: those whose group agrees with the cell speak for it, those whose group agrees on another value
against it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.dependencies import Dependency, Groups, grouped
from roadworthy.data.errors.signals import Hint, Signal, at_rows

_LEAST_BELIEF = 0.05
_AGREED = 0.75
_STRAY = 0.1
_SUPPORTED = 0.3
_MISSING_MOST = 0.2
_ALONE = 0.55
_TOGETHER = 0.97
_LONE = (0.4, 0.85)
_SHRUNK = 6.0
_CONTRADICTED = 2
_DECIDER = 0.65


class Heard(Struct, kw_only=True):
    """Votes on the cells of one column.

    Attributes:
        against, for_it: weights of the dependencies that oppose and support each cell.
        voters: how many oppose it.
        best: the strongest of them, which proposes `proposal`, is the `by`-th, and rests on `others` rows.
        as_decider: how many columns that this cell should decide hold a value that others vouch for, and it does not.
    """

    against: NDArray[np.float64]
    for_it: NDArray[np.float64]
    voters: NDArray[np.int64]
    best: NDArray[np.float64]
    proposal: NDArray[np.int64]
    by: NDArray[np.int64]
    others: NDArray[np.int64]
    as_decider: NDArray[np.int64]


def heard(
    columns: Sequence[Coded], dependencies: Sequence[Dependency], masked: Mapping[str, NDArray[np.bool_]]
) -> tuple[list[Signal], dict[str, NDArray[np.float64]]]:
    """Cells that break dependencies and are likely to blame; and how much speaks for each cell of each column."""
    by_right: dict[str, list[Dependency]] = defaultdict(list)
    for one in dependencies:
        by_right[one.right].append(one)
    clean = {column.name: np.where(masked[column.name], -1, column.codes) for column in columns}
    coded = {column.name: column for column in columns}
    votes = {
        name: _silent(columns[0].rows) for name in {*by_right, *(name for one in dependencies for name in one.left)}
    }
    opposed = {name: _hear(votes[name], coded[name], voters, clean) for name, voters in by_right.items()}
    for name, voters in by_right.items():
        vouched = votes[name].for_it > 0
        for voter, rows in zip(voters, opposed[name], strict=True):
            if len(voter.left) == 1:
                votes[voter.left[0]].as_decider += rows & vouched
    blamed = {name: one.against + one.as_decider > one.for_it for name, one in votes.items()}
    signals: list[Signal] = []
    for name, said in votes.items():
        signals += at_rows("dependency", name, _hints(coded[name], said, by_right[name], blamed))
    return signals, {name: np.maximum(one.for_it - one.against, 0.0) for name, one in votes.items()}


def _silent(rows: int) -> Heard:
    return Heard(
        against=np.zeros(rows),
        for_it=np.zeros(rows),
        voters=np.zeros(rows, np.int64),
        best=np.zeros(rows),
        proposal=np.full(rows, -1),
        by=np.full(rows, -1),
        others=np.zeros(rows, np.int64),
        as_decider=np.zeros(rows, np.int64),
    )


def _hear(
    heard: Heard, column: Coded, voters: Sequence[Dependency], clean: Mapping[str, NDArray[np.int64]]
) -> list[NDArray[np.bool_]]:
    """Take the votes of all dependencies; give the rows that each opposes."""
    opposed = []
    for at, voter in enumerate(voters):
        rows = np.zeros(column.rows, dtype=bool)
        if voter.belief >= _LEAST_BELIEF:
            groups = grouped([clean[name] for name in voter.left], clean[column.name])
            rows = _count(heard, at, voter.belief, groups=groups, codes=column.codes)
        opposed.append(rows)
    return opposed


def _count(heard: Heard, at: int, belief: float, *, groups: Groups, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Add the votes of one dependency; give the rows that it opposes."""
    index = np.flatnonzero(groups.group >= 0)
    group, own, cell = groups.group[index], codes[index], groups.cell[index]
    trusted = cell >= 0
    is_mode = trusted & (own == groups.mode[group])
    # without the row itself: it does not vote for its own cell
    others = groups.size[group] - trusted
    mine = np.where(trusted, groups.count[cell] - 1, 0)
    share = np.where(is_mode, groups.second[group], groups.top[group]) / np.maximum(others, 1)
    kept = mine / np.maximum(others, 1)
    opposes = ~is_mode & (groups.top[group] >= 2) & (share >= _AGREED) & (kept <= _STRAY)
    weight = belief * share * (1 - 1 / (1 + others))
    heard.against[index] += np.where(opposes, weight, 0.0)
    heard.for_it[index] += np.where((mine >= 1) & (kept >= _SUPPORTED), belief * kept, 0.0)
    heard.voters[index] += opposes
    better = opposes & (weight > heard.best[index])
    chosen = index[better]
    heard.best[chosen], heard.by[chosen], heard.others[chosen] = weight[better], at, others[better]
    heard.proposal[chosen] = groups.mode[group[better]]
    rows = np.zeros(len(codes), dtype=bool)
    rows[index] = opposes & trusted
    return rows


def _hints(
    column: Coded, heard: Heard, voters: Sequence[Dependency], blamed: Mapping[str, NDArray[np.bool_]]
) -> dict[int, Hint]:
    gaps = 1 - column.present / max(column.rows, 1)
    hints = {}
    for row in np.flatnonzero((heard.against > 0) | (heard.as_decider >= _CONTRADICTED)).tolist():
        absent = column.codes[row] < 0
        if absent and gaps > _MISSING_MOST:
            continue
        if heard.voters[row] == 0:
            hints[row] = Hint(_DECIDER * (heard.for_it[row] == 0), None, "contradicts what it decides")
            continue
        voter = voters[heard.by[row]]
        elsewhere = any(name in blamed and blamed[name][row] for name in voter.left)
        likelihood = _likelihood(heard, row, alone=elsewhere and not heard.as_decider[row])
        right = column.values[heard.proposal[row]]
        what = "missing" if absent else "broken"
        hints[row] = Hint(likelihood, right, f"{' and '.join(voter.left)} decides it: {right!r} ({what} here)")
    return hints


def _likelihood(heard: Heard, row: int, *, alone: bool) -> float:
    """One voter leaves open which cell is to blame; several on different grounds hardly do."""
    against, support = float(heard.against[row]), float(heard.for_it[row])
    agreed = against / (against + support)
    grounds = int(heard.voters[row] + min(heard.as_decider[row], _CONTRADICTED))
    several = 1 - 0.5 ** (grounds - 1)
    base = _ALONE + (_TOGETHER - _ALONE) * several
    if grounds == 1 and support == 0:
        base = _LONE[0] + (_LONE[1] - _LONE[0]) * heard.others[row] / (heard.others[row] + _SHRUNK)
    return float(base * agreed**2 * min(1.0, heard.best[row] * 1.15) * (0.6 if alone else 1.0))
