"""The words and signs of the small language of `[data.derive]` and `[data.rules]`."""

import re

from msgspec import Struct

from roadworthy.kernel.errors import DataError

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)"""
    r"""|(?P<text>"[^"]*"|'[^']*')|(?P<name>[^\W\d]\w*|`[^`]+`)"""
    r"""|(?P<sign>\.\.|<=|>=|==|!=|[-+*/%<>=(),\[\]]))"""
)
_LONGEST = 5_000
_SHOWN = 200


class Token(Struct, frozen=True):
    """One word or sign: `number`, `text`, `name`, `sign` or `end`; `place` counts characters from 0."""

    kind: str
    text: str
    place: int


def read_tokens(text: str, where: str) -> list[Token]:
    """All tokens of an expression, and one for its end.

    Raises:
        DataError: if a character cannot be read, or the text is longer than 5,000 characters.

    >>> [token.text for token in read_tokens("age in 1..120", "rule")]
    ['age', 'in', '1', '..', '120', 'the end']
    """
    if len(text) > _LONGEST:
        raise wrong_at(
            text, 0, where=where, what=f"the expression is longer than {_LONGEST:,} characters", fix="split it"
        )
    tokens: list[Token] = []
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if not found or not found.lastgroup:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            fix = "texts stand in quotes, names with spaces in backticks"
            raise wrong_at(text, start, where=where, what=f"{text[start]!r} cannot be read", fix=fix)
        tokens.append(Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
        place = found.end()
    return [*tokens, Token("end", "the end", len(text))]


def wrong_at(text: str, place: int, *, where: str, what: str, fix: str) -> DataError:
    """An error that names the character of the expression at which it was found."""
    return DataError(what, where=f"{where}, character {place + 1} of: {text[:_SHOWN]}", fix=fix)
