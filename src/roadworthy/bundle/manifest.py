"""What a bundle says of itself: `manifest.json`, and the check that nothing in the folder is other than it says."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from roadworthy.bundle.certificate import content_of
from roadworthy.bundle.inputs import InputField
from roadworthy.kernel.errors import BundleError
from roadworthy.kernel.fingerprint import canonical, fingerprint

FORMAT = 1
MANIFEST = "manifest.json"
PLAIN = frozenset({".json", ".npy", ".onnx", ".txt", ".toml"})
"""The kinds of file that a bundle may hold: numbers, text, and graphs of arithmetic; nothing that can run."""

_AGAIN = "train and release the model again, or fetch the bundle again"
_LARGEST = 64 << 20


class Manifest(Struct, frozen=True, kw_only=True):
    """A released model in facts.

    Nothing in it depends on the clock or the machine, so that the same training gives the same bundle.

    Attributes:
        format: of the bundle; a reader refuses others.
        kind: `mail` or `table`.
        threshold: positive is said where probability >= threshold.
        inputs: columns that a prediction needs.
        steps, scorer, calibrator: how each is loaded.
        files: path to hex SHA-256 of every file but this one, the certificate and the report.
        libraries: versions of what computed the numbers.
        seal: fingerprint of all of the above.
        version: content id of the bundle; empty in the file itself, which is part of the content.
    """

    format: int
    name: str
    kind: str
    task: str
    unit: str
    target: str
    positive: str
    negative: str
    threshold: float
    inputs: tuple[InputField, ...]
    steps: dict[str, Any]
    scorer: dict[str, Any]
    calibrator: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    seal: str = ""
    version: str = ""

    def rendered(self) -> bytes:
        """The bytes of the file."""
        plain = msgspec.structs.replace(self, version="")
        return canonical(msgspec.structs.replace(plain, seal=fingerprint(msgspec.structs.replace(plain, seal=""))))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle whose every file is as it says.

    Raises:
        BundleError: if there is none, its format is unknown, or a file was changed, is missing, or should not be there.
    """
    path = folder / MANIFEST
    manifest = _decoded(path)
    if path.read_bytes() != manifest.rendered():
        raise BundleError("the manifest was changed after it was written", where=str(path), fix=_AGAIN)
    version, files = content_of(folder)
    _plain_only(folder, files)
    files.pop(MANIFEST)
    _as_listed(folder, listed=manifest.files, found=files)
    return msgspec.structs.replace(manifest, version=version)


def _decoded(path: Path) -> Manifest:
    if not path.is_file():
        raise BundleError("this is no bundle: it has no manifest", where=str(path), fix="name the folder of a bundle")
    if path.stat().st_size > _LARGEST:
        raise BundleError("the manifest is too large to be one", where=str(path), fix=_AGAIN)
    try:
        told = msgspec.json.decode(path.read_bytes())
        found = told.get("format") if isinstance(told, dict) else None
        if found != FORMAT:
            raise BundleError(
                f"the bundle has format {found!r}, this release reads format {FORMAT}",
                where=str(path),
                fix="install the release of roadworthy that wrote it, or train the model again",
            )
        return msgspec.convert(told, Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise BundleError(f"the manifest cannot be read: {err}", where=str(path), fix=_AGAIN) from err


def _plain_only(folder: Path, files: dict[str, str]) -> None:
    for name in files:
        path = folder / name
        if path.suffix not in PLAIN or path.stat().st_mode & 0o111:
            raise BundleError(
                "a bundle holds numbers and text, and this file could run or be unpickled", where=str(path), fix=_AGAIN
            )


def _as_listed(folder: Path, *, listed: dict[str, str], found: dict[str, str]) -> None:
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) == found.get(name):
            continue
        how = "is missing" if name not in found else "does not belong to it" if name not in listed else "was changed"
        raise BundleError(f"the bundle is not what was released: {name} {how}", where=str(folder / name), fix=_AGAIN)
