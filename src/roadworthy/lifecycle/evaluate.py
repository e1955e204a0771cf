"""Evaluate: the finished bundle answers the test part, and every figure gets its interval."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.bundle.model import Model
from roadworthy.data.snapshot import read_table
from roadworthy.data.split import logged
from roadworthy.declare.declaration import Declaration
from roadworthy.evaluation.bars import judge_bars
from roadworthy.evaluation.evaluate import evaluate
from roadworthy.evaluation.versus import better_than
from roadworthy.kernel.errors import BundleError, DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.records import Evaluation, Scored
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.prepare import read_split, truth_of
from roadworthy.lifecycle.stage import Work
from roadworthy.lifecycle.train import read_scored, write_scored

_MOST_VALUES = 12
_ENOUGH = 50


def make(work: Work) -> dict[str, Any]:
    """Measure the bundle on rows that nothing was tuned on."""
    declaration = work.project.declaration
    data, trained = work.before["acquire"], work.before["train"]
    table = read_table(data.folder)
    rows = read_split(work.before["prepare"].folder).test
    tested = table[rows]
    scored = answer(Model.load(trained.folder / "bundle"), tested, rows, declaration)
    groups = group_columns(tested, declaration)
    live, unknown = _live(work, tested, scored)
    found = evaluate(
        scored,
        costs=declaration.costs,
        positive=declaration.problem.positive,
        baselines=_baselines(declaration, trained.folder) | live,
        slices=slice_columns(tested, declaration),
        groups=groups,
        fairness=declaration.require.fairness,
    )
    found = _on_recent(found, tested, scored, live.get("live"), declaration)
    bars = judge_bars(found, declaration.require.metrics)
    write_scored(work.folder / "scored.npz", scored)
    (work.folder / "evaluation.json").write_bytes(msgspec.json.encode(found))
    write_findings(work.folder, [*found.findings, *bars, *unknown])
    return {"rows": len(rows), "metrics": msgspec.to_builtins(found.metrics)}


def answer(model: Model, rows: pl.DataFrame, numbers: Any, declaration: Declaration) -> Scored:
    """A model's answers to labelled rows of a snapshot."""
    said = model.predict(rows.to_dict(as_series=False))
    return Scored(
        rows=np.asarray(numbers, dtype=np.int64),
        truth=truth_of(rows, declaration.problem),
        probability=said.probability,
        decision=said.decision,
        threshold=model.threshold,
    )


def read_evaluation(folder: Path) -> Evaluation:
    """What was measured, as the report reads it."""
    return msgspec.json.decode((folder / "evaluation.json").read_bytes(), type=Evaluation)


def _baselines(declaration: Declaration, trained: Path) -> dict[str, Scored]:
    """Baselines that training made."""
    wanted = set(declaration.require.better_than)
    named = {path.stem.removeprefix("baseline-"): path for path in sorted(trained.glob("baseline-*.npz"))}
    return {name: read_scored(path) for name, path in named.items() if wanted & {"baseline", name}}


def _live(work: Work, tested: pl.DataFrame, scored: Scored) -> tuple[dict[str, Scored], list[Finding]]:
    """The live model on the same rows; where it can no longer be loaded, a finding, so that a successor can be made."""
    declaration, live = work.project.declaration, read_live(work.project)
    wanted = set(declaration.require.better_than)
    if live is None or not wanted & {"baseline", "live"} or live.version == work.before["train"].outputs["version"]:
        return {}, []
    try:
        return {"live": answer(Model.load(live.folder), tested, scored.rows, declaration)}, []
    except (BundleError, DataError) as err:
        unknown = Finding(
            check="performance.better_than.live",
            subject="model",
            verdict=Verdict.CANNOT_TELL,
            severity=Severity.BLOCKER if "live" in wanted else Severity.WARNING,
            summary=f"the live model cannot answer these rows, so the new one is not compared with it: {err.what}",
            evidence={"live": live.version, "where": err.where},
            remedy=err.fix,
        )
        return {}, [unknown]


def _on_recent(
    found: Evaluation, tested: pl.DataFrame, scored: Scored, live: Scored | None, declaration: Declaration
) -> Evaluation:
    """A successor is compared with the live model on what came back from production, where there is enough of it.

    There both stand before the same new rows; on older ones the live model had to be good to be released at all.
    """
    recent = np.flatnonzero(logged(tested))
    if live is None or len(recent) < _ENOUGH or len(set(scored.truth[recent].tolist())) < 2:
        return found
    against = better_than("live", _part(scored, recent), _part(live, recent), costs=declaration.costs)
    against = msgspec.structs.replace(against, subject="model against live, on rows from production")
    others = [finding for finding in found.findings if finding.check != against.check]
    return msgspec.structs.replace(found, findings=[against, *others])


def _part(scored: Scored, taken: NDArray[np.int64]) -> Scored:
    return Scored(
        rows=scored.rows[taken],
        truth=scored.truth[taken],
        probability=scored.probability[taken],
        decision=scored.decision[taken],
        threshold=scored.threshold,
    )


def group_columns(table: pl.DataFrame, declaration: Declaration) -> dict[str, list[str]]:
    """Declared groups and protected columns, one value a row."""
    names = dict.fromkeys([*declaration.require.fairness.groups, *declaration.problem.protected])
    return {name: _words(table[name]) for name in names if name in table.columns}


def slice_columns(table: pl.DataFrame, declaration: Declaration) -> dict[str, list[str]]:
    """Columns of few values, and what slices a mailbox: language of charset, HTML, size, sender's domain."""
    used = {declaration.problem.target, declaration.data.key, declaration.data.time, "row_key"}
    if "html_chars" in table.columns:
        return _mail_slices(table)
    few = [
        name
        for name in table.columns
        if name not in used and table[name].dtype in (pl.String, pl.Boolean) and table[name].n_unique() <= _MOST_VALUES
    ]
    return {name: _words(table[name]) for name in few}


def _mail_slices(table: pl.DataFrame) -> dict[str, list[str]]:
    sizes = _banded(table["size"], (2_000, 5_000, 20_000), ("to 2 kB", "to 5 kB", "to 20 kB", "larger"))
    return {
        "format": _words(
            table.select(
                pl.when(pl.col("html_chars") == 0)
                .then(pl.lit("plain"))
                .when(pl.col("plain_chars") == 0)
                .then(pl.lit("html"))
                .otherwise(pl.lit("both"))
            ).to_series()
        ),
        "size": sizes,
        "links": _banded(table["link_count"], (0, 3), ("none", "1 to 3", "more")),
        "attachments": _words(table["attachments"].list.len() > 0),
        "from_list": _words(table["list_headers"].list.len() > 0),
        "charset_guessed": _words(table["charset_notes"].list.len() > 0),
        "archive": _words(table["folder"]) if "folder" in table.columns else _words(table["archive"]),
    }


def _banded(column: pl.Series, ends: tuple[int, ...], names: tuple[str, ...]) -> list[str]:
    """The name of the band of each number; a band ends with its upper bound."""
    return [names[band] for band in np.digitize(column.to_numpy(), ends, right=True)]


def _words(column: pl.Series) -> list[str]:
    return column.cast(pl.String).fill_null("(missing)").to_list()
