"""Small tables and declarations."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from roadworthy.bundle.mail import Mail, mail_columns, parse_mail
from roadworthy.declare.data import Data, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.declare.training import Features


@pytest.fixture
def declared() -> Callable[..., Declaration]:
    """Makes a declaration; what is not named has its default."""

    def make(
        *, kind: str = "csv", features: Features | None = None, data: Any = None, problem: Any = None
    ) -> Declaration:
        facts = {"name": "toy", "need": "a toy", "task": "binary", "unit": "row", "target": "label", "positive": "yes"}
        return Declaration(
            problem=Problem(**(facts | (problem or {}))),
            data=Data(sources=(Source(kind=kind),), **(data or {})),
            features=features or Features(),
        )

    return make


def raw_mail(number: int, *, spam: bool) -> bytes:
    domain = f"shop{number % 4}.example" if spam else f"friend{number % 3}.example"
    body = "free money offer click now" if spam else "see you at the meeting tomorrow"
    words = " ".join(f"word{(number * step) % 11}" for step in range(1, 9))
    return (
        f"From: someone@{domain}\nTo: me@home.example\nSubject: {'WIN!!' if spam else 'Re: plans'} {number % 5}\n"
        f"Message-ID: <{number}@{domain}>\nDate: Thu, 22 Aug 2002 12:{number % 60:02}:00 +0000\n"
        f"Received: from {domain} by mx.home.example; Thu, 22 Aug 2002 {number // 60:02}:{number % 60:02}:30 +0000\n\n"
        f"{body} {words} http://{domain}/{number}\nAntwort für Zoë 免费 💰\n"
    ).encode()


@pytest.fixture
def raws() -> list[bytes]:
    """120 mails, every third one spam, a minute apart."""
    return [raw_mail(number, spam=number % 3 == 0) for number in range(120)]


@pytest.fixture
def truth() -> np.ndarray:
    """1 for the spam of `raws`."""
    return np.array([number % 3 == 0 for number in range(120)], dtype=np.int8)


@pytest.fixture
def mails(raws: Sequence[bytes]) -> pl.DataFrame:
    """`raws` as a snapshot's table."""
    columns = mail_columns([parse_mail(raw) for raw in raws])
    lists = {name for name, kind in Mail.__annotations__.items() if "list" in str(kind)}
    table = pl.DataFrame(
        {
            name: pl.Series(name, values, dtype=pl.List(pl.String) if name in lists else None)
            for name, values in columns.items()
        }
    )
    return table.with_columns(label=pl.lit("yes"), row_key=pl.lit("k"))


@pytest.fixture
def loans() -> pl.DataFrame:
    """80 rows of every scale."""
    rows = np.arange(80)
    return pl.DataFrame(
        {
            "id": [f"loan-{row}" for row in rows],
            "day": pl.Series([f"2024-01-{1 + row % 28:02}" for row in rows]).str.to_date(),
            "age": 20 + rows % 50,
            "amount": [None if row % 9 == 0 else float(row) for row in rows],
            "job": [("chef", "cook", "spy")[row % 3] if row % 7 else None for row in rows],
            "rating": [("low", "middle", "high")[row % 3] for row in rows],
            "owner": [bool(row % 2) for row in rows],
            "note": [f"a note of some words number{row % 6} and more" for row in rows],
            "shop": [f"shop{row % 5}" for row in rows],
            "sex": [("f", "m")[row % 2] for row in rows],
            "leak_score": rows.astype(float),
            "label": [("yes", "no")[row % 2] for row in rows],
        }
    )
