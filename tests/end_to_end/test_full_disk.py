"""A full disk: a clear refusal, nothing half-written, and the same command goes on when there is room again."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from roadworthy.bundle.predictions import read_log
from roadworthy.data.simulated.provider import simulate
from roadworthy.ledger.sql import open_ledger


@contextmanager
def disk(place, size):
    """A small disk of its own."""
    place.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("SKIPPED: this machine does not let us mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def grow(place, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


@pytest.mark.parametrize("size", ["96k", "200k", "560k"])
def test_a_run_on_a_full_disk_goes_on_when_there_is_room(finished, filled, tmp_path, size):
    home = tmp_path / "disk"
    with disk(home, size):
        filled.extra["ROADWORTHY_HOME"] = str(home)
        said = filled.json("run", code=2)["error"]
        assert "the disk is full" in said["what"]
        assert said["where"].startswith(str(home))
        assert said["fix"] == "free some space, then run this again"
        assert not [path for path in home.glob("artefacts/*/*") if not (path / "step.json").is_file()]
        assert not list((home / "bundles").glob("*"))
        finished_before = {path.parent.name for path in home.glob("artefacts/*/*/step.json")}
        grow(home, "16m")
        again = filled.json("run")
        assert again["model"] == finished.bundle.name
        assert {name for name, stage in again["stages"].items() if stage["reused"]} >= {
            path.parent.parent.name
            for path in home.glob("artefacts/*/*/step.json")
            if path.parent.name in finished_before
        }
        with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
            ledger.verify()


def ask(port, raw):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v2/models/mailbox/mail", raw, {"content-type": "message/rfc822"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  our own server
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as err:
        return err.code, json.loads(err.read())


def test_a_server_whose_log_has_no_room_refuses_and_heals(mailbox):
    raws = [mail.raw for mail in simulate(7, first_month=2, last_month=2, per_day=2)][:40]
    logs = mailbox.state / "logs"
    with disk(logs, "256k"):
        process = mailbox.start("serve", "--port", "0")
        try:
            port = int(process.stderr.readline().split(b":")[-1].split(b"/")[0])
            acknowledged, refused = [], None
            for _ in range(100):
                for raw in raws:
                    status, said = ask(port, raw)
                    if status != 200:
                        refused = (status, said)
                        break
                    acknowledged.append(said["id"])
                if refused:
                    break
            assert refused
            assert refused[0] == 503
            assert "the disk is full" in json.dumps(refused[1])
            grow(logs, "4m")
            end = time.monotonic() + 15
            while ask(port, raws[0])[0] != 200:
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            process.terminate()
            process.communicate(timeout=20)
        read = read_log(logs / "mailbox", "predictions")
        logged = [record.id for record in read.records]
        assert len(acknowledged) > 10
        assert set(acknowledged) <= set(logged)
        assert len(logged) == len(set(logged))
        assert not read.damaged
        watched = json.loads(mailbox.start("watch", "--json", "--no-action").communicate(timeout=60)[0])
        assert watched["predictions"] == len(logged)
