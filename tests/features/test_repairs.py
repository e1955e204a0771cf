"""Repairs that go with a model: learnt from the training rows alone, the same in a fold and at prediction."""

import msgspec
import numpy as np
import polars as pl
import pytest

from roadworthy.bundle.steps.frozen import load_steps
from roadworthy.bundle.steps.repairs import Repair, repaired
from roadworthy.data.repair.freezing import fit_repair
from roadworthy.features.design import make_design
from roadworthy.kernel.errors import DataError

ROWS = 120
LATE = 100
"""From here on nothing was learnt."""


@pytest.fixture
def beers():
    """Sizes with units, cities in several writings with typos; the late rows hold errors that training never saw."""
    sizes = [("12 oz", "16.0 oz.", "12 ounces")[at % 3] for at in range(ROWS)]
    cities = [("Boise", "Denver", "Portland")[at % 3] for at in range(ROWS)]
    cities[5], cities[6], sizes[7] = "Denvre", "BOISE", "unknown"
    cities[LATE], cities[LATE + 1], sizes[LATE + 2], sizes[LATE + 3] = "PORTLAND ", "Boisse", "24 OZ", "3 kg"
    labels = ["yes" if at % 2 else "no" for at in range(ROWS)]
    return pl.DataFrame({"size": sizes, "city": cities, "label": labels})


@pytest.fixture
def design(beers, declared):
    said = {"repair": {"size": ("unit",), "city": ("spelling", "typo")}}
    truth = (beers["label"] == "yes").to_numpy().astype(np.int8)
    return make_design(beers, declared(data=said), truth=truth, fit_repair=fit_repair)


def test_the_frozen_repairs_give_at_prediction_what_they_gave_in_training(design, beers, tmp_path):
    steps = design.fit(np.arange(LATE))
    loaded = load_steps(tmp_path, msgspec.json.decode(msgspec.json.encode(steps.save(tmp_path))))
    assert loaded.repairs == steps.repairs
    sent = {name: beers[name].to_list() for name in ("size", "city")}
    trained = design.encode(steps, np.arange(ROWS))
    assert np.array_equal(trained.dense, loaded.encode(sent).dense, equal_nan=True)
    alone = [loaded.encode({name: [cells[row]] for name, cells in sent.items()}).dense for row in range(ROWS)]
    assert np.array_equal(trained.dense, np.vstack(alone), equal_nan=True)


def test_units_become_numbers_and_writings_one_category(design):
    steps = design.fit(np.arange(LATE))
    found = dict(zip(steps.names, steps.encode({"size": ["16.0 oz."], "city": ["BOISE"]}).dense[0], strict=True))
    assert found["size"] == 16.0
    assert found["city=Boise"] == 1.0
    assert "city=BOISE" not in found
    assert "city=Denvre" not in found


def test_what_stands_only_in_rows_that_were_not_learnt_from_teaches_nothing(design):
    city = next(one for one in design.fit(np.arange(LATE)).repairs if one.column == "city")
    assert city.cell("Denvre") == "Denver"
    assert city.cell("PORTLAND ") == "Portland"
    assert city.cell("Boisse") == "Boisse"
    assert "Boisse" not in city.typos


def test_a_unit_that_was_never_seen_is_missing_and_not_a_number(design):
    steps = design.fit(np.arange(LATE))
    sizes = steps.encode({"size": ["24 OZ", "3 kg", "n/a", None, 5], "city": ["Boise"] * 5}).dense[:, 0]
    assert np.array_equal(sizes, np.array([24, np.nan, np.nan, np.nan, 5], np.float32), equal_nan=True)


def test_spelled_out_missing_values_become_missing():
    repair = fit_repair("n", [*map(str, range(50)), "n/a", "unknown"], ("missing", "unit"))
    assert repair.missing == ("n/a", "unknown")
    assert repair.cells(["N/A", " unknown", "7", 7.5, None]) == [None, None, 7.0, 7.5, None]


def test_columns_without_repairs_are_the_same_objects():
    columns = {"a": ["x"], "b": ["y"]}
    assert repaired(columns, ()) is columns
    assert repaired(columns, [Repair(column="a", writings={"x": "X"})])["b"] is columns["b"]


def test_what_cannot_be_repaired_is_refused(beers, declared):
    truth = np.zeros(ROWS, np.int8)
    with pytest.raises(DataError, match="nobody learns"):
        make_design(beers, declared(data={"repair": {"city": ("typo",)}}), truth=truth)
    dated = beers.with_columns(day=pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 4, 29), "1d"))
    with pytest.raises(DataError, match="read as date"):
        make_design(dated, declared(data={"repair": {"day": ("typo",)}}), truth=truth, fit_repair=fit_repair)
