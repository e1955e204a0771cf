"""The kinds of source as a declaration uses them: a snapshot with keys, labels and types; and on real data."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from roadworthy.data.acquire import acquire
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.declare.data import MailLabel, Source
from roadworthy.declare.names import SOURCE_OPTIONS
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.ports import Silent
from roadworthy.wiring.builtin import SOURCES

KINDS = ("json", "jsonl", "xml", "log", "text", "documents", "images", "audio", "video")
FOLDERS = MailLabel(origin="folder", values={"cat": ("cat",), "dog": ("dog",)})


def acquired(make: SimpleNamespace, root: Path, source: Source, **rest: Any) -> tuple[Any, pl.DataFrame]:
    out = root / "out"
    out.mkdir()
    declaration = make.declared(source, **rest)
    sources: Catalogue[Any] = Catalogue("source", SOURCES)
    made = acquire(declaration, root=root, sources=sources, folder=out, progress=Silent(), key=b"k")
    return made, read_table(out)


def test_nested_json_becomes_a_typed_table(make: SimpleNamespace, tmp_path: Path) -> None:
    rows = [{"id": f"00{number}", "offer": {"price": number / 4}, "ok": number % 2 == 0} for number in range(8)]
    (tmp_path / "a.json").write_text(json.dumps({"items": rows}))
    source = Source(kind="json", path="a.json")
    _, table = acquired(
        make, tmp_path, source, target="ok", positive="true", key="id", derive={"dear": "`offer.price` > 1"}
    )
    assert table["offer.price"].dtype == pl.Float64
    assert table["row_key"].to_list() == [f"00{number}" for number in range(8)]
    assert table["dear"].to_list() == ["no"] * 5 + ["yes"] * 3
    assert table["ok"].to_list() == ["true", "false"] * 4


def test_files_of_a_modality_become_rows_with_their_folder_as_label(
    make: SimpleNamespace, tmp_path: Path, write: Any
) -> None:
    for number in range(6):
        write(f"in/{'cat' if number % 2 else 'dog'}/{number}.txt", f"number {number} of them")
    write("in/mouse/x.txt", "no label matches")
    made, table = acquired(
        make, tmp_path, Source(kind="text", path="in", label=FOLDERS), target="animal", positive="cat"
    )
    assert table["animal"].to_list() == ["cat"] * 3 + ["dog"] * 3
    assert table["row_key"][0] == "in/cat/1.txt"
    assert table["words"].dtype.is_integer()
    assert read_snapshot(tmp_path / "out").columns["row_key"] == "identifier"
    (labels,) = [one for one in made.findings if one.check == "data.labels"]
    assert labels.evidence["rows"] == ["in/mouse/x.txt"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_refuses_what_the_declaration_would_not_let_pass(run: Any, write: Any, kind: str) -> None:
    write("a.x", "x")
    for option in ("nonsense", *(set().union(*SOURCE_OPTIONS.values()) - set(SOURCE_OPTIONS[kind]))):
        with pytest.raises(SourceError, match=f"'{option}' is no option of a source of kind '{kind}'"):
            run(kind, "a.x", **{option: 1})


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_lies_each_kind_says_so(run: Any, tmp_path: Path, kind: str) -> None:
    with pytest.raises(SourceError, match="nothing lies at"):
        run(kind, "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"no .* was found"):
        run(kind, "empty")


@pytest.mark.corpus
def test_real_json_and_xml_give_every_record_and_no_finding(corpus: Path, run_at: Any) -> None:
    bench = run_at(corpus, "json", "gen_llmbar/*.json")
    assert (bench.frame.height, bench.frame.columns) == (885, ["input", "output_1", "output_2", "label"])
    asked = run_at(corpus, "jsonl", "gen_halueval_general/*.jsonl.gz")
    assert asked.frame.height == 4_507
    assert asked.frame["hallucination"].value_counts(sort=True).rows() == [("no", 3_692), ("yes", 815)]
    boxes = run_at(corpus, "xml", "images_bccd_boxes/bccd.tar.gz", records="annotation/object")
    assert boxes.frame.height == 4_888
    assert not bench.failed | asked.failed | boxes.failed
