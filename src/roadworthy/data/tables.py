"""Files of a table turned into the typed rows of a snapshot."""

from collections.abc import Iterable

import polars as pl

from roadworthy.data.consent import YES
from roadworthy.data.personal import Marks
from roadworthy.data.provenance import cell_marks
from roadworthy.data.pseudonyms.forms import Forms
from roadworthy.data.source import RawTable
from roadworthy.data.stacking import stack
from roadworthy.data.texts import as_texts
from roadworthy.data.typing import Inferred, type_table
from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import plural

_SHOWN = 20
_LINE = "row_key"
# names that no column of a file has: they travel with the rows until origins are set aside
_FOUND, _CELLS = "\x00found", "\x00cells"


class TableRows:
    """Collects files; `table` gives them as one typed frame, and leaves the same rows as they were read in `texts`."""

    def __init__(self, declaration: Declaration, marks: Marks, forms: Forms) -> None:
        self._declaration, self._marks, self._forms = declaration, marks, forms
        self._frames: list[pl.DataFrame] = []
        self._findings: list[Finding] = []
        self.inferred: dict[str, Inferred] = {}
        self.texts = self.origins = pl.DataFrame()

    @property
    def reasons(self) -> dict[str, str]:
        """Why each column has its scale."""
        return {name: inferred.reason for name, inferred in self.inferred.items()}

    def add(self, given: RawTable, declared: Source) -> None:
        """Take one file, or one part of it; rows without consent are left out and counted."""
        names, marks = given.row_names(), cell_marks(as_texts(given.frame), self._marks.key)
        frame = given.frame.with_columns(names, names.alias(_FOUND), marks.alias(_CELLS))
        if declared.consent_column:
            frame = self._consenting(frame, declared.consent_column, given.archive)
        self._frames.append(frame)

    def table(self) -> tuple[pl.DataFrame, dict[str, str], list[Finding]]:
        """All rows, the scale of each column, and what was noticed.

        Raises:
            DataError: if the target or another declared column is missing, or no row is left.
        """
        frame = stack(self._frames)
        self._demand(frame)
        frame = self._answered(self._keyed(frame))
        frame = self._pseudonymised(frame)
        self.origins = frame.select(_LINE, pl.col(_FOUND).alias("found"), pl.col(_CELLS).alias("cells"))
        frame = frame.drop(_FOUND, _CELLS)
        self.texts = as_texts(frame)
        typed, scales = self._typed(frame)
        return typed, scales, self._findings

    def _demand(self, frame: pl.DataFrame) -> None:
        """Every column that the declaration names is there."""
        data, target = self._declaration.data, self._declaration.problem.target
        derived = set(data.derive)
        named = {target: "[problem] target", data.key: "[data] key", data.time: "[data] time"}
        named |= dict.fromkeys(data.columns, "[data.columns]") | dict.fromkeys(data.pseudonymise, "[data] pseudonymise")
        named |= dict.fromkeys(data.pseudonyms, "[data.pseudonyms]")
        named |= {one.person: f"[data.pseudonyms] {name}" for name, one in data.pseudonyms.items()}
        named |= dict.fromkeys(self._declaration.problem.protected, "[problem] protected")
        for name, where in named.items():
            if name and name not in frame.columns and name not in derived:
                raise DataError(
                    f"there is no column {name!r}", where=where, fix=did_you_mean(name, [*frame.columns, *derived])
                )

    def _consenting(self, frame: pl.DataFrame, column: str, archive: str) -> pl.DataFrame:
        if column not in frame.columns:
            raise DataError(
                f"there is no consent column {column!r}",
                where=f"{archive}, [[data.source]] consent_column",
                fix=did_you_mean(column, frame.columns),
            )
        said = (
            pl.col(column)
            .cast(pl.String)
            .str.strip_chars()
            .str.to_lowercase()
            .is_in(sorted(YES))
            .fill_null(value=False)
        )
        kept = frame.filter(said)
        out = frame.height - kept.height
        if out:
            self._note("data.consent", archive, out, f"of {archive} left out: {column} is not given", [])
        return kept

    def _keyed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The declared key names rows; a missing one falls back on file and line, a repeated one gets a number."""
        key = self._declaration.data.key
        if not key or key not in frame.columns:
            return frame
        held, frame = frame, frame.with_columns(as_texts(frame.select(key)).to_series())
        missing = frame[key].is_null()
        if missing.any():
            rows = frame.filter(missing)[_LINE].head(_SHOWN).to_list()
            self._note("data.keys", key, int(missing.sum()), f"without a {key}; they are named by file and line", rows)
        again = pl.int_range(pl.len()).over(key)
        named = pl.when(again == 0).then(pl.col(key)).otherwise(pl.col(key) + "#" + (again + 1).cast(pl.String))
        named = pl.coalesce(pl.when(pl.col(key).is_not_null()).then(named), pl.col(_LINE)).alias(_LINE)
        return held.with_columns(frame.select(named).to_series())

    def _answered(self, frame: pl.DataFrame) -> pl.DataFrame:
        target = self._declaration.problem.target
        if target not in frame.columns:
            return frame
        missing = frame[target].is_null()
        if missing.any():
            rows = frame.filter(missing)[_LINE].head(_SHOWN).to_list()
            self._note("data.labels", target, int(missing.sum()), f"left out: {target} is missing", rows)
        kept = frame.filter(~missing)
        if kept.is_empty():
            raise DataError("no row can be used", where="[[data.source]]", fix="look at the target and consent columns")
        return kept

    def _pseudonymised(self, frame: pl.DataFrame) -> pl.DataFrame:
        personal = as_texts(frame.select(self._declaration.data.pseudonymise))
        marked = [
            pl.Series(name, [None if value is None else self._marks.address(value) for value in personal[name]])
            for name in personal.columns
        ]
        formed = [self._formed(frame, name) for name in self._declaration.data.pseudonyms]
        frame = frame.with_columns(*marked, *formed)
        if self._declaration.data.key in self._declaration.data.hidden:
            frame = self._keyed(frame)
        return frame

    def _formed(self, frame: pl.DataFrame, name: str) -> pl.Series:
        """A column of pseudonyms that keep their form; what was not of the form is a mark, and told."""
        declared = self._declaration.data.pseudonyms[name]
        texts = as_texts(frame)
        persons = texts[declared.person].to_list() if declared.person else None
        made, fits = self._forms.column(texts[name].to_list(), declared, persons=persons)
        odd = ~pl.Series(fits, dtype=pl.Boolean)
        if odd.any():
            rows = frame.filter(odd)[_LINE].head(_SHOWN).to_list()
            what = f"replaced by a mark: {name} holds no {declared.form} there that could keep its form"
            self._note("data.pseudonyms", name, int(odd.sum()), what, rows)
        return pl.Series(name, made, dtype=pl.String)

    def _typed(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
        typed = type_table(frame.drop(_LINE), columns=self._declaration.data.columns, keys=frame[_LINE])
        self.inferred = typed.columns
        self._findings.extend(typed.findings)
        kept = [name for name in (self._declaration.problem.target, self._declaration.data.key) if name]
        table = typed.table.with_columns(as_texts(typed.table.select(set(kept) & set(typed.table.columns))))
        return table.with_columns(frame[_LINE]).select(frame.columns), typed.scales | {_LINE: "identifier"}

    def _note(self, check: str, subject: str, count: int, what: str, rows: Iterable[str]) -> None:
        self._findings.append(
            Finding(
                check=check,
                subject=subject,
                verdict=Verdict.FAIL,
                summary=f"{plural(count, 'row')} {what}.",
                measured=float(count),
                unit="rows",
                evidence={"rows": list(rows)},
                remedy="complete them in the source, if they are wanted",
            )
        )
