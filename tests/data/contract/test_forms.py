"""Contracts in the forms of others: there and back, and judged by the others' own libraries."""

import importlib.util
import json
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.data.contract.forms.files import READERS, WRITERS, read_form, write_form
from roadworthy.data.contract.infer import infer
from roadworthy.data.contract.terms import Contract, Evidence, Key, Reference, Rule, Terms
from roadworthy.kernel.errors import DataError, RoadworthyError, SourceError

WANTED = "SKIPPED FOR WANT OF AN ORACLE: pip install pandera frictionless jsonschema open-data-contract-standard"
NAMES = st.text(st.sampled_from("abcdefgh _"), min_size=1, max_size=6)
ENDS = st.none() | st.integers(-9, 9).map(float) | st.just(0.25)


def _oracle(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name, reason=WANTED)


@st.composite
def terms(draw: Any) -> Terms:
    kind = draw(st.sampled_from(("integer", "number", "boolean", "date", "datetime", "text")))
    said: dict[str, Any] = {"type": kind, "required": draw(st.booleans()), "unique": draw(st.booleans())}
    said["about"] = draw(st.sampled_from(("", "what it is")))
    if kind in ("integer", "number"):
        said |= {"min": draw(ENDS), "max": draw(ENDS)}
    if kind == "text":
        lengths = st.none() | st.integers(0, 9)
        said |= {"min_length": draw(lengths), "max_length": draw(lengths)}
        said["pattern"] = draw(st.sampled_from(("", "[A-Z]{2}", "a|b", r"[0-9]+\.[0-9]")))
        said["values"] = draw(st.sampled_from(((), ("a", "b"))))
    return Terms(**said)


CONTRACTS = st.builds(
    Contract,
    name=st.sampled_from(("t", "loans")),
    closed=st.booleans(),
    columns=st.dictionaries(NAMES, terms(), min_size=1, max_size=4),
)


@pytest.mark.parametrize("form", WRITERS)
@settings(deadline=None, derandomize=True)
@given(contract=CONTRACTS)
def test_there_and_back_loses_only_what_is_listed(form: str, contract: Contract) -> None:
    written = WRITERS[form](contract)
    back = READERS[form](json.loads(json.dumps(written.body))).contract
    listed = "\n".join(written.left_out)
    assert list(back.columns) == list(contract.columns)
    for name, said in contract.columns.items():
        for clause in ("type", "required", "unique", "range", "values", "length", "pattern"):
            same = back.columns[name].says(clause) == said.says(clause)
            dates = form == "pandera" and clause == "type" and said.type == "date"
            assert same or dates or f"{name!r}: {clause}" in listed, (clause, said, back.columns[name])
    assert back.closed == contract.closed or "no other column" in listed


def test_what_cannot_be_said_is_listed_line_by_line() -> None:
    contract = Contract(
        columns={
            "card": Terms(type="text", checksum="luhn", pattern=r"[^\W\d_]+"),
            "state": Terms(type="text", reference=Reference(path="states.csv", column="code"), unique=True),
            "when": Terms(type="date", min="2020-01-01", evidence={"type": Evidence(rows=9, risk=0.1)}),
        },
        keys=(Key(columns=("card", "when")), Key(columns=("state", "when"))),
        rules={"r": Rule(rule="card != state")},
    )
    listed = {form: "\n".join(write(contract).left_out) for form, write in WRITERS.items()}
    for text in listed.values():
        assert "column 'card': checksum luhn" in text
        assert "rule r: card != state" in text
        assert "the evidence of all clauses" in text
    assert "column 'state': reference" in listed["pandera"]
    assert "column 'state': reference" not in listed["odcs"]
    assert "column 'state': unique" in listed["json_schema"]
    assert "column 'when': range" in listed["json_schema"]
    assert "key card + when" in listed["json_schema"]
    assert "letters may be of any script" in listed["odcs"]
    back = READERS["odcs"](WRITERS["odcs"](contract).body).contract
    assert back.columns["state"].reference == Reference(path="states.csv", column="code")
    assert back.keys[0].columns == ("card", "when")


@pytest.fixture(scope="module")
def beers(real_tables: Any, as_typed: Any) -> Any:
    whole = as_typed(real_tables["beers"])
    whole.contract = infer(whole.frame, whole.scales, texts=whole.texts, name="beers")
    return whole


@pytest.mark.corpus
def test_pandera_passes_the_clean_table_and_refuses_a_broken_one(beers: Any) -> None:
    pandera, pandas = _oracle("pandera.pandas"), _oracle("pandas")
    schema = pandera.DataFrameSchema.from_json(json.dumps(WRITERS["pandera"](beers.contract).body))
    columns = {}
    for name in beers.frame.columns:
        kind = beers.contract.columns[name].type
        dtype = {"integer": "Int64", "number": "float64"}.get(kind, "object")
        columns[name] = pandas.Series(beers.frame[name].to_list(), dtype=dtype)
    frame = pandas.DataFrame(columns)
    assert len(schema.validate(frame)) == 2410
    broken = frame.assign(state=["Oregon", *frame["state"][1:]])
    with pytest.raises(pandera.errors.SchemaError, match="state"):
        schema.validate(broken)
    assert READERS["pandera"](json.loads(schema.to_json())).contract.columns["state"].values


@pytest.mark.corpus
def test_frictionless_passes_the_clean_table_and_refuses_a_broken_one(beers: Any) -> None:
    frictionless = _oracle("frictionless")
    body = WRITERS["frictionless"](beers.contract).body
    assert frictionless.Schema.validate_descriptor(body).valid
    schema = frictionless.Schema.from_descriptor(body)
    names = list(beers.frame.columns)

    def errors(texts: pl.DataFrame) -> list[Any]:
        rows = [names, *(["" if cell is None else cell for cell in row] for row in texts.rows())]
        resource = frictionless.Resource(data=rows, schema=schema, format="inline")
        return [error for task in resource.validate().tasks for error in task.errors]

    assert errors(beers.texts[:300]) == []
    changed = pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("Oregon")).otherwise(pl.col("state"))
    told = errors(beers.texts[:300].with_columns(changed.alias("state")))
    assert [(error.type, error.field_name, error.row_number) for error in told] == [("constraint-error", "state", 5)]


@pytest.mark.corpus
def test_json_schema_passes_clean_rows_and_refuses_broken_ones(beers: Any) -> None:
    jsonschema = _oracle("jsonschema")
    body = WRITERS["json_schema"](beers.contract).body
    jsonschema.Draft202012Validator.check_schema(body)
    schema = jsonschema.Draft202012Validator(body)
    whole = [name for name, terms in beers.contract.columns.items() if terms.type == "integer"]
    rows = beers.frame[:300].with_columns(pl.col(whole).cast(pl.Int64)).to_dicts()
    assert [error.message for row in rows for error in schema.iter_errors(row)] == []
    assert list(schema.iter_errors(rows[0] | {"state": "Oregon"}))
    assert list(schema.iter_errors(rows[0] | {"id": None}))


@pytest.mark.corpus
def test_the_data_contract_keeps_the_published_schema(real_tables: Any, as_typed: Any) -> None:
    jsonschema, model = _oracle("jsonschema"), _oracle("open_data_contract_standard.model")
    spec = importlib.util.find_spec("open_data_contract_standard")
    published = json.loads((Path(spec.origin).parent / "schema.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(published)(published)
    for name in ("beers", "bikes by day", "adult", "cookie cats"):
        whole = as_typed(real_tables[name])
        contract = infer(whole.frame, whole.scales, texts=whole.texts, name=name)
        first = next(iter(contract.columns))
        listed = replace(contract.columns[first], reference=Reference(path="lists/all.csv", column="the id"))
        contract = replace(contract, columns=contract.columns | {first: listed})
        body = WRITERS["odcs"](contract).body
        assert [error.message for error in validator.iter_errors(body)] == []
        assert model.OpenDataContractStandard(**body).schema_[0].name == name


def test_documents_of_others_are_read_with_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "c.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 2.0.0\nstatus: active\nschema:\n- name: people\n"
        "  properties:\n  - name: id\n    logicalType: integer\n    primaryKey: true\n    classification: restricted\n"
        "  - name: mail\n    logicalType: string\n    required: true\n"
        "    logicalTypeOptions: {pattern: '^.+@.+$', format: email}\n"
        "    quality:\n    - {type: sql, query: select 1, name: spelling}\n"
    )
    read = read_form(tmp_path / "c.odcs.yaml")
    assert (read.contract.name, read.contract.edition, read.contract.keys[0].columns) == ("people", 2, ("id",))
    assert read.contract.columns["mail"].pattern == ".+@.+"
    assert read.left_out == (
        "column 'id': classification",
        "column 'mail': format email",
        "column 'mail': quality spelling",
    )
    older = {
        "columns": {"a": {"dtype": "int64", "checks": {"in_range": {"min_value": 1, "max_value": 3}, "my": {"x": 1}}}}
    }
    (tmp_path / "p.json").write_text(json.dumps(older))
    read = read_form(tmp_path / "p.json")
    assert read.contract.columns["a"] == Terms(type="integer", required=True, min=1, max=3)
    assert read.left_out == ("column 'a': check my {'x': 1}",)


@pytest.mark.parametrize(
    ("name", "text", "error", "match"),
    [
        ("a.json", "{", SourceError, "no JSON"),
        ("a.yaml", "a: [", SourceError, "no YAML"),
        ("a.json", "[1]", SourceError, "no contract in a form that we know"),
        ("a.json", '{"schema": []}', DataError, "0 tables"),
        ("a.json", '{"schema": [{"name": "a"}, {"name": "b"}]}', DataError, "2 tables"),
        ("a.json", '{"fields": [{"type": "string"}]}', DataError, "no 'name'"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, text: str, error: type[Exception], match: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=match):
        read_form(tmp_path / name)


def test_files_are_written_in_a_form_that_is_known(tmp_path: Path) -> None:
    contract = Contract(columns={"a": Terms(type="text", checksum="iban")})
    assert write_form(contract, tmp_path / "a.json", form="odcs") == ("column 'a': checksum iban",)
    assert list(read_form(tmp_path / "a.json").contract.columns) == ["a"]
    with pytest.raises(RoadworthyError, match='did you mean "odcs"'):
        write_form(contract, tmp_path / "a.json", form="odc")
    with pytest.raises(SourceError, match="cannot be read"):
        read_form(tmp_path / "none.json")
