"""A small mailbox, run once through the command line; each test gets a copy of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from roadworthy.data.simulated.provider import simulate

COMMAND = str(Path(sys.executable).with_name("roadworthy"))
DECLARATION = """
[problem]
name     = "mailbox"
need     = "Less spam"
task     = "binary"
unit     = "one e-mail"
target   = "label"
positive = "spam"

[[data.source]]
kind    = "mail"
path    = "mail/*"
label   = { from = "folder", spam = ["spam"], ham = ["ham"] }
consent = "simulated"

[data]
key  = "message_id"
time = "received"

[split]
method = "stratified"
test   = 0.4

[training]
learners = ["logistic_regression"]
search   = { trials = 3, folds = 2, budget = "60s" }

[require]
recall      = { limit = ">= 0.3", at = "point" }
better_than = "majority"

[deploy.online]
keep_inputs = true

[monitor]
window = "1d"
"""


@dataclass
class Mailbox:
    """A project folder with its own keys, and the command line on it."""

    root: Path
    keys: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.root / ".roadworthy"

    @property
    def bundle(self) -> Path:
        return next(path for path in (self.state / "bundles").iterdir() if not path.name.startswith("."))

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROADWORTHY_")}
        return kept | {"ROADWORTHY_KEYS": str(self.keys), "OMP_NUM_THREADS": "1"} | self.extra

    def start(self, *words: object, **more: Any) -> subprocess.Popen[bytes]:
        command = [COMMAND, *map(str, words)]
        return subprocess.Popen(
            command, cwd=self.root, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
        )

    def call(self, *words: object, code: int) -> str:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"{process.returncode}\n{out.decode()[-1500:]}\n{err.decode()[-1500:]}"
        return out.decode() + err.decode()

    def json(self, *words: object, code: int = 0) -> Any:
        return json.loads(self.call(*words, "--json", code=code))

    def rewrite(self, old: str, new: str) -> None:
        place = self.root / "roadworthy.toml"
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new))


def fill(root: Path, *, count: int = 240) -> None:
    for number, mail in enumerate(simulate(7, first_month=1, last_month=1, per_day=10)):
        if number == count:
            break
        place = root / "mail" / mail.truth / f"{number:04}.eml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(mail.raw)
    (root / "roadworthy.toml").write_text(DECLARATION)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Mailbox:
    """Run and released once; never changed."""
    folder = tmp_path_factory.mktemp("finished")
    box = Mailbox(folder / "box", folder / "keys")
    box.root.mkdir()
    fill(box.root)
    box.call("run", "--release", code=0)
    return box


@pytest.fixture
def mailbox(finished: Mailbox, tmp_path: Path) -> Mailbox:
    """A copy of the finished project."""
    shutil.copytree(finished.root, tmp_path / "box")
    return Mailbox(tmp_path / "box", finished.keys)


@pytest.fixture
def empty(finished: Mailbox, tmp_path: Path) -> Mailbox:
    """A project with a declaration and no mail, no state."""
    root = tmp_path / "empty"
    root.mkdir()
    (root / "roadworthy.toml").write_text(DECLARATION)
    return Mailbox(root, finished.keys)


@pytest.fixture
def filled(empty: Mailbox) -> Mailbox:
    """A project with mail and no state."""
    fill(empty.root)
    return empty


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("SKIPPED: this machine does not let us mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
