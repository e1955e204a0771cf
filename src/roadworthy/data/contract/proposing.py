"""What a column seems to promise, clause by clause, with the evidence for it."""

import re
from collections.abc import Callable, Mapping
from math import ceil, floor, log10
from types import MappingProxyType
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.contract.columns import Seen
from roadworthy.data.contract.holding import broken
from roadworthy.data.contract.patterns import find_pattern
from roadworthy.data.contract.terms import Evidence, evidence_of
from roadworthy.measures.checksums import CHECKSUMS
from roadworthy.measures.unseen import chance_of_more, reach, share_above, unseen_share

ENOUGH = 30
"""Values below which nothing is promised."""

_NAMED = frozenset(("nominal", "ordinal", "binary"))
_QUANTITIES = frozenset(("continuous", "discrete"))
_COUNTED = frozenset(("integer", "number"))
_MOST_VALUES = 200
_MOST_UNSEEN = 0.02
_PER_VALUE = 5
_RARE = 2
_APART = 20  # times as frequent as a rare name the least frequent common one must be
_BY_CHANCE = 0.15  # of a checksum to be right, at most
_SURE = 1e-9
_TRIED = 1_000
_COLLISIONS = 20
_CODE = 5
_NATURAL = (1.0, 100.0)


class Proposal(Struct, frozen=True):
    """A clause: the fields of `Terms` that say it, and what speaks for it."""

    fields: dict[str, Any]
    evidence: Evidence


Propose = Callable[[Seen, str, float], Proposal | None]
"""A column, its scale, the share of values that may break the clause; gives None where nothing can be said."""


def _type(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    if not column.type or column.present < ENOUGH:
        return None
    return _allowed({"type": column.type}, column, ("type", column.type), tolerate=tolerate)


def _required(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    missing, rows = column.rows - column.present, column.rows
    if rows < ENOUGH or missing > tolerate * rows:
        return None
    return Proposal({"required": True}, evidence_of(rows, share_above(missing, rows), broken=missing))


def _unique(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    """Every value another one, where chance would have made some equal, or the column names rows."""
    if scale not in ("identifier", "discrete"):
        return None
    present = column.canonical.drop_nulls() if column.number is None else column.number.drop_nulls()
    repeated = present.len() - present.n_unique()
    if present.len() < ENOUGH or repeated > tolerate * present.len():
        return None
    if scale in _QUANTITIES and not _crowded(column):
        return None
    risk = share_above(repeated, present.len())
    return Proposal({"unique": True}, evidence_of(present.len(), risk, broken=repeated))


def _crowded(column: Seen) -> bool:
    """Whether whole numbers lie so near that drawing them freely would have given some twice."""
    if column.type != "integer" or column.number is None:
        return False
    numbers = column.number.drop_nulls()
    span = float(numbers.max() - numbers.min()) + 1  # type: ignore[operator,arg-type]  # numbers, and there are some
    return numbers.len() ** 2 / (2 * span) >= _COLLISIONS


def _range(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    """Bounds that later values will keep: ends that are walls stay, others are moved by how the tail falls off."""
    if scale not in _QUANTITIES or column.type not in _COUNTED or column.number is None:
        return None
    numbers = column.number.drop_nulls().drop_nans()
    if numbers.len() < ENOUGH or numbers.n_unique() < 3:
        return None
    low, high = reach(numbers.to_numpy())
    least, most = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]  # numbers, and there are some
    low, high = _natural(low, high, least, most)
    whole = column.type == "integer"
    bounds = (_outward(low, least, whole=whole, up=False), _outward(high, most, whole=whole, up=True))
    evidence = evidence_of(numbers.len(), min(1.0, 2 * share_above(0, numbers.len())))
    return Proposal({"min": bounds[0], "max": bounds[1]}, evidence)


def _natural(low: float, high: float, least: float, most: float) -> tuple[float, float]:
    """Where values begin at nothing, or are shares or percentages, the end of the scale is the bound."""
    if least >= 0 > low:
        low = 0.0
    if low >= 0:
        high = next((end for end in _NATURAL if 0.9 * end < most <= end < high), high)
    return low, high


def _outward(bound: float, end: float, *, whole: bool, up: bool) -> float:
    """A bound rounded away from the values, to two digits of its distance from them."""
    turn = ceil if up else floor
    if bound == end:
        return bound
    step = 10.0 ** (floor(log10(abs(bound - end))) - 1)
    step = max(step, 1.0) if whole else step
    return round(turn(bound / step) * step, 12)


def _values(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    """The names that occur, if hardly any other can be left."""
    if scale not in _NAMED or column.type == "boolean":
        return None
    counts = column.canonical.alias("name").drop_nulls().value_counts(name="rows")
    total = int(counts["rows"].sum())
    if total < 2 * ENOUGH or not 2 <= counts.height <= min(_MOST_VALUES + total, total):
        return None
    kept, left = _without_rare(counts, total, tolerate)
    if not 2 <= kept.height <= min(_MOST_VALUES, total // _PER_VALUE):
        return None
    once, twice = (int((kept["rows"] == times).sum()) for times in (1, 2))
    risk = max(unseen_share(once, total, twice=twice), share_above(left, total))
    if risk > max(_MOST_UNSEEN, tolerate, 1.01 * unseen_share(0, total)):
        return None
    names = tuple(sorted(kept["name"].to_list()))
    return Proposal({"values": names}, evidence_of(total, risk, broken=left))


def _without_rare(counts: pl.DataFrame, total: int, tolerate: float) -> tuple[pl.DataFrame, int]:
    """The common names, and how many values are left out: names far rarer than all that are kept."""
    rising = counts.sort("rows", "name")
    numbers = rising["rows"].to_list()
    left = cut = out = 0
    for place, count in enumerate(numbers[:-1]):
        left += count
        if left > tolerate * total:
            break
        if count <= _RARE and numbers[place + 1] >= _APART * count:
            cut, out = place + 1, left
    return rising[cut:], out


def _pattern(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    if column.type not in ("text", "integer") or scale == "text":
        return None
    found = find_pattern(column.text, tolerate=tolerate)
    if found is None or (column.type == "integer" and not _code(found.text)):
        return None
    return _allowed({"pattern": found.text}, column, ("pattern", found.text), tolerate=tolerate, risk=found.risk)


def _code(pattern: str) -> bool:
    """Whether whole numbers of this pattern are codes: always as many digits, five or more."""
    found = re.fullmatch(r"\[0-9\]\{(\d+)\}", pattern)
    return bool(found) and int(found[1]) >= _CODE  # type: ignore[index]  # it is there where it is true


def _length(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    """How long texts are, where no pattern says it."""
    lengths = column.text.drop_nulls().str.len_chars()
    if column.type != "text" or lengths.len() < ENOUGH or lengths.n_unique() < 2:
        return None
    low, high = reach(lengths.to_numpy())
    least = 0 if bool((lengths == 0).any()) else 1
    evidence = evidence_of(lengths.len(), min(1.0, 2 * share_above(0, lengths.len())))
    return Proposal({"min_length": max(least, floor(low)), "max_length": ceil(high)}, evidence)


def _checksum(column: Seen, scale: str, tolerate: float) -> Proposal | None:
    """A kind of code that (nearly) all texts are, beyond what chance gives."""
    values = column.text.drop_nulls().unique()
    if column.type not in ("text", "integer") or values.len() < ENOUGH // 3:
        return None
    tried = values.head(_TRIED).to_list()
    for name, right in CHECKSUMS.items():
        hits = sum(map(right, tried))
        if hits < (1 - max(tolerate, 0.0)) * len(tried):
            continue
        if chance_of_more(hits, len(tried), share=_BY_CHANCE) < _SURE:
            return _allowed({"checksum": name}, column, ("checksum", name), tolerate=tolerate)
    return None


PROPOSALS: Mapping[str, Propose] = MappingProxyType(
    {
        "type": _type,
        "required": _required,
        "unique": _unique,
        "values": _values,
        "pattern": _pattern,
        "range": _range,
        "length": _length,
        "checksum": _checksum,
    }
)
"""What proposes each clause."""


def _allowed(
    fields: dict[str, Any], column: Seen, clause: tuple[str, Any], *, tolerate: float, risk: float = 0.0
) -> Proposal | None:
    """The proposal, if no more values than tolerated break it."""
    present = column.present
    count = int(broken(column, *clause).sum())
    if not present or count > tolerate * present:
        return None
    evidence = evidence_of(present, max(risk, share_above(count, present)), broken=count)
    return Proposal(fields, evidence)
