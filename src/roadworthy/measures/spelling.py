"""How alike two texts are."""

_LONGEST = 2_000


def similarity(first: str, second: str) -> float:
    """One less the share of letters that must be put in, taken out or changed to make one text of the other.

    Args:
        first, second: texts; beyond 2,000 letters they are equal or not.

    Returns:
        A number in [0, 1]; 1 for equal texts, two empty ones among them.

    Source: Levenshtein (1966), Binary codes capable of correcting deletions, insertions and reversals, Sov. Phys. Dokl.
    10:707-710; Wagner and Fischer (1974), The string-to-string correction problem, J. ACM 21:168-173.

    >>> similarity("kitten", "sitting").__round__(3)
    0.571
    """
    if first == second:
        return 1.0
    longest = max(len(first), len(second))
    return 0.0 if longest > _LONGEST else 1 - _edits(*sorted((first, second), key=len)) / longest


def _edits(short: str, long: str) -> int:
    """The least number of edits, line by line of the table."""
    line = list(range(len(short) + 1))
    for row, letter in enumerate(long, start=1):
        corner, line[0] = line[0], row
        for place, other in enumerate(short, start=1):
            corner, line[place] = (
                line[place],
                min(line[place] + 1, line[place - 1] + 1, corner + (letter != other)),
            )
    return line[-1]
