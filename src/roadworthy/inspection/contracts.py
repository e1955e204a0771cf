"""Test level `unit`: what every loader, feature step and model must keep, tried on a small sample."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.model import Model, Predictions
from roadworthy.inspection.asking import Reply, ask, contract, count_rows, malformed, take
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Progress, Silent

_FEW = 40
_STEPS = "make every feature step a pure function of its row"


def inspect_contracts(
    model: Model, columns: Columns, *, folder: Path | None = None, progress: Progress | None = None
) -> list[Finding]:
    """Try the contracts on the first 40 rows.

    Args:
        model: as released. columns: rows as `Model.predict` takes them.
        folder: of the bundle, to load it a second time.

    Returns:
        Findings `unit.shape`, `unit.determinism`, `unit.batch`, `unit.order`, `unit.empty`, `unit.missing_values`,
        `unit.missing_column`, and `unit.reload` if `folder` is given; each blocks a release.
    """
    progress = progress or Silent()
    rows = min(_FEW, count_rows(columns))
    sample = take(columns, range(rows))
    whole = ask(model.predict, sample)
    if whole.predictions is None:
        return [_no_answer(model, whole)]
    checks: list[Callable[[], Finding]] = [
        lambda: _shape(model, whole.predictions, rows),
        lambda: _determinism(model, sample, whole.predictions),
        lambda: _batch(model, sample, whole.predictions),
        lambda: _order(model, sample, whole.predictions),
        lambda: _empty(model, sample),
        lambda: _missing_values(model, sample),
        lambda: _missing_column(model, sample),
    ]
    if folder is not None:
        checks.append(lambda: _reload(model, sample, folder=folder, expected=whole.predictions))
    progress.begin("contracts", len(checks))
    found = []
    for check in checks:
        found.append(check())
        progress.advance(note=found[-1].check)
    progress.end()
    return found


def _no_answer(model: Model, reply: Reply) -> Finding:
    return contract(
        "unit.shape",
        model.name,
        broken=[f"no answer on a sample: {reply.crash or reply.refusal}"],
        tried=1,
        holds="",
        remedy="give the model rows as it was trained on",
    )


def _shape(model: Model, found: Predictions | None, rows: int) -> Finding:
    wrong = malformed(found, rows) if found is not None else "no answer"
    return contract(
        "unit.shape",
        model.name,
        broken=[wrong] if wrong else [],
        tried=rows,
        holds=f"{rows} answers of the declared shape, kind and range",
        remedy="see the scorer and the calibrator",
    )


def _determinism(model: Model, sample: Columns, expected: Predictions | None) -> Finding:
    return contract(
        "unit.determinism",
        model.name,
        broken=_unlike(ask(model.predict, sample), expected, "asked again"),
        tried=count_rows(sample),
        holds="the same rows get the same bits when asked again",
        remedy="take chance, time and memory of earlier rows out of the feature steps",
    )


def _batch(model: Model, sample: Columns, expected: Predictions | None) -> Finding:
    rows = count_rows(sample)
    broken = []
    for row in range(rows):
        reply = ask(model.predict, take(sample, [row]))
        broken += _unlike(reply, expected, f"row {row} alone", rows=[row])
    return contract(
        "unit.batch",
        model.name,
        broken=broken,
        tried=rows,
        holds=f"{rows} rows get the same answer alone and together",
        remedy=_STEPS,
    )


def _order(model: Model, sample: Columns, expected: Predictions | None) -> Finding:
    backwards = list(range(count_rows(sample)))[::-1]
    reply = ask(model.predict, take(sample, backwards))
    return contract(
        "unit.order",
        model.name,
        broken=_unlike(reply, expected, "in reverse", rows=backwards),
        tried=len(backwards),
        holds="the order of the rows does not matter",
        remedy=_STEPS,
    )


def _empty(model: Model, sample: Columns) -> Finding:
    reply = ask(model.predict, {name: [] for name in sample})
    if reply.predictions is not None:
        wrong = malformed(reply.predictions, 0)
    else:
        wrong = reply.crash or f"refused: {reply.refusal}"
    return contract(
        "unit.empty",
        model.name,
        broken=[wrong] if wrong else [],
        tried=1,
        holds="no rows give no answers, of the right shape",
        remedy="let every step take an empty column",
    )


def _missing_values(model: Model, sample: Columns) -> Finding:
    """A missing value is answered, or refused with an error that says so; it never crashes or gives nan."""
    rows = min(3, count_rows(sample))
    broken = []
    for field in model.inputs:
        gone = {**take(sample, range(rows)), field.name: [_missing(model, field)] * rows}
        reply = ask(model.predict, gone)
        wrong = reply.crash or (malformed(reply.predictions, rows) if reply.predictions is not None else "")
        broken += [f"{field.name} missing: {wrong}"] if wrong else []
    return contract(
        "unit.missing_values",
        model.name,
        broken=broken,
        tried=len(model.inputs),
        holds=f"each of {len(model.inputs)} columns may be missing without a crash",
        remedy="treat None as missing in the step that reads the column",
    )


def _missing(model: Model, field: InputField) -> object:
    """What a missing value is: null in a table; in a parsed mail an empty text, an empty list, or no time."""
    if model.kind != "mail":
        return None
    absent: dict[str, object] = {"text": "", "list": [], "number": 0, "boolean": False, "date": None}
    return absent[field.type]


def _missing_column(model: Model, sample: Columns) -> Finding:
    """A column that is not there at all is refused by name, not guessed."""
    broken = []
    for field in model.inputs:
        rest = {name: values for name, values in sample.items() if name != field.name}
        reply = ask(model.predict, rest)
        if field.name not in reply.refusal:
            broken.append(f"without {field.name}: {reply.crash or reply.refusal or 'answered as if it were there'}")
    return contract(
        "unit.missing_column",
        model.name,
        broken=broken,
        tried=len(model.inputs),
        holds="a column that is left out is named in the refusal",
        remedy="raise DataError with the column's name",
    )


def _reload(model: Model, sample: Columns, *, folder: Path, expected: Predictions | None) -> Finding:
    broken = []
    try:
        again = type(model).load(folder)
    except RoadworthyError as err:
        broken.append(f"the bundle does not load: {err.what}")
    else:
        broken += _unlike(ask(again.predict, sample), expected, "loaded again")
    return contract(
        "unit.reload",
        model.name,
        broken=broken,
        tried=count_rows(sample),
        holds="the bundle read again gives the same bits",
        remedy="store every number that the model needs with all its digits",
    )


def _unlike(reply: Reply, expected: Predictions | None, how: str, *, rows: Sequence[int] | None = None) -> list[str]:
    """What differs from the expected answer of the given rows, bit by bit."""
    if reply.predictions is None or expected is None:
        return [f"{how}: {reply.crash or reply.refusal}"]
    order = np.arange(len(expected.probability)) if rows is None else np.asarray(rows, dtype=np.int64)
    found = reply.predictions
    if len(found.probability) != len(order):
        return [f"{how}: {len(found.probability)} answers for {len(order)} rows"]
    same = (found.probability == expected.probability[order]) & (found.decision == expected.decision[order])
    same &= np.array_equal(found.dense, expected.dense[order], equal_nan=True)
    return [
        f"{how}: row {order[at]} got {found.probability[at]!r}, expected {expected.probability[order[at]]!r}"
        for at in np.flatnonzero(~same)[:1]
    ]
