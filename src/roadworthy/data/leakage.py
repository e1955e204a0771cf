"""What gives the answer away: headers and columns that know the class and will not be there when the model answers."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.column_leaks import column_leaks
from roadworthy.data.header_leaks import header_leaks
from roadworthy.data.times import row_times
from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import nearest
from roadworthy.kernel.units import plural

_SHOWN = 60


def find_leaks(table: pl.DataFrame, rows: NDArray[np.int64], declaration: Declaration) -> list[Finding]:
    """Findings `data.leakage`: what the declared leaks stand for, and what else looks like one.

    Args:
        table: a whole snapshot.
        rows: the training rows; the test part is never looked at.
        declaration: `[data] leaks`, the target and the features.
    """
    training = table[rows]
    by_mail = "headers" in table.columns
    names = _header_names(training) if by_mail else []
    known = names if by_mail else table.columns
    found = _declared(declaration, known, "header" if by_mail else "column")
    truth = (training[declaration.problem.target] == declaration.problem.positive).to_numpy()
    if by_mail:
        times = row_times(training, declaration)
        found += header_leaks(training, truth, times=times, dropped=dropped_headers(declaration, names))
    return found + column_leaks(training, truth, declaration)


def _header_names(training: pl.DataFrame) -> list[str]:
    """Every header that stands in some mail, sorted."""
    plain = training["headers"].explode(empty_as_null=True)
    listed = training["list_headers"].explode(empty_as_null=True).str.extract(r"^([^:]*)", 1)
    return sorted({*plain.drop_nulls().to_list(), *listed.drop_nulls().to_list()})


def dropped_headers(declaration: Declaration, header_names: Iterable[str]) -> frozenset[str]:
    """The headers that no feature may read: those that a declared leak names, and the one that holds the label.

    Args:
        declaration: its globs are compared without regard to case, `-` and `_`.
        header_names: as they stand in mails.
    """
    patterns = [_plain(pattern) for pattern in declaration.data.leaks]
    labels = {_label_header(source) for source in declaration.data.sources}
    return frozenset(
        name
        for name in header_names
        if _plain(name) in labels or any(fnmatchcase(_plain(name), pattern) for pattern in patterns)
    )


def _label_header(source: Source) -> str:
    label = source.label
    return _plain(label.name) if label and label.origin == "header" else ""


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")


def _declared(declaration: Declaration, names: list[str], noun: str) -> list[Finding]:
    """What the declared globs stand for in these data, and globs that stand for nothing."""
    if not declaration.data.leaks:
        return []
    by_pattern = {
        pattern: [name for name in names if fnmatchcase(_plain(name), _plain(pattern))]
        for pattern in declaration.data.leaks
    }
    concrete = sorted({name for found in by_pattern.values() for name in found})
    idle = [pattern for pattern, found in by_pattern.items() if not found]
    close = {pattern: nearest(_plain(pattern), names) for pattern in idle}
    said = f"The declared leaks stand for {plural(len(concrete), noun)} of these data, none of which is a feature"
    return [
        Finding(
            check="data.leakage",
            subject="declared leaks",
            verdict=Verdict.PASS,
            summary=said + (f"; {plural(len(idle), 'pattern')} for none." if idle else "."),
            measured=float(len(concrete)),
            unit=f"{noun}s",
            severity=Severity.NOTE,
            evidence={"dropped": concrete[: _SHOWN * 4], "idle_patterns": idle, "did_you_mean": close},
        )
    ]
