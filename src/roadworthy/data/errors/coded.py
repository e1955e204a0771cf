"""A column as detectors see it: its distinct texts, how often each stands there, and which row holds which."""

import re
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_LONG = 60
_BOOKKEEPING = frozenset({"row_key", "archive", "member", "offset", "raw_sha256"})


class Coded:
    """One column. What is missing has code -1.

    Attributes:
        name: the column.
        values: its distinct texts, the most frequent first; equal counts in alphabetical order.
        counts: how often each stands there.
        codes: the place in `values` of each row's text.
    """

    def __init__(self, name: str, texts: pl.Series) -> None:
        counted = texts.drop_nulls().rename("value").value_counts(name="count")
        counted = counted.sort("count", "value", descending=[True, False])
        self.name = name
        self.values: list[str] = counted["value"].to_list()
        self.counts: NDArray[np.int64] = counted["count"].to_numpy().astype(np.int64)
        places = pl.int_range(len(self.values), dtype=pl.Int64, eager=True)
        found = texts.replace_strict(counted["value"], places, default=-1, return_dtype=pl.Int64)
        self.codes: NDArray[np.int64] = found.fill_null(-1).to_numpy()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    @cached_property
    def present(self) -> int:
        """How many rows hold a value."""
        return int(self.counts.sum())

    @cached_property
    def place(self) -> dict[str, int]:
        """The code of each value."""
        return {value: code for code, value in enumerate(self.values)}

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Each distinct value as a number, nan where it is none."""
        return np.array([float(v) if _NUMBER.fullmatch(v.strip()) else np.nan for v in self.values], dtype=np.float64)

    @cached_property
    def number_share(self) -> float:
        """The share of present cells that are plain numbers."""
        return float(self.counts[~np.isnan(self.numbers)].sum() / max(self.present, 1))

    @cached_property
    def prose(self) -> bool:
        """Whether it holds free text: long, and hardly ever the same twice."""
        length = sum(len(v) * c for v, c in zip(self.values, self.counts.tolist(), strict=True)) / max(self.present, 1)
        return length > _LONG and len(self.values) > 0.5 * self.present

    @cached_property
    def by_row(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows in order of their code, and where each code begins among them (missing rows come first)."""
        order = np.argsort(self.codes, kind="stable")
        return order, np.searchsorted(self.codes[order], np.arange(len(self.values) + 1))

    def rows_of(self, code: int) -> NDArray[np.int64]:
        """The rows that hold one value; code -1 gives those that hold none."""
        order, begins = self.by_row
        return order[: begins[0]] if code < 0 else order[begins[code] : begins[code + 1]]

    def text(self, row: int) -> str | None:
        """The text of one row."""
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]

    def mass(self, values: Mapping[int, object] | set[int]) -> float:
        """The share of present cells that hold one of these codes."""
        return float(self.counts[list(values)].sum() / max(self.present, 1)) if values else 0.0


def code_table(texts: pl.DataFrame) -> list[Coded]:
    """Every column that holds data, coded; bookkeeping columns and lists are left out.

    >>> column = code_table(pl.DataFrame({"a": ["x", "y", "x", None]}))[0]
    >>> column.values, column.codes.tolist(), column.rows_of(0).tolist()
    (['x', 'y'], [0, 1, 0, -1], [0, 2])
    """
    chosen = [name for name in texts.columns if name not in _BOOKKEEPING and not texts[name].dtype.is_nested()]
    return [Coded(name, texts[name].cast(pl.String, strict=False)) for name in chosen]
