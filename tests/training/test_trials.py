"""The search's memory survives being killed."""

from pathlib import Path

import pytest

from roadworthy.kernel.records import Trial
from roadworthy.training.trials import TrialLog


def a_trial(number: int) -> Trial:
    return Trial(number=number, learner="l", params={"a": 0.5, "b": 3}, score=0.1, folds=[0.1], seconds=1.0)


@pytest.fixture
def log(tmp_path: Path) -> TrialLog:
    log = TrialLog(tmp_path / "new" / "trials.jsonl")
    log.begin("key")
    for number in range(3):
        log.add(a_trial(number))
    return log


def test_trials_come_back_as_they_were(log: TrialLog) -> None:
    assert TrialLog(log.path).begin("key") == [a_trial(0), a_trial(1), a_trial(2)]


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_tail_is_cut_and_the_rest_goes_on(log: TrialLog, cut: int) -> None:
    log.path.write_bytes(log.path.read_bytes()[:-cut])
    assert log.begin("key") == [a_trial(0), a_trial(1)]
    log.add(a_trial(2))
    assert log.begin("key") == [a_trial(0), a_trial(1), a_trial(2)]


def test_rubbish_ends_what_is_believed(log: TrialLog) -> None:
    with log.path.open("ab") as stream:
        stream.write(b'{"number": 3, "learner": 5}\n')
    log.add(a_trial(4))
    assert len(log.begin("key")) == 3


def test_another_search_begins_anew(log: TrialLog) -> None:
    assert log.begin("other") == []
    assert log.begin("key") == []


def test_an_empty_or_foreign_file_is_no_memory(tmp_path: Path) -> None:
    for content in (b"", b"\x00\xff\n", b'["key"]\n', b'{"search": "ke'):
        (tmp_path / "trials.jsonl").write_bytes(content)
        assert TrialLog(tmp_path / "trials.jsonl").begin("key") == []
