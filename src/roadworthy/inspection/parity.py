"""Test level `integration`: the whole pipeline in a fresh process, row by row against the training path."""

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from roadworthy.inspection.replay import Answers, Sample
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict

TOLERANCE = 1e-6
"""Largest difference of a probability that is still rounding (features are float32)."""

_SECONDS = 120.0
_SHOWN = 5
_TAIL = 1500


def inspect_parity(
    bundle: Path,
    sample: Sample,
    *,
    expected: NDArray[np.float64],
    threshold: float,
    tolerance: float = TOLERANCE,
    seconds: float = _SECONDS,
) -> list[Finding]:
    """Answer a sample in a fresh process and hold it against what the training path said of the same rows.

    Args:
        bundle: folder. sample: raw messages, or columns of plain JSON-like cells.
        expected: probabilities by the training path, one a row.
        threshold: of the decision. tolerance: largest difference that counts as rounding.
        seconds: after which the fresh process is given up.

    Returns:
        `integration.parity`, which blocks a release.
    """
    answers, failure = _fresh(bundle, sample, seconds)
    if answers is None:
        return [_broken(bundle, f"the fresh process gave no answer: {failure}")]
    found = np.asarray(answers.probability)
    if len(found) != len(expected):
        return [_broken(bundle, f"{len(found)} answers for {len(expected)} rows")]
    gap = np.abs(found - expected)
    gap[~np.isfinite(gap)] = np.inf
    flipped = np.asarray(answers.decision, dtype=np.int64) != (expected >= threshold)
    flipped &= np.abs(expected - threshold) > tolerance
    wrong = np.flatnonzero((gap > tolerance) | flipped)
    largest = float(gap.max(initial=0.0))
    rows = [
        {"row": int(row), "training": float(expected[row]), "bundle": float(found[row])}
        for row in wrong[np.argsort(-gap[wrong], kind="stable")][:_SHOWN]
    ]
    return [
        Finding(
            check="integration.parity",
            subject=bundle.name,
            verdict=Verdict.FAIL if len(wrong) else Verdict.PASS,
            summary=(
                f"{len(wrong)} of {len(found)} rows are answered otherwise by the bundle than in training, by up to "
                f"{largest:.2g}"
                if len(wrong)
                else f"{len(found)} rows get the same answer from the bundle in a fresh process as in training"
            ),
            measured=largest,
            unit="probability",
            limit=Limit("<=", tolerance),
            severity=Severity.BLOCKER,
            evidence={"rows": len(found), "unlike": len(wrong), "worst": rows, "version": answers.version},
            remedy="compare the features of the worst rows on both paths" if len(wrong) else "",
        )
    ]


def _fresh(bundle: Path, sample: Sample, seconds: float) -> tuple[Answers | None, str]:
    """Answers of a new process, or why there are none."""
    with tempfile.TemporaryDirectory(prefix="roadworthy-parity-") as name:
        asked, answered = Path(name) / "sample.msgpack", Path(name) / "answers.msgpack"
        asked.write_bytes(msgspec.msgpack.encode(sample))
        command = [sys.executable, "-m", "roadworthy.inspection.replay", str(bundle), str(asked), str(answered)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)  # noqa: S603  # our own module
        except subprocess.TimeoutExpired:
            return None, f"no end after {seconds:g} s"
        if done.returncode != 0:
            tail = done.stderr.decode(errors="replace").strip()[-_TAIL:]
            return None, tail or f"exit code {done.returncode}"
        return msgspec.msgpack.decode(answered.read_bytes(), type=Answers), ""


def _broken(bundle: Path, why: str) -> Finding:
    return Finding(
        check="integration.parity",
        subject=bundle.name,
        verdict=Verdict.FAIL,
        summary=why.splitlines()[-1] if why else why,
        severity=Severity.BLOCKER,
        evidence={"output": why},
        remedy="load the bundle by hand with `roadworthy.bundle.model.Model.load` and see what it lacks",
    )
