"""`[require]`: what must hold before a model goes on the road."""

from msgspec import Struct, field

from roadworthy.kernel.limits import Limit, parse_limit


class Perturbation(Struct, frozen=True, kw_only=True):
    """A disturbance of the inputs, and what may be lost by it."""

    rate: float = 0.05
    max_drop: float | None = None
    budget: int | None = None
    min_recall: float | None = None


class Fairness(Struct, frozen=True, kw_only=True):
    """Group columns, and a limit for each declared gap or ratio."""

    groups: tuple[str, ...] = ()
    limits: dict[str, Limit] = field(default_factory=dict)
    intersections: bool = False


class Stress(Struct, frozen=True, kw_only=True):
    """Load under which the server must stay within its limits."""

    concurrent: int = 64
    seconds: float = 3.0
    limits: dict[str, Limit] = field(default_factory=lambda: {"errors": parse_limit("== 0")})


class Require(Struct, frozen=True, kw_only=True):
    """All requirements.

    Attributes:
        metrics: metric name to limit, such as `precision` to `>= 0.99`.
        better_than: any of `baseline`, `majority`, `simple`, `live`.
        robustness: name of a perturbation (typos, ...) to its bar.
    """

    metrics: dict[str, Limit] = field(default_factory=dict)
    better_than: tuple[str, ...] = ("baseline",)
    robustness: dict[str, Perturbation] = field(default_factory=dict)
    fairness: Fairness = Fairness()
    stress: Stress | None = None
