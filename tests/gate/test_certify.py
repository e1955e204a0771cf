from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import roadworthy
from roadworthy.bundle.certificate import Waiver, verify_bundle
from roadworthy.bundle.keys import signing_key
from roadworthy.declare.requirements import Require
from roadworthy.gate.certify import Evidence, certify
from roadworthy.gate.decide import ALWAYS, decide
from roadworthy.gate.environment import code_fingerprint, environment
from roadworthy.kernel.errors import GateError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict, parse_limit
from roadworthy.kernel.records import Evaluation, Measured, Snapshot, Split

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
REQUIRE = Require(metrics={"recall": parse_limit(">= 0.9")})


def evidence(*findings, **changes):
    facts = {
        "name": "spam-filter",
        "sentence": "Find spam",
        "snapshot": Snapshot(id="s" * 64, kind="mail", rows=100, columns={}, sources=[]),
        "split": Split(
            method="time",
            train=np.arange(70),
            test=np.arange(70, 100),
            group=np.arange(100),
            cut="2026-01-01T00:00:00Z",
        ),
        "evaluation": Evaluation(metrics={"recall": Measured(0.97, Interval(0.9, 0.99), 100)}, confusion={}, curves={}),
        "threshold": 0.9,
        "findings": list(findings),
        "levels_run": list(ALWAYS),
        "declaration": "d",
        "features": "f",
        "code": code_fingerprint(Path(roadworthy.__file__).parent),
        "environment": environment(),
        "ledger_head": "e" * 64,
    }
    return Evidence(**(facts | changes))


def recall(verdict, severity=Severity.BLOCKER):
    return Finding(check="performance.recall", subject="test", verdict=verdict, summary="", severity=severity)


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").write_text("{}")
    return tmp_path / "bundle"


def certified(bundle, found, waivers=()):
    key = signing_key(bundle.parent / "signing.key")
    decision = decide(found.findings, require=REQUIRE, levels_run=found.levels_run, waivers=waivers, now=NOW)
    return certify(bundle, evidence=found, decision=decision, key=key, now=NOW), key


def test_what_is_signed_is_what_is_read(bundle):
    certificate, key = certified(bundle, evidence(recall(Verdict.PASS)))
    assert verify_bundle(bundle, trusted=[key.public], now=NOW) == certificate
    assert certificate.split == {"method": "time", "cut": "2026-01-01T00:00:00Z", "train": 70, "test": 30}
    assert certificate.ends == NOW + timedelta(days=365)
    assert certificate.environment["python"].startswith("CPython")


def test_a_refused_model_has_a_certificate_too_and_it_says_why(bundle):
    certificate, key = certified(bundle, evidence(recall(Verdict.FAIL)))
    assert certificate.verdict is Verdict.FAIL
    with pytest.raises(GateError, match=r"did not pass the gate"):
        verify_bundle(bundle, trusted=[key.public], now=NOW)


def test_the_declared_review_ends_it(bundle):
    certificate, _ = certified(bundle, evidence(recall(Verdict.PASS), review_by=date(2026, 7, 1)))
    assert certificate.ends == datetime(2026, 7, 2, tzinfo=UTC)
    with pytest.raises(GateError, match=r"to be reviewed by 2026-05-03"):
        certified(bundle, evidence(recall(Verdict.PASS), review_by=date(2026, 5, 3)))


def test_a_waiver_is_signed_with_it_and_ends_it(bundle):
    waiver = Waiver(person="Ada", reason="a small pilot", expires=date(2026, 5, 9), check="performance.recall")
    unused = Waiver(person="Bob", reason="never asked for", expires=date(2026, 5, 8), check="data.size")
    certificate, key = certified(bundle, evidence(recall(Verdict.FAIL)), [waiver, unused])
    assert certificate.waivers == [waiver]
    assert verify_bundle(bundle, trusted=[key.public], now=NOW).by_waiver
    with pytest.raises(GateError, match=r"the waiver of performance.recall by Ada ended"):
        verify_bundle(bundle, trusted=[key.public], now=datetime(2026, 5, 10, tzinfo=UTC))


def test_a_declared_bar_is_a_blocker_in_the_certificate_whatever_its_check_said(bundle):
    waiver = Waiver(person="Ada", reason="a small pilot", expires=date(2026, 5, 9), check="performance.recall")
    certificate, key = certified(bundle, evidence(recall(Verdict.FAIL, Severity.NOTE)), [waiver])
    assert certificate.findings[0].severity is Severity.BLOCKER
    assert verify_bundle(bundle, trusted=[key.public], now=NOW).by_waiver


def test_code_has_one_address_that_changes_with_it(tmp_path):
    (tmp_path / "a.py").write_text("a = 1")
    before = code_fingerprint(tmp_path)
    (tmp_path / "notes.txt").write_text("no code")
    assert code_fingerprint(tmp_path) == before
    (tmp_path / "a.py").write_text("a = 2")
    assert code_fingerprint(tmp_path) != before


def test_libraries_that_are_not_there_are_left_out():
    assert "no-such-library" not in environment(("no-such-library", "numpy"))
    assert "numpy" in environment(("no-such-library", "numpy"))
