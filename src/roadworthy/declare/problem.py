"""`[problem]` and `[costs]`: what the model is for."""

from datetime import date
from typing import Literal

from msgspec import Struct

Task = Literal["binary"]


class Problem(Struct, frozen=True, kw_only=True):
    """The problem in the user's words.

    Attributes:
        unit: the unit of prediction, such as "one incoming e-mail".
        target: the column that holds the answer; `positive` is the value of it that the model looks for.
        protected: columns that are audited and never used as features, unless `use_protected` with a reason.
        review_by: the certificate expires then.
    """

    name: str
    need: str
    task: Task
    unit: str
    target: str
    positive: str
    owner: str = ""
    review_by: date | None = None
    protected: tuple[str, ...] = ()
    use_protected: bool = False
    use_protected_reason: str = ""


class Costs(Struct, frozen=True, kw_only=True):
    """Cost of each error, in one unit of the user's choice; both at least 0 and not both 0."""

    false_positive: float = 1.0
    false_negative: float = 1.0
    unit: str = ""

    @property
    def threshold(self) -> float:
        """The probability from which saying positive is the cheaper mistake (Elkan 2001), in [0, 1].

        >>> round(Costs(false_positive=10.0, false_negative=1.0).threshold, 3)
        0.909
        """
        return self.false_positive / (self.false_positive + self.false_negative)
