import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from roadworthy.bundle.keys import (
    PublicKey,
    pseudonym_key,
    read_public_key,
    signing_key,
    trusted_keys,
    write_public_key,
)
from roadworthy.kernel.errors import PlaceError


def test_a_signing_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "signing.key"
    first, again = signing_key(path), signing_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.public == again.public
    assert again.public.accepts(first.sign(b"x"), b"x")
    assert [p.name for p in path.parent.iterdir()] == ["signing.key"]


def test_many_who_come_first_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: signing_key(tmp_path / "signing.key").public.id, range(64)))
        secrets = list(pool.map(lambda _: pseudonym_key(tmp_path / "pseudonym.key"), range(64)))
    assert len(set(keys)) == len(set(secrets)) == 1


def test_a_signature_holds_for_its_bytes_and_key_alone(tmp_path):
    one, two = signing_key(tmp_path / "one.key"), signing_key(tmp_path / "two.key")
    signature = one.sign(b"verdict: pass")
    assert one.public.accepts(signature, b"verdict: pass")
    assert not one.public.accepts(signature, b"verdict: fail")
    assert not two.public.accepts(signature, b"verdict: pass")
    assert not one.public.accepts(b"short", b"verdict: pass")
    assert not PublicKey(b"short").accepts(signature, b"verdict: pass")


def test_a_key_that_others_can_read_is_refused(tmp_path):
    for make, name in ((signing_key, "signing.key"), (pseudonym_key, "pseudonym.key")):
        make(tmp_path / name)
        (tmp_path / name).chmod(0o640)
        with pytest.raises(PlaceError, match=r"others may read this key \(permissions 640\)"):
            make(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_is_no_key_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(PlaceError, match="no signing key"):
        signing_key(path)
    with pytest.raises(PlaceError, match="no key for pseudonyms"):
        pseudonym_key(path)
    with pytest.raises(PlaceError, match="public key"):
        read_public_key(path)
    assert path.read_bytes() == content


def test_a_key_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "rsa.key"
    rsa = generate_private_key(65537, 2048)
    path.write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(PlaceError, match="not of the kind Ed25519"):
        signing_key(path)


def test_a_folder_in_the_place_of_a_key_is_an_error_that_says_so(tmp_path):
    with pytest.raises(PlaceError, match="cannot be read"):
        signing_key(tmp_path)
    with pytest.raises(PlaceError, match="cannot be read"):
        read_public_key(tmp_path)


def test_public_keys_travel_as_one_line(tmp_path):
    key = signing_key(tmp_path / "signing.key").public
    write_public_key(tmp_path / "trusted" / "us.pub", key)
    line = (tmp_path / "trusted" / "us.pub").read_text()
    assert line.count("\n") == 1
    assert line.startswith(f"roadworthy-ed25519 {key.id} ")
    (tmp_path / "trusted" / "us.pub").write_text(line.strip() + " mail team, since May\n")
    assert trusted_keys(tmp_path / "trusted") == [key]
    assert trusted_keys(tmp_path / "nowhere") == []


@pytest.mark.parametrize("position", [19, 30, 40, 60, 79])
def test_a_public_key_with_one_character_changed_is_refused(tmp_path, position):
    line = str(signing_key(tmp_path / "signing.key").public)
    other = "b" if line[position] != "b" else "c"
    (tmp_path / "bad.pub").write_text(line[:position] + other + line[position + 1 :])
    with pytest.raises(PlaceError):
        trusted_keys(tmp_path)


def test_a_private_key_given_as_public_one_is_named(tmp_path):
    signing_key(tmp_path / "signing.key")
    with pytest.raises(PlaceError, match="this is the private key"):
        read_public_key(tmp_path / "signing.key")


def test_a_pseudonym_key_is_32_random_bytes(tmp_path):
    one, two = pseudonym_key(tmp_path / "one"), pseudonym_key(tmp_path / "two")
    assert len(one) == len(two) == 32
    assert one != two
    assert pseudonym_key(tmp_path / "one") == one


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_an_error_that_says_so(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PlaceError, match="no permission"):
        signing_key(tmp_path / "signing.key")


def test_checking_a_certificate_needs_nothing_heavy():
    code = "import sys, roadworthy.bundle.certificate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "jinja2", "sklearn", "polars", "onnxruntime", "optuna", "scipy"} & set(loaded)
