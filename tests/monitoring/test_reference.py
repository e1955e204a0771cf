import numpy as np
import pytest

from roadworthy.kernel.errors import BundleError, DataError
from roadworthy.monitoring.reference import build_reference, read_reference


def build(dense, *, threshold=0.5, seed=7):
    rng = np.random.default_rng(0)
    rows = len(dense)
    probability = rng.random(rows)
    truth = (rng.random(rows) < probability).astype(np.int8)
    names = [f"f{k}" for k in range(dense.shape[1])]
    return build_reference(
        dense.astype(np.float32), names, probability=probability, truth=truth, threshold=threshold, seed=seed
    )


def test_bytes_and_back(reference):
    assert read_reference(reference.to_bytes()) == reference
    assert len(reference.to_bytes()) < 4000


def test_bins_are_chosen_on_one_half_and_counted_on_the_other(reference):
    assert reference.counted == reference.rows // 2
    assert all(sum(feature.counts) == reference.counted for feature in reference.features)
    # the highest value of the choosing half is an edge; rows of the counting half may lie beyond it
    rng = np.random.default_rng(1)
    beyond = [build(rng.normal(size=(200, 1)), seed=seed).features[0].counts for seed in range(30)]
    assert any(counts[0] or counts[-2] for counts in beyond)


def test_few_values_are_bins_of_their_own_and_rare_ones_are_pooled():
    column = np.r_[np.zeros(500), np.ones(480), np.full(4, 7.0), np.full(16, np.nan)]
    feature = build(column[:, None]).features[0]
    assert feature.values == (0.0, 1.0)
    assert feature.place(np.float32([0, 1, 7, 99, np.nan])).tolist() == [0, 1, 2, 2, 3]
    assert feature.counts[2] <= 4


def test_many_values_are_cut_at_quantiles_with_room_beyond_both_ends():
    feature = build(np.random.default_rng(2).normal(size=(3000, 1))).features[0]
    inner = feature.counts[1:-2]
    assert min(inner) > 50
    assert feature.place(np.float32([-99, 99, np.nan, np.inf, -np.inf])).tolist() == [
        0,
        len(feature.edges),
        len(feature.edges) + 1,
        len(feature.edges),
        0,
    ]


def test_few_rows_get_few_bins():
    assert len(build(np.random.default_rng(3).normal(size=(80, 1))).features[0].edges) <= 5


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_constant_or_empty_column_is_no_trouble(value):
    feature = build(np.full((60, 1), value)).features[0]
    assert sum(feature.counts) == 30
    assert feature.bins == len(feature.counts) == len(feature.positives)


def test_scores_are_counted_on_all_rows_and_decisions_follow_the_threshold():
    reference = build(np.zeros((400, 1)), threshold=0.437)
    assert sum(reference.score_rows) == 400
    tp, fp, fn, tn = reference.confusion
    assert tp + fp + fn + tn == 400
    assert tp + fn == sum(reference.score_positives)
    cut = reference.score_edges.index(0.437)
    assert reference.score_bin(np.array([0.437, 0.4369])).tolist() == [cut + 1, cut]
    assert 0 < reference.prior < 1


def test_chance_is_what_was_seen_drawn_slightly_to_the_claim(reference):
    rows, chance = np.array(reference.score_rows), reference.chance()
    seen = np.array(reference.score_positives) / np.maximum(rows, 1)
    assert np.all(np.abs(chance - seen)[rows > 100] < 0.02)
    assert np.all((chance > 0) & (chance < 1))


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="no reference from"):
        build_reference(
            np.zeros((9, 1), np.float32), ["a"], probability=np.zeros(8), truth=np.zeros(9, np.int8), threshold=0.5
        )


def test_other_bytes_and_other_formats_are_refused(reference):
    with pytest.raises(BundleError, match="cannot be read"):
        read_reference(b"{}")
    with pytest.raises(BundleError, match="format 9"):
        read_reference(reference.to_bytes().replace(b'"format":1', b'"format":9'))
