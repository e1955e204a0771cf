"""Contracts as files, and two editions compared."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.data.contract.comparing import compare
from roadworthy.data.contract.infer import infer
from roadworthy.data.contract.store import FORMAT, contract_of, read_contract, write_contract
from roadworthy.data.contract.terms import Contract, Evidence, Key, Reference, Rule, Terms
from roadworthy.kernel.errors import DataError, SourceError

WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
EVIDENCE = st.builds(Evidence, rows=st.integers(0, 10**9), broken=st.integers(0, 9), risk=st.floats(0, 1))
TERMS = st.builds(
    Terms,
    scale=st.sampled_from(("", "nominal")),
    type=st.sampled_from(("", "integer", "text", "date")),
    about=WORDS,
    required=st.booleans(),
    min=st.none() | NUMBERS | st.just("2020-01-01"),
    values=st.lists(WORDS, max_size=30).map(tuple),
    pattern=WORDS,
    max_length=st.none() | st.integers(0, 99),
    reference=st.none() | st.builds(Reference, path=WORDS, column=WORDS),
    evidence=st.dictionaries(st.sampled_from(("type", "values")), EVIDENCE),
)
CONTRACTS = st.builds(
    Contract,
    name=WORDS,
    edition=st.integers(1, 9),
    rows=st.integers(0, 9),
    closed=st.booleans(),
    columns=st.dictionaries(WORDS, TERMS, max_size=4),
    keys=st.lists(st.builds(Key, columns=st.lists(WORDS, min_size=1, max_size=3).map(tuple)), max_size=2).map(tuple),
    rules=st.dictionaries(WORDS, st.builds(Rule, rule=WORDS, evidence=st.none() | EVIDENCE), max_size=3),
)


@settings(deadline=None, derandomize=True)
@given(CONTRACTS)
def test_what_was_frozen_is_read_again(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> None:
    folder = tmp_path_factory.mktemp("frozen")
    for name in ("contract.toml", "contract.json"):
        write_contract(contract, folder / name)
        assert read_contract(folder / name) == contract
    assert not compare(contract, read_contract(folder / "contract.toml"))


@pytest.mark.corpus
def test_real_contracts_are_readable_and_their_bytes_do_not_vary(
    real_tables: Any, as_typed: Any, tmp_path: Path
) -> None:
    for name in ("beers", "bikes by day", "adult"):
        whole = as_typed(real_tables[name])
        contract = infer(whole.frame, whole.scales, texts=whole.texts, name=name)
        for file in ("a.toml", "b.toml"):
            write_contract(contract, tmp_path / file)
        assert (tmp_path / "a.toml").read_bytes() == (tmp_path / "b.toml").read_bytes()
        assert read_contract(tmp_path / "a.toml") == contract
        assert tomllib.loads((tmp_path / "a.toml").read_text())["format"] == FORMAT


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("", SourceError, "format None"),
        ('format = "roadworthy contract 9"', SourceError, "format 'roadworthy contract 9'"),
        ("format = ", SourceError, "cannot be read"),
        (f'format = "{FORMAT}"\n[columns.a]\nrequired = "yes"', DataError, r"\$.columns\[...\].required"),
        (f'format = "{FORMAT}"\n[columns.a]\nrequird = true', DataError, "unknown field `requird`"),
        (f'format = "{FORMAT}"\n[columns.a]\ntype = "int"', DataError, "Invalid enum value 'int'"),
    ],
)
def test_what_is_no_contract_is_refused(text: str, error: type[Exception], match: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(error, match=match):
        read_contract(tmp_path / "c.toml")


def test_a_contract_that_is_not_there_or_not_utf8_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no contract"):
        read_contract(tmp_path / "none.toml")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="cannot be read"):
        read_contract(tmp_path / "c.toml")
    with pytest.raises(SourceError, match="no contract that we know"):
        contract_of([], where="here")


OLD = Terms(type="number", required=True, min=0, max=9, values=("a", "b"), pattern="x", max_length=5)


@pytest.mark.parametrize(
    ("fields", "clause", "how"),
    [
        ({"max": 5.0}, "range", "tighter"),
        ({"max": None}, "range", "looser"),
        ({"min": -1, "max": 5}, "range", "changed"),
        ({"min": "2020-01-01", "max": None}, "range", "changed"),
        ({"values": ("a",)}, "values", "tighter"),
        ({"values": ("a", "b", "c")}, "values", "looser"),
        ({"values": ("a", "c")}, "values", "changed"),
        ({"type": "integer"}, "type", "tighter"),
        ({"type": "text"}, "type", "looser"),
        ({"type": "date"}, "type", "changed"),
        ({"pattern": "y"}, "pattern", "changed"),
        ({"max_length": 9}, "length", "looser"),
        ({"unique": True}, "unique", "added"),
        ({"required": False}, "required", "removed"),
    ],
)
def test_a_change_is_tighter_or_looser(fields: dict[str, Any], clause: str, how: str) -> None:
    (change,) = compare(Contract(columns={"x": OLD}), Contract(columns={"x": replace(OLD, **fields)}))
    assert (change.subject, change.clause, change.how) == ("x", clause, how)
    assert clause in str(change)


def test_columns_keys_and_rules_that_come_and_go_are_told() -> None:
    old = Contract(columns={"a": OLD}, rules={"r": Rule(rule="a > 0")}, keys=(Key(columns=("a",)),))
    new = Contract(columns={"b": OLD}, rules={"r": Rule(rule="a > 1")}, keys=(Key(columns=("a", "b")),), closed=True)
    told = [(change.subject, change.clause, change.how) for change in compare(old, new)]
    assert told == [
        ("a", "column", "removed"),
        ("b", "column", "added"),
        ("a", "key", "removed"),
        ("a + b", "key", "added"),
        ("r", "rule", "changed"),
        ("the table", "closed", "added"),
    ]
