"""Faults planted into a copy of a table, to see which check finds what: a drill for alarms about data.

Each fault is what really happens to tables: a shift key, a unit that changed, an export that went wrong, a sensor that
hung. It is planted into texts, before typing, at a stated severity; where it was planted is told, cell by cell.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from msgspec import Struct, structs
from numpy.typing import NDArray

Random = np.random.Generator
Rows = NDArray[np.int64]
_YEAR = 31_557_600.0


class Ground(Struct, frozen=True, kw_only=True):
    """What columns of a table are, so that a fault finds a place.

    Attributes:
        numbers: quantities. words: categories. texts: free text. pair: two columns of words that can be mistaken.
        key: the running key. time: UTC seconds as text. target: the answer. group: a column of groups.
    """

    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    key: str = ""
    time: str = ""
    target: str = ""
    group: str = ""


class Planted(Struct, frozen=True, kw_only=True):
    """A table with a fault in it.

    Attributes:
        frame: texts; rows may be more or fewer than before, `origin` tells the row that each was.
        rows: positions in `frame` that are wrong; empty where what is wrong is not there.
        columns: those that are wrong; empty where whole rows are.
        fresh: whether the rows put in have keys of their own.
    """

    frame: pl.DataFrame
    rows: Rows
    columns: tuple[str, ...] = ()
    origin: Rows | None = None
    fresh: bool = False


class Fault(Struct, frozen=True, kw_only=True):
    """One kind of fault: the dimension it belongs to, what it needs, and how it is planted."""

    name: str
    dimension: str
    needs: tuple[str, ...]
    plant: Callable[[pl.DataFrame, Ground, Random, float], Planted]


def fits(fault: Fault, ground: Ground) -> bool:
    """Whether a table has what a fault needs."""
    return all(getattr(ground, need) for need in fault.needs)


def _cells(
    frame: pl.DataFrame, column: str, rows: Rows, change: Callable[[str], str | None], *, also: Sequence[str] = ()
) -> Planted:
    """The same table with some present cells of one column changed."""
    values = frame[column].to_list()
    changed = []
    for row in np.sort(rows).tolist():
        if values[row] is None:
            continue
        new = change(str(values[row]))
        if new != values[row]:
            values[row] = new
            changed.append(row)
    planted = frame.with_columns(pl.Series(column, values, dtype=pl.String))
    return Planted(frame=planted, rows=np.array(changed, dtype=np.int64), columns=(column, *also))


def _some(frame: pl.DataFrame, random: Random, severity: float) -> Rows:
    return random.choice(frame.height, size=max(3, round(severity * frame.height)), replace=False)


def _block(frame: pl.DataFrame, random: Random, severity: float) -> Rows:
    size = max(25, round(severity * frame.height))
    begin = int(random.integers(0, frame.height - size))
    return np.arange(begin, begin + size)


def _by_time(frame: pl.DataFrame, ground: Ground) -> Rows:
    """Row numbers, oldest first."""
    return frame[ground.time].cast(pl.Float64, strict=False).arg_sort().to_numpy().astype(np.int64)


def _at(random: Random, names: tuple[str, ...]) -> str:
    return names[int(random.integers(len(names)))]


def _in_cells(
    role: str, change: Callable[[str, Random], str | None]
) -> Callable[[pl.DataFrame, Ground, Random, float], Planted]:
    """A fault of scattered cells in one column of a role."""

    def plant(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
        column = _at(random, getattr(ground, role))
        return _cells(frame, column, _some(frame, random, severity), lambda text: change(text, random))

    return plant


def _typo(text: str, random: Random) -> str:
    """Two neighbouring letters swapped, one left out or one doubled."""
    if len(text) < 3:
        return text
    at = int(random.integers(1, len(text) - 1))
    kind = int(random.integers(3))
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 1 else text[:at] + text[at] + text[at:]


def _swapped(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    one, other = ground.pair
    rows = np.sort(_some(frame, random, severity))
    picked = pl.Series(np.isin(np.arange(frame.height), rows))
    swapped = frame.with_columns(
        pl.when(picked).then(pl.col(other)).otherwise(pl.col(one)).alias(one),
        pl.when(picked).then(pl.col(one)).otherwise(pl.col(other)).alias(other),
    )
    return Planted(frame=swapped, rows=rows, columns=(one, other))


def _flipped(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    first, second = frame[ground.target].drop_nulls().unique().sort().to_list()[:2]
    rows = _some(frame, random, severity)
    return _cells(frame, ground.target, rows, lambda text: second if text == first else first)


def _blanked(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    column = _at(random, ground.numbers + ground.words)
    return _cells(frame, column, _block(frame, random, severity), lambda _: None)


def _kept(frame: pl.DataFrame, gone: NDArray[np.bool_], columns: tuple[str, ...] = ()) -> Planted:
    origin = np.flatnonzero(~gone)
    return Planted(frame=frame[origin], rows=np.empty(0, dtype=np.int64), columns=columns, origin=origin)


def _holes(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """Runs of records that never arrived."""
    gone = np.zeros(frame.height, dtype=bool)
    for _ in range(3):
        gone[_by_time(frame, ground)[_block(frame, random, severity / 3)]] = True
    return _kept(frame, gone, tuple(name for name in (ground.key, ground.time) if name))


def _without_group(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """Three quarters of the rarer group lost, whatever the severity."""
    rare = frame[ground.group].drop_nulls().value_counts(sort=True)[ground.group][-1]
    gone = (frame[ground.group] == rare).fill_null(value=False).to_numpy() & (random.random(frame.height) < 0.75)
    return _kept(frame, gone, (ground.group,))


def _mojibake(text: str, random: Random) -> str:
    """A letter with an accent, written as UTF-8 and read as Windows-1252."""
    at = int(random.integers(len(text))) if text else 0
    return text[:at] + "é".encode().decode("cp1252") + text[at:]


def _added(frame: pl.DataFrame, rows: Rows, more: pl.DataFrame, columns: tuple[str, ...] = ()) -> Planted:
    """Rows put in after all others."""
    origin = np.concatenate([np.arange(frame.height), rows])
    new = np.arange(frame.height, frame.height + len(rows))
    return Planted(frame=pl.concat([frame, more]), rows=new, columns=columns, origin=origin)


def _again(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    rows = _some(frame, random, severity)
    return _added(frame, rows, frame[rows])


def _renumbered(frame: pl.DataFrame, ground: Ground, more: pl.DataFrame) -> pl.DataFrame:
    """Fresh keys, as an import that runs twice gives them."""
    if "raw_sha256" in more.columns:
        more = more.with_columns((pl.lit("copy:") + pl.col("raw_sha256")).alias("raw_sha256"))
    if not ground.key:
        return more
    last = frame[ground.key].cast(pl.Int64).max()
    fresh = [str(int(last) + 1 + at) for at in range(more.height)]  # type: ignore[arg-type]  # a column of numbers
    return more.with_columns(pl.Series(ground.key, fresh))


def _nearly_again(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """Copies under fresh keys, each with a typo in one cell."""
    rows = _some(frame, random, severity)
    column = _at(random, ground.texts or ground.words)
    more = [None if text is None else _typo(text, random) for text in frame[column][rows].to_list()]
    changed = _renumbered(frame, ground, frame[rows]).with_columns(pl.Series(column, more, dtype=pl.String))
    made = _added(frame, rows, changed, (column,))
    return structs.replace(made, fresh=True)


def _contradicting(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """Copies under the same key that say something else in one column."""
    rows = _some(frame, random, severity)
    column = _at(random, ground.words)
    others = frame[column][random.permutation(frame.height)[: len(rows)]]
    more = frame[rows].with_columns(others.alias(column))
    differ = (more[column] != frame[column][rows]).fill_null(value=False).to_numpy()
    return _added(frame, rows[differ], more.filter(pl.Series(differ)), (column,))


def _hanging(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """One value through a stretch of time."""
    column = _at(random, ground.numbers)
    rows = _by_time(frame, ground)[_block(frame, random, max(severity, 60 / frame.height))]
    value = str(frame[column].drop_nulls()[int(random.integers(frame[column].count()))])
    return _cells(frame, column, rows, lambda _: value)


def _moved(years: float, share: float = 1.0) -> Callable[[pl.DataFrame, Ground, Random, float], Planted]:
    """Times some years off; a share of the stated severity."""

    def plant(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
        rows = _some(frame, random, min(severity * share, 0.009))
        return _cells(frame, ground.time, rows, lambda text: str(float(text) + years * _YEAR))

    return plant


def _late(frame: pl.DataFrame, ground: Ground, random: Random, severity: float) -> Planted:
    """Records that come at the end of the table, long after their time."""
    rows = np.sort(random.choice(frame.height // 2, size=max(3, round(severity * frame.height)), replace=False))
    rest = np.setdiff1d(np.arange(frame.height), rows)
    origin = np.concatenate([rest, rows])
    moved = np.arange(len(rest), frame.height)
    return Planted(frame=frame[origin], rows=moved, columns=(ground.time,), origin=origin)


def _times(factor: float) -> Callable[[str, Random], str]:
    return lambda text, _: f"{float(text) * factor:g}"


_Plant = Callable[[pl.DataFrame, Ground, Random, float], Planted]
_KINDS: tuple[tuple[str, str, tuple[str, ...], _Plant], ...] = (
    ("outliers", "accuracy", ("numbers",), _in_cells("numbers", _times(1000.0))),
    ("flipped labels", "accuracy", ("target",), _flipped),
    ("swapped columns", "accuracy", ("pair",), _swapped),
    ("sentinel numbers", "completeness", ("numbers",), _in_cells("numbers", lambda *_: "-999")),
    ("words for missing", "completeness", ("words",), _in_cells("words", lambda *_: "unknown")),
    ("missing in a block", "completeness", ("words",), _blanked),
    ("records that never came", "completeness", ("time",), _holes),
    ("group lost", "completeness", ("group",), _without_group),
    ("typos", "consistency", ("words",), _in_cells("words", _typo)),
    ("another unit", "consistency", ("numbers",), _in_cells("numbers", _times(60.0))),
    ("wrong encoding", "consistency", ("words",), _in_cells("words", _mojibake)),
    ("mixed case", "consistency", ("words",), _in_cells("words", lambda text, _: text.upper())),
    ("contradicting copies", "consistency", ("key", "words"), _contradicting),
    ("frozen column", "timeliness", ("numbers", "time"), _hanging),
    ("future dates", "timeliness", ("time",), _moved(4.0)),
    ("old dates", "timeliness", ("time",), _moved(-30.0)),
    ("late records", "timeliness", ("time",), _late),
    ("negative numbers", "validity", ("numbers",), _in_cells("numbers", _times(-1.0))),
    ("broken pattern", "validity", ("words",), _in_cells("words", lambda text, _: f"#{text}!")),
    ("unknown code", "validity", ("words",), _in_cells("words", lambda *_: "Zz-Code-7")),
    ("letters for digits", "validity", ("numbers",), _in_cells("numbers", lambda text, _: f"{text}O")),
    ("copies", "uniqueness", (), _again),
    ("near copies", "uniqueness", ("words",), _nearly_again),
)
FAULTS = tuple(Fault(name=name, dimension=of, needs=needs, plant=plant) for name, of, needs, plant in _KINDS)
"""Twenty-three kinds over the six dimensions."""
