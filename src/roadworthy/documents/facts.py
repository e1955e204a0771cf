"""What a report shows beside certificate and evaluation."""

from typing import Any

from msgspec import Struct, field

from roadworthy.declare.problem import Costs, Problem
from roadworthy.documents.status import StageState
from roadworthy.kernel.records import Snapshot


class Facts(Struct, frozen=True, kw_only=True):
    """Facts of one model that are in no other record.

    Attributes:
        learner, params: the family that won the search, and its settings.
        stages: the life cycle as it stood when the report was drawn; may be empty.
    """

    problem: Problem
    costs: Costs
    snapshot: Snapshot
    learner: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    stages: list[StageState] = field(default_factory=list)
