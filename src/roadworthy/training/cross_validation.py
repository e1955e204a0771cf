"""Folds that are encoded once, and everything on them that several configurations share."""

import hashlib
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Design, Encoded, Steps
from roadworthy.bundle.scorers import LinearScorer
from roadworthy.kernel.errors import TrainingError
from roadworthy.kernel.ports import Progress
from roadworthy.training.learners.learner import Examples, Learner, Params
from roadworthy.training.learners.logistic_regression import fit_linear


class Part(Struct, frozen=True, kw_only=True, eq=False):
    """One fold: positions among the training rows, and the rows themselves through steps fitted on `fit` alone."""

    fit: NDArray[np.int64]
    held: NDArray[np.int64]
    fit_rows: Encoded
    held_rows: Encoded


class Whole(Struct, frozen=True, kw_only=True, eq=False):
    """All training rows through steps fitted on all of them."""

    steps: Steps
    rows: Encoded


class CrossValidation:
    """Training rows in folds.

    Steps are fitted once a fold, never a trial. Linear models of the text are fitted once a fold and strength, and
    their out-of-fold scores serve every stacked learner. The score that a stacked model is *fitted* on comes from text
    models of the other folds, which have seen the fold that it is then judged on: the usual economy of stacking
    (Wolpert 1992), whose optimism is far below the noise between folds.
    """

    def __init__(
        self,
        design: Design,
        truth: NDArray[np.int8],
        rows: NDArray[np.int64],
        *,
        fold: NDArray[np.int64],
        seed: int,
        progress: Progress,
    ) -> None:
        self.design, self.rows, self.truth, self.fold, self.seed = design, rows, truth[rows], fold, seed
        count = int(fold.max()) + 1
        progress.begin("encode folds", count)
        self.parts: list[Part] = []
        for number in range(count):
            self.parts.append(self._part(number))
            progress.advance()
        progress.end()
        self._texts: dict[tuple[int, float], LinearScorer] = {}
        self._text_scores: dict[float, NDArray[np.float64]] = {}
        self._whole: Whole | None = None
        self._kept: dict[str, tuple[Params, NDArray[np.float64]]] = {}

    @property
    def has_text(self) -> bool:
        """Whether the rows have a text block."""
        return self.parts[0].fit_rows.sparse is not None

    @property
    def whole(self) -> Whole:
        """All training rows, encoded at first use."""
        if self._whole is None:
            steps = self.design.fit(self.rows)
            self._whole = Whole(steps=steps, rows=self.design.encode(steps, self.rows, fitted_on=True))
        return self._whole

    def held_scores(self, learner: Learner, params: Params, *, number: int) -> NDArray[np.float64]:
        """Scores of the rows that fold `number` holds out."""
        part = self.parts[number]
        texts = _FoldTexts(self, number) if self.has_text else None
        examples = Examples(encoded=part.fit_rows, truth=self.truth[part.fit], texts=texts)
        return learner.fit(examples, params, seed=self.seed).score(part.held_rows)

    def keep(self, learner: Learner, params: Params, scores: Sequence[NDArray[np.float64]]) -> None:
        """Remember the held-out scores of a family's best settings, so that they need not be made again."""
        self._kept[learner.name] = (params, self._together(scores))

    def out_of_fold(self, learner: Learner, params: Params) -> NDArray[np.float64]:
        """Score of every training row by a model that did not see it."""
        known, scores = self._kept.get(learner.name, (None, None))
        if scores is not None and known == params:
            return scores
        return self._together([self.held_scores(learner, params, number=n) for n in range(len(self.parts))])

    def examples(self) -> Examples:
        """All training rows, for the final fit."""
        texts = _WholeTexts(self) if self.has_text else None
        return Examples(encoded=self.whole.rows, truth=self.truth, texts=texts)

    def text(self, number: int, strength: float) -> LinearScorer:
        """The linear model of the text that fold `number` leaves for fitting."""
        key = (number, strength)
        if key not in self._texts:
            part = self.parts[number]
            self._texts[key] = fit_linear(
                part.fit_rows, self.truth[part.fit], strength=strength, dense_weight=0.0, seed=self.seed
            )
        return self._texts[key]

    def text_scores(self, strength: float) -> NDArray[np.float64]:
        """Out-of-fold score of every training row's text."""
        if strength not in self._text_scores:
            held = [self.text(number, strength).score(part.held_rows) for number, part in enumerate(self.parts)]
            self._text_scores[strength] = self._together(held)
        return self._text_scores[strength]

    def digest(self) -> str:
        """Hex SHA-256 of what is learnt from: rows, truth, folds and the encoded numbers of every row."""
        digest = hashlib.sha256()
        for array in (self.rows, self.truth, self.fold):
            digest.update(np.ascontiguousarray(array).data)
        for part in self.parts:
            digest.update(np.ascontiguousarray(part.held_rows.dense).data)
            if part.held_rows.sparse is not None:
                digest.update(np.ascontiguousarray(part.held_rows.sparse.data).data)
                digest.update(np.ascontiguousarray(part.held_rows.sparse.indices).data)
        return digest.hexdigest()

    def _together(self, held: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        scores = np.empty(len(self.truth))
        for part, values in zip(self.parts, held, strict=True):
            scores[part.held] = values
        return scores

    def _part(self, number: int) -> Part:
        fit, held = np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)
        steps = self.design.fit(self.rows[fit])
        fit_rows = self.design.encode(steps, self.rows[fit], fitted_on=True)
        _usable(fit_rows)
        return Part(fit=fit, held=held, fit_rows=fit_rows, held_rows=self.design.encode(steps, self.rows[held]))


def _usable(rows: Encoded) -> None:
    if rows.sparse is None and not rows.dense.shape[1]:
        raise TrainingError(
            "no feature is left to learn from", where="[features]", fix="declare at least one usable column"
        )
    endless = np.isinf(rows.dense).any(axis=0)
    if endless.any():
        raise TrainingError(
            "a feature has infinite values",
            where=rows.names[int(np.argmax(endless))],
            fix="bound the column in [data.columns], or mend it where it comes from",
        )


class _FoldTexts:
    """Text models for the rows that a fold leaves for fitting."""

    def __init__(self, shared: CrossValidation, number: int) -> None:
        self._shared, self._number = shared, number

    def out_of_fold(self, strength: float) -> NDArray[np.float64]:
        """Scores by models that did not see each row."""
        return self._shared.text_scores(strength)[self._shared.parts[self._number].fit]

    def scorer(self, strength: float) -> LinearScorer:
        """The model of this fold's rows."""
        return self._shared.text(self._number, strength)


class _WholeTexts:
    """Text models for all training rows."""

    def __init__(self, shared: CrossValidation) -> None:
        self._shared = shared

    def out_of_fold(self, strength: float) -> NDArray[np.float64]:
        """Scores by models that did not see each row."""
        return self._shared.text_scores(strength)

    def scorer(self, strength: float) -> LinearScorer:
        """The model of all rows."""
        shared = self._shared
        return fit_linear(shared.whole.rows, shared.truth, strength=strength, dense_weight=0.0, seed=shared.seed)
