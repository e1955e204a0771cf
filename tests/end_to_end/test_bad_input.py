"""Broken input: a clear error or a finding, the right exit code, and nothing lost."""

import os
import shutil
import socket
import subprocess

import pytest

TABLE = """
[problem]
name = "t"
need = "n"
task = "binary"
unit = "one row"
target = "answer"
positive = "yes"

[[data.source]]
kind = "csv"
path = "t.csv"
consent = "own"
"""


def told(said: str, *words: str) -> None:
    assert "error:" in said
    assert "where:" in said
    assert "fix:" in said
    for word in words:
        assert word in said


def test_an_empty_folder(empty):
    (empty.root / "mail" / "spam").mkdir(parents=True)
    told(empty.call("run", code=2), "no mail was found")


def test_no_folder_at_all(empty):
    told(empty.call("run", code=2), "nothing lies at mail/*")


def test_a_table_given_as_mail(empty):
    (empty.root / "mail" / "spam").mkdir(parents=True)
    (empty.root / "mail" / "spam" / "table.csv").write_text("name,age\nann,3\n")
    told(empty.call("run", code=2), "no mail was found", "csv")


def test_one_class_only(filled):
    shutil.rmtree(filled.root / "mail" / "spam")
    told(filled.call("run", code=2), "rows that are not")


def test_a_mail_of_fifty_megabytes_among_others(mailbox):
    line = b"0123456789 lorem ipsum dolor sit amet consectetur adipiscing elit\r\n"
    head = b"From: a@b.example\r\nSubject: big\r\nMessage-ID: <big@b.example>\r\n\r\n"
    mailbox.rewrite('better_than = "majority"', "better_than = []")
    before = mailbox.json("status")[1]["holds"]
    (mailbox.root / "mail" / "ham" / "big.eml").write_bytes(head + line * (50_000_000 // len(line)))
    said = mailbox.json("run")
    assert said["stages"]["acquire"]["reused"] is False
    after = mailbox.json("status")[1]["holds"]
    assert int(after.split()[0]) == int(before.split()[0]) + 1


def test_a_label_column_that_is_missing(empty):
    (empty.root / "roadworthy.toml").write_text(TABLE)
    (empty.root / "t.csv").write_text("a,anser\n" + "1,yes\n2,no\n" * 50)
    told(empty.call("run", code=2), "there is no column 'answer'", "anser")


def test_no_declaration(tmp_path, finished):
    box = type(finished)(tmp_path, finished.keys)
    told(box.call("run", code=2), "there is no roadworthy.toml here or above")


@pytest.mark.parametrize("words", [("runn",), ("run", "--jsn"), ("release", "--projekt", ".")])
def test_a_wrong_word(empty, words):
    told(empty.call(*words, code=2))


def test_a_variable_that_is_not_set(empty):
    empty.rewrite('"mail/*"', '"${ROADWORTHY_DATA}/mail/*"')
    told(empty.call("check", code=2), "ROADWORTHY_DATA is not set", "roadworthy.toml:")


@pytest.mark.parametrize("damage", [b"not a database" * 500, b""], ids=["noise", "cut"])
def test_a_corrupt_ledger_is_kept_as_it_is(mailbox, damage):
    place = mailbox.state / "ledger.db"
    for extra in mailbox.state.glob("ledger.db-*"):
        extra.unlink()
    broken = damage or place.read_bytes()[:5000]
    place.write_bytes(broken)
    told(mailbox.call("run", code=2), "ledger")
    assert place.read_bytes() == broken


def test_a_port_in_use(mailbox):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told(mailbox.call("serve", "--port", taken.getsockname()[1], code=2), "in use")


def test_a_garbled_pointer(mailbox):
    (mailbox.state / "live" / "mailbox.json").write_bytes(b"{")
    told(mailbox.call("serve", "--port", "0", code=2), "release")
    mailbox.call("release", code=0)
    mailbox.call("status", code=0)


def test_serving_to_the_world_needs_a_token(mailbox):
    told(mailbox.call("serve", "--host", "192.0.2.1", "--port", "0", code=2), "ROADWORTHY_TOKEN")


def test_a_key_that_others_may_read(mailbox, tmp_path):
    keys = tmp_path / "keys"
    shutil.copytree(mailbox.keys, keys)
    (keys / "signing.key").chmod(0o644)
    mailbox.extra["ROADWORTHY_KEYS"] = str(keys)
    mailbox.rewrite("test   = 0.4", "test   = 0.41")
    told(mailbox.call("run", code=2), "others may read this key")


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIPPED: only root may mount a small disk")
def test_a_full_disk(filled, small_disk):
    filled.extra["ROADWORTHY_HOME"] = str(small_disk / "state")
    told(filled.call("run", code=2), "full")
    halves = [path for path in (small_disk / "state" / "artefacts").glob("*/*") if not path.name.startswith(".")]
    assert all((half / "step.json").is_file() for half in halves)
    subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
    assert filled.json("run")["verdict"] == "pass"
