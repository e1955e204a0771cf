"""Internet addresses that keep their prefixes: two that share their first k bits have pseudonyms that share exactly k.

Source: Xu, Fan, Ammar and Moon (2002), ICNP (Crypto-PAn).
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from roadworthy.data.pseudonyms.aes import BLOCK, Block


class PrefixPreserving:
    """Crypto-PAn under a key of 32 bytes: 16 for AES, 16 for the padding.

    >>> key = bytes([21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
    ...              216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2])
    >>> PrefixPreserving(key).address("128.11.68.132")
    '135.242.180.132'
    """

    def __init__(self, key: bytes) -> None:
        self._block = Block(key[:BLOCK])
        self._pad = int.from_bytes(self._block.encrypt(key[BLOCK : 2 * BLOCK]))
        self._bit = lru_cache(maxsize=1 << 18)(self._one_bit)

    def address(self, text: str) -> str:
        """The pseudonym of an address of version 4 or 6.

        Raises:
            ValueError: if the text is no address.
        """
        found = ip_address(text)
        bits = found.max_prefixlen
        plain, mask = int(found), 0
        for length in range(bits):
            mask = mask << 1 | self._bit(plain >> (bits - length) if length else 0, length)
        kind = IPv4Address if found.version == 4 else IPv6Address
        return str(kind(plain ^ mask))

    def _one_bit(self, prefix: int, length: int) -> int:
        """The bit that the next one is changed by: a function of the bits before it, padded by the key's."""
        rest = 128 - length
        padded = (prefix << rest) | (self._pad & ((1 << rest) - 1))
        return self._block.encrypt(padded.to_bytes(BLOCK))[0] >> 7
