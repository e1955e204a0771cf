"""Codes that check themselves: whether a text is a code of its kind, by its length and its check digit.

Spaces and hyphens that people write into codes are passed over; nothing else is.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

_MARKS = str.maketrans("", "", " -")
_IBAN_LENGTHS = (15, 34)


def luhn(text: str) -> bool:
    """Payment cards, IMEI, and many other numbers of 8 to 19 digits whose last one is a Luhn check digit.

    Source: Luhn (1960), US patent 2,950,048; ISO/IEC 7812-1, annex B.

    >>> luhn("4111 1111 1111 1111"), luhn("4111 1111 1111 1112")
    (True, False)
    """
    digits = _digits(text, 8, 19)
    if digits is None:
        return False
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[::-2])) % 10 == 0 and any(digits)


def iban(text: str) -> bool:
    """International bank account numbers: country, two check digits, up to 30 letters and digits, modulo 97.

    Source: ISO 13616-1:2020 with ISO/IEC 7064, MOD 97-10.

    >>> iban("GB82 WEST 1234 5698 7654 32"), iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    code = text.translate(_MARKS).upper()
    if not _IBAN_LENGTHS[0] <= len(code) <= _IBAN_LENGTHS[1] or not code.isascii() or not code.isalnum():
        return False
    if not (code[:2].isalpha() and code[2:4].isdigit()):
        return False
    return int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1


def isbn10(text: str) -> bool:
    """Book numbers of ten places, the last of which may be X.

    Source: ISO 2108:1992; weights 10 to 1, modulo 11.

    >>> isbn10("0-306-40615-2"), isbn10("0-306-40615-3"), isbn10("097522980X")
    (True, False, True)
    """
    code = text.translate(_MARKS).upper()
    if len(code) != 10 or not code.isascii() or not code[:9].isdigit() or not (code[9].isdigit() or code[9] == "X"):
        return False
    values = [*map(int, code[:9]), 10 if code[9] == "X" else int(code[9])]
    return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0


def isbn13(text: str) -> bool:
    """Book numbers of thirteen digits, which are article numbers that begin with 978 or 979.

    Source: ISO 2108:2017.

    >>> isbn13("978-0-306-40615-7"), isbn13("978-0-306-40615-8")
    (True, False)
    """
    return text.translate(_MARKS).startswith(("978", "979")) and ean13(text)


def ean13(text: str) -> bool:
    """Article numbers of thirteen digits (GTIN-13).

    Source: GS1 General Specifications, section 7.9: weights 3 and 1 from the right, modulo 10.

    >>> ean13("4006381333931"), ean13("4006381333932")
    (True, False)
    """
    return _article(text, 13)


def ean8(text: str) -> bool:
    """Article numbers of eight digits (GTIN-8).

    >>> ean8("73513537"), ean8("73513536")
    (True, False)
    """
    return _article(text, 8)


def upc(text: str) -> bool:
    """Article numbers of twelve digits (UPC-A, GTIN-12).

    >>> upc("036000291452"), upc("036000291453")
    (True, False)
    """
    return _article(text, 12)


def gtin14(text: str) -> bool:
    """Numbers of trade units, fourteen digits (GTIN-14).

    >>> gtin14("10614141000415"), gtin14("10614141000416")
    (True, False)
    """
    return _article(text, 14)


CHECKSUMS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "iban": iban,
        "isbn13": isbn13,
        "isbn10": isbn10,
        "ean13": ean13,
        "upc": upc,
        "gtin14": gtin14,
        "luhn": luhn,
        "ean8": ean8,
    }
)
"""Kinds of code by name, the narrower before the wider: a code is called by the first kind that its column passes."""


def _article(text: str, places: int) -> bool:
    digits = _digits(text, places, places)
    if digits is None:
        return False
    return (sum(digits[::-1][::2]) + 3 * sum(digits[::-1][1::2])) % 10 == 0 and any(digits)


def _digits(text: str, least: int, most: int) -> list[int] | None:
    code = text.translate(_MARKS)
    if not least <= len(code) <= most or not (code.isascii() and code.isdigit()):
        return None
    return [int(digit) for digit in code]
