"""Which kinds of personal data the values of a column are, or hold.

A column is judged as a whole: a kind with a check digit must be met far more often than chance allows, one without a
check digit by almost every value, and what only a name can tell (dates of birth, passwords) by the name too. No finding
says a value: examples are masked letter by letter.
"""

import re
from collections.abc import Callable, Sequence

import polars as pl
from msgspec import Struct

from roadworthy.data.privacy.checksums import NATIONAL, is_card, is_iban
from roadworthy.data.privacy.credentials import KNOWN, NAMED, is_random
from roadworthy.data.privacy.people import address_share, name_share, spoken
from roadworthy.data.privacy.phones import is_phone, region_of
from roadworthy.kernel.scales import Scale
from roadworthy.measures.tails import binomial_sf

_SAMPLE = 2_000
_TEXTS = 5_000
_LONGEST = 20_000
_SHOWN = 3
_ALMOST_ALL = 0.8
_BY_CHANCE = 1e-6
_LEAST = 3
_MAIL = r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}"
_CARD = r"\b\d(?:[ -]?\d){12,18}\b"
_CARD_PARTED = r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b|\b\d{4}[ -]\d{6}[ -]\d{5}\b"
_IBAN = r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b"
_IP = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP6 = r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}"
_ABROAD = r"\+\d(?:[ ().-]{0,2}\d){6,14}\b"
_DIALLED = r"^\(?0?\d{2,5}\)?[ ./-]+\d[\d ./-]{4,12}\d$"
_DIGITS = r"^\d{7,13}$"
_PHONE_NAME = (
    r"(?i)(^|[\W_])(tele?phone|phone|tel|mobile|cell|fax|handy|msisdn|telefon|movil)(_?(no|nr|number|num))?($|[\W_\d])"
)
_BORN_NAME = r"(?i)(birth|^dob$|(^|[\W_])(dob|born|bday)($|[\W_])|geburt|naissance|nacimiento)"
_PLACE_NAME = r"(?i)(^|[\W_])(lat|lon|lng|latitude|longitude|geo|coordinates?)($|[\W_])"
_PAIR = r"^\(?\s*-?\d{1,2}\.\d{4,}\s*[,; ]\s*-?\d{1,3}\.\d{4,}\s*\)?$"


class Detected(Struct, frozen=True):
    """One kind of personal data in one column.

    Attributes:
        kind: in plain words, plural.
        share: of the values looked at, those that are or hold one.
        confidence: in [0, 1], how likely they are what they look like.
        looked: how many values were looked at.
        examples: masked.
        within: whether they stand inside longer texts.
    """

    kind: str
    share: float
    confidence: float
    looked: int
    examples: tuple[str, ...] = ()
    within: bool = False


def masked(text: str) -> str:
    """The shape of a value: letters become x, digits 9, and nothing else is told.

    >>> masked("Ann.Smith+1@example.org")
    'xxx.xxxxx+9@xxxxxxx.xxx'
    """
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text[:60]))


def detect(values: pl.Series, *, scale: str) -> list[Detected]:
    """Kinds of personal data in a column of texts or numbers, the surest first.

    Args:
        values: as they were read; null is missing. The name of the series counts as the column's.
        scale: of the column; free text is searched, anything else is matched whole.

    >>> detect(pl.Series("contact", ["ann@example.org", "bob@example.net", None]), scale="nominal")[0].kind
    'e-mail addresses'
    """
    texts = values.cast(pl.String, strict=False).drop_nulls().str.strip_chars()
    texts = texts.filter(texts != "")
    if texts.is_empty():
        return []
    if scale == Scale.TEXT:
        return sorted(_inside(_spread(texts, _TEXTS)), key=lambda one: -one.confidence)
    sample = _spread(texts, _SAMPLE)
    found = [one for look in _WHOLE if (one := look(sample)) is not None]
    if not found and sample.str.len_chars().mean() > 20:  # type: ignore[operator]  # texts are there, so a number
        found = _inside(sample)
    return sorted(found, key=lambda one: -one.confidence)


def _spread(values: pl.Series, most: int) -> pl.Series:
    """At most that many values, evenly from the whole."""
    return values if values.len() <= most else values.gather_every(-(-values.len() // most))


def _found(
    kind: str, hits: Sequence[str] | pl.Series, looked: int, confidence: float, *, within: bool = False
) -> Detected:
    shapes = tuple(dict.fromkeys(masked(one) for one in list(hits[:50])))[:_SHOWN]
    return Detected(kind, len(hits) / looked, confidence, looked, shapes, within)


def _mostly(kind: str, pattern: str, confidence: float) -> Callable[[pl.Series], Detected | None]:
    """A kind that is told by its pattern alone, if almost all values follow it."""

    def look(values: pl.Series) -> Detected | None:
        hits = values.filter(values.str.contains(f"^(?:{pattern})$"))
        enough = hits.len() >= _ALMOST_ALL * values.len()
        return _found(kind, hits, values.len(), confidence) if enough else None

    return look


def _checked(
    kind: str, pattern: str, test: Callable[[str], bool], chance: float
) -> Callable[[pl.Series], Detected | None]:
    """A kind with a check digit, if more values pass than chance allows and at least half do."""

    def look(values: pl.Series) -> Detected | None:
        values = values.unique(maintain_order=True)
        shaped = values.filter(values.str.contains(pattern)).to_list()
        hits = [value for value in shaped if test(value)]
        if len(hits) < max(_LEAST, values.len() / 2) or len(hits) < _ALMOST_ALL * len(shaped):
            return None
        if binomial_sf(len(hits) - 1, len(shaped), chance) > _BY_CHANCE and chance < 0.5:
            return None
        return _found(kind, hits, values.len(), 0.99 if chance < 0.5 else 0.8)

    return look


def _mail(values: pl.Series) -> Detected | None:
    hits = values.filter(values.str.contains(f"^<?{_MAIL}>?$"))
    return _found("e-mail addresses", hits, values.len(), 0.99) if hits.len() >= values.len() / 2 else None


def _phone(values: pl.Series) -> Detected | None:
    """With a country code, or parted as people part them; bare digits only where the column's name says so."""
    called = bool(re.search(_PHONE_NAME, spoken(values.name)))
    patterns = f"^(?:{_ABROAD})$|{_DIALLED}" + (f"|{_DIGITS}" if called else "")
    shaped = values.filter(values.str.contains(patterns) & ~values.str.contains(r"^\d{4}-\d\d-\d\d")).to_list()
    if len(shaped) < max(_LEAST, _ALMOST_ALL * values.len()):
        return None
    region, share = region_of(shaped[:200])
    if share < _ALMOST_ALL:
        return None
    hits = [value for value in shaped if is_phone(value, region)]
    return _found("telephone numbers", hits, values.len(), 0.95 if called or region is None else 0.85)


def _names(values: pl.Series) -> Detected | None:
    share, confidence = name_share(values)
    return Detected("names of people", share, confidence, values.len(), _shapes(values)) if confidence else None


def _addresses(values: pl.Series) -> Detected | None:
    share = address_share(values)
    return Detected("postal addresses", share, 0.8, values.len(), _shapes(values)) if share >= 0.5 else None


def _born(values: pl.Series) -> Detected | None:
    if not re.search(_BORN_NAME, spoken(values.name)):
        return None
    dates = values.filter(values.str.contains(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^-?\d{6,}(\.\d+)?$"))
    return _found("dates of birth", dates, values.len(), 0.9) if dates.len() >= _ALMOST_ALL * values.len() else None


def _places(values: pl.Series) -> Detected | None:
    """Points known to about ten metres; coarser ones name a district."""
    pairs = values.filter(values.str.contains(_PAIR))
    single = (
        values.filter(values.str.contains(r"^-?\d{1,3}\.\d{4,}$"))
        if re.search(_PLACE_NAME, spoken(values.name))
        else pairs
    )
    hits = max(pairs, single, key=len)
    return _found("exact places", hits, values.len(), 0.9) if hits.len() >= _ALMOST_ALL * values.len() else None


def _secrets(values: pl.Series) -> Detected | None:
    for kind, pattern in KNOWN.items():
        hits = values.filter(values.str.contains(pattern))
        if hits.len():
            return _found(f"secrets ({kind})", ["secret"] * hits.len(), values.len(), 0.99)
    if not re.search(NAMED, spoken(values.name)):
        return None
    drawn = [value for value in values.to_list() if is_random(value)]
    enough = len(drawn) >= max(_LEAST, values.len() / 2)
    return _found("secrets (random letters)", ["secret"] * len(drawn), values.len(), 0.8) if enough else None


def _shapes(values: pl.Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys(masked(one) for one in values.head(20).to_list()))[:_SHOWN]


_WHOLE: tuple[Callable[[pl.Series], Detected | None], ...] = (
    _mail,
    _phone,
    _checked("payment cards", f"^(?:{_CARD})$", is_card, 0.06),
    _checked("bank accounts (IBAN)", f"^(?:{_IBAN})$", is_iban, 0.01),
    _mostly("IP addresses", f"{_IP}|{_IP6}", 0.95),
    *(
        _checked(f"national identity numbers ({kind})", pattern, test, chance)
        for kind, (pattern, test, chance) in NATIONAL.items()
    ),
    _names,
    _addresses,
    _born,
    _places,
    _secrets,
)


_WITHIN: tuple[tuple[str, str, Callable[[str], bool], float], ...] = (
    ("e-mail addresses", _MAIL, lambda _: True, 0.99),
    ("bank accounts (IBAN)", _IBAN, is_iban, 0.99),
    ("payment cards", _CARD_PARTED, is_card, 0.95),
    ("telephone numbers", _ABROAD, is_phone, 0.9),
    *((f"secrets ({kind})", pattern, lambda _: True, 0.99) for kind, pattern in KNOWN.items()),
)
"""Kind, pattern, test and confidence of what is sure enough to be told in the midst of a text."""


def _inside(texts: pl.Series) -> list[Detected]:
    found = []
    plain = texts.str.slice(0, _LONGEST)
    for kind, pattern, test, confidence in _WITHIN:
        some = plain.filter(plain.str.contains(pattern))
        hits = [hit for held in some.str.extract_all(pattern).to_list() if (hit := next(filter(test, held), None))]
        if hits:
            shown = ["secret"] * len(hits) if kind.startswith("secrets") else hits
            found.append(_found(kind, shown, texts.len(), confidence, within=True))
    return found
