"""Every scale knows its operations, and says why the others have no meaning."""

import itertools

import pytest

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.scales import ALLOWED, Operation, Scale, allows, demand


@pytest.mark.parametrize("scale", Scale)
def test_every_scale_can_be_counted_and_says_what_else(scale):
    assert allows(scale, "count")
    assert ALLOWED[scale] <= set(Operation)


@pytest.mark.parametrize(
    ("scale", "operation"), [pair for pair in itertools.product(Scale, Operation) if not allows(*pair)]
)
def test_what_has_no_meaning_is_refused_with_a_remedy(scale, operation):
    with pytest.raises(DataError) as caught:
        demand(scale, operation, column="grade")
    assert operation in caught.value.what
    assert scale in caught.value.what
    assert "[data.columns] grade" in caught.value.fix


def test_the_ladder_of_stevens():
    assert ALLOWED[Scale.NOMINAL] < ALLOWED[Scale.ORDINAL] < ALLOWED[Scale.DISCRETE]
    demand("ordinal", "median", column="grade")
    assert not allows("nominal", "median")
    assert not allows("ordinal", "mean")
