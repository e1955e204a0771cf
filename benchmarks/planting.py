"""Faults planted in a clean table, of kinds that people and machines really make, with the truth kept."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Planted:
    """A fault: which kind, and what stood there."""

    kind: str
    before: str


@dataclass(frozen=True)
class Kind:
    """A kind of fault: the columns it may hit and how it changes a value."""

    columns: Sequence[str]
    change: Callable[[random.Random, str], str]


_WORDS = ("workclass", "education", "marital-status", "occupation", "relationship", "race", "sex", "native-country")
_COUNTS = ("age", "hours-per-week")


def _typo(chance: random.Random, value: str) -> str:
    at, letter = chance.randrange(len(value)), chance.choice(_LETTERS)
    swapped = value[:at] + value[at + 1 : at + 2] + value[at : at + 1] + value[at + 2 :]
    return chance.choice([value[:at] + letter + value[at + 1 :], value[:at] + value[at + 1 :], swapped])


def _scaled(chance: random.Random, value: str) -> str:
    return f"{float(value) * chance.choice([12, 60, 100]):g}"


def _one_of(*values: str) -> Callable[[random.Random, str], str]:
    return lambda chance, _: chance.choice(values)


def _lookalike(chance: random.Random, value: str) -> str:
    return value.replace(value[chance.randrange(len(value))], chance.choice("lOox"), 1)


ADULT = {
    "typo": Kind(_WORDS, _typo),
    "case": Kind(_WORDS, lambda chance, value: chance.choice([value.upper(), value.lower()])),
    "white space": Kind(
        _WORDS, lambda chance, value: chance.choice([f" {value}", f"{value} ", value.replace("-", " ")])
    ),
    "missing spelled out": Kind((*_WORDS, *_COUNTS), _one_of("N/A", "-", "null", "?")),
    "of another column": Kind(
        ("workclass", "education", "occupation", "race"), _one_of("Husband", "Never-married", "Female")
    ),
    "wrong unit": Kind(_COUNTS, _scaled),
    "unit stuck": Kind(_COUNTS, lambda chance, value: value + chance.choice([" h", " yrs", "%"])),
    "sign": Kind((*_COUNTS, "fnlwgt"), lambda _, value: f"-{value}"),
    "dependency": Kind(
        ("education-num",), lambda chance, value: str(chance.choice([n for n in range(1, 17) if str(n) != value]))
    ),
    "letter for digit": Kind((*_COUNTS, "fnlwgt"), _lookalike),
    "thousands": Kind(("fnlwgt",), lambda _, value: f"{int(value):,}"),
}
"""Kinds of faults for the Adult table."""
SWAPS = (("occupation", "education"), ("race", "sex"), ("workclass", "native-country"))
"""Pairs of columns whose values are swapped in a row."""


def plant(table: pl.DataFrame, *, share: float, seed: int) -> tuple[pl.DataFrame, dict[tuple[str, int], Planted]]:
    """The table with `share` of its rows hit by each kind, and what was there before."""
    chance = random.Random(seed)
    cells = {name: table[name].to_list() for name in table.columns}
    truth: dict[tuple[str, int], Planted] = {}
    for kind, how in ADULT.items():
        for row in chance.sample(range(table.height), int(share * table.height)):
            column = chance.choice(how.columns)
            before = cells[column][row]
            if before is None or (column, row) in truth:
                continue
            after = how.change(chance, before)
            if after != before:
                cells[column][row], truth[column, row] = after, Planted(kind, before)
    for row in chance.sample(range(table.height), int(share * table.height)):
        one, other = chance.choice(SWAPS)
        if {(one, row), (other, row)} & truth.keys() or None in (cells[one][row], cells[other][row]):
            continue
        truth[one, row], truth[other, row] = Planted("swap", cells[one][row]), Planted("swap", cells[other][row])
        cells[one][row], cells[other][row] = cells[other][row], cells[one][row]
    return pl.DataFrame(cells), truth
