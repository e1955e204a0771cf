"""`[features]` and `[training]`: how the model may be found."""

from msgspec import Struct

from roadworthy.kernel.units import Duration, parse_duration


class TextFeatures(Struct, frozen=True, kw_only=True):
    """Text columns turned into weighted words and characters."""

    columns: tuple[str, ...]
    steps: tuple[str, ...] = ("strip_html", "lower", "words")
    weight: str = "tfidf"
    characters: bool = True
    ngrams: int = 2


class Reputation(Struct, frozen=True, kw_only=True):
    """What is known of an entity (a sender's domain) from its past alone."""

    entity: str


class Features(Struct, frozen=True, kw_only=True):
    """What the model may look at. Nothing said: every column that is no key, target, time or protected one."""

    text: TextFeatures | None = None
    reputation: Reputation | None = None
    extra: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is named as a feature or as its text."""
        return (*self.columns, *(self.text.columns if self.text else ()))


class Search(Struct, frozen=True, kw_only=True):
    """How long to look for good settings."""

    trials: int = 20
    folds: int = 5
    budget: Duration = parse_duration("10m")


class Training(Struct, frozen=True, kw_only=True):
    """Learner families, search, seed."""

    learners: tuple[str, ...] = ("logistic_regression", "random_forest", "boosted_trees")
    search: Search = Search()
    seed: int = 7
