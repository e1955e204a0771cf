"""Names of people and postal addresses, as far as short lists and shapes can tell them.

The lists hold several hundred frequent given and family names of many countries, in Latin letters. They tell a column
of people, not whether one value is a person; names that are rare everywhere are seen only beside frequent ones.
"""

import re
from functools import cache
from importlib.resources import files

import polars as pl

_NAME = (
    r"(?i)(^|[\W_])(first|last|full|given|family|sur|middle|maiden|user|customer|client|patient|person|employee|author|"
)
_NAME += r"contact|holder|owner|member|student|passenger|applicant|driver|nurse|doctor|teacher)_? ?(name)s?($|[\W_\d])"
_NAME += r"|^(surname|forename|lastname|firstname|fullname|vorname|nachname|prenom|nombre|apellidos?|name)$"
_WORD = r"[^\W\d_][^\W\d_.'-]*"
_SHAPED = r"^[^\W\d_][^\d_@/\\:;()]{1,60}$"
_ORGANISED = (
    r"(?i)\b(inc|llc|ltd|gmbh|corp|company|co|brewing|brewery|hospital|center|centre|medical|clinic|university|school|college|"
    r"bank|group|services?|association|church|museum|hotel|restaurant|park|island|county|city|united|saint|health|district)\b"
)
_STREET = (
    r"(?i)^\d{1,6}[a-z]?[ ,-]+(?:[^\W_][\w.'-]* ){1,5}(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|"
    r"lane|ln|way|court|ct|place|pl|square|sq|highway|hwy|parkway|pkwy|terrace|circle|cir|close|crescent|row|gardens?)\b"
    r"|(?i)^\d{1,5}(?: ?(?:bis|ter))?,? (?:rue|avenue|av|boulevard|bd|place|chemin|all[ée]e|impasse|quai) "
    r"|(?i)^[^\W\d_][\w .'-]{2,40}(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|damm|ufer|"
    r"straat|laan|gatan|gade|vej) \d{1,4} ?[a-z]?\b"
    r"|(?i)^(?:calle|c/|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso|rua|ulica|ul\.) .{2,40}\d{1,5}"
)
_LIKELY, _SOME = 0.6, 0.25


def name_share(values: pl.Series) -> tuple[float, float]:
    """Share of values that hold a frequent name, and the confidence that the column names people; 0 if it does not.

    >>> name_share(pl.Series("owner_name", ["Ann Smith", "Bob Nowak", "Priya Sharma"]))[1] > 0.5
    True
    """
    shaped = values.str.contains(_SHAPED) & ~values.str.contains(_ORGANISED)
    if int(shaped.sum()) < 0.9 * values.len():
        return 0.0, 0.0
    words = values.str.to_lowercase().str.extract_all(_WORD).list.slice(0, 5)
    given, family = (words.list.eval(pl.element().is_in(listed(name))).list for name in ("given", "family"))
    any_given, any_family = given.any(), family.any()
    known = _share(any_given | any_family)
    several = _share((words.list.len() >= 2) & any_given)
    called = bool(re.search(_NAME, spoken(values.name)))
    if called and known >= _SOME:
        return known, min(0.95, 0.6 + known / 2)
    if several >= _LIKELY and _share(any_given & any_family) >= _SOME:
        return known, 0.7
    return known, 0.0


def spoken(name: str) -> str:
    """A column's name with its words parted.

    >>> spoken("ownerName")
    'owner_Name'
    """
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name)


def address_share(values: pl.Series) -> float:
    """Share of values that begin as a street address does in English, German, French, Dutch, Spanish or Italian.

    >>> address_share(pl.Series(["12 Main Street", "Hauptstraße 5", "12 rue de la Paix", "adress"]))
    0.75
    """
    return _share(values.str.contains(_STREET))


@cache
def listed(which: str) -> list[str]:
    """The frequent `given` or `family` names, in lower case."""
    text = files("roadworthy.data.privacy").joinpath(f"{which}_names.txt").read_text("utf-8")
    return sorted({word.replace("-", " ") if which == "family" else word for word in text.split()})


def _share(truths: pl.Series) -> float:
    return int(truths.sum()) / max(1, truths.len())
