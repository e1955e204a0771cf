"""One project as the life cycle sees it: the declaration, where state lies, and the parts that wiring chose."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.ports import Ledger, Progress


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Where the keys lie, outside the project's state: `signing.key`, `pseudonym.key`, `trusted/*.pub`."""

    folder: Path

    @property
    def signing(self) -> Path:
        """The Ed25519 private key that certificates are signed with."""
        return self.folder / "signing.key"

    @property
    def pseudonym(self) -> Path:
        """The secret that pseudonyms are made with."""
        return self.folder / "pseudonym.key"

    @property
    def trusted(self) -> Path:
        """The public keys whose certificates are believed."""
        return self.folder / "trusted"


@dataclass(frozen=True, kw_only=True)
class Project:
    """Everything a verb needs, given by argument.

    Attributes:
        root: the folder of `roadworthy.toml`; relative paths of the declaration start here.
        home: the folder of state.
        sources, learners, checks: built-in parts and plug-ins by name, loaded at first use.
        clock: UTC now.
    """

    root: Path
    home: Path
    declaration: Declaration
    ledger: Ledger
    keys: Keys
    sources: Catalogue[Any]
    learners: Catalogue[Any]
    checks: Catalogue[Any]
    progress: Progress
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        """The problem's name."""
        return self.declaration.problem.name

    @property
    def bundles(self) -> Path:
        """Where finished bundles lie, one folder a version."""
        return self.home / "bundles"

    @property
    def logs(self) -> Path:
        """Where predictions and feedback of this problem are logged."""
        return self.home / "logs" / self.name

    @property
    def live(self) -> Path:
        """The pointer file that the server follows."""
        return self.home / "live" / f"{self.name}.json"
