"""Near-duplicates among short texts: ours, exact, against comparing all pairs and against MinHash of datasketch.

    ROADWORTHY_DATA=... python benchmarks/duplicates.py [--quick] [--rows 1000000] [--peers datasketch] [--json FILE]

Texts of 8 to 24 words drawn by Zipf's law; every tenth is a near copy of another, one to three words of which are
changed. On a part of them recall and precision are held against the similarity of all pairs. Where the data sets are,
the plagiarised articles (Chris McCormick's, 1,000 and 2,500) are told by their own list of true pairs.
"""

import gzip
import os
import resource
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from harness import Line, arguments, in_peer, report, timed
from roadworthy.data.neighbours import near_duplicates, near_pairs
from roadworthy.data.sets import Sets, shingles

SIMILARITY, LENGTH, PART, VOCABULARY = 0.6, 2, 20_000, 50_000
PEER = Path(__file__).parent / "peers" / "duplicates_datasketch.py"


def zipf_texts(rows: int, *, seed: int = 0) -> list[str]:
    """Texts with near copies of one another in every tenth place."""
    random = np.random.default_rng(seed)
    letters = np.array(list("etaoinshrdlucmfwygpbvkqjxz"))
    words = np.array(["".join(letters[list(_digits(number))]) for number in range(VOCABULARY)])
    steps = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    lengths = random.integers(8, 25, rows)
    drawn = words[np.searchsorted(steps, random.random(int(lengths.sum())) * steps[-1])]
    ends = np.cumsum(lengths).tolist()
    texts = [" ".join(drawn[end - long : end]) for end, long in zip(ends, lengths.tolist(), strict=True)]
    for row in range(9, rows, 10):
        copied = texts[int(random.integers(rows))].split()
        for place in random.integers(0, len(copied), random.integers(1, 4)):
            copied[int(place)] = str(words[int(random.integers(VOCABULARY))])
        texts[row] = " ".join(copied)
    return texts


def _digits(number: int) -> list[int]:
    return [*_digits(number // 26 - 1), number % 26] if number >= 26 else [number]


def all_pairs(sets: Sets) -> set[tuple[int, int]]:
    """Pairs by the product of the incidence matrix with itself: every two sets that share anything are counted."""
    _, columns = np.unique(sets.items, return_inverse=True)
    held = csr_array((np.ones(len(columns), np.int32), columns, sets.starts))
    shared = (held @ held.T).tocoo()
    above = shared.row < shared.col
    one, other, both = shared.row[above], shared.col[above], shared.data[above]
    alike = both / (sets.sizes[one] + sets.sizes[other] - both) >= SIMILARITY - 1e-12
    return set(zip(one[alike].tolist(), other[alike].tolist(), strict=True))


def ours(texts: list[str]) -> dict[str, Any]:
    group = near_duplicates(texts, similarity=SIMILARITY, length=LENGTH)
    sizes = np.bincount(group)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"groups": int((sizes > 1).sum()), "rows in them": int(sizes[sizes > 1].sum()), "peak GB": peak}


def held_against(found: set[tuple[int, int]], truth: set[tuple[int, int]]) -> dict[str, Any]:
    hit = len(found & truth)
    return {"pairs": len(found), "recall": hit / max(1, len(truth)), "precision": hit / max(1, len(found))}


def part_lines(texts: list[str], peers: list[str]) -> list[Line]:
    """Recall and precision on a part, where all pairs can be compared."""
    sets = shingles(texts, length=LENGTH)
    truth: set[tuple[int, int]] = set()

    def exhaustive() -> dict[str, Any]:
        truth.update(all_pairs(sets))
        return held_against(truth, truth)

    def joined() -> dict[str, Any]:
        found = near_pairs(texts, similarity=SIMILARITY, length=LENGTH)
        return held_against(set(zip(found.one.tolist(), found.other.tolist(), strict=True)), truth)

    lines = [timed("all pairs (sparse product)", exhaustive), timed("roadworthy", joined)]
    if "datasketch" in peers:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "texts.txt"
            written.write_text("\n".join(texts), "utf-8")
            gone = in_peer("datasketch", PEER, str(written), str(SIMILARITY), str(LENGTH))
        if gone:
            pairs = {(a, b) for a, b in gone["pairs"]}
            lines.append(Line("datasketch MinHashLSH", gone["cpu"], gone["wall"], held_against(pairs, truth)))
    return lines


def articles(corpus: Path, count: int) -> Line:
    folder = corpus / "neardup_articles"
    lines = gzip.decompress((folder / f"articles_{count}.train.gz").read_bytes()).decode().splitlines()
    names, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    truth = {frozenset(line.split()) for line in (folder / f"articles_{count}.truth").read_text().splitlines()}

    def find() -> dict[str, Any]:
        found = near_pairs(texts)
        pairs = {frozenset((names[a], names[b])) for a, b in zip(found.one, found.other, strict=True)}
        return {"true pairs found": f"{len(pairs & truth)} of {len(truth)}", "false pairs": len(pairs - truth)}

    return timed(f"{count} articles", find)


def main() -> None:
    given = arguments(__doc__ or "", peers=("datasketch",), rows=1_000_000)
    rows = min(given.rows, 100_000) if given.quick else given.rows
    texts = zipf_texts(rows)
    whole = timed("roadworthy", lambda: ours(texts))
    asked = given.json
    report("Near-duplicates of short texts", [whole], ours="roadworthy", given=given, rows=f"{rows:,}")
    part = texts[: min(PART, rows)]
    given.json = asked and asked.with_stem(f"{asked.stem}-all-pairs")
    report("Held against all pairs", part_lines(part, given.peers), ours="roadworthy", given=given, rows=len(part))
    corpus = os.environ.get("ROADWORTHY_DATA")
    if corpus:
        given.json = asked and asked.with_stem(f"{asked.stem}-articles")
        found = [articles(Path(corpus), count) for count in (1000, 2500)]
        report("Plagiarised articles", found, ours="1000 articles", given=given)


if __name__ == "__main__":
    main()
