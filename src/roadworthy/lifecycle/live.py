"""The live pointer: a small file, replaced whole, that the server follows."""

from pathlib import Path

import msgspec
from msgspec import Struct

from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import write_atomically
from roadworthy.lifecycle.project import Project


class Live(Struct, frozen=True, kw_only=True):
    """Which bundle is on the road."""

    version: str
    folder: Path


class _Pointer(Struct, frozen=True):
    bundle: str
    version: str


def read_live(project: Project) -> Live | None:
    """The live bundle, or None if nothing was released yet.

    Raises:
        PlaceError: if the pointer is garbled.
    """
    if not project.live.is_file():
        return None
    try:
        pointer = msgspec.json.decode(project.live.read_bytes(), type=_Pointer)
    except msgspec.DecodeError as err:
        raise PlaceError(
            "the live pointer cannot be read",
            where=str(project.live),
            fix="release a version again: roadworthy release",
        ) from err
    return Live(version=pointer.version, folder=project.home / pointer.bundle)


def write_live(project: Project, version: str) -> None:
    """Point at a version; readers see the old pointer or the new one."""
    pointer = _Pointer(bundle=f"bundles/{version}", version=version)
    write_atomically(project.live, msgspec.json.encode(pointer))
