"""What the page of the journey tells is what happens: both examples on real data, by the command line alone."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
LABELS = ("spam", "ham")
COMMAND = str(Path(sys.executable).with_name("roadworthy"))
SMALLER = {
    r"search\s*= .*": 'search = { trials = 6, folds = 3, budget = "5m" }',
    r"concurrent\s*= .*": "concurrent = 4",
    r"seconds\s*= .*": "seconds = 0.5",
    r"(mean_ms|p99_ms)\s*= .*": "",
    r"labels\s*= .*": 'labels = { delay = "0s", source = "feedback" }',
}
"""The examples with a shorter search, without bars on time (who knows what else runs here), and labels due at once."""


def _example(name, folder, corpus):
    text = (ROOT / "examples" / name / "roadworthy.toml").read_text()
    for pattern, instead in SMALLER.items():
        text = re.sub(rf"^{pattern}$", instead, text, flags=re.MULTILINE)
    project = folder / name
    project.mkdir()
    (project / "roadworthy.toml").write_text(text)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ROADWORTHY_")}
    kept |= {"ROADWORTHY_DATA": str(corpus), "ROADWORTHY_KEYS": str(folder / "keys")}

    def call(*words, code=0):
        done = subprocess.run(
            [COMMAND, *map(str, words), "--json"], capture_output=True, cwd=project, env=kept, timeout=280, check=False
        )
        assert done.returncode in ({code} if isinstance(code, int) else code), done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout)

    return SimpleNamespace(project=project, call=call, environment=kept)


@pytest.fixture(scope="module")
def spam(corpus, tmp_path_factory):
    made = _example("spam", tmp_path_factory.mktemp("journey"), corpus)
    made.first = made.call("run", code={0, 1})
    return made


@pytest.fixture(scope="module")
def released(spam):
    """The model on the road; a person answers for the precision that this corpus is too small to show."""
    if spam.first["verdict"] != "pass":
        spam.call("waive", "performance.precision", "--person", "Ada", "--reason", "a pilot with fifty users",
                  "--expires", "2099-12-31")  # fmt: skip
    spam.second = spam.call("run")
    spam.moved = spam.call("release")
    return spam


@pytest.fixture(scope="module")
def credit(corpus, tmp_path_factory):
    made = _example("credit", tmp_path_factory.mktemp("journey"), corpus)
    made.first = made.call("run", code=1)
    return made


@pytest.fixture(scope="module")
def latest(corpus):
    """The last raw mails of two folders of the corpus in turn, with their labels."""
    with tarfile.open(corpus / "spamassassin" / "spamassassin_raw.tar.gz") as archive:
        found = [member for member in archive if member.isfile()]
        spam, ham = ([m for m in found if name in m.name][-80:] for name in ("spam_2", "easy_ham_2"))
        held = {m.name: archive.extractfile(m).read() for m in sorted([*spam, *ham], key=lambda m: m.offset)}
    return [
        (label, held[m.name]) for pair in zip(spam, ham, strict=True) for label, m in zip(LABELS, pair, strict=True)
    ]


@contextmanager
def _server(project):
    """Asks the real server: `ask(path, body)`."""
    server = subprocess.Popen(
        [COMMAND, "serve", "--port", "0"], cwd=project.project, env=project.environment, stderr=subprocess.PIPE
    )
    try:
        root = re.search(rb"(http://.+?)/v2/", server.stderr.readline())[1].decode()
        yield lambda path, body: _post(root + path, body)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)


def _found(result, check):
    return [finding for finding in result["findings"] if finding["check"] == check]


def test_real_mail_comes_to_a_verdict_with_an_interval_on_every_figure(spam):
    metrics = spam.first["metrics"]
    assert metrics["f1"]["value"] >= 0.94
    assert metrics["false_positive_rate"]["value"] <= 0.01
    assert metrics["one_minus_auc_percent"]["value"] <= 0.12
    for name in ("accuracy", "precision", "recall", "f1", "auc", "false_positive_rate", "error_rate"):
        interval = metrics[name]["interval"]
        assert interval["low"] <= metrics[name]["value"] <= interval["high"]
    (balance,) = _found(spam.first, "data.balance")
    assert balance["evidence"]["counts"] == {"ham": 4149, "spam": 1897}


def test_the_bars_of_the_lesson_are_judged_and_doubt_says_how_much_more_is_needed(spam):
    (precision,) = _found(spam.first, "performance.precision")
    (recall,) = _found(spam.first, "performance.recall")
    (false_alarms,) = _found(spam.first, "performance.false_positive_rate")
    assert false_alarms["verdict"] == recall["verdict"] == "pass"
    assert precision["verdict"] == "pass" or precision["more_rows"] > 0
    assert _found(spam.first, "performance.imbalance")


def test_every_level_was_tried_and_no_contract_is_broken(spam):
    for check in ("unit.shape", "unit.missing_values", "integration.parity", "integration.odd_inputs"):
        assert {finding["verdict"] for finding in _found(spam.first, check)} == {"pass"}, check
    assert _found(spam.first, "robustness.typos")
    assert _found(spam.first, "stress.errors")


def test_a_second_run_does_nothing_again(spam):
    again = spam.call("run", code={0, 1})
    assert again["model"] == spam.first["model"]
    assert again["cpu_seconds"] < 3
    assert {name for name, stage in again["stages"].items() if not stage["reused"]} <= {"decide"}


def test_only_a_certificate_that_holds_goes_on_the_road(released):
    assert released.second["verdict"] == "pass"
    assert released.moved["version"] == released.second["model"]
    bundle = Path(released.second["certificate"]).parent
    assert released.call("verify", bundle)["verdict"] == "pass"
    assert Path(released.call("report")["report"]).stat().st_size > 20_000
    copy = released.project / "copy"
    shutil.copytree(bundle, copy)
    certificate = copy / "certificate.json"
    certificate.write_bytes(certificate.read_bytes().replace(b'"payload":"e', b'"payload":"f', 1))
    assert "certificate" in released.call("verify", copy, code=2)["error"]["what"]


def test_the_picture_shows_what_each_stage_holds(released):
    stages = {stage["name"]: stage for stage in released.call("status")}
    assert list(stages) == ["frame", "acquire", "prepare", "train", "evaluate", "inspect", "gate", "serve", "watch"]
    assert stages["acquire"]["holds"] == "6,046 records"
    assert {stages[name]["state"] for name in ("acquire", "prepare", "train", "evaluate", "inspect", "serve")} == {
        "done"
    }
    assert stages["watch"]["state"] == "empty"
    assert "roadworthy watch" in stages["watch"]["blocks"]


def test_a_batch_gets_the_answers_of_the_server_and_nothing_is_lost(released, latest):
    inbox = released.project / "inbox"
    inbox.mkdir()
    for number, (_, raw) in enumerate(latest[:20]):
        (inbox / f"{number:02}.eml").write_bytes(raw)
    done = released.call("score", inbox, "--out", "answers.jsonl")
    lines = [json.loads(line) for line in (released.project / "answers.jsonl").read_text().splitlines()]
    assert done["rows"] == len(lines) == 20
    with _server(released) as ask:
        for line, (_, raw) in zip(lines, latest[:20], strict=True):
            assert ask("/v2/models/spam-filter/mail", raw)["probability"] == line["probability"]


def test_raw_mail_is_answered_logged_explained_and_watched(released, latest):
    with _server(released) as ask:
        said = [ask("/v2/models/spam-filter/mail", raw) for _, raw in latest[:10]]
        back = [{"id": one["id"], "label": label} for one, (label, _) in zip(said, latest, strict=False)]
        assert ask("/feedback", json.dumps(back).encode())["accepted"] == 10
    assert sum(one["label"] == label for one, (label, _) in zip(said, latest, strict=False)) >= 9
    told = released.call("explain", said[0]["id"])
    assert told["label"] == said[0]["label"]
    assert told["labels"] == ["spam"]
    assert told["effects"]
    watched = released.call("watch", "--no-action", code={0, 1})
    assert (watched["predictions"], watched["labels"]) == (30, 10)
    assert {finding["check"] for finding in watched["findings"]} >= {"drift.input", "drift.prediction"}


def test_a_breach_opens_a_run_and_its_model_meets_the_same_gate(released, latest):
    """Suddenly half of the mail is spam, and liars turn every label over."""
    with _server(released) as ask:
        said = [ask("/v2/models/spam-filter/mail", raw) for _, raw in latest]
        lies = {"spam": "ham", "ham": "spam"}
        back = [{"id": one["id"], "label": lies[label]} for one, (label, _) in zip(said, latest, strict=True)]
        ask("/feedback", json.dumps(back).encode())
    watched = released.call("watch", code=1)
    assert watched["breach"]
    assert "drift.prediction" in {found["check"] for found in watched["findings"] if found["verdict"] == "fail"}
    before, successor = released.moved["version"], watched["retrained"]
    assert successor["model"] != before
    assert successor["released"] is (successor["verdict"] == "pass")
    stages = {stage["name"]: stage for stage in released.call("status")}
    assert (successor["model"] if successor["released"] else before)[:12] in stages["serve"]["holds"]
    assert int(stages["acquire"]["holds"].split()[0].replace(",", "")) > 6046
    changes = released.call("diff", before, successor["model"])
    assert "snapshot" in {change["what"] for change in changes["inputs"]}
    assert released.call("watch", code=1)["retrained"] is None


def test_good_figures_do_not_release_a_model_that_treats_groups_apart(credit):
    assert credit.first["verdict"] != "pass"
    assert {finding["verdict"] for finding in _found(credit.first, "performance.auc")} == {"pass"}
    ratios = {finding["subject"]: finding for finding in _found(credit.first, "fairness.demographic_parity_ratio")}
    assert set(ratios) == {"sex", "age_group", "sex x age_group"}
    assert all(finding["verdict"] == "fail" or finding["more_rows"] for finding in ratios.values())
    assert any("fairness" in reason for reason in credit.first["reasons"])
    assert "did not pass the gate" in credit.call("release", code=2)["error"]["what"]


def _post(url, body):
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})  # noqa: S310
    if not url.endswith("/feedback"):
        request.add_header("content-type", "message/rfc822")
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        return json.loads(reply.read())
