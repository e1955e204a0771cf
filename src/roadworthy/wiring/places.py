"""Where a project lies; needs no database, so that the server can ask it too."""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from roadworthy.declare.declaration import Declaration
from roadworthy.declare.reading import read_declaration
from roadworthy.declare.sections import Known
from roadworthy.kernel.errors import PlaceError
from roadworthy.lifecycle.project import Keys
from roadworthy.wiring.builtin import LEARNERS, SOURCES
from roadworthy.wiring.settings import Settings

DECLARATION = "roadworthy.toml"


class Places(Struct, frozen=True, kw_only=True):
    """A project before anything is opened: its folder, its state, its declaration, its keys."""

    root: Path
    home: Path
    declaration: Declaration
    keys: Keys

    @property
    def live(self) -> Path:
        """The pointer file that the server follows."""
        return self.home / "live" / f"{self.declaration.problem.name}.json"

    @property
    def logs(self) -> Path:
        """Where predictions and feedback are logged."""
        return self.home / "logs" / self.declaration.problem.name


def locate(start: Path, settings: Settings) -> Places:
    """Find the project at or above `start` and read its declaration.

    Raises:
        PlaceError: if there is none. DeclarationError: with every problem of the declaration.
    """
    root = find_root(start)
    home = (settings.home or root / ".roadworthy").absolute()
    return Places(
        root=root,
        home=home,
        declaration=_cached(read_project_declaration(root, settings), home / "cache"),
        keys=Keys(folder=settings.keys),
    )


def _cached(declaration: Declaration, folder: Path) -> Declaration:
    """Fetched files are kept with the project's state."""
    sources = tuple(replace(source, cache=str(folder)) for source in declaration.data.sources)
    return replace(declaration, data=replace(declaration.data, sources=sources))


def find_root(start: Path) -> Path:
    """The folder of `roadworthy.toml`, looked for upward from `start`, as git looks for its own.

    Raises:
        PlaceError: if there is none up to the root of the file system.
    """
    begin = start.absolute()
    if begin.is_file():
        return begin.parent
    for folder in (begin, *begin.parents):
        if (folder / DECLARATION).is_file():
            return folder
    raise PlaceError(
        f"there is no {DECLARATION} here or above",
        where=str(begin),
        fix="name the project's folder, or make one with: roadworthy init --template spam FOLDER",
    )


def read_project_declaration(root: Path, settings: Settings) -> Declaration:
    """The declaration of the project in `root`."""
    known = Known(kinds=tuple(SOURCES), learners=tuple(LEARNERS), today=datetime.now(UTC).date())
    return read_declaration(root / DECLARATION, environment=settings.environment, known=known)
