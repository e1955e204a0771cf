"""Keys: one that signs certificates, public ones that are trusted, and one that makes pseudonyms.

A private key lies in a file that its owner alone can read; a public key is one line of text that may be mailed.
"""

import base64
import binascii
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct

from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import explained, write_atomically
from roadworthy.kernel.fingerprint import sha256

_KIND = "roadworthy-ed25519"
_PSEUDONYMS = "roadworthy-pseudonyms"
_ENDING = "*.pub"
_PSEUDONYM_LINE = re.compile(rf"{_PSEUDONYMS} ([0-9a-f]{{64}})\n?")
_PRIVATE_MODE = 0o600


class PublicKey(Struct, frozen=True):
    """What checks a signature: 32 bytes, and the id that names them (16 hex digits of their SHA-256)."""

    raw: bytes

    @property
    def id(self) -> str:
        """The name of the key, derived from its bytes."""
        return sha256(self.raw)[:16]

    def __str__(self) -> str:
        """The one line of a public key file."""
        return f"{_KIND} {self.id} {base64.b64encode(self.raw).decode()}"

    def accepts(self, signature: bytes, data: bytes) -> bool:
        """Whether the owner of the key signed exactly these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A private Ed25519 key. Its bytes are never shown; `public` may be.

    >>> key = SigningKey(Ed25519PrivateKey.generate())
    >>> key.public.accepts(key.sign(b"verdict"), b"verdict"), key.public.accepts(key.sign(b"verdict"), b"other")
    (True, False)
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @property
    def public(self) -> PublicKey:
        """The key that others check signatures with."""
        return PublicKey(self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of these bytes."""
        return self._private.sign(data)


def signing_key(path: Path) -> SigningKey:
    """The key of that file, made at first use with permission for its owner alone.

    Two processes that come first at once get the same key: the file appears once and is never replaced.

    Raises:
        PlaceError: if the file is no such key, or others may read it.
    """
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        _appear_once(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    data = _private_bytes(path)
    try:
        private = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise _wrong(path, "this file holds no signing key", "name the file that roadworthy made") from err
    if not isinstance(private, Ed25519PrivateKey):
        raise _wrong(path, "this key is not of the kind Ed25519", "move it away; a right one is made at the next run")
    return SigningKey(private)


def pseudonym_key(path: Path) -> bytes:
    """The 32 secret bytes from which pseudonyms are made, drawn at first use.

    Whoever has them can find out whether a known person is in the data; whoever loses them can no longer link old
    pseudonyms to new ones.

    Raises:
        PlaceError: if the file is no such key, or others may read it.
    """
    if not path.exists():
        _appear_once(path, f"{_PSEUDONYMS} {secrets.token_hex(32)}\n".encode())
    line = _PSEUDONYM_LINE.fullmatch(_private_bytes(path).decode("ascii", "replace"))
    if not line:
        raise _wrong(path, "this file holds no key for pseudonyms", "restore the file that roadworthy made")
    return bytes.fromhex(line[1])


def write_public_key(path: Path, key: PublicKey) -> None:
    """Write the one line that others need to check signatures; the customary ending is `.pub`."""
    write_atomically(path, f"{key}\n".encode())


def read_public_key(path: Path) -> PublicKey:
    """Read one line `roadworthy-ed25519 <id> <base64>`; words after it are a comment.

    Raises:
        PlaceError: if the file is missing, holds something else, or its id does not belong to its bytes.
    """
    try:
        words = path.read_bytes().decode("ascii").split(None, 3)
    except (OSError, UnicodeDecodeError) as err:
        raise _wrong(path, "this public key cannot be read", "name a .pub file that roadworthy wrote") from err
    if words[:1] != [_KIND] or len(words) < 3:
        secret = any("PRIVATE" in word for word in words)
        hint = "this is the private key: give out the .pub file instead" if secret else f"its line begins with {_KIND}"
        raise _wrong(path, "this file holds no public key", hint)
    try:
        key = PublicKey(base64.b64decode(words[2], validate=True))
    except binascii.Error as err:
        raise _wrong(path, "the public key is garbled", "copy the line again, whole") from err
    if len(key.raw) != 32 or key.id != words[1]:
        raise _wrong(path, "the public key's id does not belong to its bytes", "copy the line again, whole")
    return key


def trusted_keys(folder: Path) -> Sequence[PublicKey]:
    """All public keys (`*.pub`) of a folder, by file name; none if there is no such folder.

    Raises:
        PlaceError: if one of them cannot be read; a broken key is never passed over in silence.
    """
    return [read_public_key(path) for path in sorted(folder.glob(_ENDING))]


def _appear_once(path: Path, data: bytes) -> None:
    """A private file under its final name, whole and synced, unless another process was first."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            try:
                path.hardlink_to(name)
            except FileExistsError:
                return
        finally:
            Path(name).unlink(missing_ok=True)


def _private_bytes(path: Path) -> bytes:
    try:
        mode, data = path.stat().st_mode & 0o777, path.read_bytes()
    except OSError as err:
        raise _wrong(path, f"the key cannot be read: {err.strerror}", "name a file that you own") from err
    if mode & 0o077:
        raise _wrong(
            path,
            f"others may read this key (permissions {mode:o})",
            f"chmod {_PRIVATE_MODE:o} the file; if others had access to it, move it away and sign anew",
        )
    return data


def _wrong(path: Path, what: str, fix: str) -> PlaceError:
    return PlaceError(what, where=str(path), fix=fix)
