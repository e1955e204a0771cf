"""Tables whose columns are of every kind, some kept exactly and some as sketches."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from roadworthy.measures.profile import Profile
from roadworthy.measures.profile.buffers import Buffer, NoBuffer, NumberBuffer, TextBuffer
from roadworthy.measures.profile.counting import Counting
from roadworthy.measures.profile.kernels import Kernel
from roadworthy.measures.profile.plain import PlainKernel

ODD = (0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 1e-300)


def texts(values: list[bytes | None], tag: str = "text") -> TextBuffer:
    sizes = [len(value or b"") for value in values]
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    data = np.frombuffer(b"".join(value or b"" for value in values), dtype=np.uint8)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return TextBuffer(tag, offsets, data, None if valid.all() else valid)


def taken(buffer: Buffer, rows: NDArray[np.int64]) -> Buffer:
    """Some rows of a buffer, in any order."""
    if isinstance(buffer, NumberBuffer):
        valid = None if buffer.valid is None else buffer.valid[rows]
        return NumberBuffer(buffer.tag, buffer.values[rows], valid)
    if isinstance(buffer, TextBuffer):
        if buffer.codes is not None:
            return TextBuffer(buffer.tag, buffer.offsets, buffer.data, codes=buffer.codes[rows])
        raw, at = buffer.data.tobytes(), buffer.offsets
        there = np.ones(len(at) - 1, dtype=np.bool_) if buffer.valid is None else buffer.valid
        return texts([raw[at[row] : at[row + 1]] if there[row] else None for row in rows.tolist()], buffer.tag)
    return buffer


def profile_of(
    table: Mapping[str, Buffer], rows: NDArray[np.int64], kernel: Kernel | None = None, step: int | None = None
) -> Profile:
    """The profile of some rows of a table, counted in parts of `step` rows."""
    counting = Counting(kernel or PlainKernel())
    for start in range(0, max(len(rows), 1), step or max(len(rows), 1)):
        some = rows[start : start + (step or len(rows))]
        counting.add({name: taken(buffer, some) for name, buffer in table.items()}, rows=len(some))
    return counting.profile()


@pytest.fixture(scope="session")
def table() -> dict[str, Buffer]:
    """12,000 rows in which every kind and every oddity stands."""
    random, size = np.random.default_rng(5), 12_000
    odd = np.where(random.random(size) < 0.3, random.choice(ODD, size), random.normal(size=size))
    some = random.random(size) < 0.7
    signs = ["a", "Z", "0", " ", "-", "é", "😀", "\x00", "\u202e", "ß"]
    words = ["".join(random.choice(signs, random.integers(0, 90))).encode() for _ in range(40)]
    many = [f"user-{number:06d}@mail.example".encode() for number in random.integers(0, 40_000, size)]
    wrong = [bytes(random.integers(0, 256, random.integers(0, 12)).tolist()) for _ in range(size)]
    return {
        "normal": NumberBuffer("number", odd, some),
        "price": NumberBuffer("number", np.round(random.pareto(1.6, size) * 7.5, 2)),
        "extreme": NumberBuffer("integer", random.choice([-(2**63), 2**63 - 1, 0, -1], size), some),
        "row": NumberBuffer("integer", random.permutation(size) + 10**10),
        "huge": NumberBuffer("unsigned", random.integers(0, 2**64, size, dtype=np.uint64)),
        "flag": NumberBuffer("boolean", random.integers(0, 2, size)),
        "when": NumberBuffer("datetime[us]", np.sort(random.integers(0, 10**15, size))),
        "words": texts([words[number] if random.random() < 0.9 else None for number in random.integers(0, 40, size)]),
        "mail": texts(list(many)),
        "bytes": texts(list(wrong), "bytes"),
        "none": NoBuffer(),
        "gone": NumberBuffer("number", np.full(size, 7.0), np.zeros(size, dtype=np.bool_)),
    }


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    return SimpleNamespace(texts=texts, taken=taken, profile_of=profile_of)
