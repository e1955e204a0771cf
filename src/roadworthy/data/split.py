"""Setting the test part aside so that its figures are honest.

By time, the last rows are the test, exactly as many as declared, whatever groups they belong to: the training rows that
share a group with one of them (an earlier copy of the same campaign) are left out of training. At random, stratified or
by group, a group goes to one side as a whole.

Rows that came back from production are split by whole groups, by hash, whatever their time: a successor must learn what
is new and be tested on it. What was set aside for testing once stays set aside, so that a model and its successor are
compared on rows that neither has seen.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.source import PREDICTION_LOG
from roadworthy.data.times import row_times
from roadworthy.data.twins import twin_groups
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.records import Split
from roadworthy.kernel.units import plural

_NEAR = "near_duplicate"


def split(table: pl.DataFrame, declaration: Declaration, *, seed: int) -> Split:
    """Row numbers for training and test, and the group of every row.

    Raises:
        DataError: if the time or group column is missing, or one side would lack a class.
    """
    group = _groups(table, declaration)
    times = row_times(table, declaration)
    if declaration.split.method == "time":
        if times is None:
            raise DataError("a split by time needs a time column", where="[split] method", fix="declare [data] time")
        made = _by_time(table, times, group, share=declaration.split.test)
    else:
        made = _at_random(table, declaration, times, group, seed=seed)
    _demand_both_classes(table, declaration, made)
    return made


def judge_split(table: pl.DataFrame, made: Split, declaration: Declaration) -> list[Finding]:
    """What a reader of the test figures must know of the split: groups that straddle, undated rows, classes."""
    out = table.height - len(made.train) - len(made.test)
    straddling = np.isin(made.group[made.train], made.group[made.test]).sum()
    size = np.bincount(made.group)
    groups = int((size > 1).sum())
    found = [
        Finding(
            check="data.split",
            subject=made.method,
            verdict=Verdict.FAIL if straddling else Verdict.PASS,
            summary=f"{plural(len(made.train), 'row')} to learn from and {len(made.test):,} to test on; "
            f"{plural(groups, 'group')} of near-duplicates or declared groups, "
            f"{'none' if not straddling else f'{straddling:,} rows of which'} on both sides"
            + (
                f"; {plural(out, 'earlier row')} left out of training: of the same group as a test row." if out else "."
            ),
            severity=Severity.BLOCKER if straddling else Severity.NOTE,
            measured=float(straddling),
            unit="rows",
            evidence={"train": len(made.train), "test": len(made.test), "left_out": out, "groups": groups},
        )
    ]
    times = row_times(table, declaration) if made.method == "time" else None
    undated = 0 if times is None else int(np.isnan(times).sum())
    if times is not None and undated:
        found.append(
            Finding(
                check="data.undated",
                subject="time",
                verdict=Verdict.FAIL,
                summary=f"{plural(undated, 'row')} without a time placed at the median time of their archive folder.",
                measured=float(undated),
                unit="rows",
                severity=Severity.NOTE,
                evidence={"rows": table["row_key"].filter(pl.Series(np.isnan(times))).head(20).to_list()},
            )
        )
    return found


def _groups(table: pl.DataFrame, declaration: Declaration) -> NDArray[np.int64]:
    """Group of every row, numbered from 0 in order of first appearance."""
    named = declaration.split.group
    found: NDArray[np.generic]
    if not named:
        return np.arange(table.height, dtype=np.int64)
    if named == _NEAR:
        found, _ = twin_groups(table, declaration)
    elif named in table.columns:
        # Rows that name no group belong to none with each other.
        names = [
            f"row {row}" if value is None else f"group {value}" for row, value in enumerate(table[named].to_list())
        ]
        found = np.array(names)
    else:
        raise DataError(
            f"there is no group column {named!r}", where="[split] group", fix=did_you_mean(named, table.columns)
        )
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(len(first))
    return order[inverse]


def _by_time(table: pl.DataFrame, times: NDArray[np.float64], group: NDArray[np.int64], *, share: float) -> Split:
    placed = _placed(table, times)
    returned = logged(table)
    given = np.flatnonzero(~returned)
    given = given[np.argsort(placed[given], kind="stable")]
    begin = len(given) - round(share * len(given))
    tested = returned & _drawn(table, group, placed, share=share)
    tested[given[begin:]] = True
    order = np.argsort(placed, kind="stable").astype(np.int64)
    train, test = order[~tested[order]], order[tested[order]]
    if not len(train) or not len(test):
        raise DataError("one side of the split is empty", where="[split] test", fix="get more rows, or another share")
    kept = train[~np.isin(group[train], group[test])]
    cut = datetime.fromtimestamp(float(placed[test[0]]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Split(method="time", train=kept, test=test, group=group, cut=cut)


def logged(table: pl.DataFrame) -> NDArray[np.bool_]:
    """Rows that came back from production."""
    named = (
        pl.col("archive") == PREDICTION_LOG
        if "archive" in table.columns
        else pl.col("row_key").str.starts_with(PREDICTION_LOG)
    )
    return table.select(named.fill_null(value=False)).to_series().to_numpy()


def _drawn(
    table: pl.DataFrame, group: NDArray[np.int64], placed: NDArray[np.float64], *, share: float
) -> NDArray[np.bool_]:
    """Whether the group of a row is drawn for the test: by a hash of its earliest row, so for ever once it was."""
    earliest: dict[int, str] = {}
    keys = table["row_key"].cast(pl.String).to_list()
    for row in np.argsort(placed, kind="stable").tolist():
        earliest.setdefault(int(group[row]), str(keys[row]))
    drawn = {number: int(sha256(f"test|{key}".encode())[:8], 16) < share * 2**32 for number, key in earliest.items()}
    return np.array([drawn[int(number)] for number in group])


def _placed(table: pl.DataFrame, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times in which unknown ones are the median of their archive folder, else of all."""
    unknown = np.isnan(times)
    if not unknown.any():
        return times
    if unknown.all():
        raise DataError("no row has a time", where="[data] time", fix="declare a column that holds times")
    placed = times.copy()
    folders = _folders(table)
    for folder in np.unique(folders[unknown]):
        inside = folders == folder
        known = inside & ~unknown
        placed[inside & unknown] = np.median(times[known if known.any() else ~unknown])
    return placed


def _folders(table: pl.DataFrame) -> NDArray[np.int64]:
    if "member" not in table.columns:
        return np.zeros(table.height, dtype=np.int64)
    folder = table["archive"] + "/" + table["member"].str.replace(r"[^/]*$", "")
    return folder.rank("dense").to_numpy().astype(np.int64)


def _at_random(
    table: pl.DataFrame,
    declaration: Declaration,
    times: NDArray[np.float64] | None,
    group: NDArray[np.int64],
    *,
    seed: int,
) -> Split:
    """Whole groups drawn for the test; stratified draws them from each class in proportion."""
    method, share = declaration.split.method, declaration.split.test
    random = np.random.default_rng(seed)
    truth = (table[declaration.problem.target] == declaration.problem.positive).to_numpy()
    size = np.bincount(group)
    leaning = np.round(np.bincount(group, weights=truth) / size).astype(np.int64)
    if method != "stratified":
        leaning[:] = 0
    chosen = np.zeros(len(size), dtype=bool)
    for side in np.unique(leaning):
        inside = random.permutation(np.flatnonzero(leaning == side))
        chosen[_fill(inside, size[inside], round(share * int(size[inside].sum())))] = True
    tested = chosen[group]
    rows = np.arange(table.height, dtype=np.int64)
    order = rows if times is None else rows[np.argsort(np.nan_to_num(times, nan=-np.inf), kind="stable")]
    return Split(method=method, train=order[~tested[order]], test=order[tested[order]], group=group)


def _fill(groups: NDArray[np.int64], sizes: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Groups in their drawn order until the wanted number of rows is reached; one that is too large is passed over."""
    taken: list[int] = []
    held = 0
    for place, size in zip(groups.tolist(), sizes.tolist(), strict=True):
        if held + size <= wanted:
            taken.append(place)
            held += size
        if held == wanted:
            break
    return np.array(taken, dtype=np.int64)


def _demand_both_classes(table: pl.DataFrame, declaration: Declaration, made: Split) -> None:
    truth = (table[declaration.problem.target] == declaration.problem.positive).to_numpy()
    sides: Sequence[tuple[str, NDArray[np.int64]]] = (("training", made.train), ("test", made.test))
    for name, rows in sides:
        found = truth[rows]
        if not len(rows) or found.all() or not found.any():
            raise DataError(
                f"the {name} part holds one class only",
                where=f"[split] method = {declaration.split.method}",
                fix="choose another method or share, or get more rows of the other class",
            )
