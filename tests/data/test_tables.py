"""Tables of any shape: nothing is changed in silence, and what is wrong is named by row."""

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.scales import seconds, type_column
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.declare.data import Column, Source
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict


def source(path: str = "t.csv", **options: Any) -> Source:
    return Source(kind="csv", path=path, options=options)


def of(findings: list[Finding], check: str) -> list[Finding]:
    return [one for one in findings if one.check == check]


def loan(make: SimpleNamespace, declared: Source, **rest: Any) -> Any:
    return make.declared(declared, positive="yes", target="repaid", **rest)


def test_a_headerless_coded_table(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.data").write_text("A1  24 1\nA2 36   2\nA9 x 1\n")
    declaration = loan(
        make,
        source("t.data", separator=" ", header=False, names=["purpose", "months", "repaid"]),
        columns={
            "purpose": Column(codes={"A1": "car", "A2": "home"}),
            "months": Column(scale="discrete", min=0, max=30),
            "repaid": Column(scale="binary", codes={"1": "yes", "2": "no"}),
        },
        derive={"long": "months > 24", "term": "bin(months, 12, 30)"},
        rules={"short": "months <= 24"},
    )
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    assert table.drop("row_key").to_dict(as_series=False) == {
        "purpose": ["car", "home", "A9"],
        "months": [24, 36, None],
        "repaid": ["yes", "no", "yes"],
        "long": ["no", "yes", None],
        "term": ["12 to below 30", "30 and above", None],
    }
    assert table["row_key"].to_list() == ["t.data:1", "t.data:2", "t.data:3"]
    (codes,) = of(made.findings, "data.codes")
    assert codes.evidence == {"values": ["A9"], "rows": ["t.data:3"]}
    (types,) = of(made.findings, "data.types")
    assert types.evidence == {"values": ["x"], "rows": ["t.data:3"]}
    validity = {one.subject: one for one in of(made.findings, "data.validity")}
    assert validity["months"].evidence["rows"] == ["t.data:2"]
    (rule,) = of(made.findings, "data.consistency.short")
    assert (rule.measured, rule.evidence["rows"], rule.evidence["not_judged"]) == (1.0, ["t.data:2"], 1)
    snapshot = read_snapshot(tmp_path / "out")
    assert snapshot.columns["term"] == "ordinal"
    assert snapshot.lineage["scales"]["months"] == "declared"


def test_keys_missing_spellings_encoding_and_quotes(make: SimpleNamespace, tmp_path: Path) -> None:
    text = 'id;name;repaid\n7;"Mül;ler";yes\n7;unknown;no\n;"";yes\n9;Ann;\n'
    (tmp_path / "t.csv").write_bytes(gzip.compress(text.encode("latin-1")))
    declaration = loan(make, source(separator=";", encoding="latin-1", missing=["", "unknown"]), key="id")
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    assert table["name"].to_list() == ["Mül;ler", None, None]
    assert table["row_key"].to_list() == ["7", "7#2", "t.csv:4"]
    assert of(made.findings, "data.labels")[0].evidence["rows"] == ["9"]
    assert {one.subject for one in of(made.findings, "data.keys")} == {"id", "row_key"}


def test_personal_columns_and_consent(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("mail,agreed,repaid\nann@x.org,yes,yes\nbob@x.org,no,no\nann@x.org,Y,no\n")
    declared = Source(kind="csv", path="t.csv", consent_column="agreed")
    made = make.acquired(loan(make, declared, pseudonymise=("mail",)), tmp_path)
    table = read_table(tmp_path / "out")
    assert table["mail"].n_unique() == 1
    assert table["mail"].str.contains(r"^p-[0-9a-f]{12}@x\.org$").all()
    assert of(made.findings, "data.consent")[0].measured == 1.0


def test_clear_errors(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age,repaid\n20,yes\n30,no\n")
    (tmp_path / "one.csv").write_text("age,repaid\n20,yes\n30,yes\n")
    (tmp_path / "odd.csv").write_bytes(b"age,repaid\n\xff,yes\n")
    (tmp_path / "empty.csv").write_text("")
    cases: list[tuple[Any, type[Exception], str]] = [
        (make.declared(source(), positive="yes", target="repayed"), DataError, 'did you mean "repaid"'),
        (loan(make, source("one.csv")), DataError, "rows that are not"),
        (loan(make, source("odd.csv", encoding="utf-8")), SourceError, "not utf-8"),
        (loan(make, source("empty.csv")), SourceError, "no table"),
        (loan(make, source(seperator=";")), SourceError, 'did you mean "separator"'),
        (loan(make, source(header=False, names=["a"])), DataError, "1 names are declared, the file has 2"),
        (loan(make, source(), columns={"aeg": Column()}), DataError, 'did you mean "age"'),
        (loan(make, source(), derive={"age": "1 + 1"}), DataError, "already"),
        (loan(make, source(), rules={"r": "age + 1"}), DataError, "gives a number"),
        (loan(make, source(), rules={"r": "aeg > 1"}), DataError, 'did you mean "age"'),
        (loan(make, Source(kind="csv", path="t.csv", consent_column="ok")), DataError, "no consent column"),
    ]
    for declaration, kind, words in cases:
        with pytest.raises(kind, match=words):
            make.acquired(declaration, tmp_path)


@pytest.mark.parametrize(
    ("texts", "scale", "values"),
    [
        (["1", "2", "3", "3"], "discrete", [1, 2, 3, 3]),
        (["1.5", "2", "1e3"], "continuous", [1.5, 2.0, 1000.0]),
        (["007", "010"], "nominal", ["007", "010"]),
        (["0", "1", "0"], "binary", [0, 1, 0]),
        (["a", "b", "a"], "binary", ["a", "b", "a"]),
        (["2020-01-02", "1970-01-01"], "datetime", [1577923200.0, 0.0]),
        (["2020-01-02T00:00:00+01:00", "2020-01-02 00:00"], "datetime", [1577919600.0, 1577923200.0]),
        ([str(n) for n in range(30)], "identifier", [str(n) for n in range(30)]),
        ([f"id{n}" for n in range(30)], "identifier", [f"id{n}" for n in range(30)]),
        ([None, None], "nominal", [None, None]),
        (["99999999999999999999", "1", "2"], "nominal", ["99999999999999999999", "1", "2"]),
    ],
)
def test_scales_are_inferred(texts: list[str | None], scale: str, values: list[object]) -> None:
    typed = type_column(pl.Series("c", texts, dtype=pl.String), None, pl.Series([str(n) for n in range(len(texts))]))
    assert (typed.scale, typed.values.to_list()) == (scale, values)
    assert typed.reason
    assert typed.findings == []


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(st.none() | st.text(max_size=6) | st.integers().map(str) | st.floats().map(str), min_size=1, max_size=15)
)
def test_no_present_value_vanishes_unseen(texts: list[str | None]) -> None:
    series = pl.Series("c", texts, dtype=pl.String)
    for declared in (None, Column(scale="continuous"), Column(scale="datetime"), Column(codes={"1": "one"})):
        typed = type_column(series, declared, pl.Series([str(n) for n in range(len(texts))]))
        lost = int((series.is_not_null() & typed.values.is_null()).sum())
        told = sum(int(one.measured or 0) for one in typed.findings if one.check == "data.types")
        assert lost == told
        if declared is None:
            assert lost == 0


def test_seconds_of_unreadable_texts_are_missing() -> None:
    assert seconds(pl.Series(["2020-13-01", "x", None, "0"])).to_list() == [None, None, None, 0.0]


@pytest.mark.corpus
def test_german_credit(make: SimpleNamespace, corpus: Path, tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(20)] + ["repaid"]
    declaration = loan(
        make,
        source(str(corpus / "german_credit" / "german.data"), separator=" ", header=False, names=names),
        columns={"repaid": Column(codes={"1": "yes", "2": "no"})},
        derive={"sex": 'map(c8, "A91"="male", "A92"="female", "A93"="male", "A94"="male", "A95"="female")'},
        rules={"adult": "c12 >= 19"},
    )
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    assert table["repaid"].value_counts(sort=True).rows() == [("yes", 700), ("no", 300)]
    assert dict(table["sex"].value_counts().iter_rows()) == {"male": 690, "female": 310}
    assert table["c12"].dtype == pl.Int64
    assert of(made.findings, "data.consistency.adult")[0].verdict is Verdict.PASS
