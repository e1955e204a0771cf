"""The small language of `[data.derive]` and `[data.rules]`, read by a parser of its own and compiled to polars.

    age >= 18 and not (employment == "unemployed" and years_employed > 0)
    duration_months in 1..120        purpose in ["new car", "used car"]        18 <= age < 130
    map(personal_status, "A91"="male", "A92"="female", else="unknown")
    bin(age, 25, 60)                 amount / duration_months > 10             income is missing

Arithmetic `+ - * / %`, comparisons (also chained), `and or not`, `in` a list or a range (both ends belong to it), `is
missing`, and the functions `map bin if length lower abs contains starts_with`. A name with spaces stands in backticks.
What is missing stays missing: a comparison with a missing value is neither true nor false.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Literal

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from roadworthy.data.tokens import Token, read_tokens, wrong_at
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

Kind = Literal["number", "text", "truth"]

_DEEPEST = 40
_WORDS = frozenset(("and", "or", "not", "in", "is", "missing", "true", "false"))
_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_SUM: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: pl.when(b != 0).then(a / b),
    "%": lambda a, b: pl.when(b != 0).then(a % b),
}


class Compiled(Struct, frozen=True):
    """An expression ready to run.

    Attributes:
        kind: what it gives: a number, a text or a truth.
        labels: for `bin`, its labels in their order; else empty.
        columns: the columns that it reads, in order of first use.
    """

    expr: pl.Expr
    kind: Kind
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class _Value(Struct, frozen=True):
    expr: pl.Expr
    kind: Kind
    labels: tuple[str, ...] = ()
    place: int = 0


def compile_expression(text: str, schema: Mapping[str, pl.DataType], *, where: str) -> Compiled:
    """Read an expression and check it against the columns of a table.

    Args:
        text: what the user wrote.
        schema: column name to type.
        where: `[data.rules] adult`, for errors.

    Raises:
        DataError: with the position, and the nearest column where a name is not known.

    >>> rule = compile_expression("age in 18..120", {"age": pl.Int64()}, where="rule")
    >>> pl.DataFrame({"age": [17, 18, None]}).select(rule.expr.alias("ok"))["ok"].to_list()
    [False, True, None]
    """
    parser = _Parser(text, schema, where)
    value = parser.whole()
    return Compiled(value.expr, value.kind, value.labels, tuple(parser.used))


def kind_of(dtype: pl.DataType) -> Kind | None:
    """What the language takes a column for; None for lists and other types that it does not read."""
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean():
        return "truth"
    return "text" if dtype == pl.String() else None


class _Parser:
    """Recursive descent; one method a level of binding, loosest first."""

    def __init__(self, text: str, schema: Mapping[str, pl.DataType], where: str) -> None:
        self.text, self.schema, self.where = text, schema, where
        self.used: dict[str, None] = {}
        self.depth = 0
        self.tokens = read_tokens(text, where)
        self.at = 0

    def whole(self) -> _Value:
        value = self._or()
        if self._now().kind != "end":
            raise self._wrong(f"{self._now().text!r} is not expected here", "write one expression")
        return value

    def _or(self) -> _Value:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._wrong(f"more than {_DEEPEST} parentheses inside each other", "split it")
        left = self._and()
        while self._word("or"):
            left = _Value(self._truth(left).expr | self._truth(self._and()).expr, "truth")
        self.depth -= 1
        return left

    def _and(self) -> _Value:
        left = self._not()
        while self._word("and"):
            left = _Value(self._truth(left).expr & self._truth(self._not()).expr, "truth")
        return left

    def _not(self) -> _Value:
        place = self._now().place
        turns = 0
        while self._word("not"):
            turns += 1
        value = self._comparison()
        for _ in range(turns):
            value = _Value(~self._truth(value).expr, "truth")
        return replace(value, place=place)

    def _comparison(self) -> _Value:
        left = self._sum()
        held: pl.Expr | None = None
        while self._now().text in _COMPARE and self._now().kind == "sign":
            sign = self._next()
            right = self._sum()
            self._same(left, right, sign)
            one = _COMPARE[sign.text](left.expr, right.expr)
            held, left = (one if held is None else held & one), right
        if held is not None:
            return _Value(held, "truth")
        return self._membership(left)

    def _membership(self, left: _Value) -> _Value:
        if self._word("is"):
            negated = self._word("not")
            if not self._word("missing"):
                raise self._wrong("`is` is followed by `missing` or `not missing`", "use == to compare")
            return _Value(left.expr.is_not_null() if negated else left.expr.is_null(), "truth")
        negated = self._peek_word("not") and self._peek_word("in", ahead=1)
        if negated:
            self._next()
        if not self._word("in"):
            return left
        inside = self._in(left)
        return _Value(~inside if negated else inside, "truth")

    def _in(self, left: _Value) -> pl.Expr:
        opening = self._sign("[") or self._sign("(")
        first = self._sum()
        if self._sign(".."):
            last = self._sum()
            self._same(left, first, self._now())
            self._same(left, last, self._now())
            if opening:
                self._close(opening)
            return (left.expr >= first.expr) & (left.expr <= last.expr)
        if not opening:
            raise self._wrong("`in` is followed by a list or a range", 'such as ["a", "b"] or 1..120')
        self._same(left, first, self._now())
        held = left.expr == first.expr
        while self._sign(","):
            one = self._sum()
            self._same(left, one, self._now())
            held = held | (left.expr == one.expr)
        self._close(opening)
        return held

    def _sum(self) -> _Value:
        left = self._term()
        while self._now().text in ("+", "-") and self._now().kind == "sign":
            sign = self._next()
            left = self._reckoned(left, sign, self._term())
        return left

    def _term(self) -> _Value:
        left = self._factor()
        while self._now().text in ("*", "/", "%") and self._now().kind == "sign":
            sign = self._next()
            left = self._reckoned(left, sign, self._factor())
        return left

    def _factor(self) -> _Value:
        negative = False
        place = self._now().place
        while self._sign("-"):
            negative = not negative
        value = replace(self._primary(), place=place)
        return _Value(-self._number(value).expr, "number", place=place) if negative else value

    def _primary(self) -> _Value:
        token = self._next()
        if token.kind == "number":
            number = float(token.text)
            return _Value(
                pl.lit(int(token.text) if token.text.isdigit() and len(token.text) < 19 else number), "number"
            )
        if token.kind == "text":
            return _Value(pl.lit(token.text[1:-1]), "text")
        if token.text == "(" and token.kind == "sign":
            inside = self._or()
            self._close(token)
            return inside
        if token.kind == "name" and token.text in ("true", "false"):
            return _Value(pl.lit(token.text == "true"), "truth")
        if token.kind == "name" and self._sign("("):
            return self._call(token)
        if token.kind == "name" and token.text not in _WORDS:
            return self._column(token)
        raise self._error(
            token.place, f"{token.text} is not expected here", "a number, a text in quotes or a column is"
        )

    def _column(self, token: Token) -> _Value:
        name = token.text.strip("`")
        if name not in self.schema:
            raise self._error(token.place, f"there is no column {name!r}", did_you_mean(name, self.schema))
        kind = kind_of(self.schema[name])
        if kind is None:
            raise self._error(
                token.place, f"column {name!r} holds lists, which expressions do not read", "use another column"
            )
        self.used.setdefault(name)
        return _Value(pl.col(name), kind)

    def _call(self, token: Token) -> _Value:
        functions: dict[str, Callable[[], _Value]] = {
            "map": self._map,
            "bin": self._bin,
            "if": self._if,
            "length": lambda: _Value(self._text(self._or()).expr.str.len_chars().cast(pl.Int64), "number"),
            "lower": lambda: _Value(self._text(self._or()).expr.str.to_lowercase(), "text"),
            "abs": lambda: _Value(self._number(self._or()).expr.abs(), "number"),
            "contains": lambda: self._looked_for("contains"),
            "starts_with": lambda: self._looked_for("starts_with"),
        }
        if token.text not in functions:
            raise self._error(token.place, f"there is no function {token.text!r}", did_you_mean(token.text, functions))
        value = functions[token.text]()
        self._close(Token("sign", "(", token.place))
        return value

    def _looked_for(self, how: str) -> _Value:
        inside = self._text(self._or())
        self._comma()
        word = self._text(self._or())
        found = (
            inside.expr.str.contains(word.expr, literal=True)
            if how == "contains"
            else inside.expr.str.starts_with(word.expr)
        )
        return _Value(found, "truth")

    def _if(self) -> _Value:
        condition = self._truth(self._or())
        self._comma()
        then = self._or()
        self._comma()
        token = self._now()
        otherwise = self._or()
        self._same(then, otherwise, token)
        return _Value(pl.when(condition.expr).then(then.expr).otherwise(otherwise.expr), then.kind)

    def _map(self) -> _Value:
        """`map(column, "a"="b", ..., else="c")`; without `else` an unnamed value becomes missing."""
        source = self._or()
        pairs: list[tuple[pl.Expr, pl.Expr]] = []
        other = pl.lit(None, dtype=pl.String)
        while self._sign(","):
            if self._word("else"):
                self._equals()
                other = self._text(self._primary()).expr
                break
            token = self._now()
            key = self._primary()
            self._same(source, key, token)
            self._equals()
            pairs.append((source.expr == key.expr, self._text(self._primary()).expr))
        if not pairs:
            raise self._wrong("map needs at least one pair", 'such as map(column, "A91"="male")')
        held = other
        for condition, value in reversed(pairs):
            held = pl.when(condition).then(value).otherwise(held)
        return _Value(pl.when(source.expr.is_not_null()).then(held), "text")

    def _bin(self) -> _Value:
        """`bin(age, 25, 60)`: below 25, 25 to below 60, 60 and above; each edge belongs to the bin above it."""
        source = self._number(self._or())
        edges: list[float] = []
        while self._sign(","):
            token = self._now()
            negative = self._sign("-")
            number = self._next()
            if number.kind != "number":
                raise self._error(token.place, "an edge of bin is a number", "such as bin(age, 25, 60)")
            edges.append(float(number.text) * (-1 if negative else 1))
            if len(edges) > 1 and edges[-1] <= edges[-2]:
                raise self._error(token.place, "the edges of bin rise", "order them")
        if not edges:
            raise self._wrong("bin needs at least one edge", "such as bin(age, 25, 60)")
        inner = [f"{low:g} to below {high:g}" for low, high in pairwise(edges)]
        labels = (f"below {edges[0]:g}", *inner, f"{edges[-1]:g} and above")
        held = pl.lit(labels[-1])
        for edge, label in reversed(list(zip(edges, labels, strict=False))):
            held = pl.when(source.expr < edge).then(pl.lit(label)).otherwise(held)
        return _Value(pl.when(source.expr.is_not_null()).then(held), "text", labels)

    def _reckoned(self, left: _Value, sign: Token, right: _Value) -> _Value:
        if {left.kind, right.kind} != {"number"}:
            raise self._error(sign.place, f"{sign.text} needs numbers on both sides", "compare texts with == and in")
        return _Value(_SUM[sign.text](left.expr, right.expr), "number", place=left.place)

    def _same(self, left: _Value, right: _Value, token: Token) -> None:
        if left.kind != right.kind:
            raise self._error(
                token.place, f"a {left.kind} is held against a {right.kind}", "numbers without quotes, texts with"
            )

    def _truth(self, value: _Value) -> _Value:
        return self._of(value, "truth", "compare it with something")

    def _number(self, value: _Value) -> _Value:
        return self._of(value, "number", "use a column of numbers")

    def _text(self, value: _Value) -> _Value:
        return self._of(value, "text", "put it in quotes, or use a column of texts")

    def _of(self, value: _Value, kind: Kind, fix: str) -> _Value:
        if value.kind != kind:
            raise self._error(value.place, f"a {kind} is needed here, this is a {value.kind}", fix)
        return value

    def _now(self) -> Token:
        return self.tokens[self.at]

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _sign(self, sign: str) -> Token | None:
        return self._next() if self._now().kind == "sign" and self._now().text == sign else None

    def _peek_word(self, word: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return token.kind == "name" and token.text == word

    def _word(self, word: str) -> bool:
        if self._peek_word(word):
            self._next()
            return True
        return False

    def _close(self, opening: Token) -> None:
        if not self._sign("]" if opening.text == "[" else ")"):
            raise self._error(opening.place, f"{opening.text} is never closed", "close it")

    def _comma(self) -> None:
        if not self._sign(","):
            raise self._wrong("a comma is expected here", "separate arguments by commas")

    def _equals(self) -> None:
        if not self._sign("="):
            raise self._wrong("= is expected here", 'such as "A91"="male"')

    def _wrong(self, what: str, fix: str) -> DataError:
        return self._error(self._now().place, what, fix)

    def _error(self, place: int, what: str, fix: str) -> DataError:
        return wrong_at(self.text, place, where=self.where, what=what, fix=fix)
