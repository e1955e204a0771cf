"""Format-preserving encryption: a numeral of n digits becomes another numeral of n digits, one to one.

Source: FF1 of NIST SP 800-38G (2016), a Feistel network of ten rounds over AES (Bellare, Rogaway and Spies 2010).
"""

from math import ceil, log2

from roadworthy.data.pseudonyms.aes import BLOCK, Block
from roadworthy.kernel.errors import DataError

_ROUNDS = 10
_LEAST_DOMAIN = 100


class FF1:
    """Numerals of one radix under one key.

    Below a million numerals of a length (six digits), whoever may ask for pseudonyms can try them all out; below a
    hundred the construction is not defined.

    >>> cipher = FF1(bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"), radix=10)
    >>> cipher.encrypt([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    [2, 4, 3, 3, 4, 7, 7, 4, 8, 4]
    """

    def __init__(self, key: bytes, *, radix: int) -> None:
        self._block, self._radix = Block(key), radix

    def encrypt(self, numeral: list[int], *, tweak: bytes = b"") -> list[int]:
        """The numeral that stands for this one; another tweak gives another permutation.

        Raises:
            DataError: if there are fewer than a hundred numerals of that length.
        """
        return self._run(numeral, tweak, range(_ROUNDS), sign=1)

    def decrypt(self, numeral: list[int], *, tweak: bytes = b"") -> list[int]:
        """The numeral that this one stands for."""
        return self._run(numeral, tweak, range(_ROUNDS - 1, -1, -1), sign=-1)

    def _run(self, numeral: list[int], tweak: bytes, rounds: range, *, sign: int) -> list[int]:
        radix, length = self._radix, len(numeral)
        if radix**length < _LEAST_DOMAIN:
            raise DataError(
                f"a numeral of {length} digits in radix {radix} is too short to be encrypted",
                where="format-preserving pseudonyms",
                fix="replace such values by marks",
            )
        left = length // 2
        a, b = _number(numeral[:left], radix), _number(numeral[left:], radix)
        sizes = (left, length - left)
        held = ceil(ceil(sizes[1] * log2(radix)) / 8)
        head = bytes([1, 2, 1]) + radix.to_bytes(3) + bytes([_ROUNDS, left % 256])
        head += length.to_bytes(4) + len(tweak).to_bytes(4)
        padded = tweak + bytes(-(len(tweak) + held + 1) % BLOCK)
        for at in rounds:
            modulus = radix ** sizes[at % 2]
            if sign < 0:
                a, b = b, a
            mask = self._mask(head + padded + bytes([at]) + b.to_bytes(held), 4 * ceil(held / 4) + 4)
            a = (a + sign * mask) % modulus
            if sign > 0:
                a, b = b, a
        return _numeral(a, radix, sizes[0]) + _numeral(b, radix, sizes[1])

    def _mask(self, data: bytes, length: int) -> int:
        """A number of that many bytes, drawn by the data."""
        first = self._block.chained(data)
        more = [
            self._block.encrypt((int.from_bytes(first) ^ at).to_bytes(BLOCK)) for at in range(1, ceil(length / BLOCK))
        ]
        return int.from_bytes(b"".join([first, *more])[:length])


def _number(numeral: list[int], radix: int) -> int:
    found = 0
    for digit in numeral:
        found = found * radix + digit
    return found


def _numeral(number: int, radix: int, length: int) -> list[int]:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, radix)
        digits.append(digit)
    return digits[::-1]
