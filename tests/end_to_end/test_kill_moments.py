"""Kill -9 at the moments that matter: in the search, between a result and its record, while an alarm is answered."""

import http.client
import json
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from roadworthy.bundle.model import Model
from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord, frame, read_log
from roadworthy.data.simulated.provider import simulate
from roadworthy.ledger.sql import open_ledger

STRESS = '\n[require.stress]\nconcurrent = 4\nseconds = 5.0\nerrors = "== 0"\n\n[deploy.online]'


def kill_when(process, happened, *, seconds=60.0):
    """Kill the process as soon as something has happened; whether that came before its end."""
    begun = time.monotonic()
    while not happened():
        if process.poll() is not None:
            process.communicate()
            return False
        assert time.monotonic() - begun < seconds
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return True


def trials(state: Path) -> list[str]:
    return [line for path in state.glob("unfinished/*/trials.jsonl") for line in path.read_text().splitlines()[1:]]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def visible(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if not path.name.startswith(".")]


def moments(state: Path):
    """In the order in which a run comes to them."""
    stages = state / "artefacts"
    return {
        "reading": lambda: any((stages / "acquire").glob(".*")),
        "in the search": lambda: len(trials(state)) >= 1,
        "writing the model": lambda: any(stages.glob("train/.*/bundle")),
        "inspecting": lambda: any((stages / "inspect").glob(".*")),
        "drawing the report": lambda: any((state / "bundles").glob(".*/certificate.json")),
        "certified but not recorded": lambda: bool(visible(state / "bundles")) and not visible(stages / "decide"),
    }


def assert_whole(state: Path, reference: Path) -> None:
    """What has its final name holds all that the same thing holds after a run that nobody disturbed."""
    for stage in visible(state / "artefacts"):
        expected = files(visible(reference / "artefacts" / stage.name)[0])
        for found in visible(stage):
            assert files(found) == expected, found
    for bundle in visible(state / "bundles"):
        assert files(bundle) == files(reference / "bundles" / bundle.name)


def test_a_run_killed_at_every_stage_comes_to_the_same_end(finished, mailbox):
    shutil.rmtree(mailbox.state)
    seen, kept = [], []
    for name, happened in moments(mailbox.state).items():
        if kill_when(mailbox.start("run"), happened):
            seen.append(name)
        assert_whole(mailbox.state, finished.state)
        assert trials(mailbox.state)[: len(kept)] == kept, "a finished trial was tried again"
        kept = trials(mailbox.state)
    assert {"reading", "in the search", "inspecting"} <= set(seen)
    said = mailbox.json("run")
    assert (said["model"], said["verdict"]) == (finished.bundle.name, "pass")
    assert_whole(mailbox.state, finished.state)
    assert files(mailbox.bundle) == files(finished.bundle)
    assert {path.name for path in (mailbox.state / "bundles").iterdir()} == {finished.bundle.name}
    assert not [path for path in mailbox.state.glob("artefacts/*/.*") if path.is_dir()]
    with open_ledger(f"sqlite:///{mailbox.state / 'ledger.db'}") as ledger:
        assert ledger.verify() >= len(seen)
        assert len(ledger.steps()) == len(said["stages"])
    mailbox.call("verify", mailbox.bundle, code=0)


def gone(pid: int) -> bool:
    """Ended, whether or not somebody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_server_on_trial_ends_with_its_parent(mailbox):
    mailbox.rewrite("\n[deploy.online]", STRESS)
    process = mailbox.start("run")
    born = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children: list[int] = []

    def on_trial() -> bool:
        if not any(mailbox.state.glob("unfinished/*/trial-log/*.log")):
            return False
        children.extend(int(word) for word in born.read_text().split())
        return True

    assert kill_when(process, on_trial)
    assert children
    end = time.monotonic() + 20
    while not all(gone(pid) for pid in children):
        assert time.monotonic() < end, "the server goes on without its parent"
        time.sleep(0.05)


def log_traffic(box, *, count, days=8, each=4, wrong=False):
    """Predictions of some days, ending now, and a label for each fourth, as the server writes them."""
    model = Model.load(box.bundle)
    raws = [mail.raw for mail in simulate(7, first_month=2, last_month=2, per_day=5)]
    said = model.predict_raw(raws)
    features = said.dense.tolist()
    begin = (time.time() - days * 86400) // 86400 * 86400
    records, labels = [], []
    for number in range(count):
        row = number % len(raws)
        at = begin + number * days * 86400 / count
        record = PredictionRecord(
            id=f"p{number}",
            at=at,
            model=model.name,
            version=model.version,
            key=said.keys[row],
            probability=float(said.probability[row]),
            decision=int(said.decision[row]),
            features=features[row],
            raw=raws[row],
        )
        records.append(record)
        if number % each == 0:
            label = "spam" if bool(record.decision) is not wrong else "ham"
            labels.append(FeedbackRecord(id=record.id, label=label, at=at + 60, source="user"))
    folder = box.state / "logs" / "mailbox"
    folder.mkdir(parents=True)
    for part in range(3):
        (folder / f"predictions-2026010{part}T000000.000000Z-1.log").write_bytes(frame(records[part::3]))
        (folder / f"feedback-2026010{part}T000000.000000Z-1.log").write_bytes(frame(labels[part::3]))


def remembered(box):
    with open_ledger(f"sqlite:///{box.state / 'ledger.db'}") as ledger:
        ledger.verify()
        return ledger.read("watch", "mailbox"), sorted(ledger.every("review"))


def kept_so_far(ledger: Path) -> int:
    """How many looks' results are on the disk, asked beside the process that writes them."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("select count(*) from documents where kind = 'watch'").fetchone()[0]


def test_a_killed_watch_remembers_in_the_end_what_an_undisturbed_one_does(mailbox, tmp_path):
    log_traffic(mailbox, count=51_000)  # more than one batch, so that it is also killed between two
    other = type(mailbox)(tmp_path / "other", mailbox.keys)
    shutil.copytree(mailbox.root, other.root)
    other.start("watch", "--no-action").communicate(timeout=60)
    expected = remembered(other)
    assert sum(expected[0]["predictions"].values()) > 1_000_000
    lock, ledger = mailbox.state / "watch.lock", mailbox.state / "ledger.db"
    assert kill_when(mailbox.start("watch", "--no-action"), lock.exists)
    assert kept_so_far(ledger) == 0
    kill_when(mailbox.start("watch", "--no-action"), lambda: kept_so_far(ledger) > 0)
    for _ in range(2):
        lock.unlink()
        kill_when(mailbox.start("watch", "--no-action"), lock.exists)
    mailbox.start("watch", "--no-action").communicate(timeout=60)
    assert remembered(mailbox) == expected


def test_an_alarm_whose_retraining_was_killed_is_answered_again(mailbox):
    mailbox.rewrite('window = "1d"', 'window = "1d"\non_failure = ["retrain"]')
    log_traffic(mailbox, count=600, each=1, wrong=True)
    assert kill_when(mailbox.start("watch"), lambda: any(mailbox.state.glob("artefacts/acquire/.*")))
    again = mailbox.start("watch", "--json")
    out, err = again.communicate(timeout=120)
    said = json.loads(out)
    assert said["retrained"] is not None, err.decode()
    assert said["predictions"] == 0, "what the killed look had read was read again"
    once_more = json.loads(mailbox.start("watch", "--json").communicate(timeout=120)[0])
    assert once_more["retrained"] is None


class Client(threading.Thread):
    """Sends mails on one connection until the server is gone, and notes what was acknowledged."""

    def __init__(self, port, raws):
        super().__init__()
        self.port, self.raws, self.acknowledged = port, raws, []

    def run(self):
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            while True:
                for raw in self.raws:
                    wire.request("POST", "/v2/models/mailbox/mail", raw, {"content-type": "message/rfc822"})
                    reply = wire.getresponse()
                    said = json.loads(reply.read())
                    assert reply.status == 200
                    self.acknowledged.append(said["id"])
        except (OSError, http.client.HTTPException):
            return


@pytest.mark.parametrize("answers", [1, 60])
def test_a_server_killed_under_load_has_logged_each_answer_once(mailbox, answers):
    raws = [mail.raw for mail in simulate(7, first_month=2, last_month=2, per_day=2)][:30]
    process = mailbox.start("serve", "--port", "0")
    port = int(process.stderr.readline().split(b":")[-1].split(b"/")[0])
    clients = [Client(port, raws) for _ in range(4)]
    for client in clients:
        client.start()
    while sum(len(client.acknowledged) for client in clients) < answers:
        assert any(client.is_alive() for client in clients)
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for client in clients:
        client.join()
    acknowledged = [name for client in clients for name in client.acknowledged]
    read = read_log(mailbox.state / "logs" / "mailbox", "predictions")
    logged = [record.id for record in read.records]
    assert len(acknowledged) >= answers
    assert len(set(acknowledged)) == len(acknowledged)
    assert len(set(logged)) == len(logged)
    assert set(acknowledged) <= set(logged)
    assert not read.damaged
