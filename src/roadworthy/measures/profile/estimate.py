"""A number that a profile knows within bounds."""

from msgspec import Struct


class Estimate(Struct, frozen=True):
    """A number and where its true value lies.

    Attributes:
        value: the best guess.
        low: the true value is not below.
        high: the true value is not above.
        level: how sure the bounds are; 1.0 is proven.
    """

    value: float
    low: float
    high: float
    level: float = 1.0

    @property
    def exact(self) -> bool:
        """Whether the value is the true one.

        >>> Estimate(3.0, 3.0, 3.0).exact
        True
        """
        return self.low == self.high

    @classmethod
    def of(cls, value: float) -> "Estimate":
        """A number that is exact."""
        return cls(float(value), float(value), float(value))
