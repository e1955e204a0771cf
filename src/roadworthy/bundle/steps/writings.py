"""One text in several writings, and numbers with a unit stuck to them: what is the same is told here, once.

Errors are looked for, and rows that come to a model are repaired, by these same functions.
"""

import re
import unicodedata

ALIKE = str.maketrans("АВЕКМНОРСТХЅІЈаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıɡ０", "ABEKMHOPCTXSIJaeopcyxijsABEZHIKMNOPTYXoig0")
_DASHES = str.maketrans("‐‑‒–—−’‘“”´`", "------''\"\"''")
_MEANT = frozenset("<>=+#%&*@/$€£!?[]{}|")
_UNIT = re.compile(r"^\s*([$€£¥]?)\s*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s][^\d]*)?\s*$")
_SHORT = 20
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
KNOWN_UNITS = frozenset(family[0] for family in _FAMILIES)
_FAMILY = {spelling: family[0] for family in _FAMILIES for spelling in family}


def key(value: str) -> str:
    """What is left of a text without case, accents, punctuation, white space at the ends and look-alike letters.

    >>> key("  São  Paulo ") == key("SAO PAULO"), key("a-b") == key("a b")
    (True, True)
    """
    plain = unicodedata.normalize("NFKD", value.translate(ALIKE).translate(_DASHES))
    letters = [c if c.isalnum() or c in _MEANT else " " for c in plain.casefold() if not unicodedata.combining(c)]
    return " ".join("".join(letters).split())


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


def family(unit: str) -> str:
    """The usual writing of a unit; what follows the unit ("oz. can") is let go."""
    plain = " ".join(unit.casefold().split())
    if plain in _FAMILY:
        return _FAMILY[plain]
    head = plain.split(" ")[0]
    return _FAMILY.get(head, plain.rstrip("."))
