"""A project without data, for tests of how stages are carried out."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roadworthy.declare.data import Data, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.ports import Silent
from roadworthy.ledger.sql import open_ledger
from roadworthy.lifecycle.project import Keys, Project


@pytest.fixture
def bare_project(tmp_path: Path) -> Callable[[], Project]:
    """Opens a project in the same folder as often as it is called, as successive commands do."""

    def opened() -> Project:
        home = tmp_path / ".roadworthy"
        home.mkdir(exist_ok=True)
        problem = Problem(name="toy", need="a toy", task="binary", unit="one thing", target="label", positive="yes")
        return Project(
            root=tmp_path,
            home=home,
            declaration=Declaration(problem=problem, data=Data(sources=(Source(kind="csv"),))),
            ledger=open_ledger(f"sqlite:///{home / 'ledger.db'}"),
            keys=Keys(folder=tmp_path / "keys"),
            sources=Catalogue("source", {}),
            learners=Catalogue("learner", {}),
            checks=Catalogue("quality", {}),
            progress=Silent(),
            clock=lambda: datetime.now(UTC),
        )

    return opened
