"""State that was damaged: what can be made again is made again, the rest is said, and no advice leads in a circle."""

import shutil

from roadworthy.ledger.sql import open_ledger


def flip(place):
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(bytes(data))


def test_a_changed_bundle_is_set_aside_and_made_again(mailbox):
    bundle = mailbox.bundle
    flip(bundle / "scorer" / "words.npy")
    assert "roadworthy run" in mailbox.call("serve", "--port", "0", code=2)
    said = mailbox.json("run")
    assert (said["verdict"], said["model"]) == ("pass", bundle.name)
    assert {name for name, stage in said["stages"].items() if not stage["reused"]} == {"decide"}
    mailbox.call("verify", bundle, code=0)
    mailbox.call("release", code=0)
    aside = list((mailbox.state / "bundles").glob(".changed-*"))
    assert len(aside) == 1, "what was changed is evidence, and is kept"
    with open_ledger(f"sqlite:///{mailbox.state / 'ledger.db'}") as ledger:
        assert [event.body["set_aside"] for event in ledger.events(kind="bundle")] == [aside[0].name]
    assert all(stage["reused"] for stage in mailbox.json("run")["stages"].values())
    assert aside[0].is_dir()


def test_a_changed_certificate_is_made_again(mailbox):
    flip(mailbox.bundle / "certificate.json")
    assert "roadworthy run" in mailbox.call("serve", "--port", "0", code=2)
    assert "blocked" in mailbox.call("status", code=0)
    mailbox.call("run", code=0)
    mailbox.call("verify", mailbox.bundle, code=0)


def test_a_bundle_that_is_gone_is_made_again(mailbox):
    bundle = mailbox.bundle
    shutil.rmtree(bundle)
    assert "no certificate" in mailbox.call("status", code=0)
    mailbox.call("run", code=0)
    mailbox.call("verify", bundle, code=0)


def test_a_model_that_was_changed_after_training_is_never_certified(mailbox):
    shutil.rmtree(mailbox.bundle)
    (trained,) = mailbox.state.glob("artefacts/train/*/bundle")
    flip(trained / "scorer" / "words.npy")
    said = mailbox.json("run", code=2)["error"]
    assert said["what"] == "the model was changed after it was trained"
    assert str(trained.parent) in said["fix"]
    assert list((mailbox.state / "bundles").iterdir()) == []
    shutil.rmtree(trained.parent)
    assert mailbox.json("run")["verdict"] == "pass"


def test_a_damaged_result_names_the_folder_to_remove(mailbox):
    (summary,) = mailbox.state.glob("artefacts/prepare/*/step.json")
    summary.write_bytes(summary.read_bytes()[:40])
    said = mailbox.json("run", code=2)["error"]
    assert said["where"] == str(summary)
    assert str(summary.parent) in said["fix"]
    shutil.rmtree(summary.parent)
    assert mailbox.json("run")["stages"]["train"]["reused"]


def test_a_live_model_that_is_gone_does_not_stop_its_successor(mailbox):
    before = mailbox.bundle
    mailbox.rewrite('better_than = "majority"', 'better_than = ["majority", "live"]')
    mailbox.rewrite("trials = 3", "trials = 2")
    mailbox.rewrite("test   = 0.4", "test   = 0.45")
    shutil.rmtree(before)
    said = mailbox.json("run", code=1)
    (doubt,) = (one for one in said["findings"] if one["check"] == "performance.better_than.live")
    assert (doubt["verdict"], doubt["severity"]) == ("cannot tell", "blocker")
    assert said["model"] != before.name


def test_a_garbled_pointer_is_mended_by_a_release_and_keeps_its_history(mailbox):
    pointer = mailbox.state / "live" / "mailbox.json"
    before = pointer.read_bytes()
    pointer.write_bytes(b"\xff\xfe{")
    for words in (("run",), ("watch",), ("serve", "--port", "0")):
        assert "roadworthy release" in mailbox.call(*words, code=2)
    assert "pointer cannot be read" in mailbox.call("status", code=0)
    moved = mailbox.json("release")
    assert moved["before"] == moved["version"] == mailbox.bundle.name
    assert pointer.read_bytes() == before
    mailbox.call("run", code=0)
