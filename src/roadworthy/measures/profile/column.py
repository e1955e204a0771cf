"""What a profile says about one column."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.scales import Operation, demand
from roadworthy.measures.profile import registers as hll
from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.evidence import Evidence, evidence_of
from roadworthy.measures.profile.frequent import Counted, Pattern, top_numbers, top_patterns, top_texts
from roadworthy.measures.profile.kinds import TAGS, Value, kind_of, number_of, seconds_of, values_of
from roadworthy.measures.profile.moments import mean_of, variance_of
from roadworthy.measures.profile.numbers import EXACT, Numbers, ends
from roadworthy.measures.profile.quantiles import Histogram, Ladder, cdf, histogram
from roadworthy.measures.profile.rows import RowSample
from roadworthy.measures.profile.shapes import CLASSES
from roadworthy.measures.profile.state import Column, State
from roadworthy.measures.profile.strings import Strings
from roadworthy.measures.profile.texts import Texts

_SURE = 1.96


class ColumnProfile(Struct, frozen=True):
    """One column of a profile; every figure is read out of its state when it is asked for.

    A figure that the kind does not have (the mean of texts) is None. With a `scale`, a figure that has no meaning on
    it (the mean of postcodes) is an error that says why. A column of several kinds is read by the one with most rows;
    `kinds` has them all.

    Attributes:
        name: of the column.
        rows: of the table.
        state: what is kept.
        sample: of whole rows, for values that stand often.
        scale: see `kernel.scales`; empty where it is not known.
    """

    name: str
    rows: int
    state: Column
    sample: RowSample
    scale: str = ""

    @property
    def kinds(self) -> dict[str, int]:
        """Rows of each kind of value."""
        found: dict[str, int] = {}
        for tag, state in self.state.states.items():
            found[kind_of(tag)] = found.get(kind_of(tag), 0) + state.rows
        return found

    @property
    def kind(self) -> str:
        """What its values are.

        One of `number`, `integer`, `boolean`, `date`, `datetime`, `duration`, `time`, `text`, `bytes`, `nested`.
        Several of them are `mixed`, none is `empty`.
        """
        kinds = self.kinds
        filled = [kind for kind, rows in kinds.items() if rows]
        if len(filled) > 1:
            return "mixed"
        return (filled or list(kinds) or ["empty"])[0]

    @property
    def count(self) -> int:
        """Rows with a value; NaN is one."""
        return self.state.count

    @property
    def nulls(self) -> int:
        """Rows without a value."""
        return self.rows - self.count

    @property
    def nan(self) -> int:
        """Rows that are not a number."""
        return sum(state.nan for state in self.state.states.values() if isinstance(state, Numbers))

    @property
    def infinite(self) -> int:
        """Rows that are infinite, with either sign."""
        states = self.state.states.values()
        return sum(state.above + state.below for state in states if isinstance(state, Numbers))

    @property
    def min(self) -> Value | None:
        """The smallest finite number, exact; None for texts."""
        return self._end(0)

    @property
    def max(self) -> Value | None:
        """The largest finite number, exact; None for texts."""
        return self._end(1)

    @property
    def mean(self) -> Value | None:
        """The mean of the finite numbers, correctly rounded; of booleans the share that is true."""
        self._demand(Operation.MEAN)
        state = self._numbers()
        if state is None or not state.finite:
            return None
        return seconds_of(mean_of(state.sums, state.finite, state.bits), state.tag)

    @property
    def variance(self) -> float | None:
        """The variance of the finite numbers with n - 1, correctly rounded, in squared units of the kind.

        Beyond what a double holds it is infinite.
        """
        self._demand(Operation.VARIANCE)
        state = self._numbers()
        if state is None or state.finite < 2:
            return None
        try:
            return variance_of(state.sums, state.finite, state.bits)
        except OverflowError:
            return float("inf")

    @property
    def deviation(self) -> float | None:
        """The standard deviation, in units of the kind."""
        variance = self.variance
        return None if variance is None else float(np.sqrt(variance))

    @property
    def distinct(self) -> Estimate:
        """Distinct values: exact up to 8,192, else with bounds that hold in 95 of 100 columns; NaN is none."""
        parts = [_distinct(state) for state in self.state.states.values()]
        return Estimate(
            sum(part.value for part in parts),
            sum(part.low for part in parts),
            sum(part.high for part in parts),
            min((part.level for part in parts), default=1.0),
        )

    @property
    def rank_error(self) -> float:
        """No share that `cdf` or `quantile` tells is off by more than this; 0 where every value is kept."""
        ladder = self._ladder()
        return 0.0 if ladder is None else ladder.widest / ladder.rows

    def quantile(self, q: float) -> Value | None:
        """The value that a share `q` of the finite numbers is at or below.

        Raises:
            MeasureError: if q is outside [0, 1].
        """
        found = self.quantile_bounds(q)
        return None if found is None else found[0]

    def quantile_bounds(self, q: float) -> tuple[Value, Value, Value] | None:
        """The guess of `quantile`, and two values that the true one lies between, proven."""
        self._demand(Operation.QUANTILE)
        if not 0 <= q <= 1:
            raise MeasureError(f"there is no quantile {q}", where=f"column {self.name!r}", fix="give a share in [0, 1]")
        ladder = self._ladder()
        return None if ladder is None else ladder.at(q)

    def cdf(self, x: Value) -> Estimate | None:
        """Share of the finite numbers at or below `x`, with proven bounds."""
        self._demand(Operation.ORDER)
        ladder = self._ladder()
        return None if ladder is None else cdf(ladder, number_of(x, ladder.tag))

    def histogram(self, bins: int = 20, *, low: Value | None = None, high: Value | None = None) -> Histogram | None:
        """Finite numbers in bins of equal width, from the smallest to the largest or between these two values.

        Raises:
            MeasureError: if there is no bin, or the ends do not ascend.
        """
        self._demand(Operation.HISTOGRAM)
        ladder, least, most = self._ladder(), self.min, self.max
        if ladder is None or least is None or most is None:
            return None
        first = number_of(least if low is None else low, ladder.tag)
        last = number_of(most if high is None else high, ladder.tag)
        if bins < 1 or first > last:
            raise MeasureError(
                f"there are no {bins} bins from {first} to {last}",
                where=f"column {self.name!r}",
                fix="give at least one bin, and ends that ascend",
            )
        return histogram(ladder, bins, first, last)

    def top(self, n: int = 10) -> list[Counted]:
        """The most frequent values with their rows: exact while every value is kept, else those known to stand out."""
        state = self._main()
        if isinstance(state, Numbers):
            return top_numbers(state, n)
        if state is None:
            return []
        return top_texts(state, self.sample.cells.get((self.name, state.tag)), self.sample.counts, n)

    @property
    def lengths(self) -> "ColumnProfile | None":
        """The lengths of texts in characters, as a column of whole numbers."""
        state = self._texts()
        if state is None:
            return None
        lengths: Mapping[str, State] = {"integer": state.lengths}
        return ColumnProfile(self.name, self.rows, Column(self.state.position, lengths), self.sample)

    def patterns(self, n: int = 10) -> list[Pattern]:
        """The most frequent patterns of texts, see `shapes`, each with an example."""
        state = self._texts()
        return [] if state is None else top_patterns(state, self.sample.cells.get((self.name, state.tag)), n)

    @property
    def classes(self) -> dict[str, int]:
        """Rows whose text holds each class of characters; what stands in none is left out."""
        state = self._texts()
        if state is None:
            return {}
        masks = np.arange(256)
        rows = {name: int(state.classes[masks & (1 << bit) > 0].sum()) for bit, name in enumerate(CLASSES)}
        return {name: count for name, count in rows.items() if count}

    @property
    def evidence(self) -> Evidence | None:
        """What the column shows of its scale: shares of whole, padded, negative numbers, of values that stand once."""
        state = self._main()
        return None if state is None else evidence_of(state)

    def scaled(self, scale: str) -> "ColumnProfile":
        """The same column, on a scale."""
        return ColumnProfile(self.name, self.rows, self.state, self.sample, scale)

    def _main(self) -> State | None:
        """The state that is read: the one with most rows."""
        order = sorted(self.state.states.items(), key=lambda item: (-item[1].rows, TAGS.index(item[0])))
        return order[0][1] if order else None

    def _numbers(self) -> Numbers | None:
        state = self._main()
        return state if isinstance(state, Numbers) else None

    def _ladder(self) -> Ladder | None:
        state = self._numbers()
        if state is None or not state.finite:
            return None
        cells = self.sample.cells.get((self.name, state.tag))
        if cells is None or isinstance(cells.content, Strings):
            return Ladder(state)
        return Ladder(state, np.repeat(cells.content[cells.present], self.sample.counts[cells.present]))

    def _texts(self) -> Texts | None:
        state = self._main()
        return state if isinstance(state, Texts) else None

    def _end(self, which: int) -> Value | None:
        self._demand(Operation.ORDER)
        state = self._numbers()
        found = None if state is None else ends(state)
        if state is None or found is None or not state.finite:
            return None
        value: Value = values_of(state.tag, np.array([found[which]], dtype=np.uint64))[0]
        return value

    def _demand(self, operation: Operation) -> None:
        if self.scale:
            demand(self.scale, operation, column=self.name)


def _distinct(state: State) -> Estimate:
    if state.sketch is None:
        held = len(state.buckets.prefix) if isinstance(state, Numbers) else len(state.entries.hashes)
        more = _infinities(state)
        return Estimate.of(held + more)
    rows = float(state.rows)
    value = min(max(hll.estimated(state.sketch.registers), EXACT + 1), rows)
    spread = _SURE * hll.ERROR
    return Estimate(round(value), max(EXACT + 1.0, value / (1 + spread)), min(value / (1 - spread), rows), 0.95)


def _infinities(state: State) -> int:
    return (state.above > 0) + (state.below > 0) if isinstance(state, Numbers) else 0
