import base64
import json
import os
from datetime import UTC, date, datetime, timedelta

import msgspec
import numpy as np
import pytest

from roadworthy.bundle.certificate import (
    Certificate,
    Waiver,
    content_of,
    read_certificate,
    verify_bundle,
    write_certificate,
)
from roadworthy.bundle.keys import signing_key
from roadworthy.kernel.errors import BundleError, GateError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.kernel.records import Measured

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def certificate_for(folder, **changes):
    bundle, files = content_of(folder)
    facts = {
        "name": "spam-filter",
        "sentence": "Find spam",
        "bundle": bundle,
        "files": files,
        "verdict": Verdict.PASS,
        "reasons": [],
        "required": ["performance"],
        "levels": ["performance"],
        "missing": [],
        "findings": [Finding(check="performance.recall", subject="test", verdict=Verdict.PASS, summary="0.97")],
        "waivers": [],
        "snapshot": "s" * 64,
        "split": {"method": "time", "cut": None, "train": 70, "test": 30},
        "declaration": "d",
        "features": "f",
        "code": "c",
        "environment": {"python": "CPython 3.11"},
        "metrics": {"recall": Measured(0.97, Interval(0.9, 0.99), 100)},
        "threshold": 0.9,
        "issued": NOW.isoformat(),
        "expires": (NOW + timedelta(days=30)).isoformat(),
    }
    return Certificate(**(facts | changes))


@pytest.fixture
def key(tmp_path):
    return signing_key(tmp_path / "keys" / "signing.key")


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    (folder / "steps").mkdir(parents=True)
    (folder / "manifest.json").write_text('{"name":"spam-filter"}')
    (folder / "steps" / "words.npy").write_bytes(np.arange(50, dtype=np.float32).tobytes())
    return folder


def certified(bundle, key, **changes):
    write_certificate(bundle, certificate_for(bundle, **changes), key=key)
    return bundle


def verify(bundle, key, now=NOW):
    return verify_bundle(bundle, trusted=[key.public], now=now)


def test_a_good_bundle_is_believed_and_its_certificate_comes_back_whole(bundle, key):
    certified(bundle, key)
    read = verify(bundle, key)
    assert read == msgspec.structs.replace(certificate_for(bundle), key=key.public.id)
    assert not read.by_waiver
    (bundle / "report.html").write_text("a report may be written beside it")
    verify(bundle, key)


def test_it_is_an_in_toto_statement_in_a_dsse_envelope(bundle, key):
    certified(bundle, key)
    envelope = json.loads((bundle / "certificate.json").read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "spam-filter", "digest": {"sha256": content_of(bundle)[0]}}]
    assert statement["predicate"]["verdict"] == "pass"


def test_any_byte_of_the_certificate_changed_is_refused(bundle, key):
    path = certified(bundle, key) / "certificate.json"
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    places = {0, 1, len(whole) - 1, len(whole) - 2, whole.index(b'"sig"') + 8, whole.index(b'"keyid"') + 12}
    for place in sorted(places | set(rng.integers(0, len(whole), 150).tolist())):
        for flip in (1, 32):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            with pytest.raises((BundleError, GateError), match=r"changed after it was signed|nobody we trust"):
                verify(bundle, key)
    for other in (whole[:-1], whole + b"\n", b" " + whole, whole[: len(whole) // 2], b"", b"{}", b"\xff", whole * 2):
        path.write_bytes(other)
        with pytest.raises(BundleError, match=r"changed after it was signed"):
            verify(bundle, key)


def test_the_last_characters_of_base64_cannot_be_changed_unseen(bundle, key):
    path = certified(bundle, key) / "certificate.json"
    envelope = json.loads(path.read_bytes())
    sig = envelope["signatures"][0]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = sig[:-3] + alphabet[alphabet.index(sig[-3]) ^ 1] + "=="
    assert base64.b64decode(twin) == base64.b64decode(sig)
    path.write_bytes(path.read_bytes().replace(sig.encode(), twin.encode()))
    with pytest.raises(BundleError, match=r"changed after it was signed"):
        verify(bundle, key)


def test_any_byte_of_the_bundle_changed_is_refused_and_the_file_named(bundle, key):
    certified(bundle, key)
    for path in (bundle / "manifest.json", bundle / "steps" / "words.npy"):
        whole = path.read_bytes()
        for place in (0, 1, len(whole) // 2, len(whole) - 1):
            for bit in range(8):
                path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
                with pytest.raises(BundleError, match=path.name):
                    verify(bundle, key)
        path.write_bytes(whole)
    verify(bundle, key)


def test_a_file_added_or_removed_or_linked_is_refused(bundle, key, tmp_path):
    certified(bundle, key)
    (bundle / "more.json").write_text("{}")
    with pytest.raises(BundleError, match=r"changed after it was certified: more.json"):
        verify(bundle, key)
    (bundle / "more.json").unlink()
    words = bundle / "steps" / "words.npy"
    kept = words.read_bytes()
    words.unlink()
    with pytest.raises(BundleError, match=r"changed after it was certified: steps/words.npy"):
        verify(bundle, key)
    (tmp_path / "outside.npy").write_bytes(kept)
    words.symlink_to(tmp_path / "outside.npy")
    with pytest.raises(BundleError, match=r"plain files only"):
        verify(bundle, key)


def test_what_a_killed_process_left_of_writing_a_certificate_is_no_part_of_the_bundle(bundle, key):
    (bundle / ".certificate.json.x7k2").write_text("half of a cert")
    certified(bundle, key)
    (bundle / ".report.html.99ab").write_text("<html")
    verify(bundle, key)
    (bundle / ".other.99ab").write_text("")
    with pytest.raises(BundleError, match=r"changed after it was certified: \.other"):
        verify(bundle, key)


def test_a_certificate_that_is_a_link_proves_itself_by_its_signature(bundle, key, tmp_path):
    whole = certified(bundle, key) / "certificate.json"
    whole.rename(tmp_path / "elsewhere.json")
    whole.symlink_to(tmp_path / "elsewhere.json")
    assert verify(bundle, key).name == "spam-filter"


def test_no_certificate_is_refused(bundle, key):
    with pytest.raises(GateError, match="no certificate"):
        verify(bundle, key)


def test_an_unknown_signer_is_refused(bundle, key, tmp_path):
    certified(bundle, signing_key(tmp_path / "stranger.key"))
    with pytest.raises(GateError, match=r"nobody we trust signed"):
        verify(bundle, key)
    with pytest.raises(GateError, match=r"nobody we trust signed"):
        verify_bundle(bundle, trusted=[], now=NOW)


def test_a_stranger_who_names_our_key_is_refused(bundle, key, tmp_path):
    stranger = signing_key(tmp_path / "stranger.key")
    path = certified(bundle, stranger) / "certificate.json"
    path.write_bytes(path.read_bytes().replace(stranger.public.id.encode(), key.public.id.encode()))
    with pytest.raises(BundleError, match=r"changed after it was signed"):
        verify(bundle, key)


def test_the_certificate_of_another_bundle_is_refused(bundle, key, tmp_path):
    certified(bundle, key)
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text('{"name":"other"}')
    (other / "certificate.json").write_bytes((bundle / "certificate.json").read_bytes())
    with pytest.raises(BundleError, match=r"belongs to another bundle"):
        verify(other, key)


def test_it_ends_with_its_expiry_to_the_second(bundle, key):
    certified(bundle, key)
    verify(bundle, key, now=NOW + timedelta(days=30, seconds=-1))
    with pytest.raises(GateError, match=r"expired on 2026-06-03"):
        verify(bundle, key, now=NOW + timedelta(days=30))


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.CANNOT_TELL])
def test_a_verdict_that_does_not_pass_is_refused_with_its_reason(bundle, key, verdict):
    certified(bundle, key, verdict=verdict, reasons=["recall is 0.5"])
    with pytest.raises(GateError, match=r"did not pass the gate.*recall is 0.5"):
        verify(bundle, key)


def test_a_missing_level_is_refused_whatever_the_verdict_says(bundle, key):
    certified(bundle, key, missing=["stress"])
    with pytest.raises(GateError, match=r"missing: stress"):
        verify(bundle, key)


BAD = Finding(
    check="performance.recall", subject="test", verdict=Verdict.FAIL, summary="0.5", severity=Severity.BLOCKER
)
WAIVER = Waiver(
    person="Ada", reason="a pilot with ten users", expires=date(2026, 5, 10), check="performance.recall", subject="te*"
)


def test_a_pass_that_its_own_findings_deny_is_refused(bundle, key):
    certified(bundle, key, findings=[BAD])
    with pytest.raises(GateError, match=r"says pass, but performance.recall of test says fail"):
        verify(bundle, key)
    certified(bundle, key, findings=[BAD], waivers=[msgspec.structs.replace(WAIVER, subject="other")])
    with pytest.raises(GateError, match=r"says pass, but"):
        verify(bundle, key)


def test_a_waived_finding_passes_until_the_waivers_last_day_is_over(bundle, key):
    certified(bundle, key, findings=[BAD], waivers=[WAIVER])
    read = verify(bundle, key, now=datetime(2026, 5, 10, 23, 59, 59, tzinfo=UTC))
    assert read.by_waiver
    assert read.ends == datetime(2026, 5, 11, tzinfo=UTC)
    with pytest.raises(GateError, match=r"the waiver of performance.recall by Ada ended on 2026-05-10"):
        verify(bundle, key, now=datetime(2026, 5, 11, tzinfo=UTC))


def test_a_number_that_is_none_is_refused_when_signing_not_when_reading(bundle, key):
    broken = Measured(0.5, Interval(float("nan"), 1.0))
    with pytest.raises(GateError, match=r"nan or infinity"):
        certified(bundle, key, metrics={"recall": broken})
    assert not (bundle / "certificate.json").exists()


def test_a_certificate_cannot_be_written_for_another_bundle(bundle, key):
    certificate = certificate_for(bundle)
    (bundle / "manifest.json").write_text("{}")
    with pytest.raises(GateError, match=r"another bundle"):
        write_certificate(bundle, certificate, key=key)


def test_it_can_be_shown_without_any_key(bundle, key):
    certified(bundle, key, verdict=Verdict.FAIL)
    assert read_certificate(bundle / "certificate.json").verdict is Verdict.FAIL


def test_a_later_format_is_told_apart_from_a_forged_one(bundle, key):
    path = certified(bundle, key) / "certificate.json"
    envelope = json.loads(path.read_bytes())
    payload = base64.b64decode(envelope["payload"]).replace(
        b"urn:roadworthy:certificate:1", b"urn:roadworthy:certificate:2"
    )
    kind = envelope["payloadType"].encode()
    signature = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    envelope["payload"] = base64.b64encode(payload).decode()
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    path.write_bytes(json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode())
    with pytest.raises(BundleError, match=r"a format that we do not know"):
        verify(bundle, key)


def test_a_folder_or_a_flood_in_its_place_is_an_error_that_says_so(bundle, key):
    (bundle / "certificate.json").mkdir()
    with pytest.raises(BundleError, match=r"cannot be read"):
        verify(bundle, key)
    (bundle / "certificate.json").rmdir()
    with (bundle / "certificate.json").open("wb") as stream:
        os.truncate(stream.fileno(), 1 << 40)
    with pytest.raises(BundleError, match=r"changed after it was signed"):
        verify(bundle, key)
