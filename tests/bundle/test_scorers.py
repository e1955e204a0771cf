"""Frozen models: their sums, their files, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.encoded import Csr, Encoded
from roadworthy.bundle.scorers import BlendScorer, LinearScorer, Standard, load_scorer
from roadworthy.kernel.errors import BundleError


def rows_of(dense: list[list[float]], words: list[list[float]] | None = None) -> Encoded:
    sparse = None
    if words is not None:
        table = np.float32(words)
        where = np.nonzero(table)
        starts = np.concatenate([[0], np.cumsum((table != 0).sum(axis=1))]).astype(np.int64)
        sparse = Csr(data=table[where], indices=where[1].astype(np.int32), indptr=starts, width=table.shape[1])
    return Encoded(dense=np.float32(dense), names=tuple("abcdef"[: len(dense[0])]), sparse=sparse)


def a_linear(seed: int = 0, *, words: int = 3) -> LinearScorer:
    rng = np.random.default_rng(seed)
    return LinearScorer(
        intercept=0.5,
        sparse=rng.normal(size=words).astype(np.float32).astype(np.float64),
        standard=Standard(centre=np.array([1.0, 2.0]), divisor=np.array([2.0, 1.0])),
        dense=rng.normal(size=2),
        missing=np.array([0.0, 3.0]),
    )


def test_linear_score_is_the_sum_that_it_says() -> None:
    scorer = a_linear()
    scores = scorer.score(rows_of([[3.0, 2.5], [1.0, float("nan")]], [[1, 0, 2], [0, 0, 0]]))
    first = 0.5 + scorer.dense @ [1.0, 0.5] + scorer.sparse @ [1, 0, 2]
    assert scores == pytest.approx([first, 0.5 + 3.0])


def test_an_absurd_number_is_cut_not_obeyed() -> None:
    scorer = a_linear()
    far, farther, endless = scorer.score(rows_of([[1e5, 2.0], [1e30, 2.0], [float("inf"), 2.0]], [[0] * 3] * 3))
    assert far == farther == endless
    assert np.isfinite(far)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.booleans())
def test_one_row_alone_scores_as_among_others(seed: int, columns: int, fortran: bool) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(17, columns)).astype(np.float32)
    scorer = LinearScorer(
        intercept=0.1,
        sparse=np.zeros(0),
        standard=Standard(centre=rng.normal(size=columns), divisor=rng.random(columns) + 0.5),
        dense=rng.normal(size=columns),
        missing=np.zeros(columns),
    )
    names = tuple(map(str, range(columns)))
    together = scorer.score(Encoded(dense=np.asfortranarray(dense) if fortran else dense, names=names))
    alone = [scorer.score(Encoded(dense=dense[row : row + 1], names=names))[0] for row in range(17)]
    assert together.tolist() == alone


def test_a_saved_blend_scores_the_same_to_the_bit(tmp_path: Path) -> None:
    blend = BlendScorer(parts=(("a", a_linear(1)), ("b", a_linear(2))), weights=(0.3, 0.7), intercept=-0.2)
    rows = rows_of([[3.0, 2.5], [1.0, float("nan")]], [[1, 0, 2], [0, 1, 0]])
    read = load_scorer(tmp_path, blend.save(tmp_path))
    assert read.score(rows).tolist() == blend.score(rows).tolist()


def test_rows_of_another_model_are_refused() -> None:
    with pytest.raises(BundleError, match="1 dense columns, the model knows 2"):
        a_linear().score(rows_of([[1.0]], [[0, 0, 1]]))
    with pytest.raises(BundleError, match="2 text columns, the model knows 3"):
        a_linear().score(rows_of([[1.0, 1.0]], [[0, 1]]))
    with pytest.raises(BundleError, match="the rows have none"):
        a_linear().score(rows_of([[1.0, 1.0]]))


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no scorer of kind 'magic'"):
        load_scorer(tmp_path, {"kind": "magic"})


def test_pickled_and_misshapen_arrays_are_refused(tmp_path: Path) -> None:
    spec = a_linear().save(tmp_path)
    np.save(tmp_path / "words.npy", np.array([{"evil": 1}] * 3, dtype=object), allow_pickle=True)
    with pytest.raises(BundleError, match="cannot be read"):
        load_scorer(tmp_path, spec)
    np.save(tmp_path / "words.npy", np.zeros(4, dtype=np.float32))
    with pytest.raises(BundleError, match="not numbers"):
        load_scorer(tmp_path, spec)
    (tmp_path / "words.npy").unlink()
    with pytest.raises(BundleError, match="cannot be read"):
        load_scorer(tmp_path, spec)


def test_no_rows_give_no_scores() -> None:
    empty = Encoded(
        dense=np.zeros((0, 2), dtype=np.float32),
        names=("a", "b"),
        sparse=Csr(data=np.float32([]), indices=np.int32([]), indptr=np.int64([0]), width=3),
    )
    assert a_linear().score(empty).shape == (0,)
