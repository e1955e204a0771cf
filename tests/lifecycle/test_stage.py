"""A stage is found again when nothing changed, and whole or not there otherwise."""

from collections.abc import Callable
from typing import Any

import pytest

from roadworthy.lifecycle import stage as stage_module
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.stage import Asked, Done, Stage, Work, carry_out, code_version, unplaced

MADE: list[str] = []


def make(work: Work) -> dict[str, Any]:
    MADE.append(work.folder.name)
    (work.folder / "result.txt").write_text("made")
    return {"rows": 3}


def fail(work: Work) -> dict[str, Any]:
    (work.folder / "half.txt").write_text("half")
    raise ValueError("no")


STAGE = Stage("acquire", ("kernel",), "tests_lifecycle_test_stage:make")


@pytest.fixture(autouse=True)
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    makers = {"tests_lifecycle_test_stage:make": make, "tests_lifecycle_test_stage:fail": fail}
    monkeypatch.setattr("roadworthy.lifecycle.stage.resolve", makers.__getitem__)
    MADE.clear()


def carry(project: Project, *, stage: Stage = STAGE, params: object = "p", sources: str = "s") -> Done:
    return carry_out(project, stage, Asked(params, {"sources": sources}), before=[], run="r")


def test_nothing_changed_is_found_again(bare_project: Callable[[], Project]) -> None:
    first, second = carry(bare_project()), carry(bare_project())
    assert (first.reused, second.reused) == (False, True)
    assert second.outputs == {"rows": 3}
    assert second.folder == first.folder
    assert len(MADE) == 1


@pytest.mark.parametrize(
    "change", [{"params": "q"}, {"sources": "t"}, {"stage": Stage("acquire", ("measures",), STAGE.maker)}]
)
def test_a_change_makes_it_again(bare_project: Callable[[], Project], change: dict[str, Any]) -> None:
    carry(bare_project())
    assert not carry(bare_project(), **change).reused
    assert len(MADE) == 2


def test_a_failure_leaves_nothing(bare_project: Callable[[], Project]) -> None:
    project = bare_project()
    with pytest.raises(ValueError, match="no"):
        carry(project, stage=Stage("acquire", ("kernel",), "tests_lifecycle_test_stage:fail"))
    assert list((project.home / "artefacts" / "acquire").iterdir()) == []
    assert not project.ledger.steps()


def test_a_step_that_was_made_but_not_recorded_is_recorded_on_the_next_run(bare_project: Callable[[], Project]) -> None:
    done = carry(bare_project())
    other = bare_project()
    ledger_file = other.home / "ledger.db"
    other.ledger.close()
    for place in other.home.glob("ledger.db*"):
        place.unlink()
    assert not ledger_file.exists()
    again = carry(bare_project())
    assert again.reused
    assert bare_project().ledger.step(done.fingerprint) is not None


def test_a_missing_side_result_is_made_again(bare_project: Callable[[], Project]) -> None:
    project = bare_project()
    carry(project)
    done = carry_out(project, STAGE, Asked("p", {"sources": "s"}, project.home / "gone"), before=[], run="r")
    assert not done.reused


def test_moving_a_table_of_the_declaration_changes_nothing() -> None:
    assert unplaced([{"kind": "csv", "line": 3}]) == unplaced([{"kind": "csv", "line": 7}])


def test_the_code_of_a_room_has_one_address() -> None:
    assert code_version(("kernel", "measures")) == code_version(("kernel", "measures"))
    assert code_version(("kernel",)) != code_version(("measures",))


def test_what_compilers_leave_beside_the_source_is_no_source(tmp_path, monkeypatch):
    room = tmp_path / "room"
    (room / "__pycache__").mkdir(parents=True)
    (room / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(stage_module, "_PACKAGE", tmp_path)
    before = stage_module.code_version.__wrapped__(("room",))
    (room / "__pycache__" / "a.loop-1.py311.nbi").write_bytes(b"compiled")
    assert stage_module.code_version.__wrapped__(("room",)) == before
    (room / "a.py").write_text("x = 2\n")
    assert stage_module.code_version.__wrapped__(("room",)) != before
