"""Values held against a trusted table, key by key."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.quality.trusted import trusted
from roadworthy.declare.data import Data, Source, Trusted
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.measures.spelling import similarity

OURS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "e"],
        "amount": [10.0, 20.4, 31.0, None, 5.0, 5.0],
        "name": ["Ann Lee", "Bob  Ray", "Cleo Moss", "Dan", "Eve", "Eve"],
        "when": [0.0, 86_400.0, 5.0, None, 1.0, 1.0],
    }
)
THEIRS = (
    "id,amount,name,when,more\na,10.00,Ann Lee,1970-01-01,1\nb,20,Bob Ray,1970-01-02,1\n c ,30,Cleo Voss,1970-01-03,1\n"
)
THEIRS += "d,7,,,1\ne,5,Eve,,1\nz,1,Zoe,,1\n"


def _seen(folder: Path, **said: Any) -> Seen:
    (folder / "right.csv").write_text(THEIRS)
    look = Look(
        table=OURS,
        keys=pl.Series([f"r{n}" for n in range(6)]),
        scales={},
        data=Data(sources=(), key="id", trusted=Trusted(path="right.csv", **said)),
        folder=str(folder),
    )
    return trusted(look)


def test_each_common_column_gets_its_error_rate_and_wrong_cells_their_value(tmp_path: Path) -> None:
    seen = _seen(tmp_path)
    told = {(finding.check, finding.subject): finding for finding in seen.findings}
    keys = told["data.accuracy.keys", "right.csv"]
    assert (keys.evidence["keys"], keys.evidence["compared"], keys.verdict) == (["z"], 4, Verdict.FAIL)
    assert "2 rows share their key" in keys.summary
    amount = told["data.accuracy", "amount"]
    assert (amount.evidence["hits"], amount.evidence["trials"]) == (3, 4)
    assert amount.evidence["rows"] == ["r1", "r2", "r3"]
    assert told["data.accuracy", "name"].evidence["values"] == ["Bob  Ray", "Cleo Moss"]
    assert told["data.accuracy", "when"].evidence["rows"] == ["r2"]
    proposals = seen.suspects.filter(pl.col("column") == "amount")["proposal"].to_list()
    assert proposals == ["20", "30", "7"]


def test_tolerance_and_similarity_are_by_column(tmp_path: Path) -> None:
    seen = _seen(tmp_path, tolerance={"amount": 0.5}, fuzzy={"name": 0.85}, max_error=Limit("<=", 0.99))
    told = {finding.subject: finding for finding in seen.findings if finding.check == "data.accuracy"}
    assert told["amount"].evidence["rows"] == ["r2", "r3"]
    assert told["name"].evidence["rows"] == []
    assert told["name"].verdict is Verdict.PASS


def test_what_cannot_be_compared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no key 'ide'"):
        _seen(tmp_path, key="ide")
    (tmp_path / "right.csv").unlink()
    look = Look(table=OURS, keys=OURS["id"], scales={}, data=Data(sources=(), trusted=Trusted(path="no.csv", key="id")))
    with pytest.raises(SourceError, match="no such table"):
        trusted(look)
    assert trusted(Look(table=OURS, keys=OURS["id"], scales={})).findings == []


@pytest.mark.corpus
def test_every_wrong_cell_of_the_dirty_hospital_is_found(make: SimpleNamespace, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "clean.csv").write_bytes((corpus / "dq_hospital/clean.csv").read_bytes())
    dirty, clean = (pl.read_csv(corpus / f"dq_hospital/{name}.csv", infer_schema=False) for name in ("dirty", "clean"))
    declared = make.declared(
        Source(kind="csv", path=str(corpus / "dq_hospital/dirty.csv")),
        target="State",
        positive="al",
        key="index",
        trusted=Trusted(path="clean.csv"),
    )
    seen = trusted(make.acquired(declared, tmp_path).look)
    found = set(seen.suspects.select("row", "column").rows())
    wrong = {(row, name) for name in dirty.columns for row in dirty[name].ne_missing(clean[name]).arg_true()}
    assert wrong - found == set()
    assert found - wrong == set()


@pytest.mark.parametrize(
    ("first", "second", "alike"), [("", "", 1.0), ("a", "", 0.0), ("abcd", "abxd", 0.75), ("flaw", "lawn", 0.5)]
)
def test_similarity_is_one_less_the_share_of_edits(first: str, second: str, alike: float) -> None:
    assert similarity(first, second) == similarity(second, first) == alike
