"""The only place that knows what the environment may say."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Setting(Struct, frozen=True):
    """An environment variable that we read, what it means, and what holds without it."""

    name: str
    meaning: str
    default: str


SETTINGS = (
    Setting("ROADWORTHY_HOME", "where a project's state lies", ".roadworthy beside roadworthy.toml"),
    Setting("ROADWORTHY_LEDGER", "the ledger: sqlite:///path or postgresql://...", "sqlite, in the project's state"),
    Setting("ROADWORTHY_DATA", "where example corpora lie", "none"),
    Setting("ROADWORTHY_KEYS", "where signing and pseudonym keys lie", "~/.config/roadworthy/keys"),
    Setting("ROADWORTHY_TOKEN", "the bearer token that `serve` asks for", "none; needed off loopback"),
)


class Settings(Struct, frozen=True, kw_only=True):
    """What the environment says, read once."""

    home: Path | None
    ledger: str | None
    keys: Path
    token: str | None
    environment: dict[str, str]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; nothing else is looked at."""
    config = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    home = environment.get("ROADWORTHY_HOME")
    return Settings(
        home=Path(home) if home else None,
        ledger=environment.get("ROADWORTHY_LEDGER") or None,
        keys=Path(environment.get("ROADWORTHY_KEYS") or config / "roadworthy" / "keys"),
        token=environment.get("ROADWORTHY_TOKEN") or None,
        environment=dict(environment),
    )


def data_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Where example corpora lie, if anybody said so."""
    named = (os.environ if environment is None else environment).get("ROADWORTHY_DATA")
    return Path(named) if named else None
