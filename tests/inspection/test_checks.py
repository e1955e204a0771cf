import os

from roadworthy.inspection.checks import run_checks
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict

GOOD = """
import os
from pathlib import Path

import pytest


def test_bundle_is_named():
    assert Path(os.environ["ROADWORTHY_BUNDLE"]).is_dir()


@pytest.mark.parametrize("n", [1, 2])
def test_numbers(n):
    assert n < 2, "two is too many"


@pytest.mark.skip(reason="not today")
def test_later():
    pass
"""


def run(folder, bundle, **rest):
    return run_checks(folder, bundle, environment=dict(os.environ), **rest)


def checks(tmp_path, text, name="test_mine.py"):
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / name).write_text(text)
    return folder


def test_each_test_is_a_finding(tmp_path):
    found = {f.subject.rpartition("::")[2]: f for f in run(checks(tmp_path, GOOD), tmp_path)}
    assert {name: f.verdict for name, f in found.items()} == {
        "test_bundle_is_named": Verdict.PASS,
        "test_numbers[1]": Verdict.PASS,
        "test_numbers[2]": Verdict.FAIL,
        "test_later": Verdict.CANNOT_TELL,
    }
    failed = found["test_numbers[2]"]
    assert failed.check == "unit.user_check"
    assert failed.blocks
    assert "two is too many" in failed.summary
    assert found["test_later"].severity is Severity.NOTE
    assert not list((tmp_path / "checks").glob("**/__pycache__"))


def test_no_folder_no_findings(tmp_path):
    assert run(tmp_path / "checks", tmp_path) == []


def test_a_folder_without_tests_says_so(tmp_path):
    (found,) = run(checks(tmp_path, "x = 1", name="notes.py"), tmp_path)
    assert found.verdict is Verdict.CANNOT_TELL
    assert "holds no test" in found.summary


def test_a_file_that_cannot_be_read_fails(tmp_path):
    found = run(checks(tmp_path, "def test_x(:\n"), tmp_path)
    assert any(f.verdict is Verdict.FAIL and f.blocks for f in found)


def test_a_crash_of_the_process_is_a_finding_with_its_output(tmp_path):
    folder = checks(tmp_path, "import os\n\n\ndef test_x():\n    print('last words', flush=True)\n    os._exit(9)\n")
    (found,) = run(folder, tmp_path)
    assert found.verdict is Verdict.FAIL
    assert "code 9" in found.summary


def test_checks_that_do_not_end_are_given_up(tmp_path):
    folder = checks(tmp_path, "import time\n\n\ndef test_x():\n    time.sleep(30)\n")
    (found,) = run(folder, tmp_path, seconds=1.0)
    assert "no end after 1 s" in found.summary
