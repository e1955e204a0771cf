"""One block of AES under a key derived for one use: the one file of this floor that imports cryptography."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 16


class Block:
    """AES on single blocks, the part that other constructions are made of; never to be used on a text as it is.

    >>> Block(bytes.fromhex("000102030405060708090a0b0c0d0e0f")).encrypt(
    ...     bytes.fromhex("00112233445566778899aabbccddeeff")).hex()
    '69c4e0d86a7b0430d8cdb78070b4c55a'
    """

    def __init__(self, key: bytes) -> None:
        self._encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305  # one block: FF1 and Crypto-PAn chain them

    def encrypt(self, data: bytes) -> bytes:
        """Each block of 16 bytes, encrypted by itself."""
        return self._encryptor.update(data)

    def chained(self, data: bytes) -> bytes:
        """The last block of a CBC encryption from zero: a pseudorandom function of whole blocks."""
        held = bytes(BLOCK)
        for begin in range(0, len(data), BLOCK):
            mixed = int.from_bytes(held) ^ int.from_bytes(data[begin : begin + BLOCK])
            held = self.encrypt(mixed.to_bytes(BLOCK))
        return held


def derived(key: bytes, use: str) -> bytes:
    """32 bytes for one use, from which neither the key nor those for another use can be told."""
    return hmac.new(key, f"roadworthy {use}".encode(), hashlib.sha256).digest()
