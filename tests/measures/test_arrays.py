import numpy as np
import pytest

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.arrays import binary, both_classes, counts, probabilities, real


@pytest.mark.parametrize(
    ("check", "values", "said"),
    [
        (lambda v: binary(v, name="truth"), [0, 1, 2], "neither 0 nor 1"),
        (lambda v: binary(v, name="truth"), ["spam", "ham"], "neither 0 nor 1"),
        (lambda v: binary(v, name="truth"), [], "holds no rows"),
        (lambda v: binary(v, name="truth"), [[0, 1]], "2 dimensions"),
        (lambda v: binary(v, name="truth"), [0.0, float("nan")], "neither 0 nor 1"),
        (lambda v: real(v, name="score"), [1.0, float("nan")], "nothing is measured"),
        (lambda v: real(v, name="score"), [float("inf")], "nothing is measured"),
        (lambda v: real(v, name="score"), ["a"], "no number"),
        (probabilities, [0.5, 1.2], "no probability"),
        (probabilities, [-0.1], "no probability"),
        (lambda v: counts(v, name="observed"), [-1, 2], "negative count"),
        (lambda v: counts(v, name="observed"), [0, 0], "counts nothing"),
        (lambda v: both_classes(binary(v, name="truth"), measure="AUC"), [1, 1], "all 2 rows are positive"),
        (lambda v: both_classes(binary(v, name="truth"), measure="AUC"), [0], "all 1 rows are negative"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_where_and_fix(check, values, said):
    with pytest.raises(MeasureError, match=said) as caught:
        check(values)
    assert caught.value.where
    assert caught.value.fix


def test_the_row_that_is_wrong_is_named():
    with pytest.raises(MeasureError) as caught:
        probabilities(np.array([0.1, 0.2, 1.5, 0.3]))
    assert "row 2" in caught.value.where
