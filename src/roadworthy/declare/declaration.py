"""The whole declaration, as every stage reads it."""

from msgspec import Struct

from roadworthy.declare.data import Data, SplitPlan
from roadworthy.declare.deployment import Deploy
from roadworthy.declare.monitoring import Monitor
from roadworthy.declare.problem import Costs, Problem
from roadworthy.declare.requirements import Require
from roadworthy.declare.training import Features, Training


class Declaration(Struct, frozen=True, kw_only=True):
    """One `roadworthy.toml`, read and found coherent."""

    problem: Problem
    data: Data
    costs: Costs = Costs()
    split: SplitPlan = SplitPlan()
    features: Features = Features()
    training: Training = Training()
    require: Require = Require()
    deploy: Deploy = Deploy()
    monitor: Monitor = Monitor()
