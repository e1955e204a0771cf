"""The forms that a pseudonym may keep, and what each value of a column becomes."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from roadworthy.data.personal import Marks
from roadworthy.data.privacy.checksums import digits_of, iban_remainder, is_card, is_iban, luhn_digit
from roadworthy.data.privacy.phones import is_phone, parts_of
from roadworthy.data.pseudonyms.addresses import PrefixPreserving
from roadworthy.data.pseudonyms.aes import derived
from roadworthy.data.pseudonyms.ff1 import FF1
from roadworthy.declare.data import Pseudonym

_ISSUER = 6
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(.*)", re.DOTALL)
_DOTTED = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})(.*)", re.DOTALL)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Keep = Callable[[str, Pseudonym, str | None], str | None]


class Forms:
    """Pseudonyms under one key. What is not of the declared form becomes a mark, so that nothing stays as it was.

    >>> forms = Forms(b"k" * 32)
    >>> pseudonym, fits = forms.value("4111 1111 1111 1111", Pseudonym(form="card"))
    >>> fits, pseudonym[:7], is_card(pseudonym), pseudonym == "4111 1111 1111 1111"
    (True, '4111 11', True, False)
    """

    def __init__(self, key: bytes) -> None:
        self._marks = Marks(key)
        self._digits = FF1(derived(key, "digits"), radix=10)
        self._letters = FF1(derived(key, "letters"), radix=26)
        self._addresses = PrefixPreserving(derived(key, "addresses"))
        self._days = derived(key, "days")
        self._keep: dict[str, Keep] = {
            "mark": lambda value, _declared, _person: self._marks.word(value),
            "email": lambda value, _declared, _person: self._marks.address(value) if "@" in value else None,
            "digits": self._numbered,
            "card": self._card,
            "iban": self._iban,
            "phone": self._phone,
            "ip": self._ip,
            "date": self._date,
        }

    def column(
        self, values: Sequence[str | None], declared: Pseudonym, *, persons: Sequence[str | None] | None = None
    ) -> tuple[list[str | None], list[bool]]:
        """The pseudonym of every value, and whether each value was of the declared form; a missing one stays missing.

        Args:
            values: as they were read.
            declared: the form, and what it needs.
            persons: whose date it is, for dates that are shifted by person.
        """
        of = persons if persons is not None else [None] * len(values)
        known: dict[tuple[str, str | None], tuple[str, bool]] = {}
        found: list[str | None] = []
        fits: list[bool] = []
        for value, person in zip(values, of, strict=True):
            if value is None:
                made, fit = None, True
            else:
                if (value, person) not in known:
                    known[value, person] = self.value(value, declared, person=person)
                made, fit = known[value, person]
            found.append(made)
            fits.append(fit)
        return found, fits

    def value(self, value: str, declared: Pseudonym, *, person: str | None = None) -> tuple[str, bool]:
        """The pseudonym of one value, and whether it was of the declared form."""
        made = self._keep[declared.form](value.strip(), declared, person)
        return (self._marks.word(value), False) if made is None else (made, True)

    def _numbered(self, value: str, _declared: Pseudonym, _person: str | None) -> str | None:
        """Digits become digits; what stands between them stays."""
        digits = digits_of(value)
        if len(digits) < 2 or any(one.isalpha() for one in value):
            return None
        return _laid(value, self._encrypted(digits, b"digits"))

    def _card(self, value: str, _declared: Pseudonym, _person: str | None) -> str | None:
        """The issuer's digits stay, the account's are encrypted, the check digit is made anew."""
        if not is_card(value):
            return None
        digits = digits_of(value)
        issuer, account = digits[:_ISSUER], digits[_ISSUER:-1]
        body = issuer + self._encrypted(account, b"card" + issuer.encode())
        return _laid(value, body + luhn_digit(body))

    def _iban(self, value: str, _declared: Pseudonym, _person: str | None) -> str | None:
        """The country stays; digits become digits and letters letters; the two check digits are made anew."""
        if not is_iban(value):
            return None
        plain = re.sub(r"[ -]", "", value).upper()
        country, account = plain[:2], plain[4:]
        shape = "".join("9" if one.isdigit() else "A" for one in account)
        tweak = f"iban{country}{shape}".encode()
        digits = iter(self._encrypted(digits_of(account), tweak))
        letters = iter(self._lettered("".join(one for one in account if one.isalpha()), tweak))
        body = "".join(next(digits) if one == "9" else next(letters) for one in shape)
        check = 98 - iban_remainder(f"{country}00{body}")
        return _laid(value, f"{country}{check:02d}{body}", also=_LETTERS)

    def _phone(self, value: str, declared: Pseudonym, _person: str | None) -> str | None:
        """The country stays, and the number is one that its plan has: encrypted again until it is (cycle walking)."""
        parts = parts_of(value, declared.region or None)
        if parts is None or not digits_of(value).endswith(parts[1]):
            return None
        country, number = parts
        while True:
            number = self._encrypted(number, b"phone" + country.encode())
            if is_phone(f"+{country}{number}"):
                return _laid(value, digits_of(value)[: -len(number)] + number)

    def _ip(self, value: str, _declared: Pseudonym, _person: str | None) -> str | None:
        try:
            return self._addresses.address(value)
        except ValueError:
            return None

    def _date(self, value: str, declared: Pseudonym, person: str | None) -> str | None:
        """Every date of one person is moved by the same number of days: what lies between them stays."""
        iso, dotted = _ISO.fullmatch(value), _DOTTED.fullmatch(value)
        found = iso or dotted
        if found is None or (declared.person and person is None):
            return None
        year, month, day = found.groups()[:3] if iso else found.groups()[2::-1]
        rest = found[4]
        try:
            moved = date(int(year), int(month), int(day)) + timedelta(self._shift(person or "", declared.days))
        except (ValueError, OverflowError):
            return None
        return (moved.isoformat() if iso else f"{moved:%d.%m.}{moved.year:04d}") + rest

    def _shift(self, person: str, days: int) -> int:
        """A number of days from -days to days, never none, drawn by the key and the person."""
        drawn = int.from_bytes(hmac.new(self._days, person.encode(), hashlib.sha256).digest()[:8]) % (2 * days)
        return drawn - days if drawn < days else drawn - days + 1

    def _encrypted(self, digits: str, tweak: bytes) -> str:
        if len(digits) < 2:
            return digits
        return "".join(map(str, self._digits.encrypt([int(one) for one in digits], tweak=tweak)))

    def _lettered(self, letters: str, tweak: bytes) -> str:
        if len(letters) < 2:
            return letters
        numeral = self._letters.encrypt([_LETTERS.index(one) for one in letters], tweak=tweak)
        return "".join(_LETTERS[one] for one in numeral)


def _laid(value: str, signs: str, *, also: str = "") -> str:
    """New digits (and letters) in the places of the old ones; everything else stays where it stood."""
    coming = iter(signs)
    return "".join(next(coming) if one in "0123456789" or (one.upper() in also and also) else one for one in value)
