"""What a run says, and what it does not do again."""

import json
import subprocess
import sys
from pathlib import Path


def test_one_json_object_says_everything(mailbox):
    said = mailbox.json("run")
    assert said["verdict"] == "pass"
    assert len(said["model"]) == 64
    recall = said["metrics"]["recall"]
    assert recall["interval"]["low"] <= recall["value"] <= recall["interval"]["high"]
    assert {"check", "subject", "verdict", "summary"} <= set(said["findings"][0])
    assert json.loads(Path(said["certificate"]).read_bytes())["payloadType"] == "application/vnd.in-toto+json"


def test_exit_codes_tell_three_outcomes_apart(mailbox):
    mailbox.call("run", code=0)
    mailbox.rewrite('recall      = { limit = ">= 0.3", at = "point" }', 'recall = ">= 0.9999"')
    assert mailbox.json("run", code=1)["verdict"] in ("fail", "cannot tell")
    mailbox.rewrite("positive =", "positif =")
    problems = mailbox.json("run", code=2)["problems"]
    assert any("positive" in problem["fix"] and "roadworthy.toml:" in problem["where"] for problem in problems)


def test_a_second_run_finds_everything_and_loads_no_trainer(mailbox):
    certificate = (mailbox.bundle / "certificate.json").read_bytes()
    code = (
        "import sys; from roadworthy.wiring.assembly import open_project; from roadworthy.lifecycle.run import run\n"
        "result = run(open_project('.'))\n"
        "print(all(stage['reused'] for stage in result.stages.values()))\n"
        "print(sorted({'sklearn', 'optuna', 'onnxruntime', 'deltalake'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=mailbox.root,
        env=mailbox.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["True", "[]"]
    assert (mailbox.bundle / "certificate.json").read_bytes() == certificate


def test_a_waiver_is_signed_into_the_certificate(mailbox):
    mailbox.rewrite("[require]", '[require]\nbrier = "<= 0.00001"')
    mailbox.call("run", code=1)
    mailbox.call("release", code=2)
    waived = ("--person", "Ada", "--reason", "a pilot with five users", "--expires", "2099-01-01")
    mailbox.call("waive", "performance.brier", *waived, code=0)
    assert mailbox.json("run")["verdict"] == "pass"
    assert mailbox.json("release")["by_waiver"] is True
