"""Faults of twenty-three kinds planted into Adult and the SpamAssassin corpus: which are found, by which check.

A kind is found where a check says something new of the place that is wrong: a finding about its column or with its
rows, or one in five of its cells among the suspects. Beside it stands what is said of the untouched tables. Adult gets
a running `id` and an hourly `at`, since it has neither key nor time; the first 4,000 rows are taken. Labels are held
against a logistic regression that did not see them, as a run holds them against its model.
"""

import gzip
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from harness import arguments, report, timed
from roadworthy.data.acquire import acquire
from roadworthy.data.drill import Drilled, drill
from roadworthy.data.matrix import fit_numbers
from roadworthy.data.planting import FAULTS, Ground, fits
from roadworthy.data.quality.look import SUSPECTS, Look, Seen, look_with
from roadworthy.data.quality.mislabelled import judge_labels
from roadworthy.data.scales import type_column
from roadworthy.declare.data import Column, Data, MailLabel, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.ports import Silent
from roadworthy.kernel.units import parse_duration
from roadworthy.measures.linear import fit_logistic
from roadworthy.wiring.builtin import QUALITY, SOURCES

CHECKS = Catalogue("quality", QUALITY | {"labels": "faults:labels"})
_FOLDS = 5
ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
)
ADULT_GROUND = Ground(
    numbers=("age", "hours_per_week", "fnlwgt"),
    words=("workclass", "education", "occupation", "native_country"),
    pair=("marital_status", "occupation"),
    key="id",
    time="at",
    target="income",
    group="sex",
)
MAIL_GROUND = Ground(texts=("text",), words=("subject",), time="time", target="label")


def labels(look: Look) -> Seen:
    """Labels that a model contradicts which did not see them."""
    given = look.table[look.target].cast(pl.String)
    names = given.unique().sort().to_list()
    truth = (given == names[1]).to_numpy().astype(np.int64)
    left = [look.target, look.data.key, look.data.time, "archive", "member", "offset"]
    columns = fit_numbers(look.table, look.scales, without=left)(look.table)
    fold = np.random.default_rng(0).integers(0, _FOLDS, look.table.height)
    chance = np.empty(look.table.height)
    for part in range(_FOLDS):
        learnt = fit_logistic(columns[fold != part], truth[fold != part].astype(np.float64))
        chance[fold == part] = 1 / (1 + np.exp(-learnt(columns[fold == part])))
    told = judge_labels(look.keys, truth, np.column_stack([1 - chance, chance]), names=names)
    place = {key: row for row, key in enumerate(look.keys.to_list())}
    rows = pl.Series([place[key] for key in told.review["row_key"].to_list()], dtype=pl.UInt32)
    suspects = told.review.select(
        row=rows,
        column=pl.lit(look.target),
        value=pl.col("given").cast(pl.String),
        check=pl.lit(told.finding.check),
        likelihood=pl.col("likelihood"),
        proposal=pl.col("suggested").cast(pl.String),
        reason=pl.lit("a model contradicts it"),
    ).cast(dict(SUSPECTS))
    return Seen(findings=[told.finding], suspects=suspects)


def adult(rows: int) -> Look:
    raw = gzip.decompress((Path(os.environ["ROADWORTHY_DATA"]) / "adult" / "adult.data.gz").read_bytes())
    frame = pl.read_csv(raw, has_header=False, new_columns=ADULT.split(), infer_schema=False).drop_nulls("age")
    trimmed = pl.all().str.strip_chars()
    texts = frame.head(rows).with_columns(pl.when(trimmed != "?").then(trimmed).name.keep())
    shares = texts["sex"].value_counts(normalize=True).iter_rows()
    texts = texts.with_columns(
        id=pl.int_range(1, pl.len() + 1).cast(pl.String),
        at=(1.6e9 + 3600.0 * pl.int_range(pl.len())).cast(pl.String),
    )
    data = Data(
        sources=(),
        key="id",
        time="at",
        refresh=parse_duration("1h"),
        population={"sex": dict(shares)},
        columns={"at": Column(scale="datetime"), "id": Column(scale="identifier")},
    )
    keys = pl.Series("row_key", [f"adult:{row}" for row in range(texts.height)])
    typed = [type_column(texts[name], data.columns.get(name), keys) for name in texts.columns]
    return Look(
        table=pl.DataFrame([one.values for one in typed]),
        keys=keys,
        scales={one.values.name: one.scale for one in typed},
        texts=texts,
        data=data,
        target="income",
    )


def mail() -> Look:
    path = os.environ["ROADWORTHY_DATA"] + "/spamassassin/spamassassin_raw.tar.gz"
    label = MailLabel(origin="folder", values={"spam": ("spam*",), "ham": ("*ham*",)})
    problem = Problem(name="p", need="n", task="binary", unit="one mail", target="label", positive="spam")
    declared = Declaration(problem=problem, data=Data(sources=(Source(kind="mail", path=path, label=label),)))
    with tempfile.TemporaryDirectory() as folder:
        sources = Catalogue("source", SOURCES)
        made = acquire(declared, root=Path(folder), sources=sources, folder=Path(folder), progress=Silent(), key=b"k")
    return made.look


def untouched(name: str, seen: Seen) -> None:
    said = [one for one in seen.findings if one.verdict == "fail"]
    likely = seen.suspects.filter(pl.col("likelihood") >= 0.5)
    print(f"\n{name}, untouched: {len(said)} findings, {likely.height} suspected cells")
    for one in said:
        print(f"  {one.severity:8} {one.check} {one.subject}: {one.summary[:110]}")


def drills(name: str, look: Look, ground: Ground, *, severity: float, repeats: int) -> list[dict[str, object]]:
    before = look_with(CHECKS, look)
    untouched(name, before)
    rows = []
    for number, fault in enumerate(FAULTS):
        if not fits(fault, ground):
            continue
        done = [
            drill(fault, look, ground, checks=CHECKS, before=before, severity=severity, seed=97 * number + seed)
            for seed in range(repeats)
        ]
        rows.append(told(name, fault.dimension, done))
        print(
            "  {table:6} {dimension:13} {fault:24} {found}/{drills}  cells {cells}  beside {beside}  {by}".format(
                **rows[-1]
            )
        )
    return rows


def told(table: str, dimension: str, done: list[Drilled]) -> dict[str, object]:
    checks: dict[str, int] = defaultdict(int)
    for one in done:
        for check in one.found_by:
            checks[check] += 1
    shares = [one.named for one in done if one.named is not None]
    return {
        "table": table,
        "dimension": dimension,
        "fault": done[0].fault,
        "drills": len(done),
        "found": sum(bool(one.found_by) for one in done),
        "cells": f"{np.mean(shares):.2f}" if shares else "-",
        "beside": round(float(np.mean([one.beside for one in done])), 1),
        "by": ", ".join(f"{check.removeprefix('data.')} {count}" for check, count in sorted(checks.items())),
    }


def main() -> None:
    given = arguments(__doc__ or "", rows=4000)
    severity, repeats = 0.02, 1 if given.quick else 2
    rows: list[dict[str, object]] = []

    def work() -> dict[str, object]:
        rows.extend(drills("adult", adult(given.rows), ADULT_GROUND, severity=severity, repeats=repeats))
        rows.extend(drills("mail", mail(), MAIL_GROUND, severity=severity, repeats=repeats))
        return {
            "drills": sum(int(str(one["drills"])) for one in rows),
            "found": sum(int(str(one["found"])) for one in rows),
            "kinds": len(rows),
            "kinds found in half of the drills": sum(
                2 * int(str(one["found"])) >= int(str(one["drills"])) for one in rows
            ),
        }

    line = timed("all checks", work)
    report("Planted faults", [line], ours="all checks", given=given, severity=severity)
    if given.json:
        text = msgspec.json.decode(given.json.read_bytes())
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(text | {"faults": rows}), indent=1))


if __name__ == "__main__":
    sys.exit(main())
