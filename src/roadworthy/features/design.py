"""A whole table, read and counted once; folds are fitted and encoded from the counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Encoded
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.steps.fills import Fill
from roadworthy.bundle.steps.frozen import DenseStep, FrozenSteps
from roadworthy.bundle.steps.mailfacts import INPUTS
from roadworthy.bundle.steps.repairs import Repair
from roadworthy.bundle.steps.reputation import Reputation
from roadworthy.bundle.steps.tables import Category, Rank, moment
from roadworthy.bundle.steps.weighted import beside
from roadworthy.declare.declaration import Declaration
from roadworthy.features.categories import fit_category, fit_number
from roadworthy.features.columns import table_plan
from roadworthy.features.filling import fit_fill
from roadworthy.features.mails import mail_plan
from roadworthy.features.plan import Plan
from roadworthy.features.reputation import Standing
from roadworthy.features.terms import CountedTerms
from roadworthy.kernel.errors import DataError

Cells = Mapping[str, Sequence[Any]]
Fit = Callable[[Cells, NDArray[np.int64]], DenseStep]
FitRepair = Callable[[str, Sequence[Any], Sequence[str]], Repair]
"""A port: column, its cells in the training rows and the kinds of repair in, what is put right out."""


def make_design(
    table: pl.DataFrame,
    declaration: Declaration,
    *,
    truth: NDArray[np.int8],
    fit_repair: FitRepair | None = None,
) -> "TableDesign":
    """Read and count a table once.

    What is read follows from the declaration: never the key, the target, the time, a protected column, a column that
    a protected one is derived from, or a declared leak.

    Args:
        table: of mails (the fields of `Mail` as columns) or of any columns.
        truth: int8, 1 where a row is positive; reputation reads it.
        fit_repair: learns the repairs of `[data.repair]`; needed where any is declared.

    Raises:
        DataError: if nothing is left to learn from, or a declared column is not there.
    """
    if len(truth) != table.height:
        raise DataError(
            f"{table.height} rows have {len(truth)} labels", where="the table", fix="give one label for each row"
        )
    is_mail = set(INPUTS) <= set(table.columns)
    plan = mail_plan(table, declaration) if is_mail else table_plan(table, declaration)
    if not plan.columns:
        raise DataError(
            "no column is left to learn from", where="[features]", fix="declare fewer leaks, or more columns"
        )
    if plan.repairs and fit_repair is None:
        raise DataError("nobody learns the declared repairs", where="[data.repair]", fix="give `fit_repair`")
    columns = {name: _cells(table[name]) for name in plan.columns}
    return TableDesign(plan, columns, truth=truth, times=_seconds(table, plan.time), fit_repair=fit_repair)


class TableDesign:
    """See `roadworthy.bundle.encoded.Design`."""

    def __init__(
        self,
        plan: Plan,
        columns: Mapping[str, Sequence[Any]],
        *,
        truth: NDArray[np.int8],
        times: NDArray[np.float64],
        fit_repair: FitRepair | None = None,
    ) -> None:
        self._plan, self._columns, self._fit_repair = plan, columns, fit_repair
        texts = {choice.reader.text: choice.reader.text.read(columns) for choice in plan.terms}
        self._terms = [CountedTerms(choice, texts[choice.reader.text]) for choice in plan.terms]
        self._fixed = [step.encode(columns) for step in plan.fixed]
        self._standing = (
            Standing(plan.reputation, columns[plan.reputation], times=times, truth=truth) if plan.reputation else None
        )
        self._fits: list[Fit] = [
            *(self._number(name) for name in plan.numbers),
            *(self._category(name) for name in plan.categories),
            *(self._rank(rank) for rank in plan.ranks),
            *([self._reputation(self._standing)] if self._standing else []),
        ]

    def fit(self, rows: NDArray[np.int64]) -> FrozenSteps:
        """Steps fitted on these rows alone."""
        if len(rows) == 0:
            raise DataError("no rows to fit features on", where="the training part", fix="give at least one row")
        repairs = self._repairs(rows)
        columns: Cells = {**self._columns, **{one.column: one.cells(self._columns[one.column]) for one in repairs}}
        dense = (*self._plan.fixed, *(fit(columns, rows) for fit in self._fits))
        text = tuple(terms.fit(rows) for terms in self._terms)
        needed = dict.fromkeys(
            name for step in (*dense, *(block.reader.text for block in text)) for name in step.inputs
        )
        known = {step.column: step.values for step in dense if isinstance(step, Category)}
        inputs = tuple(
            InputField(name=name, type=self._plan.types[name], values=known.get(name, ())) for name in needed
        )
        return FrozenSteps(dense=dense, text=text, inputs=inputs, repairs=repairs)

    def encode(self, steps: FrozenSteps, rows: NDArray[np.int64], *, fitted_on: bool = False) -> Encoded:
        """Rows of the table through steps that were fitted here.

        With `fitted_on`, `rows` are the rows that were given to `fit`, in any order.
        """
        columns = self._repaired(steps.repairs, rows)
        blocks = [self._dense(step, rows, columns, fitted_on=fitted_on) for step in steps.dense]
        dense = np.hstack(blocks) if blocks else np.empty((len(rows), 0), np.float32)
        sparse = [terms.encode(block, rows) for terms, block in zip(self._terms, steps.text, strict=True)]
        return Encoded(dense=dense, names=steps.names, sparse=beside(sparse) if sparse else None)

    def _repairs(self, rows: NDArray[np.int64]) -> tuple[Repair, ...]:
        """Learnt from these rows alone."""
        fit = self._fit_repair
        if fit is None:
            return ()
        declared = self._plan.repairs.items()
        return tuple(fit(name, [self._columns[name][row] for row in rows], kinds) for name, kinds in declared)

    def _repaired(self, repairs: tuple[Repair, ...], rows: NDArray[np.int64]) -> Cells:
        """These rows of the columns that are repaired."""
        return {one.column: one.cells([self._columns[one.column][row] for row in rows]) for one in repairs}

    def _dense(
        self, step: DenseStep, rows: NDArray[np.int64], columns: Cells, *, fitted_on: bool
    ) -> NDArray[np.float32]:
        if step in self._plan.fixed:
            return self._fixed[self._plan.fixed.index(step)][rows]
        if fitted_on and self._standing and isinstance(step, Reputation):
            return self._standing.past(step, rows)
        return step.encode(
            {
                name: columns[name] if name in columns else [self._columns[name][row] for row in rows]
                for name in step.inputs
            }
        )

    def _reputation(self, standing: Standing) -> Fit:
        return lambda _, rows: standing.fit(rows)

    def _number(self, name: str) -> Fit:
        return lambda columns, rows: fit_number(
            name, columns[name], rows, fill=self._fill(name, columns, rows, scale="continuous")
        )

    def _category(self, name: str) -> Fit:
        return lambda columns, rows: fit_category(
            name, columns[name], rows, fill=self._fill(name, columns, rows, scale="nominal")
        )

    def _rank(self, rank: Rank) -> Fit:
        return lambda columns, rows: Rank(
            column=rank.column, order=rank.order, fill=self._fill(rank.column, columns, rows, scale="ordinal")
        )

    def _fill(self, name: str, columns: Cells, rows: NDArray[np.int64], *, scale: str) -> Fill | None:
        said = self._plan.said.get(name)
        if said is None:
            return None
        return fit_fill(name, said, columns, rows=rows, others=self._plan.numbers, scale=said.scale or scale)


def _cells(values: pl.Series) -> Sequence[Any]:
    """Cells as they will come in a prediction: dates as ISO text, all else as Python values."""
    if values.dtype == pl.Datetime:
        return [None if value is None else value.isoformat() for value in values.to_list()]
    return (
        [None if value is None else str(value) for value in values.to_list()]
        if values.dtype.is_temporal()
        else values.to_list()
    )


def _seconds(table: pl.DataFrame, time: str) -> NDArray[np.float64]:
    """Seconds since 1970 of each row; nan where unknown."""
    if time not in table.columns:
        return np.full(table.height, np.nan)
    moments = (moment(value) for value in table[time].to_list())
    return np.array([np.nan if found is None else found.timestamp() for found in moments], dtype=np.float64)
