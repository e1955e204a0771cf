"""The user's own `checks/`: pytest files that are run against the bundle; every test becomes a finding.

A check finds the bundle by the environment variable `ROADWORTHY_BUNDLE`.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as Xml

from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict

_NO_TESTS = 5
_DONE = (0, 1)
_TAIL = 2000


def run_checks(folder: Path, bundle: Path, *, environment: Mapping[str, str], seconds: float = 300.0) -> list[Finding]:
    """Run the user's tests in a process of their own.

    Args:
        folder: `checks/` beside the declaration; where there is none, nothing is found.
        bundle: the folder of the model.
        environment: variables for the tests; `ROADWORTHY_BUNDLE` is added.
        seconds: after which they are given up.

    Returns:
        `unit.user_check` for each test: a failure blocks a release, a skipped test is a note.
    """
    if not folder.is_dir():
        return []
    with tempfile.TemporaryDirectory(prefix="roadworthy-checks-") as name:
        report = Path(name) / "report.xml"
        command = [
            *(sys.executable, "-m", "pytest", str(folder.resolve()), "-q", "-c", os.devnull),
            *(f"--rootdir={folder.resolve()}", "-p", "no:cacheprovider", f"--junitxml={report}"),
        ]
        try:
            done = subprocess.run(  # noqa: S603  # the user's own tests, in the user's own folder
                command,
                cwd=folder.resolve().parent,
                env={"PYTHONDONTWRITEBYTECODE": "1", **environment, "ROADWORTHY_BUNDLE": str(bundle.resolve())},
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as err:
            return [_broken(folder, f"no end after {seconds:g} s", (err.stdout or b"").decode(errors="replace"))]
        output = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode == _NO_TESTS:
            return [_none(folder)]
        if done.returncode not in _DONE or not report.exists():
            return [_broken(folder, f"pytest ended with code {done.returncode}", output)]
        return [_finding(case) for case in Xml.parse(report).iter("testcase")]  # noqa: S314  # written by the run above


def _finding(case: Xml.Element) -> Finding:
    subject = f"{case.get('classname', '')}::{case.get('name', '')}".removeprefix("::")
    bad = next((part for part in case if part.tag in {"failure", "error"}), None)
    skipped = next((part for part in case if part.tag == "skipped"), None)
    told = bad if bad is not None else skipped
    why = (told.get("message") or "").strip().splitlines()[:1] if told is not None else []
    words = "passed" if told is None else "was skipped" if bad is None else "failed"
    return Finding(
        check="unit.user_check",
        subject=subject,
        verdict=Verdict.PASS if told is None else Verdict.FAIL if bad is not None else Verdict.CANNOT_TELL,
        summary=f"{case.get('name', '')} {words}" + (f": {why[0]}" if why else ""),
        severity=Severity.NOTE if bad is None and skipped is not None else Severity.BLOCKER,
        evidence={
            "seconds": float(case.get("time", "0")),
            "output": (told.text or "")[-_TAIL:] if told is not None else "",
        },
        remedy="see the output, or run pytest on the file with ROADWORTHY_BUNDLE set" if bad is not None else "",
    )


def _broken(folder: Path, why: str, output: str) -> Finding:
    missing = "No module named pytest" in output
    return Finding(
        check="unit.user_check",
        subject=folder.name,
        verdict=Verdict.FAIL,
        summary=f"the checks could not be run: {'pytest is not installed' if missing else why}",
        severity=Severity.BLOCKER,
        evidence={"output": output[-_TAIL:]},
        remedy="pip install pytest" if missing else "run pytest on the folder and read what it says",
    )


def _none(folder: Path) -> Finding:
    return Finding(
        check="unit.user_check",
        subject=folder.name,
        verdict=Verdict.CANNOT_TELL,
        summary=f"{folder.name}/ holds no test",
        severity=Severity.WARNING,
        remedy="name files test_*.py and functions test_*, or remove the folder",
    )
