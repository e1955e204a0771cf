"""A raw table turned into a typed one: every column with its scale, the reason, and how sure it is."""

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from roadworthy.data.inference import Inferred
from roadworthy.data.scales import type_column
from roadworthy.data.texts import as_texts
from roadworthy.declare.data import Column
from roadworthy.kernel.finding import Finding

__all__ = ["Inferred", "TypedTable", "type_table"]


class TypedTable(Struct, frozen=True, kw_only=True):
    """A table whose columns have types and scales.

    Attributes:
        table: typed values; dates and times are UTC seconds.
        texts: the same cells as they were read, as text; null is missing.
        columns: what each column measures, and why.
        findings: what could not be typed, with rows.
    """

    table: pl.DataFrame
    texts: pl.DataFrame
    columns: dict[str, Inferred]
    findings: list[Finding]

    @property
    def scales(self) -> dict[str, str]:
        """The scale of each column."""
        return {name: inferred.scale for name, inferred in self.columns.items()}


def type_table(raw: pl.DataFrame, *, columns: Mapping[str, Column], keys: pl.Series) -> TypedTable:
    """Type every column by its declared scale, or else by the scale that its name and values tell.

    A value that cannot be read as its scale asks becomes missing, and a finding counts it and names its rows; its text
    stays in `texts`. Nothing else changes.

    Args:
        raw: texts, or columns that have types already.
        columns: what was declared of some columns.
        keys: one name per row, for findings.

    >>> raw = pl.DataFrame({"zip": ["10115", "80331", "50667"], "age": ["31", "47", "31"]})
    >>> typed = type_table(raw, columns={}, keys=pl.Series(["a", "b", "c"]))
    >>> typed.scales, typed.columns["zip"].reason
    ({'zip': 'nominal', 'age': 'binary'}, 'its name says zip: numbers are codes')
    """
    typed = {column.name: type_column(column, columns.get(column.name), keys) for column in raw.get_columns()}
    return TypedTable(
        table=pl.DataFrame({name: one.values for name, one in typed.items()}),
        texts=as_texts(raw),
        columns={name: one.inferred for name, one in typed.items()},
        findings=[finding for one in typed.values() for finding in one.findings],
    )
