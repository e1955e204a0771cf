"""Repairs that go with a model: what is put right in one cell without seeing another, learnt from training rows."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from roadworthy.bundle.steps.repairs import Repair
from roadworthy.bundle.steps.writings import family, key, split_unit
from roadworthy.data.errors.absent import absent
from roadworthy.data.errors.channel import Channel, learn_channel
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Signal
from roadworthy.data.errors.spellings import variants
from roadworthy.data.errors.typos import near, typos
from roadworthy.data.repair.plan import LIKELY


def fit_repair(column: str, values: Sequence[Any], kinds: Sequence[str]) -> Repair:
    """What the declared kinds of repair put right in a column, learnt from these rows alone.

    Args:
        column: its name.
        values: the cells of the training rows; what is no text teaches nothing.
        kinds: of `missing`, `spelling`, `typo`, `unit`.

    >>> repair = fit_repair("city", ["Rome"] * 20 + ["Paris"] * 20 + ["ROME", "Pariss"], ("spelling", "typo"))
    >>> repair.cell("rome"), repair.cell("Pariss"), repair.cell("Oslo")
    ('Rome', 'Paris', 'Oslo')
    """
    texts = pl.Series(column, [value if isinstance(value, str) else None for value in values], dtype=pl.String)
    coded = Coded(column, texts)
    writings = _writings(coded) if "spelling" in kinds else {}
    return Repair(
        column=column,
        missing=_missing(coded) if "missing" in kinds else (),
        typos=_typos(coded) if "typo" in kinds else {},
        writings=writings,
        units=_units(coded) if "unit" in kinds else None,
    )


def _missing(coded: Coded) -> tuple[str, ...]:
    said = {coded.text(row) or "" for signal in absent(coded) for row in _likely(signal)}
    return tuple(sorted({value.strip().casefold() for value in said}))


def _writings(coded: Coded) -> dict[str, str]:
    """Every word of the column in its usual writing, so that a writing that was never seen is recognised too."""
    others = variants(coded)
    return {
        key(value): value
        for code, value in enumerate(coded.values)
        if code not in others and any(c.isalpha() for c in key(value))
    }


def _typos(coded: Coded) -> dict[str, str]:
    taught = [(coded.values[one.wrong], coded.values[one.right]) for one in near(coded) if one.log_odds > LIKELY]
    channel: Channel = learn_channel(taught)
    found: dict[str, str] = {}
    for signal in typos(coded, channel):
        for row, hint in zip(signal.rows.tolist(), signal.hints, strict=True):
            if hint.likelihood >= LIKELY and hint.proposal is not None:
                found[coded.text(row) or ""] = hint.proposal
    return dict(sorted(found.items()))


def _units(coded: Coded) -> tuple[str, ...]:
    parts = [split_unit(value) for value in coded.values]
    return tuple(sorted({family(part[1]) for part in parts if part and part[1]}))


def _likely(signal: Signal) -> list[int]:
    return [row for row, hint in zip(signal.rows.tolist(), signal.hints, strict=True) if hint.likelihood >= LIKELY]
