"""Reading data without a project: sources, checks, and where a project's own table lies, if there is one."""

import os
from pathlib import Path

from roadworthy.data.places import source_files
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.fingerprint import sha256_file
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import SourceFile
from roadworthy.lifecycle.reading import Reading
from roadworthy.wiring.builtin import QUALITY, SOURCES
from roadworthy.wiring.catalogues import catalogue
from roadworthy.wiring.places import DECLARATION, read_project_declaration
from roadworthy.wiring.settings import read_settings


def open_reading(progress: Progress) -> Reading:
    """Whatever is built in and plugged in."""
    return Reading(
        sources=catalogue("source", SOURCES),
        checks=catalogue("quality", QUALITY),
        home_of=table_of_project,
        progress=progress,
    )


def declared_in(folder: Path) -> Declaration | None:
    """The declaration in this very folder, if there is one."""
    if not (folder / DECLARATION).is_file():
        return None
    return read_project_declaration(folder, read_settings(os.environ))


def raw_files(place: Path) -> list[SourceFile]:
    """The files that lie behind a place: itself, or what a project declares."""
    declaration = declared_in(place)
    if declaration is not None:
        return source_files(declaration, place)
    if not place.is_file():
        return []
    return [SourceFile(path=place.name, bytes=place.stat().st_size, sha256=sha256_file(place))]


def table_of_project(folder: Path) -> Path | None:
    """Where the table of a project lies whose declaration is in this very folder."""
    declaration = declared_in(folder)
    if declaration is None:
        return None
    home = read_settings(os.environ).home or folder / ".roadworthy"
    return home.absolute() / "tables" / declaration.problem.name
