"""A source run on small files, and what came of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from msgspec import Struct

from roadworthy.data.source import RawTable, SourceContext
from roadworthy.declare.data import Data, MailLabel, Source
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.ports import Silent
from roadworthy.wiring.builtin import SOURCES


class Came(Struct, frozen=True):
    """All rows in one frame, their names, and the findings."""

    parts: list[RawTable]
    findings: list[Finding]

    @property
    def frame(self) -> pl.DataFrame:
        return pl.concat([part.frame for part in self.parts], how="diagonal")

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.frame.to_dicts()

    @property
    def names(self) -> list[str]:
        return [name for part in self.parts for name in part.row_names().to_list()]

    @property
    def failed(self) -> dict[str, str]:
        return {one.check: one.summary for one in self.findings if one.verdict is Verdict.FAIL}

    def of(self, check: str) -> Finding:
        (found,) = [one for one in self.findings if one.check == check]
        return found


Run = Callable[..., Came]


def run_source(
    kind: str, path: str, *, root: Path, label: MailLabel | None = None, target: str = "", **options: Any
) -> Came:
    declared = Source(kind=kind, path=path, label=label, options=options)
    context = SourceContext(root=root, target=target, data=Data(sources=()), progress=Silent())
    given = list(resolve(SOURCES[kind])(declared, context=context))
    return Came([one for one in given if isinstance(one, RawTable)], [one for one in given if isinstance(one, Finding)])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(kind: str, path: str, **rest: Any) -> Came:
        return run_source(kind, path, root=tmp_path, **rest)

    return call


@pytest.fixture
def run_at() -> Run:
    def call(root: Path, kind: str, path: str, **rest: Any) -> Came:
        return run_source(kind, path, root=root, **rest)

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def put(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put
