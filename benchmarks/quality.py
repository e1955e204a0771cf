"""Cells that are likely wrong: found, falsely suspected, and repaired, on tables whose truth is known.

Per cell, against the clean file of `dq_hospital` and `dq_beers` (Raha's and Baran's); false suspects on tables that
nobody damaged; recall and precision on faults planted in Adult. "changed" are the cells that a plan of repairs would
change, "right" the share of them whose text then equals the truth, "spoilt" how many of them were right before. Needs
ROADWORTHY_DATA.

    python benchmarks/quality.py [--json FILE] [--quick]
"""

import os
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

import harness
import planting
from roadworthy.data.errors.detect import Suspicion, suspect
from roadworthy.data.errors.labelled import learn, rows_to_label
from roadworthy.data.repair.plan import LIKELY

DATA = Path(os.environ.get("ROADWORTHY_DATA", "."))
ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship"),
    *("race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"),
]
SEEDS = 5
Cells = set[tuple[str, int]]


def texts(name: str, **options: Any) -> pl.DataFrame:
    return pl.read_csv(DATA / name, infer_schema=False, **options)


def differing(dirty: pl.DataFrame, clean: pl.DataFrame) -> Cells:
    """Cells whose texts differ; missing against missing do not."""
    return {
        (name, row)
        for name in dirty.columns
        for row, differs in enumerate(dirty[name].ne_missing(clean[name]).to_list())
        if differs
    }


def scored(frame: pl.DataFrame, wrong: Cells, truth: pl.DataFrame, *, but: Collection[int] = ()) -> dict[str, Any]:
    """Detection per cell, and how many of the cells that a plan would change come right; rows in `but` do not count."""
    cells = [cell for cell in frame.iter_rows(named=True) if cell["row"] not in but]
    found = {(cell["column"], cell["row"]) for cell in cells}
    wrong = {place for place in wrong if place[1] not in but}
    sure = [cell for cell in cells if cell["likelihood"] >= LIKELY]
    changed = [cell for cell in sure if cell["proposal"] is not None or cell["check"].endswith("absent")]
    right = sum(truth[cell["column"]][cell["row"]] == cell["proposal"] for cell in changed)
    spoilt = sum((cell["column"], cell["row"]) not in wrong for cell in changed)
    hits = len(found & wrong)
    precision, recall = hits / max(len(found), 1), hits / max(len(wrong), 1)
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "changed": len(changed),
        "right": right / max(len(changed), 1),
        "spoilt": spoilt,
    }


def with_labels(dirty: pl.DataFrame, wrong: Cells, truth: pl.DataFrame) -> dict[str, Any]:
    """The mean over `SEEDS` choices of 20 rows, whose labels come from the truth; these rows do not count."""
    suspicion = suspect(dirty)
    runs = []
    for seed in range(SEEDS):
        rows = rows_to_label(suspicion, seed=seed)
        labels = {(name, row): (name, row) in wrong for row in rows for name in dirty.columns}
        runs.append(scored(learn(suspicion, labels).frame(), wrong, truth, but=set(rows)))
    return {name: sum(run[name] for run in runs) / SEEDS for name in runs[0]}


def against_truth(name: str) -> tuple[pl.DataFrame, Cells, pl.DataFrame]:
    dirty, clean = texts(f"{name}/dirty.csv"), texts(f"{name}/clean.csv")
    return dirty, differing(dirty, clean), clean


def without_labels(dirty: pl.DataFrame, wrong: Cells, truth: pl.DataFrame) -> dict[str, Any]:
    return scored(suspect(dirty).frame(), wrong, truth)


def untouched(table: pl.DataFrame) -> dict[str, Any]:
    found = suspect(table).frame()
    return {"cells": table.height * table.width, "false": found.height}


def planted(share: float) -> tuple[pl.DataFrame, Cells, pl.DataFrame]:
    table = adult()
    damaged, truth = planting.plant(table, share=share, seed=1)
    _by_kind(suspect(damaged), truth)
    return damaged, set(truth), table


def _by_kind(suspicion: Suspicion, truth: dict[tuple[str, int], planting.Planted]) -> None:
    frame = suspicion.frame()
    found = set(zip(frame["column"].to_list(), frame["row"].to_list(), strict=True))
    hit = Counter(one.kind for place, one in truth.items() if place in found)
    total = Counter(one.kind for one in truth.values())
    print("  planted and found: " + ", ".join(f"{kind} {hit[kind]}/{count}" for kind, count in total.items()))


def adult() -> pl.DataFrame:
    table = texts("adult/adult.data.gz", has_header=False, new_columns=ADULT)
    trimmed = pl.all().str.strip_chars()
    return table.with_columns(pl.when(trimmed != "?").then(trimmed).name.keep())


def clean_tables() -> Iterator[tuple[str, pl.DataFrame]]:
    yield "hospital, clean file", texts("dq_hospital/clean.csv")
    yield "beers, clean file", texts("dq_beers/clean.csv")
    yield "adult", adult()
    german = "\n".join(line.strip() for line in (DATA / "german_credit/german.data").read_text().splitlines())
    yield "german credit", pl.read_csv(german.encode(), has_header=False, separator=" ", infer_schema=False)
    yield "california housing", texts("california_housing/housing.csv.gz")
    with zipfile.ZipFile(DATA / "bike_sharing/bike_sharing_dataset.zip") as archive:
        for name in ("hour.csv", "day.csv"):
            place = next(one for one in archive.namelist() if one.endswith(name))
            yield f"bike sharing, {name}", pl.read_csv(archive.read(place), infer_schema=False)
    yield "electricity", texts("elec2/electricity.csv.gz")
    yield "weather", texts("noaa_weather/NEweather_data.csv.gz", has_header=False)
    yield "cookie cats", texts("ab_cookie_cats/cookie_cats.csv.gz")
    yield "crows pairs", texts("gen_crows_pairs/crows_pairs_anonymized.csv")


def main() -> None:
    given = harness.arguments(__doc__ or "")
    shares = (0.002,) if given.quick else (0.001, 0.003, 0.01)
    known = [(name, against_truth(name)) for name in ("dq_hospital", "dq_beers")]
    known += [(f"adult, {share:.1%} of rows for each kind", planted(share)) for share in shares]
    lines = []
    for name, (dirty, wrong, truth) in known:
        lines.append(harness.timed(f"{name}, no labels", partial(without_labels, dirty, wrong, truth)))
        lines.append(harness.timed(f"{name}, 20 rows labelled", partial(with_labels, dirty, wrong, truth)))
    lines += [harness.timed(name, partial(untouched, table)) for name, table in clean_tables()]
    harness.report("cells that are likely wrong", lines, ours="dq_hospital, no labels", given=given)


if __name__ == "__main__":
    main()
