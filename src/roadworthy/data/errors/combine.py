"""What several detectors say of one cell, as one likelihood and one proposal.

Detectors look at the same texts and are not independent. The most certain one counts in full, each other one of another
kind with half of the evidence that it adds to what is expected of any cell: enough for two doubtful hints on
different grounds to make a likely error, and not for two of the same kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import exp, log

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.signals import Hint, Signal

ERRORS = pl.Schema(
    {
        "row": pl.UInt32(),
        "column": pl.String(),
        "value": pl.String(),
        "check": pl.String(),
        "likelihood": pl.Float64(),
        "proposal": pl.String(),
        "reason": pl.String(),
    }
)
"""The columns of `roadworthy.data.quality.look.SUSPECTS`; here again, since neither room may know the other."""

_PRIOR = 0.02
_OTHERS = 0.5
_FOR_IT = 3.0
_DOUBTED = {"text", "dependency"}
_KIN = {"typo": "text", "spelling": "text", "token": "text", "pattern": "shape", "format": "shape", "unit": "shape"}


class Cell(Struct, frozen=True):
    """One suspected cell.

    Attributes:
        likelihood: that it is wrong. detector: the one that says so most strongly.
        proposal: what it should be, None where nobody can tell. reason: why.
        said: what each detector said.
    """

    likelihood: float
    detector: str
    proposal: str | None
    reason: str
    said: dict[str, Hint]


def combine(
    signals: Iterable[Signal], support: Mapping[str, NDArray[np.float64]] | None = None
) -> dict[tuple[str, int], Cell]:
    """One `Cell` for each (column, row) that any detector spoke of.

    Args:
        signals: what was said.
        support: for each column how strongly other cells of each row speak for its value, against doubts of spelling.
    """
    heard: dict[tuple[str, int], dict[str, Hint]] = defaultdict(dict)
    for signal in signals:
        for row, hint in zip(signal.rows.tolist(), signal.hints, strict=True):
            said = heard[signal.column, row]
            if signal.detector not in said or hint.likelihood > said[signal.detector].likelihood:
                said[signal.detector] = hint
    spoken = support or {}
    return {
        (column, row): _cell(said, float(spoken[column][row]) if column in spoken else 0.0)
        for (column, row), said in heard.items()
    }


def _cell(said: dict[str, Hint], support: float) -> Cell:
    ordered = sorted(said.items(), key=lambda item: (-item[1].likelihood, item[0]))
    first, hint = ordered[0]
    odds, kinds = logit(hint.likelihood), {_KIN.get(first, first)}
    for name, other in ordered[1:]:
        kind = _KIN.get(name, name)
        weight = _OTHERS if kind not in kinds else _OTHERS / 4
        odds += weight * max(0.0, logit(other.likelihood) - logit(_PRIOR))
        kinds.add(kind)
    if support and kinds <= _DOUBTED:
        odds -= _FOR_IT * min(support, 2.0)
    proposal = _proposal(said)
    reasons = "; ".join(other.reason for _, other in ordered)
    return Cell(min(sigmoid(odds), 0.999), first, proposal, reasons, said)


def _proposal(said: Mapping[str, Hint]) -> str | None:
    """The value that is proposed with most likelihood in all; a dependency knows more than what is merely close."""
    votes: dict[str, float] = defaultdict(float)
    for name, hint in said.items():
        if hint.proposal is not None:
            votes[hint.proposal] += hint.likelihood * (1.5 if name == "dependency" else 1.0)
    return max(votes, key=lambda value: (votes[value], value)) if votes else None


def as_frame(cells: Mapping[tuple[str, int], Cell], texts: pl.DataFrame, *, least: float) -> pl.DataFrame:
    """Cells at least that likely, as `ERRORS`, the likeliest first."""
    chosen = [(column, row, cell) for (column, row), cell in cells.items() if cell.likelihood >= least]
    values = {name: texts[name].cast(pl.String, strict=False).to_list() for name in {column for column, _, _ in chosen}}
    found = [
        (row, column, values[column][row], f"data.errors.{cell.detector}", cell.likelihood, cell.proposal, cell.reason)
        for column, row, cell in chosen
    ]
    frame = pl.DataFrame(found, schema=ERRORS, orient="row")
    return frame.sort("likelihood", "row", "column", descending=[True, False, False])


def logit(share: float) -> float:
    """Log-odds, with certainty kept finite."""
    bounded = min(max(share, 1e-4), 1 - 1e-4)
    return log(bounded / (1 - bounded))


def sigmoid(odds: float) -> float:
    """The likelihood that log-odds stand for."""
    return 1 / (1 + exp(-odds))
