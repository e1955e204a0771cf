"""Each detector alone, on the smallest table that shows it."""

import polars as pl
import pytest

from roadworthy.bundle.steps.writings import shortest
from roadworthy.data.errors.absent import absent
from roadworthy.data.errors.channel import Channel, learn_channel
from roadworthy.data.errors.coded import Coded, code_table
from roadworthy.data.errors.formats import formats
from roadworthy.data.errors.outliers import outliers
from roadworthy.data.errors.patterns import patterns
from roadworthy.data.errors.places import places
from roadworthy.data.errors.spellings import spellings
from roadworthy.data.errors.tokens import tokens
from roadworthy.data.errors.typos import typos
from roadworthy.data.errors.units import units

UNTAUGHT = Channel({}, 0)


def column(*values):
    return Coded("c", pl.Series(values, dtype=pl.String))


def said(signals, coded):
    """Value -> (likelihood, proposal) for each suspected value."""
    return {
        coded.text(row): (round(hint.likelihood, 2), hint.proposal)
        for signal in signals
        for row, hint in zip(signal.rows.tolist(), signal.hints, strict=True)
    }


def proposed(signals):
    """(column, row) -> proposal."""
    return {
        (signal.column, row): hint.proposal
        for signal in signals
        for row, hint in zip(signal.rows.tolist(), signal.hints, strict=True)
    }


def test_a_word_for_missing_is_surer_among_numbers():
    numbers, words = column(*map(str, range(40)), "n/a", "none"), column(*["red", "blue"] * 20, "n/a", "none")
    assert said(absent(numbers), numbers) == {"n/a": (0.95, None), "none": (0.95, None)}
    assert said(absent(words), words)["none"][0] < 0.5 < said(absent(words), words)["n/a"][0]


def test_a_letter_among_postcodes_is_a_rare_shape():
    codes = column(*[str(35000 + at) for at in range(80)], "35x33")
    assert said(patterns(codes, UNTAUGHT), codes)["35x33"][0] > 0.7
    assert patterns(column(*["a", "b1", "2c", "d-4"] * 20), UNTAUGHT) == []


@pytest.mark.parametrize("wrong", ["birmxngham", "birmngham", "birmignham", "birminghamm"])
def test_a_rare_value_close_to_a_frequent_one_was_meant_to_be_it(wrong):
    cities = column(*["birmingham", "montgomery", "huntsville", "mobile"] * 20, wrong)
    likelihood, proposal = said(typos(cities, UNTAUGHT), cities)[wrong]
    assert likelihood > 0.7
    assert proposal == "birmingham"


def test_names_that_are_close_by_nature_are_no_typos():
    codes = [a + b for a in "ABCDEFG" for b in "KLMNOPQ"]
    states = column(*(codes * 20), "AZ", "BZ")
    assert all(likelihood < 0.3 for likelihood, _ in said(typos(states, UNTAUGHT), states).values())


def test_numbers_are_never_typos_of_each_other():
    measures = column(*["al_hf-3", "al_hf-4"] * 30, "al_hf-5")
    assert typos(measures, UNTAUGHT) == []


def test_what_the_channel_learnt_decides_where_the_text_alone_cannot():
    taught = learn_channel([("hexrt", "heart"), ("boxz", "boaz"), ("mobixe", "mobile")] * 60)
    states = column(*["al"] * 95, "xl", "ak")
    likely = said(typos(states, taught), states)
    assert likely["xl"][0] > 0.5 > likely["ak"][0]


def test_only_the_misspelt_word_of_a_longer_value_is_changed():
    taught = learn_channel([("hexrt", "heart"), ("boxz", "boaz"), ("mobixe", "mobile")] * 8)
    counts = column(*[f"{at} patients" for at in range(200)], "15 patxents")
    assert said(tokens(counts, taught), counts)["15 patxents"][1] == "15 patients"


def test_one_value_in_several_writings():
    cities = column(*["São Paulo"] * 20, "SAO PAULO", "São  Paulo", "Ѕão Paulo", *["Rio"] * 5, "Rio ")
    likely = said(spellings(cities), cities)
    assert {value: proposal for value, (_, proposal) in likely.items()} == {
        "SAO PAULO": "São Paulo",
        "São  Paulo": "São Paulo",
        "Ѕão Paulo": "São Paulo",
        "Rio ": "Rio",
    }
    assert all(likelihood > 0.6 for likelihood, _ in likely.values())


def test_signs_that_mean_something_are_no_writings_of_each_other():
    assert spellings(column(*["<=50K"] * 20, *[">50K"] * 3, *["C"] * 9, "C++")) == []


def test_a_unit_in_several_writings_and_a_unit_at_some_numbers_only():
    mixed = column(*["12.0 oz", "16.0 oz.", "12.0 ounce"] * 10)
    assert said(units(mixed), mixed)["16.0 oz."][1] == "16"
    some = column(*["0.05", "0.061"] * 20, "0.056%", "0.055999999999999994%")
    assert said(units(some), some) == {
        "0.056%": (0.95, "0.056"),
        "0.055999999999999994%": (0.95, "0.056"),
    }


def test_one_unit_in_one_writing_is_a_format_and_a_letter_is_no_unit():
    assert units(column(*["15 patients", "7 patients"] * 20)) == []
    codes = column(*["35150", "35151"] * 20, "3515x")
    assert said(units(codes), codes)["3515x"][1] is None


@pytest.mark.parametrize(("number", "short"), [("12.0", "12"), ("1,250.50", "1250.5"), ("0.1", "0.1"), ("7", "7")])
def test_the_shortest_writing_of_a_number(number, short):
    assert shortest(number) == short


def test_numbers_and_dates_written_otherwise():
    numbers = column(*["1.5", "2.25", "1250"] * 20, "3,75", "1,250")
    assert said(formats(numbers), numbers) == {"3,75": (0.9, "3.75"), "1,250": (0.9, "1250")}
    dates = column(*["2024-03-01", "2024-12-24"] * 20, "24.12.2024", "03/04/2024")
    assert said(formats(dates), dates) == {"24.12.2024": (0.9, "2024-12-24"), "03/04/2024": (0.9, None)}


def test_an_age_in_months_is_far_out_and_a_long_tail_is_not():
    ages = column(*[str(20 + at % 60) for at in range(600)], "468")
    assert said(outliers(ages), ages)["468"][0] > 0.6
    incomes = column(*[str(round(1000 / (1 - at / 1000), 2)) for at in range(1000)])
    assert outliers(incomes) == []


def test_a_value_of_another_column_and_a_swapped_pair():
    table = pl.DataFrame({"sex": ["Male", "Female"] * 40, "race": ["White", "Black"] * 40})
    table[3, "race"] = "Male"
    table[7, "race"], table[7, "sex"] = table[7, "sex"], table[7, "race"]
    assert proposed(places(code_table(table))) == {("race", 3): None, ("race", 7): "Black", ("sex", 7): "Female"}


def test_two_values_in_one_cell():
    rows = [("Boise", "ID"), ("Denver", "CO")] * 20 + [("Boise ID", None), ("Denver CO", None)]
    table = pl.DataFrame(rows, schema=["city", "state"], orient="row")
    assert proposed(places(code_table(table))) == {
        ("city", 40): "Boise",
        ("state", 40): "ID",
        ("city", 41): "Denver",
        ("state", 41): "CO",
    }
