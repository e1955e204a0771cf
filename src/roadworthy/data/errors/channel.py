"""The way in which this table was damaged, learnt from the damage that is plain to see.

Whoever damaged a table did it in few ways: a broken keyboard, a scanner, a decoder. Pairs (wrong, right) that are plain
tell which letters replace which; a pair that is not plain is believed more if it fits.

Source: the noisy channel of Kernighan, Church, Gale (1990), COLING, 205-210; here without a table of confusions from
elsewhere.
"""

from collections import Counter
from collections.abc import Iterable
from math import log

from msgspec import Struct

from roadworthy.data.errors.closeness import steps

_ALPHABET = 40.0
_PRIOR = 20.0
_LARGEST = 6.0


class Channel(Struct, frozen=True):
    """How often each letter came in place of another.

    Attributes:
        came: letter that stands there now -> plain pairs in which it does.
        pairs: how many plain pairs there were.
    """

    came: dict[str, int]
    pairs: int

    def weight(self, wrong: str, right: str) -> float:
        """Log-odds to add to "this was that": positive where the letters that came in are those that usually do.

        >>> channel = learn_channel([("hexrt", "heart"), ("xeart", "heart"), ("boxz", "boaz")] * 10)
        >>> channel.weight("xl", "al") > 2, channel.weight("ak", "al") < 0
        (True, True)
        """
        kinds = {here for _, here in steps(wrong, right)}
        if not kinds or not self.pairs:
            return 0.0
        usual = 1.0 / _ALPHABET
        shares = [(self.came.get(here, 0) + _PRIOR * usual) / (self.pairs + _PRIOR) for here in kinds]
        return max(-_LARGEST, min(_LARGEST, sum(log(share / usual) for share in shares) / len(shares)))


def learn_channel(plain: Iterable[tuple[str, str]]) -> Channel:
    """The channel that plain pairs (wrong, right) tell of."""
    came: Counter[str] = Counter()
    pairs = 0
    for wrong, right in plain:
        pairs += 1
        came.update({here for _, here in steps(wrong, right)})
    return Channel(dict(came), pairs)
