"""Arrays of whole numbers as few bytes that compress well."""

import numpy as np
from numpy.typing import NDArray

DELTA = 0x80


def pack(values: NDArray[np.uint64] | NDArray[np.int64] | NDArray[np.uint8], *, ascending: bool = False) -> bytes:
    """Numbers from 0 to 2^64 - 1: their width in bytes, then all lowest bytes, all second bytes, and so on.

    Args:
        values: one dimension.
        ascending: whether differences are to be stored.

    >>> pack(np.array([1, 258])).hex()
    '0201020001'
    >>> unpack(pack(np.array([7, 300]), ascending=True)).tolist()
    [7, 300]
    """
    words = values.astype(np.uint64)
    if ascending and len(words):
        words = np.concatenate([words[:1], np.diff(words)])
    largest = int(words.max()) if len(words) else 0
    width = next(size for size in (1, 2, 4, 8) if largest < 1 << (8 * size))
    planes = np.ascontiguousarray(words.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T)
    return bytes([width | (DELTA if ascending else 0)]) + planes.tobytes()


def unpack(data: bytes) -> NDArray[np.uint64]:
    """The numbers of `pack`.

    Raises:
        ValueError: if these are no such bytes.
    """
    width = data[0] & ~DELTA if data else 0
    if width not in {1, 2, 4, 8} or (len(data) - 1) % width:
        raise ValueError("an array has no width, or is cut off")
    count = (len(data) - 1) // width
    planes = np.frombuffer(data, dtype=np.uint8, offset=1).reshape(width, count)
    numbers = np.ascontiguousarray(planes.T).view(f"<u{width}").reshape(-1).astype(np.uint64)
    return np.cumsum(numbers, dtype=np.uint64) if data[0] & DELTA else numbers


def whole_bytes(number: int) -> bytes:
    """A whole number of any size as the fewest bytes, big-endian, two's complement."""
    return number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)


def whole(data: bytes) -> int:
    """The number of `whole_bytes`.

    >>> whole(whole_bytes(-(2**70))) == -(2**70)
    True
    """
    return int.from_bytes(data, "big", signed=True)
