"""The contract that a declaration names is judged wherever data are acquired."""

from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from roadworthy.data.contract.files import beside_files
from roadworthy.data.contract.store import write_contract
from roadworthy.data.contract.terms import Contract, Evidence, Reference, Rule, Terms
from roadworthy.data.quality.contracted import contracted
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.limits import Verdict

TABLE = pl.DataFrame({"age": [31, -4, 50, 200], "state": ["AK", "TX", None, "ZZ"]})
LOOK = Look(table=TABLE, keys=pl.Series(["r1", "r2", "r3", "r4"]), scales={"age": "discrete", "state": "nominal"})


def _seen(contract: Contract, folder: Path) -> Seen:
    write_contract(contract, folder / "contract.toml")
    look = LOOK.__class__(
        table=TABLE,
        keys=LOOK.keys,
        scales=LOOK.scales,
        data=Data(sources=(), contract="contract.toml"),
        folder=str(folder),
    )
    return contracted(look)


def test_without_a_contract_nothing_is_said() -> None:
    seen = contracted(LOOK)
    assert (seen.findings, seen.suspects.height) == ([], 0)


def test_each_broken_clause_is_one_finding_that_names_its_rows(tmp_path: Path) -> None:
    terms = {"age": Terms(min=0, max=120), "state": Terms(required=True, values=("AK", "TX")), "zip": Terms()}
    seen = _seen(Contract(columns=terms, rules={"grown": Rule(rule="age >= 18")}), tmp_path)
    told = {finding.check: finding for finding in seen.findings}
    assert set(told) == {
        "data.contract",
        "data.contract.absent",
        "data.contract.range",
        "data.contract.required",
        "data.contract.values",
        "data.contract.rule",
    }
    assert told["data.contract"].summary == "0 of 4 clauses of contract.toml hold on 4 rows."
    assert told["data.contract.range"].summary == "2 of 4 values of age lie outside 0..120."
    assert told["data.contract.range"].evidence == {"rows": ["r2", "r4"], "values": ["-4", "200"]}
    assert told["data.contract.rule"].evidence["rows"] == ["r2"]
    assert all(finding.verdict is Verdict.FAIL for finding in seen.findings)
    assert seen.suspects.schema == SUSPECTS
    assert sorted(seen.suspects.select("row", "column").rows()) == [(1, "age"), (2, "state"), (3, "age"), (3, "state")]


def test_what_chance_foresees_is_told_and_passes(tmp_path: Path) -> None:
    lenient = Terms(values=("AK", "TX"), evidence={"values": Evidence(rows=10, risk=0.26)})
    seen = _seen(Contract(columns={"state": lenient}), tmp_path)
    (whole, values) = seen.findings
    assert (whole.verdict, values.verdict) == (Verdict.PASS, Verdict.PASS)
    assert "up to 26.00% may" in values.summary
    assert seen.suspects["likelihood"][0] < 0.6


def test_a_declared_contract_is_judged_when_data_are_acquired(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n,repaid\n" + "".join(f"{n},{'yn'[n % 2]}\n" for n in range(40)) + "x,y\n")
    (tmp_path / "letters.csv").write_text("code\ny\n")
    terms = {
        "n": Terms(type="integer", max=30),
        "repaid": Terms(reference=Reference(path="letters.csv", column="code")),
    }
    write_contract(Contract(columns=terms), tmp_path / "contract.toml")
    declared = make.declared(Source(kind="csv", path="t.csv"), positive="y", target="repaid", contract="contract.toml")
    seen = contracted(make.acquired(declared, tmp_path).look)
    counts = {finding.check: round((finding.measured or 0) * 41) for finding in seen.findings}
    assert counts["data.contract.type"] == 1
    assert counts["data.contract.reference"] == 20


def test_the_files_beside_the_data_count_as_input(tmp_path: Path) -> None:
    data = Data(sources=(), contract="contract.toml")
    assert beside_files(data, tmp_path) == []
    terms = {"a": Terms(reference=Reference(path="list.csv", column="c"))}
    write_contract(Contract(columns=terms), tmp_path / "contract.toml")
    (tmp_path / "list.csv").write_text("c\n1\n")
    before = beside_files(data, tmp_path)
    (tmp_path / "list.csv").write_text("c\n2\n")
    after = beside_files(data, tmp_path)
    assert [name for name, _ in before] == ["contract.toml", "list.csv"]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_contract_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    look = Look(table=TABLE, keys=LOOK.keys, scales=LOOK.scales, data=Data(sources=(), contract="none.toml"))
    with pytest.raises(SourceError, match="there is no contract"):
        contracted(look)
