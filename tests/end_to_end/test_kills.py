"""Kill -9 at any time: nothing acknowledged is lost, nothing half-written is visible, a rerun comes to the same end."""

import http.client
import itertools
import json
import os
import shutil
import signal
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Thread

from roadworthy.bundle.model import Model
from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord, frame, read_log
from roadworthy.data.simulated.provider import simulate
from roadworthy.ledger.sql import open_ledger


def mails(count: int) -> list[bytes]:
    """Mail of another month than the one that was learnt from."""
    made = simulate(7, first_month=2, last_month=2, per_day=10)
    return [mail.raw for _, mail in zip(range(count), made, strict=False)]


def whole(state: Path) -> None:
    """Whatever has its final name is complete."""
    for stage in (state / "artefacts").glob("*/*") if (state / "artefacts").is_dir() else ():
        assert stage.name.startswith(".") or (stage / "step.json").is_file(), stage
    for bundle in (state / "bundles").glob("*") if (state / "bundles").is_dir() else ():
        assert bundle.name.startswith(".") or (bundle / "certificate.json").is_file(), bundle


def test_a_killed_run_goes_on_to_the_same_model(finished, mailbox):
    expected = finished.bundle.name
    for delay in (0.5, 0.9, 1.3, 1.7, 2.1):
        shutil.rmtree(mailbox.state, ignore_errors=True)  # the first may be killed before it made any
        process = mailbox.start("run")
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        whole(mailbox.state)
    said = mailbox.json("run")
    assert said["model"] == expected
    assert said["verdict"] == "pass"
    with open_ledger(f"sqlite:///{mailbox.state / 'ledger.db'}") as ledger:
        assert ledger.verify() > 0


def logged(box, *, days=6):
    """Predictions of some days and a label for each second one, as the server writes them."""
    model = Model.load(box.bundle)
    raws = mails(120)
    said = model.predict_raw(raws)
    begin = (time.time() - days * 86400) // 86400 * 86400
    records = [
        PredictionRecord(
            id=f"p{row}",
            at=begin + row * days * 86400 / len(raws),
            model=model.name,
            version=model.version,
            key=said.keys[row],
            probability=float(said.probability[row]),
            decision=int(said.decision[row]),
            features=said.dense[row].tolist(),
        )
        for row in range(len(raws))
    ]
    labels = [FeedbackRecord(id=one.id, label="spam", at=one.at + 60, source="user") for one in records[::2]]
    folder = box.state / "logs" / "mailbox"
    folder.mkdir(parents=True)
    for part in range(4):
        (folder / f"predictions-2026010{part}T000000-1.log").write_bytes(frame(records[part::4]))
        (folder / f"feedback-2026010{part}T000000-1.log").write_bytes(frame(labels[part::4]))


def windows(box):
    process = box.start("watch", "--no-action", "--json")
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1), err.decode()
    said = json.loads(out)
    return [(line["start"], line["rows"], line["labelled"]) for line in said["windows"]]


def test_a_killed_watch_counts_nothing_twice(mailbox, tmp_path):
    logged(mailbox)
    other = type(mailbox)(tmp_path / "other", mailbox.keys)
    shutil.copytree(mailbox.root, other.root)
    expected = windows(other)
    assert sum(rows for _, rows, _ in expected) == 120
    assert sum(labels for _, _, labels in expected) == 60
    for step in range(6):
        box = type(mailbox)(tmp_path / f"killed{step}", mailbox.keys)
        shutil.copytree(mailbox.root, box.root)
        process = box.start("watch", "--no-action")
        time.sleep(0.15 + 0.06 * step)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert windows(box) == expected


def test_a_killed_server_loses_no_answer_that_it_gave(mailbox):
    """Four clients ask without pause; the kill comes while their requests are under way."""
    raws, acknowledged = mails(40), []

    def ask(url: str) -> None:
        with suppress(OSError, http.client.HTTPException):
            for raw in itertools.cycle(raws):
                request = urllib.request.Request(url, raw, {"content-type": "message/rfc822"})  # noqa: S310  our server
                with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  our own server
                    acknowledged.append(json.loads(reply.read())["id"])

    for delay in (0.4, 0.7, 1.0):
        process = mailbox.start("serve", "--port", "0")
        assert process.stderr
        port = int(process.stderr.readline().split(b":")[-1].split(b"/")[0])
        clients = [Thread(target=ask, args=(f"http://127.0.0.1:{port}/v2/models/mailbox/mail",)) for _ in range(4)]
        for client in clients:
            client.start()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        for client in clients:
            client.join()
    found = [record.id for record in read_log(mailbox.state / "logs" / "mailbox", "predictions").records]
    assert len(acknowledged) > 40
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)


def test_two_runs_at_once_do_not_mix(mailbox):
    shutil.rmtree(mailbox.state)
    first = mailbox.start("run")
    lock = mailbox.state / "run.lock"
    while not lock.exists() and first.poll() is None:
        time.sleep(0.01)
    said = mailbox.call("run", code=2)
    assert "another run of this project is going on" in said
    first.communicate(timeout=120)
    assert first.returncode == 0


def test_ctrl_c_says_that_the_work_is_kept(mailbox):
    shutil.rmtree(mailbox.state)
    process = mailbox.start("run")
    while not (mailbox.state / "run.lock").exists():
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"goes on from there" in err
