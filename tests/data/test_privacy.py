"""Personal data is found for what it is, numbers that look alike are not, and no value is ever told."""

import gzip
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.privacy.checksums import is_bsn, is_card, is_cpf, is_iban, is_pesel, is_steuer_id, luhn, luhn_digit
from roadworthy.data.privacy.credentials import KNOWN
from roadworthy.data.privacy.detecting import detect, masked
from roadworthy.data.privacy.risk import quasi_identifiers, risk
from roadworthy.data.quality.look import Look
from roadworthy.data.quality.personal import personal
from roadworthy.data.scales import infer_scale
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict

GIVEN = ["Anna", "Peter", "Maria", "Tomasz", "Olivia", "Ahmed", "Priya", "Jan"]
FAMILY = ["Nowak", "Smith", "Müller", "Rossi", "Kim", "Patel", "Dubois", "Garcia"]


def cards(rows: int, *, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [
        body + luhn_digit(body) for body in ("4" + "".join(map(str, random.integers(0, 10, 14))) for _ in range(rows))
    ]


def people(rows: int = 60) -> pl.DataFrame:
    random = np.random.default_rng(4)
    digits = random.integers(10_000, 99_999, rows)
    return pl.DataFrame(
        {
            "customer_name": [f"{GIVEN[row % 8]} {FAMILY[row // 8 % 8]}" for row in range(rows)],
            "contact": [f"{GIVEN[row % 8].lower()}{row}@example.org" for row in range(rows)],
            "mobile": [f"+49 1512 34{digit}" for digit in digits],
            "paid_with": cards(rows),
            "account": ["DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19", "NL91 ABNA 0417 1643 00"]
            * (rows // 3),
            "last_ip": [f"10.{row % 7}.{row}.1" for row in range(rows)],
            "address": [f"{row + 1} Main Street" for row in range(rows)],
            "date_of_birth": [f"19{40 + row}-03-1{row % 9}" for row in range(rows)],
            "home": [f"52.{digit}, 13.4{digit}" for digit in digits],
            "api_key": [f"k{digit}Zq{digit * 7}xYv{row}" for row, digit in enumerate(digits)],
            "tax": ["86095742719"] * rows,
        }
    )


def kinds(table: pl.DataFrame) -> dict[str, str]:
    looked = {name: detect(table[name], scale=infer_scale(table[name].cast(pl.String))[0]) for name in table.columns}
    return {name: found[0].kind for name, found in looked.items() if found}


def test_every_kind_is_found_by_its_column() -> None:
    assert kinds(people()) == {
        "customer_name": "names of people",
        "contact": "e-mail addresses",
        "mobile": "telephone numbers",
        "paid_with": "payment cards",
        "account": "bank accounts (IBAN)",
        "last_ip": "IP addresses",
        "address": "postal addresses",
        "date_of_birth": "dates of birth",
        "home": "exact places",
        "api_key": "secrets (random letters)",
    }


def test_numbers_that_look_like_personal_ones_are_not_told() -> None:
    random = np.random.default_rng(8)
    rows = 500
    table = pl.DataFrame(
        {
            "amount": random.integers(10**15, 10**16, rows).astype(str),
            "counter": random.integers(2_000_000_000, 9_999_999_999, rows).astype(str),
            "order": random.integers(10**8, 10**9, rows).astype(str),
            "eleven": random.integers(10**10, 10**11, rows).astype(str),
            "version": [f"1.{row % 9}.{row % 30}" for row in range(rows)],
            "seconds": (random.random(rows) * 1e9).astype(str),
            "latitude": [f"52.{row % 99:02d}" for row in range(rows)],
            "day": [f"2020-01-{1 + row % 28:02d}" for row in range(rows)],
            "city": [["Austin", "Jackson", "Madison", "Charlotte"][row % 4] for row in range(rows)],
            "brewery_name": [f"{FAMILY[row % 8]} Brewing Company" for row in range(rows)],
        }
    )
    assert kinds(table) == {}


def test_within_texts_what_is_sure_is_found() -> None:
    said = [
        "please call +44 20 7946 0958 or write to ann@example.org before noon on the day",
        "the account is DE89 3704 0044 0532 0130 00 and the card 4111 1111 1111 1111, thank you",
        "nothing here but 1234 5678 9012 3456 and 3.14159 and version 1.2.3.4 of the programme",
        "the key is AKIA" + "ABCDEFGHIJ234567" + " so please do not show it to anybody who asks",
    ]
    found = {one.kind: one for one in detect(pl.Series("said", said), scale="text")}
    assert set(found) == {
        "telephone numbers",
        "e-mail addresses",
        "bank accounts (IBAN)",
        "payment cards",
        "secrets (AWS access key)",
    }
    assert all(one.share == 0.25 and one.within for one in found.values())
    told = " ".join(example for one in found.values() for example in one.examples)
    assert not set(told) & set("AKIADEabco12345678")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_a_mask_tells_no_letter_and_no_digit(text: str) -> None:
    assert not {one for one in masked(text) if one.isalnum()} - {"x", "9"} - {one for one in text if not one.isalpha()}
    assert not set(masked("Ann 12-34")) & set("An1234")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789", min_size=1, max_size=20), st.integers(0, 19), st.integers(1, 9))
def test_luhn_sees_every_single_wrong_digit(digits: str, place: int, by: int) -> None:
    whole = digits + luhn_digit(digits)
    assert luhn(whole)
    place %= len(whole)
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    assert not luhn(wrong)


def test_random_digits_pass_no_more_often_than_the_stated_chance() -> None:
    random = np.random.default_rng(5)
    drawn = ["".join(map(str, row)) for row in random.integers(0, 10, (20_000, 16))]
    assert sum(map(is_card, drawn)) / len(drawn) < 0.06
    for test, length in ((is_bsn, 9), (is_pesel, 11), (is_cpf, 11), (is_steuer_id, 11)):
        assert sum(test(one[:length]) for one in drawn) / len(drawn) < 0.11
    assert sum(is_iban(f"DE{one}2345") for one in drawn) / len(drawn) < 0.02


def test_known_secrets_are_patterns_of_their_own() -> None:
    hashed = "$2b$12$" + "a" * 53
    assert pl.Series([hashed]).str.contains(KNOWN["password hash"]).item()
    assert not any(
        pl.Series(["an ordinary sentence with sk_ in it"]).str.contains(one).item() for one in KNOWN.values()
    )


def look_at(table: pl.DataFrame, *, consent: str = "", **data: object) -> list[Finding]:
    keys = pl.Series("row_key", [f"r{row}" for row in range(table.height)])
    source = Source(kind="csv", path="p.csv", consent=consent)
    scales = {name: infer_scale(table[name].cast(pl.String))[0] for name in table.columns}
    return personal(Look(table=table, keys=keys, scales=scales, data=Data(sources=(source,), **data))).findings


def test_undeclared_personal_data_is_a_warning_and_a_ground_makes_it_a_note() -> None:
    table = people().select("contact", "mobile")
    warned = look_at(table)
    assert {(one.subject, one.verdict, one.severity) for one in warned} == {
        ("contact", Verdict.FAIL, Severity.WARNING),
        ("mobile", Verdict.FAIL, Severity.WARNING),
    }
    assert "pseudonymise" in warned[0].remedy
    assert [one.subject for one in look_at(table, pseudonymise=("contact",))] == ["mobile"]
    grounded = look_at(table, consent="signed forms")
    assert {(one.verdict, one.severity) for one in grounded} == {(Verdict.PASS, Severity.NOTE)}
    assert "signed forms" in grounded[0].summary
    said = repr(warned) + repr(look_at(people()))
    assert not any(value in said for name in ("contact", "mobile", "paid_with", "api_key") for value in people()[name])


def test_rows_that_stand_alone_are_counted() -> None:
    table = pl.DataFrame({"age": [30, 30, 41, 30], "sex": ["f", "f", "m", None], "income": [1, 2, 3, 4]})
    found = risk(table, ["age", "sex"])
    assert (found.k, found.alone, found.rows, found.first) == (1, 2, 4, (2, 3))
    assert found.chance == pytest.approx((0.5 + 0.5 + 1 + 1) / 4)
    (judged,) = look_at(table, quasi_identifiers=("age", "sex"))
    assert (judged.check, judged.severity, judged.evidence["k"]) == ("data.reidentification", Severity.WARNING, 1)
    assert judged.evidence["rows"] == ["r2", "r3"]
    assert look_at(table)[0].severity is Severity.NOTE
    assert quasi_identifiers(["capacity", "sexton", "housing_median_age", "city", "zip"]) == []


@pytest.mark.corpus
def test_real_tables_have_no_false_findings_and_hospitals_their_true_ones(corpus: Path) -> None:
    found = {}
    for name, file in (("adult", "adult.data.gz"), ("california_housing", "housing.csv.gz"), ("dq_beers", "clean.csv"),
                       ("ab_cookie_cats", "cookie_cats.csv.gz"), ("dq_hospital", "dirty.csv"),
                       ("gen_davidson_toxicity", "labeled_data.csv.gz")):  # fmt: skip
        data = (corpus / name / file).read_bytes()
        data = gzip.decompress(data) if file.endswith(".gz") else data
        table = pl.read_csv(io.BytesIO(data), infer_schema=False, has_header=name != "adult")
        stripped = table.with_columns(pl.all().str.strip_chars())
        for column, kind in kinds(stripped.drop("tweet", strict=False)).items():
            found[name, column] = kind
    assert found == {
        ("dq_hospital", "Address1"): "postal addresses",
        ("dq_hospital", "PhoneNumber"): "telephone numbers",
    }
