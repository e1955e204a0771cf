"""One byte changed, and nothing goes on the road."""

import pickletools
import shutil

import numpy as np
import pytest


def flip(place):
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(bytes(data))


def parts(bundle):
    """One file of each kind."""
    found = {}
    for path in sorted(bundle.rglob("*")):
        if path.is_file() and path.name != "report.html":
            found.setdefault(path.suffix if path.name != "certificate.json" else "certificate", path)
    return found


def test_every_kind_of_file_is_guarded(mailbox):
    kinds = parts(mailbox.bundle)
    assert {"certificate", ".json", ".npy", ".txt"} <= set(kinds)
    for kind, place in kinds.items():
        before = place.read_bytes()
        flip(place)
        for words in (("verify", mailbox.bundle), ("release",), ("serve", "--port", "0")):
            said = mailbox.call(*words, code=2)
            assert "fix:" in said, (kind, words)
            assert "changed" in said or "certificate" in said, (kind, words, said)
        place.write_bytes(before)
    mailbox.call("verify", mailbox.bundle, code=0)


def test_another_models_certificate_is_refused(mailbox):
    other = mailbox.root / "copy"
    shutil.copytree(mailbox.bundle, other)
    (other / "manifest.json").write_text((other / "manifest.json").read_text().replace("mailbox", "mailbux"))
    assert "changed" in mailbox.call("verify", other, code=2)


def test_nobodys_signature_is_refused(mailbox, tmp_path):
    mailbox.extra["ROADWORTHY_KEYS"] = str(tmp_path / "strangers")
    assert "nobody we trust" in mailbox.call("verify", mailbox.bundle, code=2)
    assert "nobody we trust" in mailbox.call("serve", "--port", "0", code=2)


def test_a_bundle_holds_no_pickle(mailbox):
    for path in mailbox.bundle.rglob("*"):
        if not path.is_file():
            continue
        assert path.suffix in {".json", ".npy", ".onnx", ".txt", ".html"}
        if path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype != object
            continue
        with pytest.raises(Exception, match=r".*"):
            list(pickletools.genops(path.read_bytes()))
