"""Telephone numbers, by the numbering plans of the world: the one file that imports phonenumbers."""

from collections.abc import Sequence

import phonenumbers

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "AU", "JP", "PL", "SE", "CH", "MX", "ZA")
"""Numbering plans that numbers without a country code are tried by."""


def is_phone(text: str, region: str | None = None) -> bool:
    """Whether a text is a number that its country's plan has.

    Args:
        text: with `+` and country code, or as it is dialled within the region.
        region: two letters; None asks for a country code.

    >>> is_phone("+44 20 7946 0958"), is_phone("020 7946 0958"), is_phone("020 7946 0958", "GB")
    (True, False, True)
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number(number))


def region_of(texts: Sequence[str]) -> tuple[str | None, float]:
    """The plan that most of the numbers follow, and the share that does; None for numbers with a country code.

    >>> region_of(["(202) 456-1111", "(212) 736-5000"])
    ('US', 1.0)
    """
    if not texts:
        return None, 0.0
    shares = {region: sum(is_phone(text, region) for text in texts) / len(texts) for region in (None, *REGIONS)}
    best = max(shares, key=lambda region: shares[region])
    return best, shares[best]


def parts_of(text: str, region: str | None = None) -> tuple[str, str] | None:
    """Country code and national number of a valid number; None if it is none.

    >>> parts_of("+44 20 7946 0958")
    ('44', '2079460958')
    """
    if not is_phone(text, region):
        return None
    number = phonenumbers.parse(text, region)
    return str(number.country_code), phonenumbers.national_significant_number(number)
