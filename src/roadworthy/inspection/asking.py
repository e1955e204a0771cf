"""Ask a model, and notice whether it answers, refuses or breaks."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.model import Predictions
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict

_SHOWN = 5
Given = TypeVar("Given")


class Reply(Struct, frozen=True, kw_only=True, eq=False):
    """What came of asking: predictions, or the words of a refusal, or of a crash."""

    predictions: Predictions | None = None
    refusal: str = ""
    crash: str = ""


def ask(predict: Callable[[Given], Predictions], given: Given) -> Reply:
    """Ask for predictions. A `RoadworthyError` is a refusal, which is in order; anything else raised is a crash."""
    try:
        return Reply(predictions=predict(given))
    except RoadworthyError as err:
        return Reply(refusal=err.what)
    except Exception as err:  # noqa: BLE001  # a crash of any kind is what is looked for
        return Reply(crash=f"{type(err).__name__}: {err}"[:300])


def take(columns: Columns, rows: Sequence[int] | NDArray[np.int64]) -> dict[str, list[Any]]:
    """Some rows of all columns, in the given order."""
    return {name: [values[int(row)] for row in rows] for name, values in columns.items()}


def count_rows(columns: Columns) -> int:
    """How many rows there are."""
    return max((len(values) for values in columns.values()), default=0)


def malformed(found: Predictions, rows: int) -> str:
    """What is wrong with the shape, kind or range of an answer; empty if nothing is."""
    expected: list[tuple[str, NDArray[Any], tuple[int, ...], str]] = [
        ("probability", found.probability, (rows,), "float64"),
        ("decision", found.decision, (rows,), "int8"),
        ("score", found.score, (rows,), "float64"),
        ("dense", found.dense, (rows, len(found.names)), "float32"),
    ]
    for name, values, shape, kind in expected:
        if values.shape != shape or values.dtype != kind:
            return f"{name} is {values.dtype} {values.shape}, expected {kind} {shape}"
    if len(found.keys) != rows:
        return f"{len(found.keys)} keys for {rows} rows"
    if not np.all((found.probability >= 0) & (found.probability <= 1)):
        return "a probability is not in [0, 1]"
    return "" if np.isin(found.decision, (0, 1)).all() else "a decision is neither 0 nor 1"


def contract(check: str, subject: str, *, broken: Sequence[str], tried: int, holds: str, remedy: str) -> Finding:
    """A finding on a contract that admits no exception.

    Args:
        broken: what went wrong, one line each. tried: how many cases were tried.
        holds: the sentence when nothing did.
    """
    summary = holds if not broken else f"{len(broken)} of {tried} cases: {broken[0]}"
    return Finding(
        check=check,
        subject=subject,
        verdict=Verdict.FAIL if broken else Verdict.PASS if tried else Verdict.CANNOT_TELL,
        summary=summary if tried else "there was nothing to try",
        measured=float(len(broken)),
        unit="cases",
        limit=Limit("==", 0.0),
        severity=Severity.BLOCKER,
        evidence={"tried": tried, "broken": list(broken[:_SHOWN])},
        remedy=remedy if broken else "",
    )
