"""Time one way of doing the work, in the process that does nothing else. The last line printed is JSON.

python SCRIPT REPEATS FILE...
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def measured(work: Callable[..., dict[str, Any]]) -> None:
    """The best of so many repeats; imports are over, and a first compilation is repeated away."""
    repeats, *paths = sys.argv[1:]
    runs = []
    for _ in range(int(repeats)):
        used, clock = time.process_time(), time.perf_counter()
        facts = work(*paths)
        runs.append((time.process_time() - used, time.perf_counter() - clock))
    cpu, wall = min(runs)
    print(json.dumps({"cpu": cpu, "wall": wall, "peak_mb": _peak() // 1024, **facts}))


def _peak() -> int:
    """Kilobytes; the figure of `getrusage` also holds what the process that started this one had taken."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
