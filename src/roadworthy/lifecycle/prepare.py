"""Prepare: look for leaks, then set the test part aside."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.imputing import judge_imputation
from roadworthy.data.leakage import find_leaks
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.data.split import judge_split, split
from roadworthy.data.twins import judge_twins
from roadworthy.declare.problem import Problem
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.records import Split
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.stage import Work


def make(work: Work) -> dict[str, Any]:
    """Split the snapshot and report leaks that training rows show."""
    declaration = work.project.declaration
    table = read_table(work.before["acquire"].folder)
    parted = split(table, declaration, seed=declaration.training.seed)
    findings = [
        *judge_split(table, parted, declaration),
        *judge_twins(table, parted, declaration),
        *find_leaks(table, parted.train, declaration),
        *_imputation(work, table, parted),
    ]
    write_split(work.folder, parted)
    write_findings(work.folder, findings)
    return {
        "method": parted.method,
        "train": len(parted.train),
        "test": len(parted.test),
        "cut": parted.cut,
    }


def _imputation(work: Work, table: pl.DataFrame, parted: Split) -> list[Finding]:
    """What filling gaps would do, on training rows; a mail has none to fill."""
    snapshot, declaration = read_snapshot(work.before["acquire"].folder), work.project.declaration
    if snapshot.kind != "table":
        return []
    without = (declaration.problem.target, *declaration.problem.protected)
    return judge_imputation(table, snapshot.columns, declaration.data, rows=parted.train, without=without)


def truth_of(table: pl.DataFrame, problem: Problem) -> NDArray[np.int8]:
    """1 where the target is the declared positive value.

    Raises:
        DataError: if the target has one class only, or never takes the positive value.
    """
    found = table[problem.target].cast(pl.String)
    truth = (found == problem.positive).to_numpy().astype(np.int8)
    if truth.min(initial=1) == truth.max(initial=0):
        seen = ", ".join(repr(value) for value in found.unique().sort().to_list()[:5])
        raise DataError(
            f"a model needs both classes, but {problem.target!r} is only ever {seen}",
            where=f"column {problem.target}",
            fix=f"add records of the other class, or correct [problem] positive (now {problem.positive!r})",
        )
    return truth


def write_split(folder: Path, parted: Split) -> None:
    """Write a split's row numbers."""
    np.savez(
        folder / "split.npz",
        train=parted.train,
        test=parted.test,
        group=parted.group,
        facts=np.array([parted.method, parted.cut or ""]),
    )


def read_split(folder: Path) -> Split:
    """Read a split's row numbers."""
    with np.load(folder / "split.npz", allow_pickle=False) as kept:
        method, cut = (str(word) for word in kept["facts"])
        return Split(method=method, train=kept["train"], test=kept["test"], group=kept["group"], cut=cut or None)
