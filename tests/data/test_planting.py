"""Faults are where they are said to be, and a drill tells who finds them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from roadworthy.data.drill import drill, planted_keys, planted_look
from roadworthy.data.planting import FAULTS, Fault, Ground, fits
from roadworthy.data.quality.look import Look, look_with
from roadworthy.data.scales import type_column
from roadworthy.declare.data import Column, Data
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.wiring.builtin import QUALITY

ROWS = 600
RANDOM = np.random.default_rng(31)
JOBS = np.array(["carpenter", "electrician", "librarian", "physician"])
GROUND = Ground(
    numbers=("weight",), words=("job",), pair=("job", "town"), key="id", time="at", target="answer", group="town"
)


def table() -> pl.DataFrame:
    job = RANDOM.choice(JOBS, ROWS)
    return pl.DataFrame(
        {
            "id": [str(100 + row) for row in range(ROWS)],
            "at": [str(1.6e9 + 3600.0 * row) for row in range(ROWS)],
            "weight": [f"{value:.1f}" for value in RANDOM.normal(70, 9, ROWS)],
            "job": job.tolist(),
            "town": RANDOM.choice(["Aachen", "Bremen", "Cottbus"], ROWS, p=[0.5, 0.3, 0.2]).tolist(),
            "answer": np.where(RANDOM.random(ROWS) < 0.5, "yes", "no").tolist(),
        }
    )


@pytest.fixture(scope="module")
def look() -> Look:
    texts = table()
    columns = {"at": Column(scale="datetime"), "id": Column(scale="identifier")}
    shares = {"town": dict(texts["town"].value_counts(normalize=True).iter_rows())}
    data = Data(sources=(), key="id", time="at", columns=columns, population=shares)
    keys = pl.Series("row_key", [f"r{row}" for row in range(ROWS)])
    typed = [type_column(texts[name], columns.get(name), keys) for name in texts.columns]
    return Look(
        table=pl.DataFrame([one.values for one in typed]),
        keys=keys,
        scales={one.values.name: one.scale for one in typed},
        texts=texts,
        data=data,
        target="answer",
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_said_to_be_wrong_differs_and_nothing_else_does(fault: Fault, look: Look) -> None:
    assert look.texts is not None
    assert fits(fault, GROUND)
    frame = look.texts
    planted = fault.plant(frame, GROUND, np.random.default_rng(1), 0.05)
    origin = np.arange(ROWS) if planted.origin is None else planted.origin
    before = frame[origin]
    wrong = set(planted.rows.tolist())
    for name in frame.columns:
        same = planted.frame[name].eq_missing(before[name]).to_numpy()
        changed = set(np.flatnonzero(~same).tolist())
        if name in planted.columns:
            assert changed <= wrong
        else:
            assert not changed or planted.fresh
    if fault.name not in ("records that never came", "group lost"):
        assert wrong
    again = planted_look(look, planted)
    assert again.keys.n_unique() == again.table.height
    assert again.table.height == len(planted_keys(look, planted))


SURE = (
    "outliers",
    "sentinel numbers",
    "words for missing",
    "missing in a block",
    "records that never came",
    "group lost",
    "typos",
    "frozen column",
    "future dates",
    "old dates",
    "late records",
    "copies",
)


@pytest.mark.parametrize("name", SURE)
def test_a_drill_names_who_found_it(name: str, look: Look, drilled: Callable[[str], Any]) -> None:
    found = drilled(name)
    assert found.planted > 0
    assert found.found_by, name


@pytest.fixture(scope="module")
def drilled(look: Look) -> Callable[[str], Any]:
    checks: Catalogue[Any] = Catalogue("quality", QUALITY)
    before = look_with(checks, look)
    kinds = {fault.name: fault for fault in FAULTS}
    return lambda name: drill(kinds[name], look, GROUND, checks=checks, before=before, severity=0.02, seed=3)


def test_the_untouched_table_gets_an_empty_report(look: Look) -> None:
    seen = look_with(Catalogue("quality", QUALITY), look)
    assert [one for one in seen.findings if one.verdict == "fail"] == []
    assert seen.suspects.filter(pl.col("likelihood") >= 0.5).is_empty()
