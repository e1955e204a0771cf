"""Numbers that check themselves: payment cards, bank accounts, national identity numbers."""

import re
from collections.abc import Callable

_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")
# Issuer ranges as (first, last, lengths) over as many leading digits as the bounds have.
_ISSUERS = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),
    ("36", "36", (14,)),
    ("38", "39", (14, 16)),
    ("6011", "6011", (16, 19)),
    ("644", "649", (16, 19)),
    ("65", "65", (16, 19)),
    ("3528", "3589", (16, 19)),
    ("62", "62", (16, 17, 18, 19)),
    ("50", "50", (16, 17, 18, 19)),
    ("56", "58", (16, 17, 18, 19)),
    ("67", "67", (16, 17, 18, 19)),
)
_IBAN = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR":
    29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20,
    "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR":
    27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD":
    24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD":
    18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


def digits_of(text: str) -> str:
    """The digits of a text, in order."""
    return "".join(one for one in text if one in "0123456789")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it.

    Source: Luhn (1960), US patent 2,950,048; ISO/IEC 7812-1.

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    return luhn_digit(digits[:-1]) == digits[-1:]


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind these digits.

    >>> luhn_digit("7992739871")
    '3'
    """
    doubled = (int(one) * 2 for one in reversed(digits[::-1][::2]))
    total = sum(value - 9 if value > 9 else value for value in doubled) + sum(int(one) for one in digits[::-1][1::2])
    return str(-total % 10)


def is_card(text: str) -> bool:
    """A payment card's number: an issuer's range and length, and Luhn's digit; spaces or hyphens may part it.

    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112"), is_card("9111 1111 1111 1115")
    (True, False, False)
    """
    digits = digits_of(text)
    return bool(_CARD.fullmatch(text.strip())) and len(set(digits)) > 1 and issued(digits) and luhn(digits)


def issued(digits: str) -> bool:
    """Whether the number lies in a range of an issuer of payment cards."""
    return any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)


def is_iban(text: str) -> bool:
    """An international bank account number: a country, its length, and a remainder of 1 by 97.

    Source: ISO 13616-1; lengths from the SWIFT IBAN registry.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    plain = re.sub(r"[ -]", "", text).upper()
    shaped = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", plain) is not None
    return shaped and _IBAN.get(plain[:2]) == len(plain) and iban_remainder(plain) == 1


def iban_remainder(plain: str) -> int:
    """What is left of the whole number by 97, its first four characters at the end; letters count from 10."""
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97


def is_dni(text: str) -> bool:
    """A Spanish DNI or NIE: the letter is the number modulo 23.

    >>> is_dni("12345678Z"), is_dni("X1234567L"), is_dni("12345678A")
    (True, True, False)
    """
    plain = text.upper().replace("-", "").translate(str.maketrans("XYZ", "012")) if text[:1] in "XYZxyz" else text
    number, letter = plain[:-1].replace("-", ""), text[-1:].upper()
    return number.isascii() and number.isdigit() and letter == "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def is_nir(text: str) -> bool:
    """A French NIR: 97 less the number modulo 97 stands at the end; the month lies in the year.

    >>> is_nir("2 55 08 14 168 025 38"), is_nir("2 55 08 14 168 025 39")
    (True, False)
    """
    plain = re.sub(r"\s", "", text)
    return bool(re.fullmatch(r"[1-4]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)\d{10}", plain)) and (
        97 - int(plain[:13]) % 97 == int(plain[13:])
    )


def is_bsn(text: str) -> bool:
    """A Dutch BSN: weights 9 to 2 and -1 give a multiple of 11.

    >>> is_bsn("111222333"), is_bsn("111222334")
    (True, False)
    """
    digits = [int(one) for one in digits_of(text)]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return len(digits) == 9 and any(digits) and sum(a * b for a, b in zip(weights, digits, strict=True)) % 11 == 0


def is_pesel(text: str) -> bool:
    """A Polish PESEL: a date of birth and a weighted check digit.

    >>> is_pesel("44051401359"), is_pesel("44051401358")
    (True, False)
    """
    digits = [int(one) for one in digits_of(text)]
    if (
        len(digits) != 11
        or not 1 <= (digits[2] * 10 + digits[3]) % 20 <= 12
        or not 1 <= digits[4] * 10 + digits[5] <= 31
    ):
        return False
    total = sum(a * b for a, b in zip((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), digits, strict=True))
    return total % 10 == 0


def is_cpf(text: str) -> bool:
    """A Brazilian CPF: two check digits modulo 11.

    >>> is_cpf("111.444.777-35"), is_cpf("111.444.777-36")
    (True, False)
    """
    digits = [int(one) for one in digits_of(text)]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(
        sum(digit * (place + 1 - at) for at, digit in enumerate(digits[:place])) * 10 % 11 % 10 == digits[place]
        for place in (9, 10)
    )


def is_steuer_id(text: str) -> bool:
    """A German tax identity number: ISO 7064, modulo 11 and 10; one digit of the first ten stands twice or thrice.

    >>> is_steuer_id("86095742719"), is_steuer_id("86095742718")
    (True, False)
    """
    digits = digits_of(text)
    if len(digits) != 11 or digits[0] == "0" or not 8 <= len(set(digits[:10])) <= 9:
        return False
    rest = 10
    for one in digits[:10]:
        rest = ((rest + int(one)) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == int(digits[10])


def is_ssn(text: str) -> bool:
    """A number of the US social security, written with hyphens; it has no check digit, only areas never given out.

    >>> is_ssn("078-05-1120"), is_ssn("000-05-1120")
    (True, False)
    """
    return bool(re.fullmatch(r"(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}", text.strip()))


NATIONAL: dict[str, tuple[str, Callable[[str], bool], float]] = {
    "Spanish DNI or NIE": (r"^[XYZxyz\d]\d{7}-?[A-Za-z]$", is_dni, 1 / 23),
    "French NIR": (r"^[1-4]\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{3}\s?\d{3}\s?\d{2}$", is_nir, 1 / 97),
    "Dutch BSN": (r"^\d{9}$", is_bsn, 1 / 11),
    "Polish PESEL": (r"^\d{11}$", is_pesel, 1 / 10),
    "Brazilian CPF": (r"^\d{3}\.?\d{3}\.?\d{3}-?\d{2}$", is_cpf, 1 / 100),
    "German tax identity": (r"^\d{2} ?\d{3} ?\d{3} ?\d{3}$", is_steuer_id, 1 / 11),
    "US social security": (r"^\d{3}-\d{2}-\d{4}$", is_ssn, 0.88),
}
"""Name to pattern, test, and how often a number of that shape passes the test by chance."""
