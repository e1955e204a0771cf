"""Plain and compiled loops give the same arrays, on whatever they are given."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="SKIPPED FOR WANT OF NUMBA: install roadworthy[fast]")

from roadworthy.measures.profile.compiled import CompiledKernel, compiled
from roadworthy.measures.profile.plain import PlainKernel

PLAIN, FAST = PlainKernel(), CompiledKernel()
RANDOM = np.random.default_rng(8)
ODD = [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, -5e-324, 2.0**52, 2.0**53 + 2, -0.5, 1.7976931348623157e308]
FLOATS = {
    "none": np.empty(0),
    "odd": np.array(ODD),
    "other NaN": np.array([0xFFFFFFFFFFFFFFFF, 0x7FF0000000000001, 0x7FF8000000000000], dtype=np.uint64).view(
        np.float64
    ),
    "few": RANDOM.poisson(3, 5000).astype(np.float64),
    "many": RANDOM.normal(size=40_000) * 10.0 ** RANDOM.integers(-300, 300, 40_000),
}
WORDS = {
    "none": np.empty(0, dtype=np.uint64),
    "one": np.array([7], dtype=np.uint64),
    "ends": np.array([0, 2**64 - 1, 2**63, 2**63 - 1, 0], dtype=np.uint64),
    "multiples": np.arange(3000, dtype=np.uint64) << np.uint64(48),
    "many": RANDOM.integers(0, 2**64, 40_000, dtype=np.uint64),
}
TEXTS = {
    "none": [],
    "empty": [b""],
    "sizes": [b"x" * size for size in range(100)] + [b"0" * size for size in range(20)],
    "random": [bytes(RANDOM.integers(0, 256, RANDOM.integers(0, 80)).tolist()) for _ in range(500)],
    "codes": [b"007", b"0", b"0a", b"AB-12", b"a  b\t\nc", "é😀ß\u202e".encode(), b"\x00\x7f"],
}


def same(one, two) -> None:
    if isinstance(one, np.ndarray):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)
    elif hasattr(one, "__struct_fields__"):
        for name in one.__struct_fields__:
            same(getattr(one, name), getattr(two, name))
    elif isinstance(one, tuple):
        for first, second in zip(one, two, strict=True):
            same(first, second)
    else:
        assert one == two


@pytest.mark.parametrize("values", FLOATS.values(), ids=FLOATS)
def test_doubles(values):
    keys = PLAIN.float_keys(values)
    same(FAST.float_keys(values), keys)
    finite = keys[np.isfinite(values)]
    same(FAST.float_sums(finite), PLAIN.float_sums(finite))


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_words(words):
    same(FAST.number_hashes(words), PLAIN.number_hashes(words))
    same(FAST.registers(words), PLAIN.registers(words))
    for signed in (True, False):
        same(FAST.int_sums(words, signed=signed), PLAIN.int_sums(words, signed=signed))
    weights = np.arange(len(words))
    for counts in (None, weights):
        same(FAST.cells(words, counts, width=256), PLAIN.cells(words, counts, width=256))
    for limit in (1, 2, 100, 3000, 8192):
        one, two = FAST.tally(words, limit=limit), PLAIN.tally(words, limit=limit)
        if one is None or two is None:
            assert one is two
        else:
            same(one[:2], two[:2])
            same(words[one.places], one.words)


@pytest.mark.parametrize("limit", [2, 64, 4096])
@pytest.mark.parametrize("shift", [0, 7, 50])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_buckets(words, shift, limit):
    same(FAST.buckets(words, shift=shift, limit=limit), PLAIN.buckets(words, shift=shift, limit=limit))


@pytest.mark.parametrize("valid", [None, WORDS["many"] % 3 > 0], ids=["all", "some"])
def test_sums_of_rows(valid):
    rows = [np.zeros(40_000, dtype=np.uint64) for _ in range(2)]
    for kernel, row in zip((PLAIN, FAST), rows, strict=True):
        kernel.add_cells(row, WORDS["many"], valid=valid, salt=np.uint64(2**63 + 5))
        kernel.add_cells(row, WORDS["many"][::-1].copy(), valid=valid, salt=np.uint64(1))
    same(*rows)


@pytest.mark.parametrize("before", [b"", b"left of them, "])
@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_texts(texts, before):
    offsets = len(before) + np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    data = np.frombuffer(before + b"".join(texts) + before, dtype=np.uint8)
    same(FAST.text_hashes(offsets, data), PLAIN.text_hashes(offsets, data))
    same(FAST.shapes(offsets, data), PLAIN.shapes(offsets, data))


def test_loops_run_where_their_machine_code_cannot_be_kept():
    # no file, so no place for a cache beside it
    space: dict = {}
    exec("def double(words):\n    for row in range(words.shape[0]):\n        words[row] *= 2\n", space)  # noqa: S102
    words = np.arange(3)
    compiled(space["double"])(words)
    assert words.tolist() == [0, 2, 4]
