"""Real tables as a CSV source would give them: texts, typed values, scales."""

import gzip
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from roadworthy.data.scales import type_column

MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"]
FILES = {
    "adult": ("adult/adult.data.gz", False),
    "housing": ("california_housing/housing.csv.gz", True),
    "elec2": ("elec2/electricity.csv.gz", True),
    "noaa": ("noaa_weather/NEweather_data.csv.gz", False),
    "hospital": ("dq_hospital/clean.csv", True),
    "beers": ("dq_beers/clean.csv", True),
    "cookie cats": ("ab_cookie_cats/cookie_cats.csv.gz", True),
    "german credit": ("german_credit/german.data", False),
    "hatecheck": ("gen_hatecheck/test_suite_cases.csv", True),
    "cifar10n": ("cifar10n/cifar10n_labels.csv.gz", True),
    "cifar10n batches": ("cifar10n/side_info_cifar10N.csv.gz", True),
    "davidson": ("gen_davidson_toxicity/labeled_data.csv.gz", True),
    "crows": ("gen_crows_pairs/crows_pairs_anonymized.csv", True),
    "dogs": ("crowd_dogs/answer.csv", True),
    "bluebirds": ("crowd_bluebirds/answer.csv", True),
    "mail index": ("spamassassin/index.csv.gz", True),
}


def typed(texts: pl.DataFrame) -> SimpleNamespace:
    """A table of texts with its typed values and scales."""
    keys = pl.int_range(texts.height, eager=True).cast(pl.String)
    columns = [type_column(texts[name], None, keys) for name in texts.columns]
    frame = pl.DataFrame([column.values for column in columns])
    return SimpleNamespace(
        texts=texts, frame=frame, scales=dict(zip(texts.columns, (c.scale for c in columns), strict=True))
    )


def _texts(data: bytes, *, header: bool) -> pl.DataFrame:
    if b"," not in data[:200]:
        data = b"\n".join(b",".join(line.split()) for line in data.splitlines())
    trimmed = pl.all().str.strip_chars()
    frame = pl.read_csv(data, infer_schema=False, has_header=header)
    return frame.with_columns(pl.when(~trimmed.is_in(MISSING)).then(trimmed).name.keep())


def _real(corpus: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    with zipfile.ZipFile(corpus / "bike_sharing/bike_sharing_dataset.zip") as archive:
        for name in ("hour", "day"):
            yield f"bikes by {name}", _texts(archive.read(f"{name}.csv"), header=True)
    for name, (path, header) in FILES.items():
        data = (corpus / path).read_bytes()
        yield name, _texts(gzip.decompress(data) if path.endswith(".gz") else data, header=header)


@pytest.fixture(scope="session")
def real_tables(corpus: Path) -> dict[str, pl.DataFrame]:
    return dict(_real(corpus))


@pytest.fixture(scope="session")
def as_typed() -> Callable[[pl.DataFrame], SimpleNamespace]:
    return typed
