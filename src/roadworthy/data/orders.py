"""Orders that people use again and again: sizes, grades, agreement, months, degrees."""

from collections.abc import Iterable

_ORDERS = (
    "very low, low, medium, high, very high",
    "lowest, low, middle, high, highest",
    "low, moderate, high, extreme",
    "low, normal, high, urgent",
    "low, normal, high, critical",
    "minor, moderate, major, critical, blocker",
    "trivial, minor, normal, major, critical, blocker",
    "no error, no-error, neutral, minor, major, critical",
    "none, mild, moderate, severe, critical",
    "none, minimal, mild, moderate, severe",
    "very poor, poor, fair, average, good, very good, excellent, outstanding",
    "poor, fair, good, very good, excellent",
    "terrible, bad, ok, good, great",
    "insufficient, sufficient, satisfactory, good, very good, excellent",
    "very bad, bad, neutral, good, very good",
    "strongly disagree, disagree, neutral, agree, strongly agree",
    "strongly disagree, disagree, neither agree nor disagree, agree, strongly agree",
    "strongly disagree, disagree, undecided, agree, strongly agree",
    "very dissatisfied, dissatisfied, neutral, satisfied, very satisfied",
    "very unlikely, unlikely, neutral, likely, very likely",
    "never, rarely, sometimes, often, always",
    "never, seldom, sometimes, usually, always",
    "never, monthly, weekly, daily, hourly",
    "xxs, xs, s, m, l, xl, xxl, xxxl",
    "extra small, small, medium, large, extra large",
    "tiny, small, medium, large, huge",
    "small, medium, large, jumbo",
    "little, quite rich, rich",
    "cold, cool, mild, warm, hot",
    "slow, medium, fast",
    "young, middle, old",
    "child, adult, senior",
    "beginner, intermediate, advanced, expert",
    "junior, mid, senior, lead, principal",
    "bronze, silver, gold, platinum, diamond",
    "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth",
    "1st, 2nd, 3rd, 4th, 5th, 6th, 7th, 8th, 9th, 10th",
    "q1, q2, q3, q4",
    "monday, tuesday, wednesday, thursday, friday, saturday, sunday",
    "mon, tue, wed, thu, fri, sat, sun",
    "january, february, march, april, may, june, july, august, september, october, november, december",
    "jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec",
    "spring, summer, autumn, winter",
    "spring, summer, fall, winter",
    "primary, secondary, tertiary",
    "high school, bachelor, master, phd",
    "high school, associate, bachelor, master, doctorate",
    "none, primary, secondary, high school, bachelor, bachelors, master, masters, doctorate",
    "preschool, 1st-4th, 5th-6th, 7th-8th, 9th, 10th, 11th, 12th, hs-grad, some-college, assoc-voc, assoc-acdm, "
    "bachelors, masters, prof-school, doctorate",
    "i, ii, iii, iv, v, vi, vii, viii, ix, x",
    "a+, a, a-, b+, b, b-, c+, c, c-, d+, d, d-, e, f",
    "aaa, aa+, aa, aa-, a+, a, a-, bbb+, bbb, bbb-, bb+, bb, bb-, b+, b, b-, ccc, cc, c, d",
)
_KNOWN = tuple(tuple(word.strip() for word in order.split(",")) for order in _ORDERS)
_LEAST = 3


def known_order(values: Iterable[str]) -> tuple[str, ...]:
    """The values in the order that people give them, in their own spelling; empty if no known order holds them all.

    Case, and `_`, `-` or spaces between words, do not count. At least three values must stand in the order; single
    letters such as A or M are no evidence by themselves, so of those it takes four.

    >>> known_order(["High", "low", "MEDIUM"])
    ('low', 'MEDIUM', 'High')
    >>> known_order(["red", "low", "high"])
    ()
    """
    spelt = {_plain(value): value for value in values}
    if len(spelt) < _LEAST:
        return ()
    for order in _KNOWN:
        places = {_plain(word): place for place, word in enumerate(order)}
        if spelt.keys() <= places.keys() and not _only_letters(spelt):
            return tuple(spelt[word] for word in sorted(spelt, key=places.__getitem__))
    return ()


def _plain(value: str) -> str:
    words = value.strip().lower()
    return words if len(words) <= 3 else " ".join(words.replace("_", " ").replace("-", " ").split())


def _only_letters(spelt: dict[str, str]) -> bool:
    return len(spelt) < _LEAST + 1 and all(len(word) == 1 for word in spelt)
