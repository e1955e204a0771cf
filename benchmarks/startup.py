"""What it costs to start: CPU seconds of an import, of `--version`, of `check`, and of a stage with nothing to do."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness import ROOT, Line, arguments, report, timed
from roadworthy.declare.data import Data, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.ports import Silent
from roadworthy.ledger.sql import open_ledger
from roadworthy.lifecycle.project import Keys, Project
from roadworthy.lifecycle.stage import Asked, Stage, carry_out

PROGRAM = Path(sys.executable).parent / "roadworthy"


def main() -> None:
    given = arguments(__doc__ or "", peers=["scikit-learn"])
    times = 3 if given.quick else 10
    python = [sys.executable, "-c"]
    lines = [
        again("import roadworthy", times, [*python, "import roadworthy"]),
        again("roadworthy --version", times, [PROGRAM, "--version"]),
        again("roadworthy check", times, [PROGRAM, "check", ROOT / "examples" / "credit"]),
        again("python -c pass", times, [*python, "pass"]),
    ]
    if "scikit-learn" in given.peers:
        lines.append(again("import sklearn.linear_model", times, [*python, "import sklearn.linear_model"]))
    lines.append(nothing_to_do(20 * times))
    report("start-up, per call", lines, ours="import roadworthy", given=given)


def again(name: str, times: int, command: list[Any]) -> Line:
    """The mean of several calls."""
    environment = os.environ | {"ROADWORTHY_DATA": os.environ.get("ROADWORTHY_DATA", "/nowhere")}

    def work() -> dict[str, Any]:
        for _ in range(times):
            subprocess.run(command, capture_output=True, check=True, env=environment)
        return {}

    return _each(name, times, work)


def nothing_to_do(times: int) -> Line:
    """A stage whose result is found again."""
    with TemporaryDirectory() as name:
        home = Path(name)
        problem = Problem(name="toy", need="toy", task="binary", unit="one", target="y", positive="1")
        project = Project(
            root=home,
            home=home,
            declaration=Declaration(problem=problem, data=Data(sources=(Source(kind="csv"),))),
            ledger=open_ledger(f"sqlite:///{home / 'ledger.db'}"),
            keys=Keys(folder=home),
            sources=Catalogue("source", {}),
            learners=Catalogue("learner", {}),
            progress=Silent(),
            clock=lambda: datetime.now(UTC),
        )
        stage = Stage("acquire", ("kernel", "measures"), "benchmarks_startup:make")
        sys.modules["benchmarks_startup"] = sys.modules[__name__]

        def step() -> None:
            carry_out(project, stage, Asked("p", {"sources": "s"}), before=[], run="r")

        step()
        return _each("a stage with nothing to do", times, lambda: [step() for _ in range(times)] and {})


def make(_work: object) -> dict[str, Any]:
    """A stage that makes nothing."""
    return {}


def _each(name: str, times: int, work: Callable[[], dict[str, Any]]) -> Line:
    whole = timed(name, work)
    facts = {"CPU ms": round(1000 * whole.cpu / times, 2), "wall ms": round(1000 * whole.wall / times, 2)}
    return Line(name, whole.cpu / times, whole.wall / times, facts)


if __name__ == "__main__":
    main()
