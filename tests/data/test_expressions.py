"""The small language: what it means, where it says that something is wrong, and that it runs nothing else."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.expressions import compile_expression
from roadworthy.kernel.errors import DataError, RoadworthyError

TABLE = pl.DataFrame(
    {
        "age": [17, 18, 60, None],
        "job": ["none", "cook", None, "judge's clerk"],
        "years employed": [0.5, 1.0, 2.0, 3.0],
        "ok": [True, False, None, True],
        "many": [["a"], [], [], []],
    }
)


def run(text: str) -> list[object]:
    compiled = compile_expression(text, TABLE.schema, where="rule")
    return TABLE.select(compiled.expr.alias("x")).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("age >= 18", [False, True, True, None]),
        ("18 <= age < 60", [False, True, False, None]),
        ("age in 17..18", [True, True, False, None]),
        ("age in (17..18)", [True, True, False, None]),
        ("age not in [18, 60]", [True, False, False, None]),
        ('job in ["none", "cook"]', [True, True, None, False]),
        ('not (job == "none" and age > 1)', [False, True, None, True]),
        ("not not ok", [True, False, None, True]),
        ("age is missing", [False, False, False, True]),
        ("job is not missing or ok", [True, True, None, True]),
        ("`years employed` * 2 + 1", [2.0, 3.0, 5.0, 7.0]),
        ("-age + 1 - -1", [-15, -16, -58, None]),
        ("2 + 3 * 4 == 14 and age > 0", [True, True, True, None]),
        ("age / (age - 17) > 1", [None, True, True, None]),
        ("age % 2", [1, 0, 0, None]),
        ('map(job, "none"="out", "cook"="in", else="other")', ["out", "in", None, "other"]),
        ('map(job, "none"="out")', ["out", None, None, None]),
        ('map(age, 17="young")', ["young", None, None, None]),
        ("bin(age, 18, 60)", ["below 18", "18 to below 60", "60 and above", None]),
        ("bin(age, 18)", ["below 18", "18 and above", "18 and above", None]),
        ('if(age < 18, "minor", "adult")', ["minor", "adult", "adult", "adult"]),
        ("length(job)", [4, 4, None, 13]),
        ('contains(lower(job), "\'s")', [False, False, None, True]),
        ('starts_with(job, "c")', [False, True, None, False]),
        ("abs(age - 18)", [1, 0, 42, None]),
        ("ok == true", [True, False, None, True]),
    ],
)
def test_meaning(text: str, values: list[object]) -> None:
    assert run(text) == values


def test_bins_come_with_their_order() -> None:
    compiled = compile_expression("bin(age, -5, 2.5)", TABLE.schema, where="rule")
    assert compiled.labels == ("below -5", "-5 to below 2.5", "2.5 and above")
    assert (compiled.kind, compiled.columns) == ("text", ("age",))


@pytest.mark.parametrize(
    ("text", "what", "character"),
    [
        ("aeg > 1", "no column 'aeg'", 1),
        ("age > ", "the end is not expected", 7),
        ("age > 'x'", "a number is held against a text", 5),
        ("ok and age", "a truth is needed", 8),
        ("age + job", "needs numbers on both sides", 5),
        ("age > 1 extra", "'extra' is not expected", 9),
        ("(age > 1", "( is never closed", 1),
        ("age in 3", "a list or a range", 9),
        ("age in [1, 2", "[ is never closed", 8),
        ("age ; 1", "';' cannot be read", 5),
        ("eval('1')", "no function 'eval'", 1),
        ("__import__('os')", "no function '__import__'", 1),
        ("many == 'a'", "holds lists", 1),
        ("bin(age, 3, 2)", "edges of bin rise", 13),
        ("bin(age)", "at least one edge", 8),
        ("map(job)", "at least one pair", 8),
        ("age is 3", "followed by `missing`", 8),
        ("", "the end is not expected", 1),
    ],
)
def test_errors_name_the_character(text: str, what: str, character: int) -> None:
    with pytest.raises(DataError) as caught:
        run(text)
    assert what in caught.value.what
    assert f"character {character} of" in caught.value.where


def test_depth_and_length_are_bounded() -> None:
    for text in ("(" * 200 + "1" + ")" * 200, "age > 1 or " * 2000 + "ok"):
        with pytest.raises(DataError):
            run(text)


_WORDS = st.sampled_from(
    [
        "age",
        "job",
        "ok",
        "many",
        "`years employed`",
        "1",
        "2.5",
        "'x'",
        "and",
        "or",
        "not",
        "in",
        "is",
        "missing",
        "(",
        ")",
        "[",
        "]",
        "..",
        ",",
        "==",
        "<",
        "=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "map(",
        "bin(",
        "if(",
        "length(",
        "true",
        "else",
    ]
)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.lists(_WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        compiled = compile_expression(text, TABLE.schema, where="rule")
    except RoadworthyError:
        return
    TABLE.select(compiled.expr.alias("x"))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["7", "2.5", "x", "y"]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        max_leaves=8,
    )
)
def test_arithmetic_agrees_with_python(text: str) -> None:
    frame = pl.DataFrame({"x": [3, -4], "y": [0.5, 10.0]})
    compiled = compile_expression(text, frame.schema, where="rule")
    got = frame.select(compiled.expr.alias("g")).to_series().to_list()
    wanted = [eval(text, {}, {"x": x, "y": y}) for x, y in frame.iter_rows()]  # noqa: S307  # the oracle of this test
    assert got[0] == pytest.approx(wanted[0])
    assert got[-1] == pytest.approx(wanted[-1])
