"""Personal fields replaced by keyed hashes: the same person has the same mark, and only the key can find who it is."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace

from roadworthy.bundle.mail import Mail

_SHORT = 12
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]@]{1,128}@[^\s<>,;:\"'()\[\]@]{1,253}")
_FROM = frozenset({"from", "from_address", "from_name", "sender"})
_TO = frozenset({"to", "cc", "to_addresses", "recipients"})


class Marks:
    """Turns personal values into marks. The key is kept by the caller, outside the store."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._of = lru_cache(maxsize=1 << 17)(lambda word: _hash(key, word))

    def word(self, value: str) -> str:
        """A mark for a name or any other value; empty stays empty."""
        return f"p-{self._of(value.strip().lower())}" if value.strip() else value

    def address(self, value: str) -> str:
        """A mark that keeps the shape of an address and its domain.

        >>> Marks(b"k").address("Ann@example.org") == Marks(b"k").address("ann@EXAMPLE.org")
        True
        >>> Marks(b"k").address("ann@example.org").endswith("@example.org")
        True
        """
        local, at, domain = value.rpartition("@")
        if not at:
            return self.word(value)
        return f"p-{self._of(f'{local}@{domain}'.lower())}@{domain.lower()}"

    def mail(self, mail: Mail, declared: Sequence[str]) -> Mail:
        """The mail with declared fields marked, and those very addresses marked wherever text or subject hold them."""
        named = {name.lower().replace("-", "_") for name in declared}
        hidden: set[str] = set()
        if named & _FROM and mail.from_address:
            hidden.add(mail.from_address)
        if named & _TO:
            hidden.update(mail.to_addresses)
        if not hidden and not named & _FROM:
            return mail
        return replace(
            mail,
            from_address=self.address(mail.from_address) if named & _FROM else mail.from_address,
            from_name=self._name(mail.from_name) if named & _FROM else mail.from_name,
            to_addresses=[self.address(one) for one in mail.to_addresses] if named & _TO else mail.to_addresses,
            subject=self._inside(mail.subject, hidden),
            text=self._inside(mail.text, hidden),
            links=[self._inside(link, hidden) for link in mail.links],
            list_headers=[self._inside(line, hidden) for line in mail.list_headers],
        )

    def _name(self, value: str) -> str:
        return self.address(value.lower()) if _ADDRESS.fullmatch(value) else self.word(value)

    def _inside(self, text: str, hidden: set[str]) -> str:
        if "@" not in text:
            return text
        return _ADDRESS.sub(lambda hit: self._if_hidden(hit[0], hidden), text)

    def _if_hidden(self, found: str, hidden: set[str]) -> str:
        plain = found.rstrip(".!?*")
        return self.address(plain) + found[len(plain) :] if plain.lower() in hidden else found


def _hash(key: bytes, word: str) -> str:
    return hmac.new(key, word.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_SHORT]
