"""Implausible values: real errors of real tables are named, and hardly anything else."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.look import Look
from roadworthy.data.quality.plausible import plausible


def _seen(table: pl.DataFrame, **scales: str) -> Any:
    known = {name: "continuous" if dtype.is_numeric() else "nominal" for name, dtype in table.schema.items()} | scales
    return plausible(Look(table=table, keys=pl.Series([f"r{n}" for n in range(table.height)]), scales=known))


def test_a_slip_is_named_with_what_was_expected() -> None:
    random = np.random.default_rng(0)
    rooms = random.integers(1, 9, 3000)
    area = rooms * 18 + random.normal(0, 6, 3000) + 20
    area[11] = area[11] * 10
    seen = _seen(pl.DataFrame({"rooms": rooms, "area": area}), rooms="discrete")
    (finding,) = [finding for finding in seen.findings if finding.subject == "area"]
    assert finding.check == "data.accuracy.implausible"
    assert finding.evidence["rows"] == ["r11"]
    assert finding.evidence["expected"][0] == pytest.approx(rooms[11] * 18 + 20, abs=15)
    assert seen.suspects["row"].to_list() == [11]
    assert 0.45 < seen.suspects["likelihood"][0] < 0.9


def test_groups_codes_targets_and_few_rows_are_left_alone() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 1, 2000)
    assert not _seen(pl.DataFrame({"a": np.where(random.random(2000) < 0.02, 50 + values, values)})).findings
    assert not _seen(pl.DataFrame({"a": np.where(np.arange(2000) < 8, 999.0, values)})).findings
    assert not _seen(pl.DataFrame({"a": [*values[:50].tolist(), 1000.0]})).findings
    assert not _seen(pl.DataFrame({"a": [*values.tolist(), 1000.0]}), a="nominal").findings
    assert not _seen(
        pl.DataFrame({"a": [None] * 500, "b": [1.0] * 500}, schema={"a": pl.Float64, "b": pl.Float64})
    ).findings


def _bikes(corpus: Path) -> pl.DataFrame:
    with zipfile.ZipFile(corpus / "bike_sharing/bike_sharing_dataset.zip") as archive:
        return pl.read_csv(io.BytesIO(archive.read("day.csv"))).select(
            "season", "temp", "atemp", "hum", "windspeed", "cnt"
        )


@pytest.mark.corpus
def test_known_errors_of_real_tables_are_found(corpus: Path) -> None:
    weather = pl.read_csv(
        gzip.decompress((corpus / "noaa_weather/NEweather_data.csv.gz").read_bytes()), has_header=False
    )
    seen = _seen(weather.cast(pl.Float64))
    assert sorted(seen.suspects["value"].to_list()) == ["5503.1", "5503.8"]
    named = dict.fromkeys(("season", "mnth", "weathersit", "weekday", "holiday", "workingday"), "nominal")
    bikes = _seen(_bikes(corpus), **named, casual="discrete", registered="discrete", cnt="discrete")
    # a day whose felt temperature was never filled in
    assert ("atemp", "0.2424") in bikes.suspects.select("column", "value").rows()
    assert bikes.suspects.height <= 4


@pytest.mark.corpus
def test_shifted_decimal_points_are_found_in_clean_weather(corpus: Path) -> None:
    weather = pl.read_csv(
        gzip.decompress((corpus / "noaa_weather/NEweather_data.csv.gz").read_bytes()), has_header=False
    )
    table = weather.cast(pl.Float64).to_numpy().copy()
    random = np.random.default_rng(0)
    planted = {(int(row), place) for place in range(8) for row in random.choice(len(table), 36, replace=False)}
    planted = {(row, place) for row, place in planted if abs(table[row, place]) > 1}
    for row, place in planted:
        table[row, place] *= 100
    seen = _seen(pl.DataFrame(table, schema=weather.columns, orient="row"))
    found = {(row, weather.columns.index(name)) for row, name in seen.suspects.select("row", "column").rows()}
    assert len(found & planted) / len(planted) >= 0.9
    assert len(found - planted) <= 12
