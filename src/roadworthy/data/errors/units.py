"""Units stuck to numbers: "12.0 oz" beside "12.0", "16 ounces" beside "16 oz."."""

from collections import Counter
from math import log10

from roadworthy.bundle.steps.writings import KNOWN_UNITS, family, shortest, split_unit
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

_MOSTLY = 0.9
_RARE = 0.02


def units(column: Coded) -> list[Signal]:
    """Numbers whose unit is written in several ways in one column, or stands at some of them only.

    One unit written in one way is a format, not an error. Numbers with and without: the rarer habit is suspected.
    Several writings of one unit: every cell is, since none can be reckoned with before all are the same.
    """
    parts = {code: split for code, value in enumerate(column.values) if (split := split_unit(value))}
    if column.mass(set(parts)) < _MOSTLY:
        return []
    counts: Counter[str] = Counter()
    for code, (_, unit) in parts.items():
        counts[unit] += int(column.counts[code])
    if len(counts) < 2:
        return []
    return at_values("unit", column, _hints(column, parts, counts))


def _hints(column: Coded, parts: dict[int, tuple[str, str]], counts: Counter[str]) -> dict[int, Hint]:
    bare, total = counts.pop("", 0), column.present
    families: Counter[str] = Counter()
    for unit, count in counts.items():
        families[family(unit)] += count
    main, held = families.most_common(1)[0]
    foreign = total - bare - held
    hints = {}
    for code, (number, unit) in parts.items():
        same = bool(unit) and family(unit) == main
        hint = _bare(number, bare, total, main) if not unit else None
        if same:
            hint = _stuck(column.values[code], number, unit, share=bare / total, spellings=_spellings(counts, main))
        elif unit:
            hint = Hint(
                0.75 if foreign <= 0.1 * total else 0.4, None, f"unit {unit!r} among {main or 'bare numbers'!r}"
            )
        if hint:
            hints[code] = hint
    return hints


def _stuck(value: str, number: str, unit: str, *, share: float, spellings: int) -> Hint | None:
    """A unit in a column that is mostly bare, or where the unit is written in several ways."""
    if share >= 0.5:
        meant = shortest(number) if family(unit) in KNOWN_UNITS or value != f"{number}{unit}" else None
        return Hint(0.6 + 0.35 * min(1.0, (share - 0.5) / 0.15), meant, f"{unit!r} stuck to a bare number")
    if spellings > 1:
        return Hint(0.75, shortest(number), f"a unit written in {spellings} ways ({value!r})")
    return None


def _bare(number: str, bare: int, total: int, main: str) -> Hint | None:
    if bare > 0.1 * total:
        return None
    return Hint(0.75 if bare <= _RARE * total else 0.5, None, f"{number!r} lacks the unit {main!r}")


def _spellings(counts: Counter[str], main: str) -> int:
    return sum(family(unit) == main for unit in counts)


def factor(ratio: float) -> str:
    """The mistake of unit that a ratio looks like, or empty.

    >>> factor(1000.0), factor(2.54), factor(3.0)
    ('a factor of 1000', 'inches and centimetres', '')
    """
    power = log10(ratio) if ratio > 0 else 0.0
    if round(power) != 0 and abs(power - round(power)) < 0.02:
        return f"a factor of {10.0 ** abs(round(power)):g}"
    known = {
        2.54: "inches and centimetres",
        2.20462: "pounds and kilograms",
        60.0: "minutes and hours",
        12.0: "months and years",
    }
    for one, name in known.items():
        if abs(ratio / one - 1) < 0.03 or abs(ratio * one - 1) < 0.03:
            return name
    return ""
