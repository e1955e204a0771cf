import datetime as dt
from fractions import Fraction

import numpy as np
import pytest

from roadworthy.kernel.errors import DataError, MeasureError
from roadworthy.measures.profile.buffers import NumberBuffer
from roadworthy.measures.profile.hashing import number_hashes, salt_of, text_hash
from roadworthy.measures.profile.keys import float_keys
from roadworthy.measures.profile.moments import BITS, float_sums, int_sums
from roadworthy.measures.profile.registers import ERROR

RANDOM = np.random.default_rng(3)
UNIT = Fraction(1, 2**BITS)
SHAPES = {
    "normal": RANDOM.normal(size=50_000),
    "heavy": RANDOM.standard_t(1.5, size=50_000),
    "prices": np.floor(RANDOM.gamma(2, 12, 50_000)) + 0.99,
    "mostly zero": np.where(RANDOM.random(50_000) < 0.7, 0.0, RANDOM.exponential(30, 50_000)),
    "two humps": np.concatenate([RANDOM.normal(-2, 0.5, 20_000), RANDOM.normal(1e6, 9, 30_000)]),
}


@pytest.fixture(params=SHAPES)
def values(request):
    return SHAPES[request.param]


@pytest.fixture
def column(values, make):
    return make.profile_of({"x": NumberBuffer("number", values)}, np.arange(len(values)))["x"]


def test_mean_and_variance_are_correctly_rounded(values, column):
    exact = [Fraction(value) for value in values.tolist()]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact[:2000])  # the whole sum takes minutes
    assert column.mean == float(mean)
    few = float_sums(float_keys(values[:2000]))
    spread = few.squares * UNIT * UNIT - (few.total * UNIT) ** 2 / 2000
    shifted = variance - 2000 * (sum(exact[:2000]) / 2000 - mean) ** 2
    assert spread == shifted


def test_sums_are_exact_at_the_ends_of_what_doubles_hold():
    odd = np.array([1.7976931348623157e308, 5e-324, -1.7976931348623157e308, 2.5, -0.0])
    sums = float_sums(float_keys(odd))
    assert sums.total * UNIT == sum(Fraction(value) for value in odd.tolist())
    assert sums.squares * UNIT * UNIT == sum(Fraction(value) ** 2 for value in odd.tolist())
    assert sums == float_sums(float_keys(odd), np.ones(5, dtype=np.int64))


def test_sums_of_whole_numbers_are_exact_at_the_ends_of_their_range():
    values = [-(2**63), 2**63 - 1, 2**63 - 1, -1, 0]
    keys = np.array([value + 2**63 for value in values], dtype=np.uint64)
    sums = int_sums(keys)
    assert (sums.total, sums.squares) == (sum(values), sum(value * value for value in values))
    huge = [2**64 - 1, 2**64 - 1, 3]
    sums = int_sums(np.array(huge, dtype=np.uint64), signed=False)
    assert (sums.total, sums.squares) == (sum(huge), sum(value * value for value in huge))


def test_true_quantiles_lie_in_their_bounds(values, column):
    ordered = np.sort(values)
    for q in (0.0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.99, 1.0):
        true = ordered[max(int(np.ceil(q * len(values))), 1) - 1]
        guess, low, high = column.quantile_bounds(q)
        assert low <= true <= high
        assert low <= guess <= high


def test_true_shares_lie_in_their_bounds(values, column):
    for x in [*np.quantile(values, [0, 0.1, 0.5, 0.9, 1]).tolist(), 0.0, -1e300, 1e300, float("inf")]:
        found = column.cdf(x)
        assert found.low <= np.mean(values <= x) <= found.high
        assert found.high - found.low <= column.rank_error


def test_no_rank_is_off_by_more_than_a_few_in_a_thousand_or_the_column_says_so(values, column):
    two_scales = values is SHAPES["two humps"]
    assert column.rank_error < (0.61 if two_scales else 0.006)
    for q in (0.1, 0.5, 0.9):
        # a narrow hump far from the others falls into few buckets; there the sampled rows tell where the guess lies
        guess, off = column.quantile(q), 0.06 if two_scales else 0.006
        assert np.mean(values < guess) - off < q < np.mean(values <= guess) + off


def test_a_histogram_counts_every_row_once(values, column):
    found = column.histogram(30)
    assert sum(bin_.rows for bin_ in found.bins) == len(values)
    counts, _ = np.histogram(values, bins=30)
    assert np.abs(np.cumsum(counts) - np.cumsum([bin_.rows for bin_ in found.bins])).max() <= found.error + 1
    some = column.histogram(5, low=-1.0, high=1.0)
    assert some.below + some.above + sum(bin_.rows for bin_ in some.bins) == len(values)


def test_ends_are_exact(values, column):
    assert (column.min, column.max) == (values.min(), values.max())


@pytest.mark.parametrize("true", [8193, 30_000, 200_000])
def test_distinct_values_are_estimated_within_the_stated_error(true, make):
    values = np.arange(true, dtype=np.float64) * 0.1
    found = make.profile_of({"x": NumberBuffer("number", values)}, np.arange(true))["x"].distinct
    assert abs(found.value / true - 1) < 3 * ERROR
    assert found.low <= found.value <= found.high


def test_figures_that_a_column_does_not_have_are_none(make):
    profile = make.profile_of(
        {"t": make.texts([b"a", None]), "n": NumberBuffer("number", np.array([np.nan] * 2))}, np.arange(2)
    )
    for column in profile.columns.values():
        assert column.min is column.mean is column.variance is column.quantile(0.5) is column.histogram() is None
    assert (profile["n"].nan, profile["n"].nulls, profile["n"].distinct.value) == (2, 0, 0)


def test_a_scale_refuses_what_has_no_meaning_on_it(make):
    profile = make.profile_of({"zip": NumberBuffer("integer", np.arange(9))}, np.arange(9)).with_scales(
        {"zip": "nominal"}
    )
    with pytest.raises(DataError, match="there is no mean of 'zip'"):
        _ = profile["zip"].mean
    with pytest.raises(DataError, match="quantile"):
        profile["zip"].quantile(0.5)
    assert profile["zip"].top(1)[0].rows == 1


def test_wrong_questions_are_errors_that_say_how_to_ask(make):
    profile = make.profile_of({"age": NumberBuffer("integer", np.arange(9))}, np.arange(9))
    with pytest.raises(MeasureError, match="age"):
        profile["aeg"]
    with pytest.raises(MeasureError, match="quantile 2"):
        profile["age"].quantile(2)
    with pytest.raises(MeasureError, match="bins"):
        profile["age"].histogram(0)


def test_points_in_time_come_back_as_such(make):
    stamps = np.array([0, 86_400_000_000, -(2**62)])
    column = make.profile_of({"t": NumberBuffer("datetime[us]", stamps)}, np.arange(3))["t"]
    assert column.max == dt.datetime(1970, 1, 2)  # noqa: DTZ001
    assert column.min == -(2**62)  # before the calendar of Python
    assert column.cdf(dt.datetime(1970, 1, 1)).value == pytest.approx(2 / 3)  # noqa: DTZ001


def test_frequent_texts_stand_out_of_many_rare_ones(make):
    rare = [f"user{number}".encode() for number in range(30_000)]
    every = rare + [b"anonymous"] * 4000 + [b"unknown"] * 1500
    table = {"u": make.texts(every), "row": NumberBuffer("integer", np.arange(len(every)))}
    column = make.profile_of(table, np.arange(len(every)))["u"]
    found = {one.value: one for one in column.top(5)}
    for value, rows in (("anonymous", 4000), ("unknown", 1500)):
        assert found[value].low <= rows <= found[value].high
        assert abs(found[value].rows - rows) < 150
    assert {pattern.pattern for pattern in column.patterns(2)} == {"a9", "a"}


def test_texts_are_measured_in_characters_and_classes(make):
    column = make.profile_of({"t": make.texts(["é😀".encode(), b"007", b"", b"A b"])}, np.arange(4))["t"]
    assert (column.lengths.min, column.lengths.max, column.lengths.mean) == (0, 3, 2.0)
    assert column.classes["leading zero"] == column.classes["spaces"] == column.classes["beyond ASCII"] == 1
    assert sorted(pattern.pattern for pattern in column.patterns()) == ["", "9", "A a", "é"]


@pytest.mark.parametrize("rows", [4000, 40_000], ids=["exact", "sketch"])
def test_a_column_shows_what_its_scale_may_be(rows, make):
    numbers = np.where(np.arange(rows) % 4 == 0, 0.0, np.arange(rows) - rows / 4 + 0.5)
    zips = make.texts([f"{row:05d}".encode() for row in range(rows)])
    profile = make.profile_of({"n": NumberBuffer("number", numbers), "zip": zips}, np.arange(rows))
    found, codes = profile["n"].evidence, profile["zip"].evidence
    assert (found.whole, found.zero) == (np.mean(numbers % 1 == 0), 0.25)
    assert found.negative == np.mean(numbers < 0)
    assert (codes.whole, codes.once) == (1.0, 1.0)
    assert codes.padded == min(10_000 / rows, 1.0)
    assert profile["n"].scaled("nominal").evidence == found


def test_repeated_rows_are_counted_exactly_in_a_small_table_and_within_bounds_in_a_large_one(make):
    small = make.profile_of({"n": NumberBuffer("integer", np.arange(100) % 60)}, np.arange(100)).duplicates
    assert (small.value, small.exact) == (40, True)
    values = np.concatenate([np.arange(20_000), np.arange(5_000)])
    large = make.profile_of({"n": NumberBuffer("integer", values)}, np.arange(25_000)).duplicates
    assert large.low <= 5_000 <= large.high


def test_the_hash_is_frozen():
    known = {
        b"": 0x9CA066F1A4AB2EEA,
        b"abc": 0x34360599A8847424,
        b"eight...": 0xD51B2FD21E2D8FE7,
        "longer than sixteen bytes, é😀".encode(): 0x34E2877FC1E36409,
    }
    assert {text: text_hash(text) for text in known} == known
    assert [int(word) for word in number_hashes(float_keys(np.array([0.0, -1.5, np.nan])))] == [
        0x11C0B7745EB88D61,
        0x9DBAF49990375DDB,
        0x97262499EE2A3DBF,
    ]
    assert int(salt_of("text", "name")) == 0xECD52C5040A09615
