"""What a model reads: the result of reading the declaration against a table."""

from collections.abc import Iterable

from msgspec import Struct, field

from roadworthy.bundle.inputs import InputType
from roadworthy.bundle.steps.mailfacts import MailFacts
from roadworthy.bundle.steps.tables import DateParts, Rank, Truth
from roadworthy.bundle.steps.texts import ColumnText, MailText
from roadworthy.bundle.steps.weighted import TermReader
from roadworthy.declare.data import Column
from roadworthy.declare.training import TextFeatures
from roadworthy.features.stopwords import STOP_WORDS
from roadworthy.features.terms import TermChoice
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

LETTERS_LIMIT = 6_000
LETTERS_WEIGHT = 0.7
MARKS_WEIGHT = 0.5
WORDS_ROWS, LETTERS_ROWS = 3, 5

FixedStep = MailFacts | Rank | DateParts | Truth


class Plan(Struct, frozen=True, kw_only=True):
    """What is read.

    Attributes:
        fixed: steps that need no fitting. numbers, categories: columns whose steps do. ranks: those to be filled.
        said: what was declared of columns whose gaps are filled.
        repairs: column to the kinds of repair that are made before anything else reads it.
        terms: text blocks. reputation: the entity's column, or empty. time: the column that orders rows, or empty.
        types: type of each column that may be read.
    """

    fixed: tuple[FixedStep, ...] = ()
    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    ranks: tuple[Rank, ...] = ()
    said: dict[str, Column] = field(default_factory=dict)
    repairs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    terms: tuple[TermChoice, ...] = ()
    reputation: str = ""
    time: str = ""
    types: dict[str, InputType] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that a prediction needs."""
        read = [name for step in self.fixed for name in step.inputs]
        read += [name for choice in self.terms for name in choice.reader.text.inputs]
        read += [*self.numbers, *self.categories, *(rank.column for rank in self.ranks), self.reputation]
        return tuple(name for name in dict.fromkeys(read) if name)


def text_terms(text: MailText | ColumnText, said: TextFeatures | None) -> tuple[TermChoice, ...]:
    """Words and pairs of words; letters too unless they were declined."""
    stop = STOP_WORDS if said and "stop_words" in said.steps else ()
    words = TermReader(name="words", text=text, analyser="words" if not said or said.ngrams > 1 else "single_words")
    letters = TermReader(name="letters", text=text, analyser="letters", limit=LETTERS_LIMIT, weight=LETTERS_WEIGHT)
    chosen = (TermChoice(reader=words, least_rows=WORDS_ROWS, without=stop),)
    if said and not said.characters:
        return chosen
    return (*chosen, TermChoice(reader=letters, least_rows=LETTERS_ROWS))


def known(names: Iterable[str], allowed: Iterable[str], *, where: str) -> tuple[str, ...]:
    """The names, if all are allowed.

    Raises:
        DataError: names the first other one, and the nearest allowed.
    """
    names, allowed = tuple(names), tuple(allowed)
    for name in names:
        if name not in allowed:
            raise DataError(f"there is no {name!r}", where=where, fix=did_you_mean(name, allowed))
    return names
