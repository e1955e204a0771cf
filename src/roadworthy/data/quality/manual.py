"""Accuracy by hand: cells drawn for people to check, and what their answers say of all the others."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from roadworthy.data.contract.beside import read_beside
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import plural
from roadworthy.measures.intervals import rows_to_narrow
from roadworthy.measures.judging import Subject, sentence
from roadworthy.measures.sampling import Stratum, allocate, stratified

SHEET = ("row_key", "column", "value", "right", "should_be", "stratum", "of")
"""Columns of a sheet: `right` and `should_be` are filled in by people; `of` counts all cells of the stratum."""

_RIGHT = frozenset(("yes", "y", "true", "1", "right", "ok", "x"))
_WRONG = frozenset(("no", "n", "false", "0", "wrong"))
_UNSURE = frozenset(("?", "unsure", "unknown"))
_SHOWN = 20
_REST = "the rest"
_SUSPECTED = "suspects"
_SUSPICION = 0.5
_USUAL = 0.02


def draw_sheet(
    look: Look,
    *,
    cells: int,
    columns: Sequence[str] = (),
    suspects: pl.DataFrame | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Cells to check, drawn by chance, in the order of the rows.

    Args:
        look: the table.
        cells: how many to draw, about; `measures.sampling.sample_size` says how many a wanted precision takes.
        columns: to check; all by default.
        suspects: `SUSPECTS` of other checks: they are a stratum of their own, of which more is drawn.
        seed: the same seed draws the same cells.

    Returns:
        One cell a row, with the columns of `SHEET`; missing cells are drawn too, since they may be wrong.

    Raises:
        DataError: if a column is not there.
    """
    names = list(columns) or [name for name in look.table.columns if name != "row_key"]
    for name in names:
        if name not in look.table.columns:
            raise DataError(f"there is no column {name!r}", where="columns to check", fix=did_you_mean(name, names))
    strata = _strata(look.table.height, names, suspects)
    sizes = [len(positions) for positions in strata.values()]
    counts = allocate(sizes, [_SUSPICION if name == _SUSPECTED else _USUAL for name in strata], total=cells)
    random = np.random.default_rng(seed)
    parts = []
    for (stratum, positions), count in zip(strata.items(), counts, strict=True):
        drawn = np.sort(random.choice(positions, min(count, len(positions)), replace=False))
        parts.append(_cells(drawn, look, names).with_columns(stratum=pl.lit(stratum), of=pl.lit(len(positions))))
    return pl.concat(parts).sort("place").select(SHEET)


def write_sheet(sheet: pl.DataFrame, path: Path) -> None:
    """A sheet as a CSV that spreadsheets open; what begins like a formula is made text by a leading apostrophe.

    Raises:
        PlaceError: if the file cannot be written.
    """
    risky = pl.col("value").str.contains(r"^[=+\-@\t]") & ~pl.col("value").str.contains(r"^[-+]?\d+\.?\d*$")
    told = pl.when(risky).then("'" + pl.col("value")).otherwise(pl.col("value"))
    write_atomically(path, sheet.with_columns(told.alias("value")).write_csv().encode())


def judge_sheet(path: Path, *, limit: Limit) -> Finding:
    """The share of wrong cells in all cells that were drawn from, from a sheet that people have filled in.

    Where a stratum was checked in part, its answers stand for the rest of it; cells without an answer are taken for
    unchecked. If the limit cannot be told, the finding says about how many more cells would.

    Raises:
        SourceError: if the sheet cannot be read.
        DataError: if it is no sheet, or an answer is neither yes nor no.
    """
    sheet = read_beside(path)
    missing = [name for name in SHEET if name not in sheet.columns]
    if missing:
        raise DataError(
            f"the sheet has no column {missing[0]!r}", where=str(path), fix="give the sheet as it was drawn"
        )
    answers = sheet["right"].str.to_lowercase().to_list()
    _demand(answers, path)
    said = [None if one is None or one in _UNSURE else one in _WRONG for one in answers]
    right = pl.Series("wrong", said, dtype=pl.Boolean)
    checked = sheet.with_columns(right).filter(pl.col("wrong").is_not_null())
    strata = _counted(sheet, checked)
    unanswered = sheet.height - checked.height
    evidence = {
        "checked": checked.height,
        "unanswered": unanswered,
        "wrong": checked.filter("wrong")["row_key"].head(_SHOWN).to_list(),
        "columns": checked.filter("wrong")["column"].head(_SHOWN).to_list(),
    }
    if any(one.size and not one.checked for one in strata):
        return Finding(
            check="data.accuracy.manual",
            subject=path.name,
            verdict=Verdict.CANNOT_TELL,
            summary=f"{checked.height:,} of {plural(sheet.height, 'cell')} were checked, none of some part of them.",
            unit="share",
            limit=limit,
            evidence=evidence,
            remedy="fill in the column `right` with yes or no",
            more_rows=unanswered,
        )
    share, interval = stratified(strata)
    more = rows_to_narrow(share, interval, limit, rows=checked.height)
    verdict = limit.judge(share, interval)
    counted = f"{checked.filter('wrong').height:,} of {plural(checked.height, 'checked cell')}"
    return Finding(
        check="data.accuracy.manual",
        subject=path.name,
        verdict=verdict,
        summary=sentence(
            Subject("share of wrong cells", "cell"), share, interval, limit, counted=counted, more=more or None
        ),
        measured=share,
        interval=interval,
        unit="share",
        limit=limit,
        evidence=evidence,
        remedy="" if verdict is Verdict.PASS else "correct these cells, and look for what made them wrong",
        more_rows=more if verdict is Verdict.CANNOT_TELL else None,
    )


def manual(look: Look) -> Seen:
    """The sheet that `[data.checked]` names, judged; nothing where none is named.

    Raises:
        SourceError: if the sheet cannot be read.
        DataError: if it is no sheet.
    """
    declared = look.data.checked
    if declared is None:
        return Seen()
    return Seen(findings=[judge_sheet(Path(look.folder) / declared.path, limit=declared.max_error)])


def _strata(rows: int, names: Sequence[str], suspects: pl.DataFrame | None) -> Mapping[str, np.ndarray]:
    """Numbers of cells, row by row, by stratum."""
    every = np.arange(rows * len(names))
    if suspects is None or suspects.is_empty():
        return {_REST: every}
    known = suspects.filter(pl.col("column").is_in(list(names)))
    place = {name: number for number, name in enumerate(names)}
    marked = np.unique([row * len(names) + place[name] for row, name in known.select("row", "column").iter_rows()])
    rest = np.setdiff1d(every, marked)
    return {name: held for name, held in ((_SUSPECTED, marked), (_REST, rest)) if len(held)}


def _cells(drawn: np.ndarray, look: Look, names: Sequence[str]) -> pl.DataFrame:
    rows, places = np.divmod(drawn, len(names))
    texts = {name: look.text(name) for name in {names[place] for place in places}}
    nothing = pl.Series([None] * len(drawn), dtype=pl.String)
    return pl.DataFrame(
        {
            "place": drawn,
            "row_key": look.keys.gather(rows).cast(pl.String),
            "column": [names[place] for place in places],
            "value": pl.Series([texts[names[p]][int(r)] for r, p in zip(rows, places, strict=True)], dtype=pl.String),
            "right": nothing,
            "should_be": nothing,
        }
    )


def _demand(answers: Sequence[str | None], path: Path) -> None:
    """Every answer is one that we know."""
    for place, answer in enumerate(answers):
        if answer is not None and answer not in _RIGHT | _WRONG | _UNSURE:
            raise DataError(
                f"{answer!r} is no answer", where=f"{path}, line {place + 2}, column right", fix="write yes, no or ?"
            )


def _counted(sheet: pl.DataFrame, checked: pl.DataFrame) -> list[Stratum]:
    strata = []
    for name, size in (
        sheet.select("stratum", pl.col("of").cast(pl.Int64, strict=False)).unique().sort("stratum").rows()
    ):
        own = checked.filter(pl.col("stratum") == name)
        strata.append(Stratum(size=size or 0, checked=own.height, wrong=int(own["wrong"].sum())))
    return strata
