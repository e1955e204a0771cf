"""The parts of a declaration as far as they could be read, for the rules that compare one with another."""

from dataclasses import dataclass
from datetime import date

from roadworthy.declare.data import Data, SplitPlan
from roadworthy.declare.deployment import Deploy
from roadworthy.declare.monitoring import Monitor
from roadworthy.declare.problem import Costs, Problem
from roadworthy.declare.requirements import Require
from roadworthy.declare.training import Features, Training


@dataclass(frozen=True)
class Sections:
    """The tables of one declaration; `problem` and `data` are None where the table itself is missing."""

    problem: Problem | None
    data: Data | None
    costs: Costs
    split: SplitPlan
    features: Features
    training: Training
    require: Require
    deploy: Deploy
    monitor: Monitor


@dataclass(frozen=True)
class Known:
    """What the world outside the file knows; None is not compared.

    Attributes:
        kinds: names of sources; learners: names of learner families.
        today: a review date must lie after it.
    """

    kinds: tuple[str, ...] | None = None
    learners: tuple[str, ...] | None = None
    today: date | None = None


def columns(data: Data) -> set[str] | None:
    """The columns that the declaration itself names for its tables; None where only the data tell."""
    named: set[str] = set()
    for source in data.sources:
        names = source.options.get("names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return None
        named.update(names)
    return named | set(data.derive)
