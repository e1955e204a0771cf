"""Labels of a few rows change what is suspected of all that look alike."""

import polars as pl
import pytest

from roadworthy.data.errors.detect import suspect
from roadworthy.data.errors.labelled import learn, rows_to_label
from roadworthy.kernel.errors import DataError


@pytest.fixture(scope="module")
def suspicion():
    """Every third size lacks its unit: nobody can tell without being told whether that is wrong."""
    sizes = [f"{at} oz" if at % 3 else str(at) for at in range(300)]
    return suspect(pl.DataFrame({"size": sizes, "kind": ["ale", "stout", "lager"] * 100}))


def labels(rows, wrong):
    return {(name, row): name == "size" and wrong(row) for row in rows for name in ("size", "kind")}


def test_a_convention_that_only_a_person_knows_is_learnt(suspicion):
    assert suspicion.frame().is_empty()
    rows = rows_to_label(suspicion, count=20)
    found = learn(suspicion, labels(rows, lambda row: row % 3 == 0)).frame()
    assert set(found["column"]) == {"size"}
    wrong = set(found["row"].to_list())
    assert wrong <= set(range(0, 300, 3))
    assert len(wrong) > 80


def test_twenty_clean_rows_keep_a_clean_table_clean(suspicion):
    assert learn(suspicion, labels(rows_to_label(suspicion), lambda row: False)).frame().is_empty()


def test_a_person_is_right_about_the_cell_itself(suspicion):
    found = learn(suspicion, {("kind", 4): True, ("size", 0): False})
    assert found.cells["kind", 4].likelihood > 0.99
    assert learn(suspicion, {}) is suspicion


def test_rows_that_tell_most_are_asked_for_first():
    texts = pl.DataFrame({"city": ["birmingham", "montgomery", "mobile"] * 40 + ["mobixe"]})
    assert 120 in rows_to_label(suspect(texts), count=5)
    assert len(set(rows_to_label(suspect(texts), count=500))) == 121


def test_a_label_of_no_cell_is_refused(suspicion):
    with pytest.raises(DataError, match="no cell 900"):
        learn(suspicion, {("size", 900): True})


@pytest.mark.corpus
def test_labels_of_twenty_rows_do_no_harm_where_all_was_found_before(corpus):
    dirty, clean = (
        pl.read_csv(corpus / "dq_hospital" / f"{kind}.csv", infer_schema=False) for kind in ("dirty", "clean")
    )
    wrong = {(n, row) for n in dirty.columns for row, d in enumerate(dirty[n].ne_missing(clean[n])) if d}
    before = suspect(dirty)
    said = {(n, row): (n, row) in wrong for row in rows_to_label(before) for n in dirty.columns}
    found = set(learn(before, said).frame().select("column", "row").rows())
    assert 2 * len(found & wrong) / (len(found) + len(wrong)) >= 0.98
