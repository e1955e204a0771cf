"""What production taught goes into a successor; a batch gets the answers that the server would give."""

import csv
import json
import urllib.request

import numpy as np
import polars as pl

from roadworthy.bundle.model import Model
from roadworthy.data.simulated.provider import simulate
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.relearn import relearn
from roadworthy.wiring.assembly import open_project

TABLE = """
[problem]
name = "loans"
need = "lend well"
task = "binary"
unit = "one loan"
target = "repaid"
positive = "yes"

[[data.source]]
kind = "csv"
path = "loans.csv"
consent = "made up"

[data]
key = "number"

[data.derive]
size = "bin(amount, 500)"

[training]
learners = ["logistic_regression"]
search = { trials = 2, folds = 2, budget = "60s" }

[require]
better_than = "majority"
"""


def post(url, body, kind):
    request = urllib.request.Request(url, body, {"content-type": kind})  # noqa: S310  our own server
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  our own server
        return json.loads(reply.read())


def test_what_came_back_is_learnt_and_judged_by_the_same_gate(mailbox):
    arrived = list(simulate(7, first_month=2, last_month=2, per_day=4))[:80]
    process = mailbox.start("serve", "--port", "0")
    try:
        port = int(process.stderr.readline().split(b":")[-1].split(b"/")[0])
        for mail in arrived:
            said = post(f"http://127.0.0.1:{port}/v2/models/mailbox/mail", mail.raw, "message/rfc822")
            told = json.dumps({"id": said["id"], "label": mail.truth, "source": "review"}).encode()
            post(f"http://127.0.0.1:{port}/feedback", told, "application/json")
    finally:
        process.terminate()
        process.communicate(timeout=20)
    project = open_project(mailbox.root, environment=mailbox.environment)
    before, live = mailbox.json("status")[1]["holds"], read_live(project)
    result = relearn(project, cause="test")
    after = mailbox.json("status")[1]["holds"]
    assert int(after.split()[0]) == int(before.split()[0]) + len(arrived)
    assert result.model != live.version
    assert result.released is (result.verdict == "pass")
    assert read_live(project).version == (result.model if result.released else live.version)
    kinds = [event.kind for event in project.ledger.events(kind="relearn")]
    assert kinds == ["relearn.begun", "relearn.ended"]


def test_a_batch_of_mail_is_scored_as_the_model_answers(mailbox):
    out = mailbox.root / "scores.csv"
    (mailbox.root / "inbox").mkdir()
    arrived = list(simulate(7, first_month=3, last_month=3, per_day=4))[:30]
    for number, mail in enumerate(arrived):
        (mailbox.root / "inbox" / f"{number:03}.eml").write_bytes(mail.raw)
    (mailbox.root / "inbox" / "note.bin").write_bytes(b"\x00\x01")
    done = mailbox.json("score", "inbox", "--out", out)
    assert (done["rows"], len(done["findings"])) == (30, 1)
    with out.open() as stream:
        rows = list(csv.DictReader(stream))
    said = Model.load(mailbox.bundle).predict_raw([mail.raw for mail in arrived])
    np.testing.assert_allclose([float(row["probability"]) for row in rows], said.probability, rtol=1e-12)
    assert [row["key"] for row in rows] == said.keys


def test_a_table_is_scored_without_its_answer(empty):
    draws = np.random.default_rng(0)
    amount, job = draws.integers(100, 1000, 400), draws.choice(["farmer", "clerk"], 400)
    chance = 1 / (1 + np.exp((amount - 500) / 60 - (job == "clerk")))
    table = pl.DataFrame(
        {
            "number": [f"L{row:04}" for row in range(400)],
            "amount": amount,
            "job": job,
            "repaid": np.where(draws.random(400) < chance, "yes", "no"),
        }
    )
    (empty.root / "roadworthy.toml").write_text(TABLE)
    table.write_csv(empty.root / "loans.csv")
    empty.call("run", "--release", code=0)
    table.head(5).drop("repaid").write_csv(empty.root / "new.csv")
    assert empty.json("score", "new.csv", "--out", empty.root / "scores.parquet")["rows"] == 5
    scored = pl.read_parquet(empty.root / "scores.parquet")
    assert scored["key"].to_list() == [f"L{row:04}" for row in range(5)]
    assert np.corrcoef(scored["probability"], amount[:5])[0, 1] < 0


def test_scores_need_a_known_format_and_a_live_model(mailbox, empty):
    assert "no table can be written" in mailbox.call("score", "mail/spam", "--out", "scores.xml", code=2)
    (empty.root / "inbox").mkdir()
    assert "nothing is live" in empty.call("score", "inbox", code=2)
