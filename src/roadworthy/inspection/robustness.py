"""Test level `robustness`: what is lost when the inputs are typed badly or measured badly."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.model import Model
from roadworthy.declare.requirements import Perturbation
from roadworthy.inspection.asking import ask, count_rows, take
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.ports import Progress, Silent
from roadworthy.measures.classification import f_beta_of
from roadworthy.measures.comparison import paired_cells, paired_difference
from roadworthy.measures.judging import in_words

MOST_ROWS = 1000
"""Rows that are disturbed at most, so that the level stays short."""

_MAIL_TEXTS = ("subject", "text")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2]) for row in _KEYS for at, letter in enumerate(row)
}
_SHORTEST = 3

Counts = NDArray[np.float64]
MEASURES: dict[str, Callable[[Counts], Counts]] = {
    "recall": lambda cells: cells[..., 0] / np.maximum(cells[..., 0] + cells[..., 2], 1),
    "precision": lambda cells: cells[..., 0] / np.maximum(cells[..., 0] + cells[..., 1], 1),
    "accuracy": lambda cells: (cells[..., 0] + cells[..., 3]) / np.maximum(cells.sum(axis=-1), 1),
    "f1": f_beta_of,
}
"""Measures whose drop can be asked for: counts tp, fp, fn, tn to a number."""


class Disturbed(Struct, frozen=True, kw_only=True):
    """Rows after the disturbance, and how many words or cells were changed of how many."""

    columns: dict[str, list[Any]]
    changed: int
    among: int


def inspect_typos(  # noqa: PLR0913  # all but the first two are named by the caller
    model: Model,
    columns: Columns,
    *,
    truth: NDArray[np.int8],
    bar: Perturbation,
    measure: str = "f1",
    seed: int = 7,
    progress: Progress | None = None,
) -> list[Finding]:
    """Disturb the rows and see what the measure loses on the same rows.

    Mail: the rate's share of the words of subject and text gets one keyboard typo. Tables: as many words of text cells
    do, and numbers get noise of the rate times their column's standard deviation.

    Args:
        columns: rows of the test part; at most 1,000 are used, evenly spread.
        truth: int8 by row, 1 is positive.
        bar: rate in [0, 1], and the largest drop allowed; without one the drop is a note.
        measure: recall, precision, accuracy or f1.
        seed: the same seed gives the same typos.

    Returns:
        `robustness.typos`.

    Raises:
        RoadworthyError: if the measure is not one of these.
    """
    if measure not in MEASURES:
        raise RoadworthyError(
            f"the drop of {measure!r} cannot be measured",
            where="require.robustness",
            fix=did_you_mean(measure, MEASURES),
        )
    progress = progress or Silent()
    progress.begin("typos", 3)
    rows = np.unique(np.linspace(0, count_rows(columns) - 1, min(MOST_ROWS, count_rows(columns))).astype(np.int64))
    clean, true = take(columns, rows), np.asarray(truth)[rows]
    disturbed = with_typos(clean, _fields(model), rate=bar.rate, seed=seed)
    progress.advance(note="disturbed")
    before = model.predict(clean)
    progress.advance(note="before")
    after = ask(model.predict, disturbed.columns)
    progress.advance(note="after")
    progress.end()
    if after.predictions is None:
        return [_unanswered(model, after.crash or after.refusal)]
    cells = paired_cells(true, before.decision, after.predictions.decision)
    drop, interval = paired_difference(cells, MEASURES[measure], seed=seed)
    facts = {
        "measure": measure,
        "rows": len(rows),
        "rate": bar.rate,
        "changed": disturbed.changed,
        "among": disturbed.among,
        "decisions_changed": int((before.decision != after.predictions.decision).sum()),
    }
    return [_judged(model, drop, interval, bar=bar, facts=facts)]


def with_typos(columns: Columns, fields: Sequence[InputField], *, rate: float, seed: int) -> Disturbed:
    """Rows with typos and noise; other columns are left as they are. A row's typos do not depend on other rows.

    Args:
        fields: the columns to disturb: `text` gets typos, `number` gets noise.
        rate: share of words that get a typo, and size of the noise in standard deviations; in [0, 1].
    """
    found = {name: list(values) for name, values in columns.items()}
    changed = among = 0
    for place, field in enumerate(fields):
        if field.type == "number":
            found[field.name], touched = _noisy(found[field.name], rate=rate, seed=(seed, place))
            changed, among = changed + touched, among + len(found[field.name])
            continue
        for row, cell in enumerate(found[field.name]):
            if isinstance(cell, str) and cell:
                text, touched, words = typed_badly(cell, rate=rate, draws=np.random.default_rng((seed, place, row)))
                found[field.name][row] = text
                changed, among = changed + touched, among + words
    return Disturbed(columns=found, changed=changed, among=among)


def typed_badly(text: str, *, rate: float, draws: np.random.Generator) -> tuple[str, int, int]:
    """Give each word of three or more letters one typo with chance `rate`: the text, typos made, words tried.

    A typo is what fingers do: a neighbouring key, two letters swapped, one left out, one doubled.

    >>> typed_badly("some money", rate=1.0, draws=np.random.default_rng(0))[1:]
    (2, 2)
    """
    words = text.split(" ")
    tried = [at for at, word in enumerate(words) if sum(map(str.isalpha, word)) >= _SHORTEST]
    hit = [at for at, draw in zip(tried, draws.random(len(tried)), strict=True) if draw < rate]
    for at in hit:
        words[at] = _typo(words[at], draws)
    return " ".join(words), len(hit), len(tried)


def _typo(word: str, draws: np.random.Generator) -> str:
    letters = [at for at, letter in enumerate(word) if letter.isalpha()]
    at = int(draws.choice(letters[:-1]))
    letter, rest = word[at], word[at + 1 :]
    match int(draws.integers(4)):
        case 0 if word[at + 1] != letter:
            return word[:at] + word[at + 1] + letter + word[at + 2 :]
        case 1:
            return word[:at] + rest
        case 2:
            near = _NEIGHBOURS.get(letter.lower(), "")
            new = near[int(draws.integers(len(near)))] if near else letter + letter
            return word[:at] + (new.upper() if letter.isupper() else new) + rest
        case _:
            return word[:at] + letter + letter + rest


def _noisy(values: Sequence[Any], *, rate: float, seed: tuple[int, int]) -> tuple[list[Any], int]:
    """Numbers with noise of `rate` standard deviations; what is no finite number stays. Whole numbers stay whole."""
    usable = [_number(value) for value in values]
    known = np.array([value for value in usable if value is not None], dtype=np.float64)
    if len(known) < 2 or not known.std():
        return list(values), 0
    noise = np.random.default_rng(seed).normal(0.0, rate * float(known.std()), len(values))
    whole = bool((known == np.round(known)).all())
    found = [
        value if number is None else (float(round(number + shift)) if whole else number + float(shift))
        for value, number, shift in zip(values, usable, noise, strict=True)
    ]
    return found, sum(number is not None and new != number for new, number in zip(found, usable, strict=True))


def _number(value: Any) -> float | None:
    if isinstance(value, bool | str) or value is None:
        return None
    return float(value) if isinstance(value, int | float | np.number) and math.isfinite(value) else None


def _fields(model: Model) -> list[InputField]:
    """What a person types or measures: text columns of mail, text and numbers of a table."""
    if model.kind == "mail":
        return [field for field in model.inputs if field.name in _MAIL_TEXTS]
    return [field for field in model.inputs if field.type in {"text", "number"}]


def _judged(model: Model, drop: float, interval: Interval, *, bar: Perturbation, facts: dict[str, Any]) -> Finding:
    limit = None if bar.max_drop is None else Limit("<=", bar.max_drop)
    asked = "" if limit is None else f"; at most {in_words(limit.bound, 'share')} may be lost"
    measure = str(facts["measure"]).replace("f1", "F1")
    low, high = (in_words(end, "share") for end in (interval.low, interval.high))
    return Finding(
        check="robustness.typos",
        subject=model.name,
        verdict=Verdict.PASS if limit is None else limit.judge(drop, interval),
        summary=(
            f"{measure} loses {in_words(drop, 'share')} (95 % interval {low} to {high}) when {facts['changed']:,} of "
            f"{facts['among']:,} words or numbers are disturbed, on {facts['rows']:,} rows{asked}"
        ),
        measured=drop,
        unit="share",
        interval=interval,
        limit=limit,
        severity=Severity.NOTE if limit is None else Severity.BLOCKER,
        evidence=facts,
        remedy="weigh characters beside words, or train on disturbed copies of the rows" if limit is not None else "",
    )


def _unanswered(model: Model, why: str) -> Finding:
    return Finding(
        check="robustness.typos",
        subject=model.name,
        verdict=Verdict.FAIL,
        summary=f"disturbed rows are not answered: {why}",
        severity=Severity.BLOCKER,
        remedy="let the feature steps take whatever is typed",
    )
