"""Cells that are likely wrong: found, falsely suspected, and repaired, on tables whose truth is known.

Per cell, against the clean file of `dq_hospital` and `dq_beers` (Raha's and Baran's); false suspects on tables that
nobody damaged; recall and precision on faults planted in Adult. Needs ROADWORTHY_DATA.

    python benchmarks/quality.py [--json FILE] [--quick]
"""

import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

import harness
import planting
from roadworthy.data.errors.detect import Suspicion, suspect

DATA = Path(os.environ.get("ROADWORTHY_DATA", "."))
ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship"),
    *("race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"),
]
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


def scored(frame: pl.DataFrame, wrong: Cells, truth: pl.DataFrame) -> dict[str, Any]:
    """Detection per cell, and how many of the proposed values are right."""
    found = {(cell["column"], cell["row"]): cell for cell in frame.iter_rows(named=True)}
    hits = len(found.keys() & wrong)
    changed = {
        place: cell for place, cell in found.items() if cell["proposal"] is not None or "absent" in cell["check"]
    }
    right = sum(truth[column][row] == cell["proposal"] for (column, row), cell in changed.items())
    precision, recall = hits / max(len(found), 1), hits / max(len(wrong), 1)
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "changed": len(changed),
        "right": right / max(len(changed), 1),
    }


def against_truth(name: str) -> dict[str, Any]:
    dirty, clean = texts(f"{name}/dirty.csv"), texts(f"{name}/clean.csv")
    return scored(suspect(dirty).frame(), differing(dirty, clean), clean)


def untouched(table: pl.DataFrame) -> dict[str, Any]:
    found = suspect(table).frame()
    return {"cells": table.height * table.width, "false": found.height}


def planted(table: pl.DataFrame, share: float) -> dict[str, Any]:
    damaged, truth = planting.plant(table, share=share, seed=1)
    suspicion = suspect(damaged)
    facts = scored(suspicion.frame(), set(truth), table)
    _by_kind(suspicion, truth)
    return facts


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
    lines = [harness.timed(f"{name}, no labels", partial(against_truth, name)) for name in ("dq_hospital", "dq_beers")]
    shares = (0.002,) if given.quick else (0.001, 0.003, 0.01)
    lines += [
        harness.timed(f"adult, {share:.1%} of rows for each kind", partial(planted, adult(), share)) for share in shares
    ]
    lines += [harness.timed(name, partial(untouched, table)) for name, table in clean_tables()]
    harness.report("cells that are likely wrong", lines, ours="dq_hospital, no labels", given=given)


if __name__ == "__main__":
    main()
