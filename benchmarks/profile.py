"""Profiles of a million and ten million rows x 20 columns from Parquet, beside what others do: CPU and peak memory.

Each way runs in a process of its own, the best of its repeats counts; imports and the first compilation are left out.
The peers live in environments of their own (`make bench-peers`) and are skipped loudly where they are missing.
"""

import tempfile
from pathlib import Path

from apart import here, there
from harness import arguments, report
from tables import written

PEERS = {"duckdb": 3, "whylogs": 1, "ydata": 1, "evidently": 1}
OURS = {"ours": 5, "polars_scan": 5, "polars_exact": 2, "ours_plain": 2}


def main() -> None:
    given = arguments(__doc__, peers=list(PEERS), rows=1_000_000)
    rows = 100_000 if given.quick else given.rows
    folder = Path(tempfile.gettempdir()) / "roadworthy-bench"
    small = written(folder, "ref", rows, seed=1)
    lines = [here(f"profile_{name}", repeats, small) for name, repeats in OURS.items()]
    for name in given.peers:
        lines += there(name, f"profile_{name}", PEERS[name], small)
    report("profile", lines, ours="ours", given=given, rows=rows, columns=20)
    if given.quick:
        return
    large = written(folder, "ref", 10 * rows, seed=1)
    tenfold = [here(f"profile_{name}", 2, large) for name in ("ours", "polars_scan")]
    given.json = given.json and given.json.with_stem(given.json.stem + "-large")
    report("profile, ten times the rows", tenfold, ours="ours", given=given, rows=10 * rows, columns=20)
    print(f"\nten times the rows take {tenfold[0].cpu / lines[0].cpu:.1f} times the CPU")


if __name__ == "__main__":
    main()
