"""What columns of real tables measure, written down by hand; inference is held to at least 95 % of them."""
# ruff: noqa: E501  # a table is easier to check in long lines

from pathlib import Path

import polars as pl
import pytest

from roadworthy.data.opening import open_data
from roadworthy.data.source import RawTable
from roadworthy.data.stacking import stack
from roadworthy.data.typing import type_table
from roadworthy.wiring.assembly import catalogue
from roadworthy.wiring.builtin import SOURCES

C, D, N, O, B, I, T, W = "continuous discrete nominal ordinal binary identifier text datetime".split()  # noqa: E741, SIM905  # short, to see the tables
ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
)
CREDIT = (
    "checking duration history purpose amount savings employment rate status_sex debtors residence property age plans "
    "housing credits job liable telephone foreign class"
)
BIKES = {
    "instant": I, "dteday": W, "season": N, "yr": B, "mnth": O, "holiday": B, "weekday": O, "workingday": B, "weathersit": O,
    "temp": C, "atemp": C, "hum": C, "windspeed": C, "casual": D, "registered": D, "cnt": D,
}  # fmt: skip
HOSPITAL = {
    "index": I, "ProviderNumber": N, "HospitalName": N, "Address1": N, "Address2": N, "Address3": N, "City": N, "ZipCode": N,
    "CountyName": N, "PhoneNumber": N, "HospitalType": N, "HospitalOwner": N, "Condition": N, "MeasureCode": N, "MeasureName": N,
    "Score": C, "Sample": D, "StateAverage": N,
}  # fmt: skip
BEERS = {
    "index": I, "id": I, "beer-name": N, "style": N, "ounces": C, "abv": C, "ibu": D, "brewery_id": N, "brewery-name": N,
    "city": N, "state": N,
}  # fmt: skip
SNOW = {"!amt_annotation_ids": N, "!amt_worker_ids": N, "orig_id": N}
OF_ADULT = [D, N, D, O, O, N, N, N, N, B, D, D, D, N, B]
OF_CREDIT = [N, D, N, N, D, N, N, D, N, N, D, N, D, N, N, D, N, B, B, B, B]
EXPECTED: dict[str, tuple[str, str, dict[str, str]]] = {
    "adult": ("adult/adult.data.gz", ADULT, dict(zip(ADULT.split(), OF_ADULT, strict=True))),
    "german credit": ("german_credit/german.data", CREDIT, dict(zip(CREDIT.split(), OF_CREDIT, strict=True))),
    "california housing": ("california_housing/housing.csv.gz", "", {
        "longitude": C, "latitude": C, "housing_median_age": D, "total_rooms": D, "total_bedrooms": D, "population": D,
        "households": D, "median_income": C, "median_house_value": D, "ocean_proximity": N,
    }),
    "bikes by hour": ("bike_sharing/bike_sharing_dataset.zip|hour.csv", "", {**BIKES, "hr": D}),
    "bikes by day": ("bike_sharing/bike_sharing_dataset.zip|day.csv", "", BIKES),
    "electricity": ("elec2/electricity.csv.gz", "", {
        "date": C, "day": O, "period": C, "nswprice": C, "nswdemand": C, "vicprice": C, "vicdemand": C, "transfer": C, "class": B,
    }),
    "cookie cats": ("ab_cookie_cats/cookie_cats.csv.gz", "", {
        "userid": I, "version": B, "sum_gamerounds": D, "retention_1": B, "retention_7": B,
    }),
    "hospital, clean": ("dq_hospital/clean.csv", "", {**HOSPITAL, "State": B, "EmergencyService": B}),
    "hospital, dirty": ("dq_hospital/dirty.csv", "", {**HOSPITAL, "State": N, "EmergencyService": N}),
    "beers, clean": ("dq_beers/clean.csv", "", BEERS),
    "beers, dirty": ("dq_beers/dirty.csv", "", BEERS),
    "sms": ("sms_spam/SMSSpamCollection", "label text", {"label": B, "text": T}),
    "rte labels": ("crowd_snow2008/all_collected_data.tgz|rte.standardized.tsv", "", {**SNOW, "response": B, "gold": B}),
    "word similarity": ("crowd_snow2008/all_collected_data.tgz|wordsim.standardized.tsv", "", {
        "!amt_annotation_ids": N, "!amt_worker_ids": N, "orig_id": N, "response": C, "gold": C,
    }),
    "rte texts": ("crowd_snow2008/rte1_texts.tsv", "", {"id": I, "value": B, "task": N, "text": T, "hypothesis": T}),
    "headlines": ("crowd_snow2008/affect_headlines.tsv", "", {"id": I, "headline": T}),
    "bluebirds": ("crowd_bluebirds/answer.csv", "", {"question": N, "worker": N, "answer": B}),
    "dogs": ("crowd_dogs/answer.csv", "", {"question": N, "worker": N, "answer": N}),
    "cifar": ("cifar10n/cifar10n_labels.csv.gz", "", {
        "index": I, "clean_label": N, "aggre_label": N, "random_label1": N, "random_label2": N, "random_label3": N, "worse_label": N,
    }),
    "cifar, work": ("cifar10n/side_info_cifar10N.csv.gz", "", {
        "Image-batch": I, "Worker1-id": N, "Work-time-in-seconds-1": D, "Worker2-id": N, "Work-time-in-seconds-2": D,
        "Worker3-id": N, "Work-time-in-seconds-3": D,
    }),
    "weather": ("noaa_weather/NEweather_data.csv.gz", "temp dew pressure visibility wind gust high low", dict.fromkeys(
        ["temp", "dew", "pressure", "visibility", "wind", "gust", "high", "low"], C)),
    "mails": ("spamassassin/index.csv.gz", "", {"path": I, "folder": N, "label": B, "bytes": D, "sha256": I, "date_header": W}),
    "cells": ("images_bccd_boxes/boxes.csv", "", {"filename": N, "cell_type": N, "xmin": D, "xmax": D, "ymin": D, "ymax": D}),
    "tweets": ("gen_davidson_toxicity/labeled_data.csv.gz", "", {
        "column_1": I, "count": D, "hate_speech": D, "offensive_language": D, "neither": D, "class": N, "tweet": T,
    }),
    "translations": ("gen_wmt_mqm_ted_ende/mqm_ted_ende.tsv.gz", "", {
        "system": N, "doc": N, "doc_id": N, "seg_id": N, "rater": N, "source": T, "target": T, "category": N, "severity": O, "comment": N,
    }),
    "hatecheck": ("gen_hatecheck/test_suite_cases.csv", "", {
        "column_1": I, "functionality": N, "case_id": I, "test_case": T, "label_gold": B, "target_ident": N, "direction": N,
        "focus_words": N, "focus_lemma": N, "ref_case_id": N, "ref_templ_id": N, "templ_id": N, "case_templ": T,
    }),
    "stereotypes": ("gen_crows_pairs/crows_pairs_anonymized.csv", "", {
        "column_1": I, "sent_more": T, "sent_less": T, "stereo_antistereo": B, "bias_type": N, "annotations": N, "anon_writer": N,
        "anon_annotators": N,
    }),
    "questions": ("gen_truthfulqa/TruthfulQA.csv", "", {
        "Type": B, "Category": N, "Question": T, "Best Answer": T, "Best Incorrect Answer": T, "Correct Answers": T,
        "Incorrect Answers": T, "Source": T,
    }),
}  # fmt: skip


def read(corpus: Path, place: str, names: str) -> pl.DataFrame:
    path, _, member = place.partition("|")
    options = {"names": names.split(), "header": False} if names else {}
    given = open_data(corpus / path, sources=catalogue("source", SOURCES), kind="csv", options=options)
    return stack([one.frame for one in given if isinstance(one, RawTable) and one.archive.endswith(member)])


@pytest.fixture(scope="module")
def judged(corpus: Path) -> pl.DataFrame:
    """Every column with the scale that was written down and the one that was told."""
    rows = []
    for table, (place, names, expected) in EXPECTED.items():
        frame = read(corpus, place, names)
        keys = pl.int_range(frame.height, eager=True).cast(pl.String)
        told = type_table(frame, columns={}, keys=keys)
        assert set(told.columns) == set(expected), table
        rows += [
            (table, name, expected[name], one.scale, one.confidence, one.reason) for name, one in told.columns.items()
        ]
    return pl.DataFrame(rows, schema=["table", "column", "expected", "told", "confidence", "reason"], orient="row")


@pytest.mark.corpus
def test_scales_of_real_tables(judged: pl.DataFrame) -> None:
    wrong = judged.filter(pl.col("expected") != pl.col("told"))
    assert judged.height > 200
    assert 1 - wrong.height / judged.height >= 0.95, wrong.rows()


@pytest.mark.corpus
def test_confidence_is_earned(judged: pl.DataFrame) -> None:
    right = judged.with_columns((pl.col("expected") == pl.col("told")).alias("right"))
    sure, unsure = right.filter(pl.col("confidence") >= 0.9), right.filter(pl.col("confidence") < 0.9)
    assert sure["right"].mean() >= 0.97  # type: ignore[operator]  # a share
    assert sure["right"].mean() > unsure["right"].mean()  # type: ignore[operator]  # shares


@pytest.mark.corpus
def test_no_code_is_taken_for_a_quantity(judged: pl.DataFrame) -> None:
    quantities = pl.col("told").is_in(["continuous", "discrete"])
    assert judged.filter(quantities & pl.col("expected").is_in(["nominal", "identifier"])).rows() == []
