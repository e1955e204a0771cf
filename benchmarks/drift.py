"""Two tables of a million rows x 20 columns compared: from the files, and from stored profiles, beside what others do.

Each way runs in a process of its own, the best of its repeats counts; imports and the first compilation are left out.
"""

import tempfile
from pathlib import Path

from apart import here, there
from harness import arguments, report
from tables import written

OURS = {"ours": 5, "ours_stored": 20, "exact": 1}


def main() -> None:
    given = arguments(__doc__, peers=["evidently"], rows=1_000_000)
    rows = 100_000 if given.quick else given.rows
    folder = Path(tempfile.gettempdir()) / "roadworthy-bench"
    pair = written(folder, "ref", rows, seed=1), written(folder, "cur", rows, seed=2, drifted=True)
    for path in pair:
        here("profile_ours", 1, path)
    lines = [here(f"drift_{name}", repeats, *pair) for name, repeats in OURS.items()]
    for name in given.peers:
        lines += there(name, f"drift_{name}", 1, *pair)
    report("drift", lines, ours="ours", given=given, rows=rows, columns=20)


if __name__ == "__main__":
    main()
