"""Groups that the data hold too few of, against a declared population."""

from math import sqrt

import polars as pl

from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Limit
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.intervals import shared_level
from roadworthy.measures.judging import share_finding

_ENOUGH = 0.8


def representation(look: Look) -> Seen:
    """One finding for each declared group: its share must be at least four fifths of its share of the population.

    The intervals of all groups hold together (Bonferroni); a small sample cannot tell, and says how many rows would.
    The adjusted residual beside it is the distance in standard errors.

    Raises:
        DataError: if a column of the declared population is not there.

    Source: Haberman (1973), The analysis of residuals in cross-classified tables, Biometrics 29:205-220.
    """
    population = look.data.population
    level = shared_level(0.95, sum(len(groups) for groups in population.values()))
    return Seen(
        findings=[
            finding for column, groups in population.items() for finding in _in_column(look, column, groups, level)
        ]
    )


def _in_column(look: Look, column: str, groups: dict[str, float], level: float) -> list[Finding]:
    if column not in look.table.columns:
        fix = did_you_mean(column, look.table.columns)
        raise DataError(f"there is no column {column!r}", where="[data.population]", fix=fix)
    present = look.table[column].cast(pl.String).drop_nulls()
    counts = dict(present.value_counts().iter_rows())
    return [
        share_finding(
            "data.representation",
            f"{column}={group}",
            hits=counts.get(group, 0),
            trials=present.len(),
            limit=Limit(">=", _ENOUGH * share),
            summary_noun=f"share of {group} (of the population {share:.1%})",
            level=level,
            evidence={"declared": share, "adjusted_residual": _residual(counts.get(group, 0), present.len(), share)},
            remedy="collect more of this group, or weigh its rows; look at the figures of this group alone",
        )
        for group, share in groups.items()
    ]


def _residual(count: int, rows: int, share: float) -> float | None:
    """How many standard errors a count lies from what the population lets expect; None where no spread is expected."""
    spread = sqrt(rows * share * (1 - share))
    return round((count - rows * share) / spread, 2) if spread else None
