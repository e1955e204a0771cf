"""Pairs of records that mean the same, by the weight of evidence of all columns together.

Agreement on a rare value counts more than on a common one; agreement that another column implies counts little: each
column is judged given its neighbour in a tree of the strongest dependences. How often equal records differ in a column
is estimated from the pairs themselves, without labels.

Sources: Fellegi and Sunter (1969), J. Am. Stat. Assoc. 64:1183-1210; Winkler (1988), Proc. Survey Research Methods
(EM); Chow and Liu (1968), IEEE Trans. Inf. Theory 14:462-467 (the tree).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from roadworthy.data.records.blocking import candidates
from roadworthy.data.records.comparing import EQUAL, MISSING, NEAR, Levels, codes, column_scales, levels
from roadworthy.data.sets import Rows
from roadworthy.kernel.limits import Interval
from roadworthy.measures.intervals import wilson

Weights = NDArray[np.float64]

_ROUNDS = 20
_SAMPLE = 20_000
_SEED = 20_231
_FLOOR = 1e-6
_USUAL = np.array([0.04, 0.04, 0.92])
"""Shares of different, near and equal values among equal records, until the data say otherwise."""
_BELIEF = 40.0
LEAST_EQUAL = 0.8
"""Equal records are equal in most columns: without this bound the estimate may settle on what shares an owner only."""
_FEW_VALUES = 0.5


class Links(Struct, frozen=True):
    """Pairs of rows with the probability that both are the same thing, the surest first.

    Attributes:
        one, other: rows, `one` < `other`.
        probability: in [0, 1].
        differing: for each pair the columns in which it is not equal.
        compared: how many pairs were held against each other.
        agreement: column to the share of equal records that are equal in it.
    """

    one: Rows
    other: Rows
    probability: Weights
    differing: list[list[str]]
    compared: int
    agreement: dict[str, float]


class _Evidence(Struct):
    """Per column: the levels of the pairs, and the log probability of each level among unequal records."""

    levels: list[Levels]
    unequal: list[Weights]


def near_records(
    table: pl.DataFrame, scales: Mapping[str, str], *, without: Sequence[str] = (), least: float = 0.9
) -> Links:
    """Pairs of rows that are probably the same record.

    Args:
        table: typed rows.
        scales: column to scale; numbers are near within a tenth of their standard deviation, texts by their letters.
        without: columns that do not count, such as keys.
        least: probability from which a pair is told.
    """
    kinds = {name: scale for name, scale in column_scales(table, scales).items() if name not in without}
    names = list(kinds)
    one, other = (
        candidates(table, names, kinds) if len(names) > 1 and table.height > 1 else (np.empty(0, np.int64),) * 2
    )
    if not len(one):
        return Links(one, other, np.empty(0), [], 0, {})
    coded = {name: codes(table[name]) for name in names}
    compared = len(one)
    found = {name: levels(table[name], coded[name], one, other, scale=kinds[name]) for name in names}
    one, other, found = _promising(one, other, found)
    parents = _tree(coded, names)
    unequal = [_unequal(name, parents[name], coded, found, one) for name in names]
    evidence = _Evidence([found[name] for name in names], unequal)
    probability, equal = _estimate(evidence, rows=table.height)
    kept = np.flatnonzero(probability >= least)
    kept = kept[np.argsort(-probability[kept], kind="stable")]
    differing = [[name for name in names if found[name][at] not in (EQUAL, MISSING)] for at in kept.tolist()]
    agreement = {name: float(share) for name, share in zip(names, equal, strict=True)}
    return Links(one[kept], other[kept], probability[kept], differing, compared, agreement)


def verdict_by_labels(probability: Sequence[float], same: Sequence[bool], *, least: float) -> tuple[Interval, Interval]:
    """Intervals of precision and recall of the pairs told, by pairs that a person has judged.

    >>> [round(one.low, 2) for one in verdict_by_labels([0.99, 0.95, 0.2], [True, True, False], least=0.9)]
    [0.34, 0.34]
    """
    told, truth = np.asarray(probability) >= least, np.asarray(same, dtype=bool)
    hits = int((told & truth).sum())
    return wilson(hits, max(1, int(told.sum()))), wilson(hits, max(1, int(truth.sum())))


def _promising(one: Rows, other: Rows, found: dict[str, Levels]) -> tuple[Rows, Rows, dict[str, Levels]]:
    """Pairs that are equal or near in at least half of the columns they both have."""
    alike = sum((level >= NEAR).astype(np.int16) for level in found.values())
    there = sum((level != MISSING).astype(np.int16) for level in found.values())
    kept = np.flatnonzero(2 * alike >= there)
    return one[kept], other[kept], {name: level[kept] for name, level in found.items()}


def _unequal(name: str, parent: str, coded: dict[str, Rows], found: dict[str, Levels], one: Rows) -> Weights:
    """Log probability of each pair's level in a column, were the two records not the same.

    Equality has the frequency of the value; where the parent is equal too, the value's frequency among rows with the
    parent's value. Being near or different shares the rest as among pairs drawn at random.
    """
    held, level = coded[name], found[name]
    rows = len(held)
    counts = np.bincount(held + 1, minlength=int(held.max()) + 2)
    equal = counts[held[one] + 1] / rows
    chance = float(((counts[1:] / rows) ** 2).sum())
    alike = np.full(len(one), chance)
    if parent:
        both, above = (held + 1) * (int(coded[parent].max()) + 2) + coded[parent] + 1, coded[parent] + 1
        _, place, joint = np.unique(both, return_inverse=True, return_counts=True)
        upper = np.bincount(above)
        given = found[parent] == EQUAL
        equal = np.where(given, joint[place[one]] / upper[above[one]], equal)
        joined = float((joint.astype(float) ** 2).sum() / (upper.astype(float) ** 2).sum())
        alike = np.where(given, joined, chance)
    near = _random_near(level)
    rest = np.maximum(1 - alike, _FLOOR)
    probability = np.select([level == EQUAL, level == NEAR], [equal, rest * near], rest * (1 - near))
    logs: Weights = np.log(np.clip(probability, _FLOOR, 1.0))
    logs[level == MISSING] = 0.0
    return logs


def _random_near(level: Levels) -> float:
    """Share of near values among those that are not equal."""
    apart = level[(level != EQUAL) & (level != MISSING)]
    return float(np.clip((apart == NEAR).mean() if len(apart) else 0.05, 0.005, 0.5))


def _estimate(evidence: _Evidence, *, rows: int) -> tuple[Weights, Weights]:
    """Probability of each pair, and for each column how often equal records are equal in it (EM)."""
    everything = rows * (rows - 1) / 2
    unequal = np.sum(evidence.unequal, axis=0)
    shares = np.tile(_USUAL, (len(evidence.levels), 1))
    prior = min(0.5, 0.01 * rows / everything)
    probability = np.zeros(len(unequal))
    for _ in range(_ROUNDS):
        logs = np.log(np.column_stack([shares, np.ones(len(shares))]))
        # level -1, missing, reads the last column: no evidence
        weight = sum(logs[at][level] for at, level in enumerate(evidence.levels)) - unequal
        odds = np.clip(weight + np.log(prior / (1 - prior)), -60, 60)
        probability = 1 / (1 + np.exp(-odds))
        shares = _shares(evidence.levels, probability)
        prior = float(np.clip(probability.sum() / everything, 1 / everything / 10, 0.5))
    return probability, shares[:, EQUAL]


def _shares(found: Sequence[Levels], probability: Weights) -> Weights:
    """Levels among equal records, drawn towards what is usual where there are few."""
    counted = [[float(probability[level == which].sum()) for which in range(EQUAL + 1)] for level in found]
    held = np.array(counted) + _BELIEF * _USUAL
    shares: Weights = held / held.sum(axis=1, keepdims=True)
    low = shares[:, EQUAL] < LEAST_EQUAL
    rest = shares[low, :EQUAL]
    shares[low, :EQUAL] = rest / rest.sum(axis=1, keepdims=True) * (1 - LEAST_EQUAL)
    shares[low, EQUAL] = LEAST_EQUAL
    return shares


def _tree(coded: dict[str, Rows], names: Sequence[str]) -> dict[str, str]:
    """Each column's parent in the tree of the strongest dependences; none for columns of almost unique values."""
    rows = len(coded[names[0]])
    drawn = np.random.default_rng(_SEED).permutation(rows)[:_SAMPLE]
    few = [name for name in names if len(np.unique(coded[name][drawn])) <= _FEW_VALUES * len(drawn)]
    parents = dict.fromkeys(names, "")
    if len(few) < 2:
        return parents
    width = len(few)
    shared = [(a, b, _information(coded[few[a]][drawn], coded[few[b]][drawn])) for a in range(width) for b in range(a)]
    at, to, much = (np.array(part) for part in zip(*shared, strict=True))
    # the least tree of what falls short of the most is the tree of the most
    tree = minimum_spanning_tree(coo_array((much.max() + 1.0 - much, (at, to)), shape=(width, width)))
    _, before = breadth_first_order(tree, 0, directed=False)
    known = {(max(a, b), min(a, b)): value for a, b, value in shared}
    for child, parent in enumerate(before.tolist()):
        if parent >= 0 and known[max(child, parent), min(child, parent)] > 0:
            parents[few[child]] = few[parent]
    return parents


def _information(one: Rows, other: Rows) -> float:
    """Mutual information in nats, less what chance alone would give (Miller 1955)."""
    rows = len(one)
    joint = np.unique((one.astype(np.int64) + 1) << 32 | (other + 1), return_counts=True)[1]
    alone = [np.unique(held, return_counts=True)[1] for held in (one, other)]
    entropies = [-(count / rows * np.log(count / rows)).sum() for count in (*alone, joint)]
    chance = (len(joint) - len(alone[0]) - len(alone[1]) + 1) / (2 * rows)
    return float(entropies[0] + entropies[1] - entropies[2] - chance)
