"""Ways of doing the work that lie in `peers/`, each in a process of its own, so that its memory is its alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness import ROOT, Line, in_peer

PEERS = Path(__file__).parent / "peers"


def here(script: str, repeats: int, *paths: Path) -> Line:
    """One of our own ways, or polars, by this interpreter."""
    space = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, PEERS / f"{script}.py", str(repeats), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=space)
    return _line(script, json.loads(done.stdout.strip().splitlines()[-1]))


def there(peer: str, script: str, repeats: int, *paths: Path) -> list[Line]:
    """A peer, by the interpreter of its environment; nothing where it is missing."""
    found = in_peer(peer, PEERS / f"{script}.py", str(repeats), *map(str, paths))
    return [_line(script, found)] if found else []


def _line(script: str, found: dict) -> Line:
    return Line(script.partition("_")[2], found.pop("cpu"), found.pop("wall"), found)
