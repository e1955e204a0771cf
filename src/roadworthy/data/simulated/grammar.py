"""A small template grammar: rules with alternatives, expanded by a random generator."""

import re
from collections.abc import Callable, Iterable, Mapping
from random import Random

_REFERENCE = re.compile(r"\{([!?]?)([^{}]+)\}")
_CHOICE = re.compile(r"\[([^\[\]{}]*\|[^\[\]{}]*)\]")
_SENTENCE = re.compile(r"(^|[.!?] +|\n)(?!https?:)([a-z])")

Values = Mapping[str, str | Callable[[], str]]
Disguise = Callable[[str, str, Random], str]


class Grammar:
    r"""Rules by name.

    A text holds `{rule}` (one of its alternatives), `{##}` (as many digits), `[a|b]` (either), `{!word}` and
    `{?word}` (a word that may be disguised), and `\n` (the end of a line).

    >>> grammar = Grammar.read(["= tree\noak | elm\n= wood\nan {tree}, {#} m tall"])
    >>> grammar.text("wood", Random(3), {})
    'An oak, 6 m tall'
    """

    def __init__(self, rules: Mapping[str, tuple[str, ...]]) -> None:
        self.rules = dict(rules)

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Grammar":
        """Rules from texts of lines `= name` and alternatives parted by ` | `; `#` begins a comment line."""
        rules: dict[str, list[str]] = {}
        name = ""
        for line in (line.strip() for text in texts for line in text.splitlines()):
            if line.startswith("= "):
                name = line[2:]
            elif line and not line.startswith("# "):
                rules.setdefault(name, []).extend(part.replace("\\n", "\n") for part in line.split(" | "))
        return cls({name: tuple(alternatives) for name, alternatives in rules.items()})

    def text(
        self,
        rule: str,
        random: Random,
        values: Values,
        *,
        disguise: Disguise | None = None,
    ) -> str:
        """One expansion of a rule, with a capital letter at the beginning of each sentence.

        Args:
            values: names that stand for given words, or for a call that gives one, before the rules are asked.
            disguise: what writes marked words (mark, word, random); None writes them plainly.
        """

        def replaced(found: re.Match[str]) -> str:
            mark, name = found[1], found[2]
            if mark:
                return disguise(mark, name, random) if disguise else name
            if name in values:
                value = values[name]
                return value if isinstance(value, str) else value()
            if name.strip("#") == "":
                return "".join(random.choice("123456789" if place == 0 else "0123456789") for place in range(len(name)))
            return expanded(random.choice(self.rules[name]))

        def expanded(text: str) -> str:
            text = _CHOICE.sub(lambda found: random.choice(found[1].split("|")), text)
            return _REFERENCE.sub(replaced, text)

        return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), expanded(random.choice(self.rules[rule])))
