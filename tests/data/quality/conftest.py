"""Small tables to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from roadworthy.data.quality.look import Look
from roadworthy.data.scales import type_column
from roadworthy.declare.data import Data

ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
)


def look_at(columns: dict[str, Any] | pl.DataFrame, *, scales: dict[str, str] | None = None, **rest: Any) -> Look:
    """Texts are typed as an import types them; other columns are taken as they are."""
    given = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)
    keys = pl.Series("row_key", [f"r{row}" for row in range(given.height)])
    data = rest.pop("data", Data(sources=()))
    typed = {
        name: type_column(given[name].cast(pl.String), data.columns.get(name), keys)
        for name in given.columns
        if not given[name].dtype.is_nested()
    }
    table = given.with_columns([one.values.alias(name) for name, one in typed.items()])
    known = {name: one.scale for name, one in typed.items()} | (scales or {})
    return Look(table=table, keys=keys, scales=known, texts=given, data=data, **rest)


@pytest.fixture
def look() -> Callable[..., Look]:
    return look_at


def read_adult(corpus: Path) -> pl.DataFrame:
    frame = pl.read_csv(
        corpus / "adult" / "adult.data.gz", has_header=False, new_columns=ADULT.split(), infer_schema=False
    ).drop_nulls("age")
    trimmed = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(trimmed != "?").then(trimmed).name.keep())


@pytest.fixture(scope="session")
def adult(corpus: Path) -> pl.DataFrame:
    """32,561 rows of texts; "?" is read as missing."""
    return read_adult(corpus)
