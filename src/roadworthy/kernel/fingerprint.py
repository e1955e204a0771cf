"""Content addresses: the same content has the same name, wherever and whenever it was made."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

_CHUNK = 1 << 20


def canonical(value: Any) -> bytes:
    """JSON bytes that are equal when the values are: sorted keys, no spaces.

    >>> canonical({"b": 1, "a": [1.5, None]})
    b'{"a":[1.5,null],"b":1}'
    """
    return msgspec.json.encode(value, order="sorted")


def sha256(data: bytes) -> str:
    """Hex SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of a record, dict, list or number."""
    return sha256(canonical(value))


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_tree(folder: Path, *, leave_out: frozenset[str] = frozenset()) -> tuple[str, dict[str, str]]:
    """One address for a folder, and the address of each file in it by relative POSIX path.

    Args:
        folder: an existing folder; links are not followed and not counted.
        leave_out: relative paths that are no part of the content (a certificate beside a bundle).
    """
    files = {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.relative_to(folder).as_posix() not in leave_out
    }
    return fingerprint(files), files
