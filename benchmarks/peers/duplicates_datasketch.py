"""MinHashLSH of datasketch with exact verification, in its own environment: `FILE SIMILARITY LENGTH`; a text a line."""

import json
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH


def main() -> None:
    name, similarity, length = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    texts = Path(name).read_text("utf-8").split("\n")
    cpu, wall = time.process_time(), time.perf_counter()
    lsh = MinHashLSH(threshold=similarity, num_perm=128)
    sets, pairs = [], []
    for row, text in enumerate(texts):
        words = text.split()
        runs = {" ".join(words[at : at + length]) for at in range(max(1, len(words) - length + 1))}
        sketch = MinHash(num_perm=128)
        sketch.update_batch([run.encode() for run in runs])
        for other in lsh.query(sketch):
            shared = len(runs & sets[other])
            if shared / (len(runs) + len(sets[other]) - shared) >= similarity:
                pairs.append((other, row))
        lsh.insert(row, sketch)
        sets.append(runs)
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "pairs": pairs}))


if __name__ == "__main__":
    main()
