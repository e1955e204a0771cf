"""What all benchmarks share: the arguments, the clock, peers in environments of their own, and one table.

A figure is a ratio to a peer measured in the same run; seconds alone say more of the machine than of the code.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".venvs"


@dataclass(frozen=True)
class Line:
    """One way of doing the work: CPU and wall seconds (children counted), and what else it shows."""

    name: str
    cpu: float
    wall: float
    facts: dict[str, Any] = field(default_factory=dict)


def arguments(about: str, *, peers: Sequence[str] = (), rows: int | None = None) -> argparse.Namespace:
    """`--json`, `--peers`, `--rows`, `--quick`, read from the command line."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--peers", default=",".join(peers), help="measure these peers only, comma-separated")
    parser.add_argument("--rows", type=int, default=rows, help="how many rows")
    parser.add_argument("--quick", action="store_true", help="a small run that shows the shape")
    given = parser.parse_args()
    given.peers = [peer for peer in given.peers.split(",") if peer]
    return given


def timed(name: str, work: Callable[[], dict[str, Any]]) -> Line:
    """Do the work once; what it returns are its facts."""
    cpu, wall = _cpu(), time.perf_counter()
    facts = work()
    return Line(name, _cpu() - cpu, time.perf_counter() - wall, facts)


def in_peer(peer: str, script: Path, *parts: str) -> dict[str, Any] | None:
    """Run a script by the interpreter of `.venvs/<peer>`; its last line is JSON. None, loudly, where it is missing."""
    python = PEERS / peer / "bin" / "python"
    if not python.exists():
        print(f"SKIPPED PEER {peer}: {python} is not there; `make bench-peers` makes it", file=sys.stderr)
        return None
    done = subprocess.run([python, script, *parts], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"SKIPPED PEER {peer}: it failed\n{done.stderr.strip()}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def report(title: str, lines: Sequence[Line], *, ours: str, given: argparse.Namespace, **facts: Any) -> None:
    """Print the table, with each line's CPU and wall time as a multiple of ours, and write it as JSON."""
    base = next(line for line in lines if line.name == ours)
    names = list(dict.fromkeys(name for line in lines for name in line.facts))
    head = ["", "CPU s", "wall s", "CPU x", "wall x", *names]
    table = [
        [line.name, f"{line.cpu:.2f}", f"{line.wall:.2f}", *_ratios(line, base), *_told(line, names)] for line in lines
    ]
    widths = [max(len(row[column]) for row in [head, *table]) for column in range(len(head))]
    print(f"\n{title}" + "".join(f" · {name} {value}" for name, value in facts.items()))
    for row in [head, *table]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if given.json:
        rows = [
            {"name": line.name, "cpu_seconds": line.cpu, "wall_seconds": line.wall, "cpu_ratio": line.cpu / base.cpu,
             "wall_ratio": line.wall / base.wall, **line.facts}
            for line in lines
        ]  # fmt: skip
        given.json.write_text(json.dumps({"title": title, "ours": ours, **facts, "lines": rows}, indent=1) + "\n")


def _ratios(line: Line, base: Line) -> list[str]:
    return [f"{line.cpu / base.cpu:.2f}", f"{line.wall / base.wall:.2f}"]


def _told(line: Line, names: Sequence[str]) -> list[str]:
    values = [line.facts.get(name, "") for name in names]
    return [f"{value:.5f}" if isinstance(value, float) else str(value) for value in values]


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
