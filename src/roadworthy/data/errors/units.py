"""Units stuck to numbers: "12.0 oz" beside "12.0", "16 ounces" beside "16 oz."."""

import re
from collections import Counter
from math import log10

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

_UNIT = re.compile(r"^\s*([$€£¥]?)\s*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s][^\d]*)?\s*$")
_MOSTLY = 0.9
_SHORT = 20
_RARE = 0.02
_FAMILIES = (
    ("oz", "oz.", "ounce", "ounces", "fl oz", "fl. oz."),
    ("lb", "lbs", "lb.", "lbs.", "pound", "pounds"),
    ("kg", "kg.", "kgs", "kilo", "kilos", "kilogram", "kilograms"),
    ("g", "gr", "gram", "grams"),
    ("cm", "centimeter", "centimeters", "centimetre", "centimetres"),
    ("m", "meter", "meters", "metre", "metres"),
    ("km", "kilometer", "kilometers", "kilometre", "kilometres"),
    ("mi", "mile", "miles"),
    ("in", "in.", "inch", "inches", '"'),
    ("ft", "ft.", "foot", "feet", "'"),
    ("l", "liter", "liters", "litre", "litres"),
    ("ml", "milliliter", "milliliters", "millilitre", "millilitres"),
    ("s", "sec", "secs", "second", "seconds"),
    ("min", "mins", "minute", "minutes"),
    ("h", "hr", "hrs", "hour", "hours"),
    ("d", "day", "days"),
    ("y", "yr", "yrs", "year", "years"),
    ("%", "percent", "pct", "per cent"),
    ("$", "usd", "dollar", "dollars"),
    ("€", "eur", "euro", "euros"),
    ("£", "gbp"),
    ("°c", "c", "celsius"),
    ("°f", "f", "fahrenheit"),
)
_KNOWN = frozenset(family[0] for family in _FAMILIES)
_FAMILY = {spelling: family[0] for family in _FAMILIES for spelling in family}


def split_unit(value: str) -> tuple[str, str] | None:
    """A number and the unit stuck to it, as written; None if the value is no such thing.

    >>> split_unit("12.0 oz."), split_unit("$5"), split_unit("7"), split_unit("route 66")
    (('12.0', 'oz.'), ('5', '$'), ('7', ''), None)
    """
    found = _UNIT.match(value)
    if not found or (found[1] and found[3]):
        return None
    unit = (found[1] or found[3] or "").strip()
    return None if len(unit) > _SHORT else (found[2], unit)


def shortest(number: str) -> str:
    """A number without thousands separators, needless zeros and the noise of floating point.

    >>> shortest("12.0"), shortest("0.055999999999999994"), shortest("1,250"), shortest("007")
    ('12', '0.056', '1250', '007')
    """
    bare = number.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", number) else number
    whole, point, rest = bare.partition(".")
    if not point or not rest.isdigit():
        return bare
    if len(rest) >= 14:
        rest = f"{float('0.' + rest):.12f}"[2:]
    rest = rest.rstrip("0")
    return f"{whole or '0'}.{rest}" if rest else whole or "0"


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
        families[_family(unit)] += count
    main, held = families.most_common(1)[0]
    foreign = total - bare - held
    hints = {}
    for code, (number, unit) in parts.items():
        same = bool(unit) and _family(unit) == main
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
        meant = shortest(number) if _family(unit) in _KNOWN or value != f"{number}{unit}" else None
        return Hint(0.6 + 0.35 * min(1.0, (share - 0.5) / 0.15), meant, f"{unit!r} stuck to a bare number")
    if spellings > 1:
        return Hint(0.75, shortest(number), f"a unit written in {spellings} ways ({value!r})")
    return None


def _bare(number: str, bare: int, total: int, main: str) -> Hint | None:
    if bare > 0.1 * total:
        return None
    return Hint(0.75 if bare <= _RARE * total else 0.5, None, f"{number!r} lacks the unit {main!r}")


def _family(unit: str) -> str:
    """The usual writing of a unit; what follows the unit ("oz. can") is let go."""
    plain = " ".join(unit.casefold().split())
    if plain in _FAMILY:
        return _FAMILY[plain]
    head = plain.split(" ")[0]
    return _FAMILY.get(head, plain.rstrip("."))


def _spellings(counts: Counter[str], main: str) -> int:
    return sum(_family(unit) == main for unit in counts)


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
