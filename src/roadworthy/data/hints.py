"""Words in the names of columns, and what they say of the values: codes, keys, classes, ranks, calendars, amounts."""

import re
from itertools import pairwise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IDENTIFIERS = _words(
    "id ids key uuid guid uid rowid userid customerid orderid idx index pk fk isbn issn ean upc sku ssn iban bic hash "
    "sha md5 digest number no nr instant token serial ref reference"
)
"""The values name rows, or records of another table."""

ENTITIES = _words(
    "user worker customer client person patient item question rater annotator player member employee supplier product "
    "store shop movie host account doc document device sensor station provider brewery school"
)
"""Whole numbers that repeat name these; they are no quantities."""

CODES = _words(
    "code codes zip zipcode zipcodes postcode postal plz phone phonenumber tel telephone mobile fax fips naics sic icd "
    "cpt iso areacode countycode measurecode mcc port channel tract ward precinct district"
)
"""Numbers that are written like quantities, and are none."""

CLASSES = _words(
    "class classes label labels target cluster category type kind status state group version species weathersit "
    "weather situation gender sex race flag response answer truth gold digit outcome region department model gate "
    "variant arm fold split y"
)
"""Numbers that stand for names."""

CALENDAR = _words("year yr month mnth mon weekday dow dayofweek quarter week day season decade")
"""Numbers with an order and a cycle."""

RANKS = _words(
    "rank level grade rating stars severity priority stage quality tier education edu educational satisfaction likert "
    "pclass quartile decile agreement"
)
"""Numbers with an order and no distances."""

AMOUNTS = _words(
    "count counts cnt num amount sum total price cost income salary wage age length size weight height width depth "
    "rooms bedrooms population households rounds gamerounds minutes seconds hours days weeks months years duration per "
    "rate score gain loss balance value revenue sales votes bytes words distance speed temperature temp pressure "
    "humidity volume area capacity quantity qty units ounces xmin xmax ymin ymax latitude longitude lat lon lng"
)
"""Quantities, whatever else the name says."""

TIMES = _words("timestamp ts epoch time datetime unixtime created updated modified received date at")
"""Whole numbers that may be seconds or milliseconds since 1970, or dates without separators."""


def hints(name: str) -> frozenset[str]:
    """The words of a column's name, alone and in pairs.

    >>> sorted(hints("customerId")), sorted(hints("ZIPCode"))
    (['customer', 'customerid', 'id'], ['code', 'zip', 'zipcode'])
    """
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = [word.lower() for word in re.split(r"[^A-Za-z]+", parts) if word]
    return frozenset([*words, *("".join(pair) for pair in pairwise(words))])


def said(found: frozenset[str], known: frozenset[str]) -> str:
    """The word of a name that decides, the longest first."""
    return max(found & known, key=lambda word: (len(word), word))
