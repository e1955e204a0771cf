"""The search's memory: one line of JSON per finished trial, durable when `add` returns."""

import os
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.kernel.files import explained, write_atomically
from roadworthy.kernel.records import Trial


class TrialLog:
    """An append-only file. A search that was killed goes on from it; another search begins it anew.

    The first line names the search (`key`: everything that its trials depend on). A line that a crash tore is cut off.

    >>> import tempfile
    >>> log = TrialLog(Path(tempfile.mkdtemp()) / "trials.jsonl")
    >>> log.begin("key")
    []
    >>> log.add(Trial(number=0, learner="majority", params={}, score=0.0, folds=[0.0], seconds=0.1))
    >>> [trial.number for trial in TrialLog(log.path).begin("key")], TrialLog(log.path).begin("other")
    ([0], [])
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, key: str) -> list[Trial]:
        """The trials that this very search has finished, in order."""
        kept, trials = _read(self.path, key)
        head = msgspec.json.encode({"search": key}) + b"\n"
        write_atomically(self.path, kept or head)
        return trials

    def add(self, trial: Trial) -> None:
        """Append a finished trial and sync it to the disk."""
        with explained(self.path), self.path.open("ab") as stream:
            stream.write(msgspec.json.encode(trial) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def _read(path: Path, key: str) -> tuple[bytes, list[Trial]]:
    """The whole lines of that search, as bytes and as trials; nothing if the file is another search's."""
    if not path.exists():
        return b"", []
    lines = path.read_bytes().splitlines(keepends=True)
    if not lines or _decoded(lines[0], dict[str, Any]) != {"search": key}:
        return b"", []
    trials: list[Trial] = []
    for line in lines[1:]:
        trial = _decoded(line, Trial)
        if trial is None or trial.number != len(trials):
            break
        trials.append(trial)
    return b"".join(lines[: 1 + len(trials)]), trials


def _decoded(line: bytes, kind: Any) -> Any:
    if not line.endswith(b"\n"):
        return None
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError:
        return None
