"""Writes the golden profile anew: only with a new version of the format, beside the old one."""

import sys
from pathlib import Path

import numpy as np

from roadworthy.measures.profile.buffers import NumberBuffer, TextBuffer
from roadworthy.measures.profile.counting import Counting
from roadworthy.measures.profile.plain import PlainKernel

ROWS = 20_000


def golden_bytes() -> bytes:
    """A table that whole-number arithmetic makes alike on every machine."""
    row = np.arange(ROWS)
    scrambled = (row * 2_654_435_761) % 2**32
    words = [f"item-{number % 9000:05d}".encode() for number in scrambled.tolist()]
    few = [b"", b"red", "grün".encode(), b"AB-12", None, *[f"shade {number}".encode() for number in range(30)]]
    some = [few[number % len(few)] for number in scrambled.tolist()]
    table = {
        "row": NumberBuffer("integer", row),
        "scaled": NumberBuffer("number", scrambled / 2.0**20 - 1000, scrambled % 11 > 0),
        "few": NumberBuffer("number", np.where(scrambled % 5 == 0, np.inf, scrambled % 7 / 4)),
        "when": NumberBuffer("datetime[us]", 1_600_000_000_000_000 + scrambled * 1000),
        "flag": NumberBuffer("boolean", scrambled % 2),
        "item": _texts(list(words)),
        "shade": _texts(some),
    }
    counting = Counting(PlainKernel())
    counting.add(table, rows=ROWS)
    return counting.profile().to_bytes()


def _texts(values: list[bytes | None]) -> TextBuffer:
    offsets = np.concatenate([[0], np.cumsum([len(value or b"") for value in values])]).astype(np.int64)
    data = np.frombuffer(b"".join(value or b"" for value in values), dtype=np.uint8)
    return TextBuffer("text", offsets, data, np.array([value is not None for value in values]))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(golden_bytes())
