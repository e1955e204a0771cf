"""The nearest right word, for every message about a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None if nothing is close.

    >>> nearest("presicion", ["precision", "recall"])
    'precision'
    """
    found = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that offers the nearest name, or lists what there is.

    >>> did_you_mean("presicion", ["precision", "recall"])
    'did you mean "precision"?'
    >>> did_you_mean("zzz", ["precision", "recall"])
    'known: precision, recall'
    """
    names = sorted(known)
    close = nearest(word, names)
    return f'did you mean "{close}"?' if close else f"known: {', '.join(names)}"
