"""Contracts and checks by hand, by the command line; no project is there."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

COMMAND = str(Path(sys.executable).with_name("roadworthy"))


def _orders(start, *, wrong=False):
    rows = [f"{n:05d},{10 + n * 7 % 90},{('AK', 'TX', 'WY')[n % 3]}" for n in range(start, start + 400)]
    if wrong:
        rows[7] = "1234,400,ZZ"
    return "order,amount,state\n" + "\n".join(rows) + "\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "march.csv").write_text(_orders(0))
    (tmp_path / "april.csv").write_text(_orders(400))
    (tmp_path / "may.csv").write_text(_orders(800, wrong=True))
    return tmp_path


def call(folder, *words, code=0):
    done = subprocess.run(
        [COMMAND, "data", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, f"{done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout


def test_a_contract_is_kept_by_the_next_month_and_broken_by_a_wrong_one(folder):
    call(folder, "contract", "march.csv", "--out", "contract.toml")
    call(folder, "hold", "april.csv", "contract.toml")
    broken = json.loads(call(folder, "hold", "may.csv", "contract.toml", "--json"))
    assert {row for finding in broken for row in finding["evidence"].get("rows", ())} == {"may.csv:9"}
    text = (folder / "contract.toml").read_text()
    (folder / "contract.toml").write_text("\n".join(line for line in text.splitlines() if "risk" not in line))
    call(folder, "hold", "may.csv", "contract.toml", code=1)


def test_a_contract_in_another_form_is_held_and_comes_back(folder):
    call(folder, "contract", "march.csv", "--out", "contract.toml")
    said = call(folder, "translate", "contract.toml", "--form", "odcs", "--out", "c.odcs.yaml")
    assert "not said there: the evidence of all clauses" in said
    call(folder, "hold", "april.csv", "c.odcs.yaml")
    call(folder, "hold", "may.csv", "c.odcs.yaml", code=1)
    call(folder, "translate", "c.odcs.yaml", "--out", "back.toml")
    call(folder, "hold", "may.csv", "back.toml", code=1)


def test_cells_are_drawn_checked_and_read_back(folder):
    drawn = json.loads(call(folder, "sample", "march.csv", "--out", "sheet.csv", "--within", "0.05", "--json"))
    assert drawn["among"] == 1200
    call(folder, "answers", "sheet.csv", code=1)
    sheet = pl.read_csv(folder / "sheet.csv", infer_schema=False)
    sheet.with_columns(right=pl.lit("yes")).write_csv(folder / "sheet.csv")
    assert "0 of" in call(folder, "answers", "sheet.csv", "--limit", "<= 10 %")
