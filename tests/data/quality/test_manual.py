"""Cells drawn, checked by people, and read back."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.look import SUSPECTS, Look
from roadworthy.data.quality.manual import SHEET, draw_sheet, judge_sheet, manual, write_sheet
from roadworthy.declare.data import Checked, Data
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.limits import Limit, Verdict, parse_limit

ROWS = 500
TABLE = pl.DataFrame({"a": range(ROWS), "b": [f"=x{n}" if n % 2 else f"-{n}" for n in range(ROWS)]})
LOOK = Look(table=TABLE, keys=pl.Series([f"r{n}" for n in range(ROWS)]), scales={})


def _suspects(rows: list[int]) -> pl.DataFrame:
    cells = [(row, "a", str(row), "c", 0.9, None, "why") for row in rows]
    return pl.DataFrame(cells, schema=SUSPECTS, orient="row")


def _answered(folder: Path, sheet: pl.DataFrame, wrong: set[tuple[str, str]]) -> Path:
    said = ["no" if cell in wrong else "yes" for cell in sheet.select("row_key", "column").rows()]
    write_sheet(sheet.with_columns(right=pl.Series(said)), folder / "sheet.csv")
    return folder / "sheet.csv"


def test_the_same_seed_draws_the_same_cells_and_another_seed_others() -> None:
    first, again, other = (draw_sheet(LOOK, cells=60, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert (tuple(first.columns), first.height, first["of"].unique().to_list()) == (SHEET, 60, [1000])
    assert draw_sheet(LOOK, cells=9999, columns=["a"]).height == 500
    with pytest.raises(DataError, match="no column 'c'"):
        draw_sheet(LOOK, cells=5, columns=["c"])


def test_the_estimate_holds_the_truth_with_suspects_as_a_stratum(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    held = 0
    for seed in range(60):
        marked = random.choice(ROWS, 40, replace=False).tolist()
        wrong = {(f"r{row}", "a") for row in marked[:25]} | {(f"r{row}", "b") for row in random.choice(ROWS, 8)}
        sheet = draw_sheet(LOOK, cells=150, suspects=_suspects(marked), seed=seed)
        finding = judge_sheet(_answered(tmp_path, sheet, wrong), limit=Limit("<=", 0.01))
        held += finding.interval.low <= len(wrong) / 1000 <= finding.interval.high
    assert set(sheet["stratum"]) == {"suspects", "the rest"}
    assert held >= 55


def test_a_sheet_without_wrong_cells_cannot_tell_until_enough_are_checked(tmp_path: Path) -> None:
    few = judge_sheet(_answered(tmp_path, draw_sheet(LOOK, cells=40), set()), limit=parse_limit("<= 1 %"))
    assert few.verdict is Verdict.CANNOT_TELL
    assert few.more_rows > 100
    assert "0 of 40 checked cells" in few.summary
    many = judge_sheet(_answered(tmp_path, draw_sheet(LOOK, cells=700), set()), limit=parse_limit("<= 1 %"))
    assert many.verdict is Verdict.PASS
    all_wrong = {(f"r{row}", name) for row in range(ROWS) for name in "ab"}
    bad = judge_sheet(_answered(tmp_path, draw_sheet(LOOK, cells=40), all_wrong), limit=parse_limit("<= 1 %"))
    assert (bad.verdict, bad.measured) == (Verdict.FAIL, 1.0)
    assert len(bad.evidence["wrong"]) == 20


def test_formulas_are_made_text_and_numbers_stay(tmp_path: Path) -> None:
    write_sheet(draw_sheet(LOOK, cells=1000), tmp_path / "sheet.csv")
    values = pl.read_csv(tmp_path / "sheet.csv", infer_schema=False)["value"].to_list()
    assert not any(value.startswith("=") for value in values)
    assert "-2" in values


def test_what_is_no_answer_or_no_sheet_is_refused(tmp_path: Path) -> None:
    sheet = draw_sheet(LOOK, cells=10).with_columns(right=pl.lit("perhaps"))
    write_sheet(sheet, tmp_path / "sheet.csv")
    with pytest.raises(DataError, match="'perhaps' is no answer"):
        judge_sheet(tmp_path / "sheet.csv", limit=Limit("<=", 0.1))
    (tmp_path / "other.csv").write_text("row_key,right\na,yes\n")
    with pytest.raises(DataError, match="no column 'column'"):
        judge_sheet(tmp_path / "other.csv", limit=Limit("<=", 0.1))


def test_a_declared_sheet_is_judged_and_an_empty_one_cannot_tell(tmp_path: Path) -> None:
    assert manual(LOOK).findings == []
    write_sheet(draw_sheet(LOOK, cells=10), tmp_path / "sheet.csv")
    data = Data(sources=(), checked=Checked(path="sheet.csv"))
    (finding,) = manual(Look(table=TABLE, keys=LOOK.keys, scales={}, data=data, folder=str(tmp_path))).findings
    assert (finding.check, finding.verdict, finding.more_rows) == ("data.accuracy.manual", Verdict.CANNOT_TELL, 10)
