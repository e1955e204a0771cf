"""Missing values that are spelled out: "N/A", "null", "-"."""

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

CERTAIN = frozenset(
    {"", "n/a", "#n/a", "<na>", "nan", "null", "nil", "?", "??", "-", "--", "---", ".", "#null!", "(null)", "\\n"}
)
LIKELY = frozenset(
    {"na", "n.a.", "none", "missing", "unknown", "not available", "not applicable", "tbd", "undefined", "no data"}
)
_SPELLED, _AMONG_NUMBERS, _WORD = 0.93, 0.95, 0.3
_MOSTLY = 0.9


def absent(column: Coded) -> list[Signal]:
    """Values that say that there is none; a word such as `unknown` counts among numbers only, it may be a category.

    Args:
        column: any column.
    """
    spelled = {
        code: word
        for code, value in enumerate(column.values)
        if (word := value.strip().casefold()) in CERTAIN or word in LIKELY
    }
    rest = 1.0 - column.mass(set(spelled))
    numeric = rest > 0 and column.number_share >= _MOSTLY * rest
    hints = {}
    for code, word in spelled.items():
        likelihood = _AMONG_NUMBERS if numeric else _SPELLED if word in CERTAIN else _WORD
        hints[code] = Hint(likelihood, None, f"{column.values[code]!r} stands for a missing value")
    return at_values("absent", column, hints)
