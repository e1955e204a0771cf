"""Regular expressions that a column's texts follow, at the tightest generality that future rows will follow too.

Texts are turned into shapes (`AB-1234` into `AA-0000`), shapes into runs. Five grades are tried, tight before loose:
runs of a class, letters of either case alike, letters and digits alike, words with marks between them, a set of
characters. A grade is taken when the share of shapes never met is small by the count of those met once. Within it a
run keeps its length where that never varies, gets bounds where no length was met once only, and is open else; a run
of letters that is always the same is kept as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby

import polars as pl
from msgspec import Struct

from roadworthy.measures.unseen import unseen_share

_MOST_SHAPES = 4
_MOST_LENGTHS = 8
_MOST_RUNS = 16
_MOST_TEXTS = 5_000
_MOST_CHARACTERS = 60
_ENOUGH = 20
_FAR = 10
_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "0": r"[0-9]", "L": "[A-Za-z]", "W": "[A-Za-z0-9]"}
_FOREIGN = {"A": r"[^\W\d_]", "a": r"[^\W\d_]", "0": r"[0-9]", "L": r"[^\W\d_]", "W": r"[^\W_]"}
_BETWEEN = " .,'’&/()_-"


class Pattern(Struct, frozen=True, kw_only=True):
    """A regular expression for the whole text; it holds no anchors.

    Attributes:
        risk: upper bound on the share of rows to come that break it.
        doubt: the same among texts never met, which are what a pattern is for: rows repeat texts, texts do not.
    """

    text: str
    risk: float
    doubt: float
    grade: str


class _Run(Struct, frozen=True):
    """Characters of one class in a row: the class (or the mark itself), how many, and which."""

    kind: str
    length: int
    chars: str


_Runs = tuple[_Run, ...]


def find_pattern(texts: pl.Series, *, limit: float = 0.02, tolerate: float = 0.0) -> Pattern | None:
    """The tightest pattern of all texts that the unseen part of the column is likely to follow.

    Args:
        texts: strings; missing ones are passed over.
        limit: on the share of texts that would break it, in (0, 1); small tables are allowed what their size allows.
        tolerate: share of texts of rare shapes that it may leave out, in [0, 1).

    Returns:
        None where nothing tighter than "any text" can be said.

    >>> find_pattern(pl.Series([f"ID-{number:05d}" for number in range(0, 90000, 700)])).text
    'ID-[0-9]{5}'
    """
    counts = texts.alias("text").drop_nulls().value_counts(name="rows")
    total = int(counts["rows"].sum())
    if total < _ENOUGH or counts.height < _ENOUGH // 2:
        return None
    allowed = max(limit, unseen_share(0, counts.height) * 1.01)
    kept = counts.sort("text").gather_every(max(1, counts.height // _MOST_TEXTS))
    values = [(str(value), int(count)) for value, count in kept.iter_rows() if value]
    foreign = any(not value.isascii() for value, _ in values)
    classes = _FOREIGN if foreign else _CLASSES
    split = [(_runs(value), count) for value, count in values]
    for grade, merge in _GRADES:
        shaped = _common([(merge(runs), count) for runs, count in split], tolerate)
        found = _of_grade(grade, shaped, classes, total=total)
        if found is not None and found.doubt <= allowed:
            return found
    if tolerate:
        return None
    found = _words(values, classes, total) or _characters(values, total)
    return found if found is not None and found.doubt <= allowed else None


def follows(texts: pl.Series, pattern: str) -> pl.Series:
    """Whether each whole text matches; null where it is missing."""
    return texts.str.contains(f"^(?:{pattern})$")


def shapes(texts: pl.Series) -> pl.Series:
    """Each text with its capitals, other letters and digits turned into `A`, `a` and `0`.

    >>> shapes(pl.Series(["Ab-12", "x9"])).to_list()
    ['Aa-00', 'a0']
    """
    return (
        texts.str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]", "a")
        .str.replace_all(r"[0-9]", "0")
    )


def _runs(text: str) -> _Runs:
    return tuple(_run(kind, "".join(group)) for kind, group in groupby(text, key=_class_of))


def _run(kind: str, chars: str) -> _Run:
    return _Run(kind, len(chars), chars)


def _class_of(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "0" if character.isascii() and character.isdigit() else f"={character}"


def _merged(runs: _Runs, alike: str, name: str) -> _Runs:
    """Neighbouring runs of like classes as one."""
    parts: list[_Run] = []
    for same, group in groupby(runs, key=lambda run: run.kind in alike):
        chars = list(group)
        parts += [_run(name, "".join(run.chars for run in chars))] if same else chars
    return tuple(parts)


_GRADES: tuple[tuple[str, Callable[[_Runs], _Runs]], ...] = (
    ("classes", lambda runs: runs),
    ("letters", lambda runs: _merged(runs, "Aa", "L")),
    ("letters and digits", lambda runs: _merged(runs, "Aa0", "W")),
)


def _common(split: list[tuple[_Runs, int]], tolerate: float) -> list[tuple[_Runs, int]]:
    """Without the rare shapes, where they are few and far below the common ones: by class, then by length."""
    if not tolerate:
        return split
    by_class = _far_above(split, tolerate, _classes_of)
    by_length = _far_above(by_class, tolerate, _lengths_of)
    # where lengths vary, or numbers grow from one length into the next, another length is no slip
    fixed = len({_lengths_of(runs) for runs, _ in by_length}) == len({_classes_of(runs) for runs, _ in by_length})
    few = len(by_class) - len(by_length) <= max(2, len(split) // 500)
    return by_length if fixed and few else by_class


def _classes_of(runs: _Runs) -> tuple[str, ...]:
    return tuple(run.kind for run in runs)


def _lengths_of(runs: _Runs) -> tuple[str, ...]:
    return tuple(f"{run.kind}{run.length}" for run in runs)


def _far_above(
    split: list[tuple[_Runs, int]], tolerate: float, signed: Callable[[_Runs], tuple[str, ...]]
) -> list[tuple[_Runs, int]]:
    """What is left when the rarest signatures go, up to the last gap that sets them apart."""
    counted: Counter[tuple[str, ...]] = Counter()
    for runs, count in split:
        counted[signed(runs)] += count
    left, total, rare = 0, sum(counted.values()), set[tuple[str, ...]]()
    order = sorted(counted, key=lambda signature: (counted[signature], signature))
    for place, (signature, rarer) in enumerate(zip(order[1:], order, strict=False), start=1):
        left += counted[rarer]
        if left > tolerate * total:
            break
        if counted[signature] >= _FAR * counted[rarer]:
            rare = set(order[:place])
    return [(runs, count) for runs, count in split if signed(runs) not in rare]


def _of_grade(grade: str, split: list[tuple[_Runs, int]], classes: dict[str, str], *, total: int) -> Pattern | None:
    """The union of all signatures, if they are few, and hardly any was met once only."""
    met: dict[tuple[str, ...], list[tuple[_Runs, int]]] = defaultdict(list)
    for runs, count in split:
        met[tuple(run.kind for run in runs)].append((runs, count))
        if len(met) > _MOST_SHAPES:
            return None
    if any(len(signature) > _MOST_RUNS for signature in met):
        return None
    counted = {signature: sum(count for _, count in group) for signature, group in met.items()}
    order = sorted(counted, key=lambda signature: (-counted[signature], signature))
    text = "|".join(_regex(met[signature], classes) for signature in order)
    doubt = _unseen([len(group) for group in met.values()], len(split))
    return Pattern(text=text, risk=_unseen(counted.values(), total), doubt=doubt, grade=grade)


def _regex(group: list[tuple[_Runs, int]], classes: dict[str, str]) -> str:
    """One signature with the lengths and the constant letters of its runs."""
    columns = zip(*(runs for runs, _ in group), strict=True)
    return "".join(_part(list(column), classes) for column in columns)


def _part(column: list[_Run], classes: dict[str, str]) -> str:
    kind = column[0].kind
    if not kind.startswith("=") and len(column) >= _ENOUGH // 2 and len({run.chars for run in column}) == 1:
        word = column[0].chars
        return word if word.isalpha() else classes[kind] + _times({len(word): len(column)})
    lengths = Counter(run.length for run in column)
    return (_escaped(kind[1:]) if kind.startswith("=") else classes[kind]) + _times(lengths)


def _times(lengths: dict[int, int]) -> str:
    """How often a class repeats: a number, bounds where both ends were met often, or at least once."""
    if len(lengths) == 1:
        only = next(iter(lengths))
        return "" if only == 1 else f"{{{only}}}"
    least, most, often = min(lengths), max(lengths), max(5, sum(lengths.values()) // 50)
    if min(lengths[least], lengths[most]) < often or len(lengths) > _MOST_LENGTHS:
        return "+"
    return f"{{{1 if least == 2 else least},{most}}}"


def _words(values: list[tuple[str, int]], classes: dict[str, str], total: int) -> Pattern | None:
    """Words of letters and digits with marks of a closed set between them."""
    word = classes["W"]
    marks, rows = Counter[str](), Counter[str]()
    for value, count in values:
        between = {character for character in value if not character.isalnum()}
        if not value[0].isalnum() or not value[-1].isalnum() or not between <= set(_BETWEEN):
            return None
        marks.update(between)
        rows.update(dict.fromkeys(between, count))
    if not marks:
        return None
    return _closed(f"{word}+(?:{_set(marks)}+{word}+)*", marks, rows, (len(values), total), grade="words")


def _characters(values: list[tuple[str, int]], total: int) -> Pattern | None:
    """A set of characters, classes where all of a class were likely to come."""
    met, rows = Counter[str](), Counter[str]()
    for value, count in values:
        classes = {_class_of(character).removeprefix("=") for character in value}
        met.update(classes)
        rows.update(dict.fromkeys(classes, count))
    marks = [kind for kind in met if kind not in ("A", "a", "0")]
    if len(marks) > _MOST_CHARACTERS or any(not value.isascii() for value, _ in values):
        return None
    inside = "".join(part for kind, part in (("A", "A-Z"), ("a", "a-z"), ("0", "0-9")) if kind in met)
    text = f"[{inside}{''.join(_inside(mark) for mark in sorted(marks))}]+"
    return _closed(text, met, rows, (len(values), total), grade="characters")


def _closed(text: str, met: Counter[str], rows: Counter[str], of: tuple[int, int], *, grade: str) -> Pattern:
    """A pattern whose parts were met so often, in texts and in rows, of so many texts and rows."""
    doubt, risk = _unseen(met.values(), of[0]), _unseen(rows.values(), of[1])
    return Pattern(text=text, risk=risk, doubt=doubt, grade=grade)


def _unseen(counts: Iterable[int], total: int) -> float:
    met = list(counts)
    return unseen_share(met.count(1), total, twice=met.count(2))


def _escaped(mark: str) -> str:
    """A character as it stands outside brackets, escaped only where every dialect needs it."""
    if mark in "\\.+*?()|[]{}^$":
        return "\\" + mark
    return mark if mark.isprintable() else f"\\x{ord(mark):02x}"


def _set(marks: Iterable[str]) -> str:
    return f"[{''.join(_inside(mark) for mark in sorted(marks))}]"


def _inside(mark: str) -> str:
    """A character as it stands inside brackets, in every dialect."""
    if mark in "\\]^[-":
        return "\\" + mark
    return mark if mark.isprintable() else f"\\x{ord(mark):02x}"
