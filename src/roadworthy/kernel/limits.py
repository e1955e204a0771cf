"""Requirement expressions such as `">= 0.99"`, and how a measured interval is held against one."""

import re
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from roadworthy.kernel.errors import RoadworthyError

Operator = Literal["<=", ">=", "<", ">", "=="]
_EXPRESSION = re.compile(r"\s*(<=|>=|==|<|>)\s*([-+]?[\d_]*\.?\d+(?:[eE][-+]?\d+)?)\s*(%?)\s*")


class Verdict(StrEnum):
    """Three answers. `CANNOT_TELL` comes with how much more data would tell."""

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


class Interval(Struct, frozen=True):
    """Bounds that hold the true value in a share `level` of repetitions."""

    low: float
    high: float
    level: float = 0.95


class Limit(Struct, frozen=True):
    """What must hold of one number.

    `at` says which number is held against the bound: the bad side of the interval (default), or the
    point estimate alone.
    """

    op: Operator
    bound: float
    at: Literal["interval", "point"] = "interval"

    def __str__(self) -> str:
        """The expression as a user writes it."""
        return f"{self.op} {self.bound:g}" + ("" if self.at == "interval" else " (point)")

    def holds(self, value: float) -> bool:
        """Whether one exact value satisfies the limit.

        >>> parse_limit("<= 0.01").holds(0.01)
        True
        """
        match self.op:
            case "<=":
                return value <= self.bound
            case ">=":
                return value >= self.bound
            case "<":
                return value < self.bound
            case ">":
                return value > self.bound
            case "==":
                return value == self.bound

    def judge(self, value: float, interval: Interval | None = None) -> Verdict:
        """Pass when both ends of the interval hold, fail when neither does, else cannot tell.

        Without an interval, or with `at = "point"`, the value alone decides.

        >>> parse_limit(">= 0.9").judge(0.95, Interval(0.88, 0.99))
        <Verdict.CANNOT_TELL: 'cannot tell'>
        """
        if interval is None or self.at == "point":
            return Verdict.PASS if self.holds(value) else Verdict.FAIL
        ends = {self.holds(interval.low), self.holds(interval.high)}
        if ends == {True}:
            return Verdict.PASS
        if self.op == "==" and interval.low <= self.bound <= interval.high:
            return Verdict.CANNOT_TELL
        return Verdict.FAIL if ends == {False} else Verdict.CANNOT_TELL


def parse_limit(text: str, *, at: Literal["interval", "point"] = "interval") -> Limit:
    """Read `">= 0.99"`, `"<= 1 %"` or `"== 0"`.

    Raises:
        RoadworthyError: if the text is not an operator followed by a number.

    >>> parse_limit("<= 1 %")
    Limit(op='<=', bound=0.01, at='interval')
    """
    found = _EXPRESSION.fullmatch(text)
    if not found:
        raise RoadworthyError(
            f"{text!r} is no requirement", where="requirement", fix='write an operator and a number, such as ">= 0.99"'
        )
    op, number, percent = found.groups()
    bound = float(number.replace("_", "")) / (100 if percent else 1)
    return Limit(op=op, bound=bound, at=at)  # type: ignore[arg-type]  # the pattern admits these operators only
