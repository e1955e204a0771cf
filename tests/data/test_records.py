"""Records that mean the same are found without labels, and rows that are alike by chance are not."""

import gzip
import io
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.look import Look
from roadworthy.data.quality.near_duplicates import near_duplicates
from roadworthy.data.records.blocking import candidates, soundex
from roadworthy.data.records.comparing import DIFFERENT, EQUAL, MISSING, NEAR, codes, letter_pairs, levels
from roadworthy.data.records.linking import near_records
from roadworthy.data.scales import type_column
from roadworthy.data.split import split
from roadworthy.data.twins import judge_twins, twin_groups
from roadworthy.declare.data import SplitPlan
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.records import Split


def listed(which: str) -> list[str]:
    return (files("roadworthy.data.privacy") / f"{which}_names.txt").read_text("utf-8").split()


def people(rows: int = 2_000, *, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    given, family = listed("given"), listed("family")
    return pl.DataFrame(
        {
            "given": random.choice(given, rows),
            "family": random.choice(family, rows),
            "birth": [f"{y}-{m:02d}-{d:02d}" for y, m, d in random.integers([1940, 1, 1], [2005, 13, 29], (rows, 3))],
            "street": [f"{family[at]} street {number}" for at, number in random.integers(1, 200, (rows, 2))],
            "city": random.choice(["salem", "bristol", "clinton", "madison", "franklin"], rows),
            "phone": [f"0{number}" for number in random.integers(10**8, 10**9, rows)],
            "sex": random.choice(["f", "m"], rows),
        }
    )


def typed(table: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    keys = pl.Series(range(table.height)).cast(pl.String)
    found = {name: type_column(table[name].cast(pl.String), None, keys) for name in table.columns}
    return pl.DataFrame([one.values for one in found.values()]), {name: one.scale for name, one in found.items()}


def mistyped(word: str | None, random: np.random.Generator) -> str | None:
    if not word:
        return None
    at = int(random.integers(len(word)))
    return word[:at] + word[at + 1 :] if at % 2 else word[:at] + "q" + word[at:]


def planted(
    table: pl.DataFrame, count: int, *, changes: int, columns: list[str], seed: int = 1
) -> tuple[pl.DataFrame, set[tuple[int, int]]]:
    random = np.random.default_rng(seed)
    rows = random.choice(table.height, count, replace=False)
    copies = [dict(table.row(int(row), named=True)) for row in rows]
    for copy in copies:
        for name in random.choice(columns, changes, replace=False):
            number = str(copy[name]).replace(".", "", 1).isdigit()
            other = table[str(name)][int(random.integers(table.height))]
            copy[name] = other if number else mistyped(copy[name], random)
    whole = pl.concat([table, pl.DataFrame(copies, schema=table.schema)])
    return whole, {(int(row), table.height + place) for place, row in enumerate(rows)}


def pairs(table: pl.DataFrame) -> set[tuple[int, int]]:
    made, scales = typed(table)
    found = near_records(made, scales)
    return set(zip(found.one.tolist(), found.other.tolist(), strict=True))


@pytest.mark.parametrize(("changes", "recall"), [(1, 0.98), (2, 0.88)])
def test_planted_copies_of_people_are_found_and_nobody_else(changes: int, recall: float) -> None:
    table, truth = planted(people(), 200, changes=changes, columns=["given", "family", "birth", "street", "phone"])
    found = pairs(table)
    assert len(found & truth) >= recall * len(truth)
    assert len(found - truth) <= 2
    assert not pairs(people())


def test_what_another_column_implies_is_no_evidence() -> None:
    random = np.random.default_rng(4)
    shop = random.integers(0, 60, 1_200)
    table = pl.DataFrame(
        {
            "shop": [f"shop {chr(97 + one % 26)}{one}" for one in shop],
            "city": [f"city {one % 20}" for one in shop],
            "county": [f"county {one % 7}" for one in shop % 20],
            "owner": [f"owner {one}" for one in shop],
            "tax": [f"{one * 7919 % 10_000:04d}" for one in shop],
            "article": [f"article {one}" for one in random.integers(0, 900, 1_200)],
            "price": random.normal(20, 6, 1_200).round(2),
        }
    )
    assert len(pairs(table)) < 30


def test_levels_by_scale() -> None:
    one, other = np.array([0, 0, 0, 0]), np.array([1, 2, 3, 4])
    words = pl.Series(["Riverside", "riverside ", "Riversied", "Bristol", None])
    assert levels(words, codes(words), one, other, scale="nominal").tolist() == [EQUAL, NEAR, DIFFERENT, MISSING]
    numbers = pl.Series([1.0, 1.0, 1.1, 9.0, None])
    assert levels(numbers, codes(numbers), one, other, scale="continuous").tolist() == [EQUAL, NEAR, DIFFERENT, MISSING]
    grades = pl.Series(["low", "low", "lows", "high", None])
    assert levels(grades, codes(grades), one, other, scale="ordinal").tolist() == [EQUAL, DIFFERENT, DIFFERENT, MISSING]
    times = pl.Series([0, 0, 80_000, 90_000, None])
    assert levels(times, codes(times), one, other, scale="datetime").tolist() == [EQUAL, NEAR, DIFFERENT, MISSING]


def test_letters_and_sounds() -> None:
    sets = letter_pairs(pl.Series(["night", "nacht", ""]))
    assert sets.shared(np.array([0, 0]), np.array([1, 2])).tolist() == [3, 0]
    assert soundex(pl.Series(["Smith", "Smyth", "Honeyman", "Pfister", ""])).to_list() == [
        "S530",
        "S530",
        "H555",
        "P236",
        "000",
    ]


def test_rows_that_share_something_rare_meet_once() -> None:
    table = people(500)
    whole, truth = planted(table, 40, changes=2, columns=["given", "family", "phone"])
    made, scales = typed(whole)
    one, other = candidates(made, made.columns, scales)
    met = list(zip(one.tolist(), other.tolist(), strict=True))
    assert truth <= set(met)
    assert len(met) == len(set(met)) < 500 * 499 / 4
    assert all(a < b for a, b in met)


def test_few_rows_and_few_columns_give_nothing() -> None:
    assert pairs(pl.DataFrame({"a": ["x", "y"]})) == set()
    assert pairs(people(1)) == set()
    assert pairs(pl.DataFrame({"a": [None, None], "b": [None, None]}, schema={"a": pl.String, "b": pl.String})) == set()


def look_at(table: pl.DataFrame) -> Look:
    made, scales = typed(table)
    return Look(table=made, keys=pl.Series([f"r{row}" for row in range(made.height)]), scales=scales)


def test_the_finding_names_pairs_and_where_they_differ() -> None:
    table, truth = planted(people(), 30, changes=1, columns=["street"])
    (found,) = [one for one in near_duplicates(look_at(table)).findings if one.subject == "records"]
    assert found.check == "data.near_duplicates"
    assert found.evidence["pairs"] == 30
    example = found.evidence["examples"][0]
    assert tuple(int(row[1:]) for row in example["rows"]) in truth
    assert example["differ_in"] in ([], ["street"])


def test_rows_alike_by_chance_are_no_near_duplicates() -> None:
    random = np.random.default_rng(3)
    table = pl.DataFrame({name: random.choice(["a", "b", "c"], 400) for name in "uvwx"})
    assert near_duplicates(look_at(table)).findings == []


@pytest.mark.corpus
def test_a_series_that_moves_slowly_is_not_full_of_copies(corpus: Path) -> None:
    data = gzip.decompress((corpus / "elec2" / "electricity.csv.gz").read_bytes())
    look = look_at(pl.read_csv(io.BytesIO(data), infer_schema=False))
    assert len(near_records(look.table, look.scales).one) > 10_000
    assert [one for one in near_duplicates(look).findings if one.subject == "records"] == []


def test_test_rows_with_a_twin_in_training_are_told(make: SimpleNamespace) -> None:
    table, truth = planted(people(600), 60, changes=1, columns=["street"])
    whole = table.with_columns(
        repaid=pl.Series(["yes", "no"] * 330), row_key=pl.Series([f"k{row}" for row in range(660)])
    )
    rest = {"positive": "yes", "target": "repaid"}
    declaration = make.declared(make.mails(), split=SplitPlan(method="random", test=0.3), **rest)
    made = split(whole, declaration, seed=1)
    (told,) = judge_twins(whole, made, declaration)
    straddling = sum((a in made.test) != (b in made.test) for a, b in truth)
    one_sided = [a for a, b in truth if (a in made.test) != (b in made.test)]
    assert one_sided
    assert told.verdict is Verdict.FAIL
    assert told.evidence["hits"] == pytest.approx(straddling, abs=2)
    grouped = make.declared(make.mails(), split=SplitPlan(method="random", test=0.3, group="near_duplicate"), **rest)
    apart = split(whole, grouped, seed=1)
    assert not judge_twins(whole, apart, grouped)
    assert not judge_twins(whole, apart, declaration)[0].evidence["hits"]
    nothing = Split(method="random", train=made.train, test=made.test[:0], group=made.group)
    assert judge_twins(whole, nothing, declaration) == []


def test_groups_come_from_images_then_texts_then_records(make: SimpleNamespace) -> None:
    declaration = make.declared(make.mails(), positive="yes", target="repaid", pseudonymise=("given",))
    said = ["one two three four five six"] * 2 + ["seven eight nine ten eleven twelve"]
    hashes = ["0" * 16, "f" * 16, "0" * 15 + "1"]
    assert twin_groups(pl.DataFrame({"said": said, "phash": hashes}), declaration)[0].tolist() == [0, 1, 0]
    assert twin_groups(pl.DataFrame({"said": said, "given": ["a", "b", "c"]}), declaration)[0].tolist() == [0, 0, 2]
    alike, by = twin_groups(pl.DataFrame({"a": ["x", "x", "y"]}), declaration)
    assert (alike.tolist(), by.startswith("nothing")) == ([0, 1, 2], True)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "file", "recall", "precision"),
    [("dq_beers", "clean.csv", 0.8, 0.5), ("adult", "adult.data.gz", 0.88, 0.8)],
)
def test_planted_copies_in_real_tables(corpus: Path, name: str, file: str, recall: float, precision: float) -> None:
    data = (corpus / name / file).read_bytes()
    data = gzip.decompress(data) if file.endswith(".gz") else data
    table = pl.read_csv(io.BytesIO(data), infer_schema=False, has_header=name != "adult").with_columns(
        pl.all().str.strip_chars()
    )
    table = table.drop("index", "id", strict=False).filter(~pl.all_horizontal(pl.all().is_null()))
    untouched = pairs(table)
    whole, truth = planted(table, 240, changes=1, columns=table.columns)
    found = pairs(whole)
    assert len(found & truth) >= recall * len(truth)
    assert len(found & truth) >= precision * len(found - untouched)
