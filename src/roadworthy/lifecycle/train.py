"""Train: features, search, calibration, threshold; the result is a bundle without a certificate."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Design
from roadworthy.bundle.write import write_model
from roadworthy.data.quality.mislabelled import Mislabelled, judge_labels
from roadworthy.data.repair.freezing import fit_repair
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.declare.problem import Problem
from roadworthy.features.design import make_design
from roadworthy.kernel.records import Scored
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.prepare import read_split, truth_of
from roadworthy.lifecycle.references import REFERENCE
from roadworthy.lifecycle.stage import Work
from roadworthy.monitoring.reference import build_reference
from roadworthy.training.train import Trained, train
from roadworthy.training.trials import TrialLog

REVIEW_FILE = "review-labels.csv"
"""Training rows whose label is likely wrong, likeliest first, for people to look at."""

_PATH_ROWS = 1000


def make(work: Work) -> dict[str, Any]:
    """Search, fit and freeze a model on the training rows alone."""
    declaration = work.project.declaration
    data = work.before["acquire"].folder
    table, parted = read_table(data), read_split(work.before["prepare"].folder)
    truth = truth_of(table, declaration.problem)
    work.project.progress.begin("counting words and encoding columns")
    design = make_design(table, declaration, truth=truth, fit_repair=fit_repair)
    work.project.progress.end()
    trained = train(
        design,
        truth,
        parted,
        plan=declaration.training,
        costs=declaration.costs,
        require=declaration.require,
        trials=TrialLog(work.desk / "trials.jsonl"),
        learners=work.project.learners,
        progress=work.project.progress,
    )
    tested = _test(design, trained, parted.test, truth)
    version = _write_bundle(work, table, trained, tested)
    _write_evidence(work.folder, trained, _labels(work, table, trained.oof))
    _write_path(work.folder, tested)
    return {
        "version": version,
        "learner": trained.learner,
        "params": trained.params,
        "threshold": trained.threshold,
        "trials": len(trained.trials),
    }


class _Tested(Struct, frozen=True, kw_only=True, eq=False):
    """The test part as the training path reads and answers it."""

    rows: NDArray[np.int64]
    truth: NDArray[np.int8]
    dense: NDArray[np.float32]
    probability: NDArray[np.float64]


def _test(design: Design, trained: Trained, rows: NDArray[np.int64], truth: NDArray[np.int8]) -> _Tested:
    encoded = design.encode(trained.steps, rows)
    probability = trained.calibrator(trained.scorer.score(encoded))
    return _Tested(rows=rows, truth=truth[rows], dense=encoded.dense, probability=probability)


def _write_bundle(work: Work, table: pl.DataFrame, trained: Trained, tested: _Tested) -> str:
    """The bundle in `bundle/`; returns its version.

    The monitors' reference is the test part: the model has not seen it, its frozen steps read it as they will read
    production, and in a split by time it is what came last. The model's answers do not depend on it.
    """
    project, snapshot = work.project, read_snapshot(work.before["acquire"].folder)
    reference = build_reference(
        tested.dense,
        trained.steps.names,
        probability=tested.probability,
        truth=tested.truth,
        threshold=trained.threshold,
    )
    bundle = work.folder / "bundle"
    bundle.mkdir()
    manifest = write_model(
        bundle,
        name=project.name,
        kind=snapshot.kind,
        problem=project.declaration.problem,
        inputs=trained.steps.inputs,
        steps=trained.steps,
        scorer=trained.scorer,
        calibrator=trained.calibrator,
        threshold=trained.threshold,
        negative=_negative(table, project.declaration.problem),
        extra={REFERENCE: reference.to_bytes()},
    )
    return manifest.version


def _negative(table: pl.DataFrame, problem: Problem) -> str:
    """What the other answer is called, where it has one name."""
    names = [name for name in table[problem.target].unique().cast(pl.String).to_list() if name != problem.positive]
    return str(names[0]) if len(names) == 1 else ""


def _labels(work: Work, table: pl.DataFrame, oof: Scored) -> Mislabelled:
    """Labels of training rows that out-of-fold scores contradict; the test part is not looked at."""
    problem = work.project.declaration.problem
    probability = np.column_stack([1 - oof.probability, oof.probability])
    names = (_negative(table, problem) or f"not {problem.positive}", problem.positive)
    return judge_labels(table["row_key"].gather(oof.rows), oof.truth, probability, names=names)


def _write_evidence(folder: Path, trained: Trained, labels: Mislabelled) -> None:
    labels.review.write_csv(folder / REVIEW_FILE)
    write_scored(folder / "oof.npz", trained.oof)
    for name, scored in trained.baselines.items():
        write_scored(folder / f"baseline-{name}.npz", scored)
    (folder / "trials.json").write_bytes(msgspec.json.encode(trained.trials))
    write_findings(folder, [*trained.findings, labels.finding])


def _write_path(folder: Path, tested: _Tested) -> None:
    """What the training path says of some test rows, for the bundle to be held against."""
    count = len(tested.rows)
    taken = np.unique(np.linspace(0, count - 1, min(_PATH_ROWS, count)).astype(np.int64))
    taken = np.random.default_rng(0).permutation(taken)
    np.savez(folder / "path.npz", rows=tested.rows[taken], probability=tested.probability[taken])


def read_path(folder: Path) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Row numbers, in mixed order, and the training path's probability of each."""
    with np.load(folder / "path.npz", allow_pickle=False) as kept:
        return kept["rows"], kept["probability"]


def write_scored(path: Path, scored: Scored) -> None:
    """Write rows with truth and answer."""
    np.savez(path, threshold=scored.threshold, **_arrays(scored))


def read_scored(path: Path) -> Scored:
    """Read rows with truth and answer."""
    with np.load(path, allow_pickle=False) as kept:
        return Scored(
            rows=kept["rows"],
            truth=kept["truth"],
            probability=kept["probability"],
            decision=kept["decision"],
            threshold=float(kept["threshold"]),
        )


def _arrays(scored: Scored) -> dict[str, Any]:
    return {
        "rows": scored.rows,
        "truth": scored.truth,
        "probability": scored.probability,
        "decision": scored.decision,
    }
