"""Search of the settings of TF-IDF and logistic regression on the SpamAssassin corpus: ours against GridSearchCV.

    ROADWORTHY_DATA=... python benchmarks/training.py [--quick] [--rows 1500] [--json FILE]

The space and the folds are the same: words of 1 or 1-2, least mails of a term 2 or 5, four penalties; letters of 3-5
beside. The peer is scikit-learn's GridSearchCV over the whole pipeline, without its last refit; a second peer caches
the vectorisers by `Pipeline(memory=...)`. What each chose is shown by its mean AUC over the folds: the times may be
compared where these are equal.
"""

import os
import sys
import tarfile
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from threadpoolctl import threadpool_limits

from harness import arguments, report, timed
from roadworthy.bundle.encoded import Encoded
from roadworthy.bundle.mail import parse_mail
from roadworthy.bundle.steps.texts import ColumnText
from roadworthy.bundle.steps.weighted import TermReader, WeightedTerms, beside
from roadworthy.declare.problem import Costs
from roadworthy.declare.training import Search, Training
from roadworthy.features.terms import CountedTerms, TermChoice
from roadworthy.kernel.ports import Silent
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.folds import fold_numbers
from roadworthy.training.learners.learner import Choice
from roadworthy.training.learners.logistic_regression import LogisticRegression
from roadworthy.training.search import best_of_each, search
from roadworthy.training.trials import TrialLog

FOLDS, SEED, CHARACTERS = 3, 7, 6_000
LEAST, STRENGTHS = (2, 5), (0.3, 3.0, 30.0, 300.0)


class WordsAlone(LogisticRegression):
    """The learner of the package on the grid of this benchmark."""

    def grid(self, *, has_text: bool) -> dict[str, Choice]:
        """Four penalties."""
        return {"strength": Choice(STRENGTHS, 30.0), "dense": Choice((0.0,), 0.0)}


class Terms:
    """A design of two blocks of terms, counted once for all settings."""

    def __init__(self, blocks: list[CountedTerms]) -> None:
        self.blocks = blocks

    def fit(self, rows: NDArray[np.int64]) -> Any:
        """Vocabulary and weights of each block."""
        return [block.fit(rows) for block in self.blocks]

    def encode(self, steps: list[WeightedTerms], rows: NDArray[np.int64], *, fitted_on: bool = False) -> Encoded:
        """Both blocks side by side."""
        sparse = beside([block.encode(step, rows) for block, step in zip(self.blocks, steps, strict=True)])
        return Encoded(dense=np.zeros((len(rows), 0), np.float32), names=(), sparse=sparse)


def mails(rows: int) -> tuple[list[str], NDArray[np.int8]]:
    """Texts of that many mails of the corpus, drawn evenly over its folders, and which of them are spam."""
    corpus = Path(os.environ.get("ROADWORTHY_DATA", "")) / "spamassassin" / "spamassassin_raw.tar.gz"
    if not corpus.exists():
        sys.exit(f"SKIPPED FOR WANT OF DATA: {corpus} is not there; set ROADWORTHY_DATA")
    with tarfile.open(corpus) as archive:
        members = sorted((member for member in archive if member.isfile()), key=lambda member: member.name)
        chosen = [members[place] for place in np.linspace(0, len(members) - 1, min(rows, len(members))).astype(int)]
        raws = [archive.extractfile(member).read() for member in sorted(chosen, key=lambda m: m.offset)]
        spam = ["spam" in member.name.split("/")[-2] for member in sorted(chosen, key=lambda m: m.offset)]
    read = [parse_mail(raw) for raw in raws]
    return [f"{mail.subject}\n{mail.text}"[:CHARACTERS] for mail in read], np.array(spam, dtype=np.int8)


def ours(texts: list[str], truth: NDArray[np.int8], fold: NDArray[np.int64]) -> dict[str, Any]:
    counted = {name: counts(texts, name) for name in ("single_words", "words", "letters")}
    best: tuple[float, float] = (-1.0, 0.0)
    rows = np.arange(len(truth))
    for words, least in product(("single_words", "words"), LEAST):
        design = Terms([asking(counted[name], least) for name in (words, "letters")])
        folds = CrossValidation(design, truth, rows, fold=fold, seed=SEED, progress=Silent())
        plan = Training(search=Search(trials=len(STRENGTHS), folds=FOLDS), seed=SEED)
        with tempfile.TemporaryDirectory() as place:
            log = TrialLog(Path(place) / "trials.jsonl")
            done = search(folds, [WordsAlone()], plan=plan, costs=Costs(), trials=log, progress=Silent())
        trial = best_of_each(done)["logistic_regression"]
        if trial.score > best[0]:
            best = (trial.score, mean_auc(folds, trial.params, truth))
    return {"AUC": best[1], "settings": 4 * len(STRENGTHS)}


def counts(texts: list[str], analyser: Any) -> CountedTerms:
    reader = TermReader(name=analyser, text=ColumnText(columns=("text",)), analyser=analyser)
    return CountedTerms(TermChoice(reader=reader, least_rows=min(LEAST)), texts)


def asking(counted: CountedTerms, least: int) -> CountedTerms:
    """The same counts under another setting."""
    other = CountedTerms.__new__(CountedTerms)
    other.__dict__ = counted.__dict__ | {"choice": msgspec.structs.replace(counted.choice, least_rows=least)}
    return other


def mean_auc(folds: CrossValidation, params: Any, truth: NDArray[np.int8]) -> float:
    scores = folds.out_of_fold(WordsAlone(), params)
    return float(np.mean([roc_auc_score(truth[part.held], scores[part.held]) for part in folds.parts]))


def theirs(
    texts: list[str], truth: NDArray[np.int8], fold: NDArray[np.int64], *, memory: str | None = None
) -> dict[str, Any]:
    words = TfidfVectorizer(sublinear_tf=True)
    letters = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5))
    pipeline = Pipeline(
        [
            ("terms", FeatureUnion([("words", words), ("letters", letters)])),
            (
                "model",
                SklearnLogisticRegression(solver="liblinear", dual=True, tol=0.01, max_iter=300, random_state=SEED),
            ),
        ],
        memory=memory,
    )
    # A union's least rows cannot be set for both blocks by one name, so the grid is a list of four.
    grid = [
        {
            "terms__words__ngram_range": [span],
            "terms__words__min_df": [least],
            "terms__letters__min_df": [least],
            "model__C": list(STRENGTHS),
        }
        for span, least in product(((1, 1), (1, 2)), LEAST)
    ]
    parts = [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(FOLDS)]
    found = GridSearchCV(pipeline, grid, scoring="roc_auc", cv=parts, refit=False).fit(texts, truth)
    return {"AUC": float(found.best_score_), "settings": len(found.cv_results_["params"])}


def main() -> None:
    given = arguments(__doc__ or "", peers=["scikit-learn", "scikit-learn-memory"], rows=1500)
    texts, truth = mails(400 if given.quick else given.rows)
    fold = fold_numbers(truth, np.arange(len(truth)), folds=FOLDS, seed=SEED)
    with threadpool_limits(1):
        lines = [timed("roadworthy", lambda: ours(texts, truth, fold))]
        if "scikit-learn" in given.peers:
            lines.append(timed("scikit-learn GridSearchCV", lambda: theirs(texts, truth, fold)))
        if "scikit-learn-memory" in given.peers:
            with tempfile.TemporaryDirectory() as place:
                lines.append(timed("the same with memory", lambda: theirs(texts, truth, fold, memory=place)))
    report("search of TF-IDF + logistic regression", lines, ours="roadworthy", given=given, mails=len(texts))


if __name__ == "__main__":
    main()
