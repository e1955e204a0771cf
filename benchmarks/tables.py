"""The table of two benchmarks: rows x 20 columns as they are met in practice, and a twin that has drifted."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

DAY = 86_400 * 10**6
START = 1_735_689_600 * 10**6
SYLLABLES = ("wa", "we", "wi", "wo", "wu")
WORDS = [f"prix-{n}é" if n % 9 == 0 else f"{SYLLABLES[n % 5]}{'bcdfglmnprst'[n % 12]}{n}" for n in range(4000)]
STEP = 1_000_000
TEXTS = ("active", "grade", "state", "category", "merchant", "user", "text")


def table(rows: int, *, seed: int, drifted: bool = False) -> pl.DataFrame:
    """12 columns of numbers, 6 of categories (2 to 600,000 values), one of times, one of texts."""
    random, shift = np.random.default_rng(seed), 1.0 if drifted else 0.0
    position = np.sort(random.random(rows))
    columns = {**_numbers(random, rows, shift), **_categories(random, rows, shift)}
    heat = 18 + 8 * np.sin(position * 6 * np.pi) + random.normal(0, 2, rows)
    columns["temp"] = _missing(random, pl.Series(heat.astype(np.float32)), 0.20 + 0.10 * shift)
    stamps = START + int(shift) * 90 * DAY + (position * 90 * DAY).astype(np.int64)
    columns["ts"] = pl.Series(stamps).cast(pl.Datetime("us"))
    columns["text"] = _texts(random, rows)
    return pl.DataFrame(columns)


def written(folder: Path, name: str, rows: int, *, seed: int, drifted: bool = False) -> Path:
    """The table as a Parquet file, made once; large ones part by part, so that memory stays small."""
    path = folder / f"{name}-{rows}.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    if rows <= STEP:
        table(rows, seed=seed, drifted=drifted).write_parquet(scratch, row_group_size=131_072)
    else:
        parts = []
        for number, start in enumerate(range(0, rows, STEP)):
            part = folder / f"{name}-{rows}-{number}.piece"
            table(min(STEP, rows - start), seed=seed * 1000 + number, drifted=drifted).write_parquet(part)
            parts.append(part)
        pl.scan_parquet(parts).sink_parquet(scratch, row_group_size=131_072)
        for part in parts:
            part.unlink()
    return scratch.rename(path)


def _numbers(random: Generator, rows: int, shift: float) -> dict[str, pl.Series]:
    humps = random.random(rows) < 0.35 + 0.05 * shift
    gaps = random.exponential(30 * (1 + 0.2 * shift), rows)
    income = np.exp(random.normal(10.3 + 0.05 * shift, 0.8, rows))
    return {
        "age": pl.Series(np.clip(random.normal(41, 13, rows).round(), 18, 95).astype(np.int16)),
        "income": _missing(random, pl.Series(income), 0.08),
        "amount": pl.Series(np.round((random.pareto(1.6, rows) + 1) * 7.5, 2)),
        "score": pl.Series(random.normal(size=rows)),
        "ret_t2": pl.Series(random.standard_t(2, rows)),
        "gap_zi": pl.Series(np.where(random.random(rows) < 0.7, 0.0, gaps)),
        "visits": pl.Series(random.poisson(3.2, rows).astype(np.int32)),
        "util": pl.Series(random.random(rows)),
        "bimodal": pl.Series(np.where(humps, random.normal(-2, 0.5, rows), random.normal(1.5, 0.9, rows))),
        "price": pl.Series(np.floor(random.gamma(2, 12, rows)) + 0.99),
        "row_id": pl.Series(random.permutation(rows) + 10_000_000_000 * (1 + int(shift))),
    }


def _categories(random: Generator, rows: int, shift: float) -> dict[str, pl.Series]:
    grades = [0.12, 0.22, 0.33, 0.24, 0.09] if shift else [0.1, 0.2, 0.35, 0.25, 0.1]
    shops = _zipf(random, 200_000, rows, 1.05)
    shops = np.where(random.random(rows) < 0.03 * shift, 200_000 + shops, shops)
    users = random.integers(0, 600_000, rows)
    category = _words("CAT-{:04d}", 1000, _zipf(random, 1000, rows, 1.1 + 0.1 * shift))
    return {
        "active": pl.Series(["N", "Y"])[(random.random(rows) < 0.83).astype(np.uint32)],
        "grade": pl.Series(["poor", "fair", "good", "very good", "excellent"])[random.choice(5, rows, p=grades)],
        "state": _words("S{:02d}", 50, _zipf(random, 50, rows, 1.1)),
        "category": _missing(random, category, 0.03),
        "merchant": pl.Series([f"merch_{n * 2654435761 % 2**32:08x}" for n in range(400_000)])[shops],
        "user": pl.Series([f"u{(n * 40503 + 7) % 10**9:09d}@mail{n % 7}.ex" for n in range(600_000)])[users],
    }


def _texts(random: Generator, rows: int) -> pl.Series:
    sizes = random.integers(3, 12, rows)
    words = pl.Series(WORDS)[_zipf(random, 4000, int(sizes.sum()), 0.9)]
    owner = np.repeat(np.arange(rows, dtype=np.uint32), sizes)
    grouped = pl.DataFrame({"row": owner, "word": words}).group_by("row", maintain_order=True)
    return grouped.agg(pl.col("word").str.join(" "))["word"]


def _words(form: str, size: int, numbers: NDArray[np.int64]) -> pl.Series:
    return pl.Series([form.format(number) for number in range(size)])[numbers]


def _zipf(random: Generator, size: int, rows: int, power: float) -> NDArray[np.int64]:
    weights = np.cumsum(1 / np.arange(1, size + 1) ** power)
    return np.minimum(np.searchsorted(weights / weights[-1], random.random(rows)), size - 1)


def _missing(random: Generator, values: pl.Series, share: float) -> pl.Series:
    return values.zip_with(pl.Series(random.random(len(values)) >= share), pl.Series([None], dtype=values.dtype))
