"""Rows of a table that are to be scored: read and typed as the model's columns ask, without target or key."""

import msgspec
import polars as pl

from roadworthy.bundle.inputs import InputField
from roadworthy.data.rules import derive
from roadworthy.data.scales import type_column
from roadworthy.data.source import RawTable
from roadworthy.data.texts import as_texts
from roadworthy.declare.data import Column, Scale
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.finding import Finding

_SCALES: dict[str, Scale] = {
    "number": "continuous",
    "text": "nominal",
    "boolean": "nominal",
    "date": "datetime",
    "list": "text",
}


def read_unlabelled(
    given: RawTable, declaration: Declaration, inputs: tuple[InputField, ...]
) -> tuple[pl.DataFrame, pl.Series, list[Finding]]:
    """The columns that a model reads, a name for each row, and what could not be read.

    Codes are decoded and columns derived as declared; a scale is never inferred anew, the model's own holds.

    Args:
        given: one file, all text.
        inputs: of the model.

    Raises:
        DataError: if a column cannot be derived.
    """
    needed = {field.name: field for field in inputs}
    lines = given.row_names()
    columns: list[pl.Series] = []
    findings: list[Finding] = []
    for name in given.frame.columns:
        declared = declaration.data.columns.get(name) or Column()
        if name in needed:
            declared = msgspec.structs.replace(declared, scale=declared.scale or _SCALES[needed[name].type])
        typed = type_column(as_texts(given.frame.select(name)).to_series(), declared, lines)
        columns.append(typed.values)
        findings += typed.findings
    wanted = {name: text for name, text in declaration.data.derive.items() if name in needed}
    data = msgspec.structs.replace(declaration.data, derive=wanted)
    frame, _ = derive(pl.DataFrame(columns), msgspec.structs.replace(declaration, data=data))
    key = declaration.data.key
    named = given.frame[key].cast(pl.String) if key in given.frame.columns else lines
    return frame.select([name for name in frame.columns if name in needed]), named.alias("key"), findings
