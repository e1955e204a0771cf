"""Small declarations, mails and archives for the tests of this room."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from roadworthy.data.acquire import Acquired, acquire
from roadworthy.data.quality.look import look_with
from roadworthy.declare.data import Data, MailLabel, Source, SplitPlan
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.ports import Silent
from roadworthy.wiring.builtin import QUALITY

FOLDERS = MailLabel(origin="folder", values={"spam": ("spam*",), "ham": ("*ham*",)})
SOURCES: Catalogue[Any] = Catalogue(
    "source",
    {
        "mail": "roadworthy.data.sources.mail:mail",
        "csv": "roadworthy.data.sources.csv:csv",
        "prediction_log": "roadworthy.data.sources.prediction_log:prediction_log",
        "database": "roadworthy.data.sources.database:database",
    },
)
CHECKS: Catalogue[Any] = Catalogue("quality", QUALITY)


def declared(*sources: Source, positive: str = "spam", target: str = "label", **rest: Any) -> Declaration:
    split = rest.pop("split", SplitPlan())
    problem = Problem(
        name="p",
        need="n",
        task="binary",
        unit="u",
        target=target,
        positive=positive,
        protected=rest.pop("protected", ()),
    )
    return Declaration(problem=problem, data=Data(sources=sources, **rest), split=split)


def mails(path: str = "box.tar", label: MailLabel | None = FOLDERS, **rest: Any) -> Source:
    return Source(kind="mail", path=path, label=label, **rest)


def letter(number: int, *, words: str = "some words", headers: str = "") -> bytes:
    day = 1 + number % 28
    return (
        f"Received: from a by mx; {day:02d} Jan 2020 12:00:{number % 60:02d} +0000\n"
        f"From: Ann {number} <ann{number}@mail.example.org>\n"
        f"To: bob@example.net\nMessage-ID: <{number}@example.org>\nSubject: about {number}\n"
        f"{headers}\n{words} {number}\n"
    ).encode()


def pack(path: Path, members: dict[str, bytes], *, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return path


def two_classes(count: int = 6) -> dict[str, bytes]:
    return {f"{'spam' if number % 2 else 'ham'}/{number}": letter(number) for number in range(count)}


def acquired(declaration: Declaration, root: Path, *, key: bytes = b"key") -> Acquired:
    folder = root / "out"
    folder.mkdir(exist_ok=True)
    made = acquire(declaration, root=root, sources=SOURCES, folder=folder, progress=Silent(), key=key)
    return Acquired(made.snapshot, made.findings + look_with(CHECKS, made.look).findings, made.look)


@pytest.fixture
def make() -> SimpleNamespace:
    return SimpleNamespace(
        FOLDERS=FOLDERS,
        SOURCES=SOURCES,
        declared=declared,
        mails=mails,
        letter=letter,
        pack=pack,
        two_classes=two_classes,
        acquired=acquired,
    )


@pytest.fixture(scope="session")
def making() -> SimpleNamespace:
    return SimpleNamespace(SOURCES=SOURCES, declared=declared, mails=mails)


@pytest.fixture
def acquire_to() -> Callable[..., None]:
    def into(declaration: Declaration, folder: Path, *, key: bytes) -> None:
        folder.mkdir()
        acquire(declaration, root=folder, sources=SOURCES, folder=folder, progress=Silent(), key=key)

    return into
