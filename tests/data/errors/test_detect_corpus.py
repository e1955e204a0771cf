"""What the engine reaches on real tables whose errors are known, without a word of declaration."""

import polars as pl
import pytest

from roadworthy.data.errors.combine import ERRORS
from roadworthy.data.errors.detect import suspect
from roadworthy.data.quality.look import SUSPECTS


def test_errors_are_suspects():
    assert ERRORS == SUSPECTS


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "least", "right"), [("dq_hospital", 0.97, 0.97), ("dq_beers", 0.99, 0.99)])
def test_known_errors_are_found_and_repaired(corpus, name, least, right):
    dirty, clean = (pl.read_csv(corpus / name / f"{kind}.csv", infer_schema=False) for kind in ("dirty", "clean"))
    found = {(cell["column"], cell["row"]): cell for cell in suspect(dirty).frame().iter_rows(named=True)}
    wrong = {(n, row) for n in dirty.columns for row, d in enumerate(dirty[n].ne_missing(clean[n])) if d}
    hits = len(found.keys() & wrong)
    assert 2 * hits / (len(found) + len(wrong)) >= least
    changed = [place for place, cell in found.items() if cell["proposal"] is not None]
    assert sum(clean[column][row] == found[column, row]["proposal"] for column, row in changed) >= right * len(changed)


@pytest.mark.corpus
def test_clean_files_get_next_to_no_suspects(corpus):
    assert suspect(pl.read_csv(corpus / "dq_hospital/clean.csv", infer_schema=False)).frame().is_empty()
    # five of 26,510: two writings of one brewery, one of a city, a beer of 12.8 %, a brewery in two states
    assert suspect(pl.read_csv(corpus / "dq_beers/clean.csv", infer_schema=False)).frame().height <= 5
    assert suspect(pl.read_csv(corpus / "california_housing/housing.csv.gz", infer_schema=False)).frame().is_empty()
