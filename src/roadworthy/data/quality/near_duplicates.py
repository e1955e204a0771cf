"""Records that are nearly those of another row: texts by their words, images by their perceptual hash."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from roadworthy.data.hamming import near_hashes
from roadworthy.data.neighbours import near_duplicates as near_texts
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.sets import Hashes, Rows
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import parse_limit
from roadworthy.kernel.scales import Scale
from roadworthy.measures.judging import share_finding

IMAGE_HASHES = ("phash", "perceptual_hash")
"""Columns that hold a perceptual hash of 64 bits: a whole number, or 16 hexadecimal digits."""
_MOST_NEAR = parse_limit("<= 5 %")
_LINE_WORDS = 20
_LEAST_WORDS = 4
_EXAMPLES = 5
_HEX = r"^[0-9a-fA-F]{16}$"


def near_duplicates(look: Look) -> Seen:
    """Notes: campaigns, templates and burst shots are facts of life, but they must not be on both sides of a split."""
    columns = [name for name in IMAGE_HASHES if name in look.table.columns]
    return Seen(findings=[*_judged(look, _texts(look)), *_judged(look, columns)])


def near_groups(table: pl.DataFrame, column: str) -> tuple[Rows, bool] | None:
    """Row number of the first member of each row's group, by a column of texts or of perceptual hashes.

    Returns:
        The groups, and whether they are of texts; None if the column's texts are too short to be told apart.
    """
    values = table[column]
    if column in IMAGE_HASHES:
        return image_groups(values), False
    texts = values.fill_null("")
    typical = texts.str.count_matches(r"\S+").median()
    if not isinstance(typical, float) or typical < _LEAST_WORDS:
        return None
    return near_texts(texts, length=4 if typical >= _LINE_WORDS else 2), True


def image_groups(values: pl.Series) -> Rows:
    """Groups of perceptual hashes; a row without one, or with something else in its place, stands alone.

    >>> image_groups(pl.Series(["00000000000000ff", "00000000000000fe", None, "?"])).tolist()
    [0, 0, 2, 3]
    """
    if values.dtype == pl.String:
        there = values.str.contains(_HEX).fill_null(value=False).to_numpy()
        held = np.array([int(one, 16) for one in values.filter(pl.Series(there)).to_list()], dtype=np.uint64)
    else:
        there = values.is_not_null().to_numpy()
        held = values.drop_nulls().to_numpy().astype(np.uint64)
    rows: Rows = np.arange(values.len())
    place = np.flatnonzero(there)
    rows[place] = place[near_hashes(_plain(held))]
    return rows


def _plain(hashes: Hashes) -> Hashes:
    return np.ascontiguousarray(hashes, dtype=np.uint64)


def _texts(look: Look) -> list[str]:
    if "raw_sha256" in look.table.columns:
        return ["text"]
    typed = look.table.schema.items()
    return [name for name, dtype in typed if dtype == pl.String() and look.scales.get(name) == Scale.TEXT]


def _judged(look: Look, columns: list[str]) -> Iterator[Finding]:
    for name in columns:
        found = near_groups(look.table, name)
        group = found[0] if found else np.arange(look.table.height)
        again = int((group != np.arange(len(group))).sum())
        if again:
            yield share_finding(
                "data.near_duplicates",
                name,
                hits=again,
                trials=look.table.height,
                limit=_MOST_NEAR,
                summary_noun=f"share of rows whose {name} nearly repeats an earlier one",
                severity=Severity.NOTE,
                remedy='keep them on one side of the split: [split] group = "near_duplicate"',
                evidence=largest(group, look.keys),
            )


def largest(group: Rows, keys: pl.Series) -> dict[str, object]:
    """How many groups there are, and the names of the first rows of the largest."""
    sizes = np.bincount(group, minlength=len(group))
    order = np.argsort(-sizes, kind="stable")[:_EXAMPLES]
    named = [keys.filter(pl.Series(group == first)).head(_EXAMPLES).to_list() for first in order if sizes[first] > 1]
    return {"groups": int((sizes > 1).sum()), "largest_group": int(sizes.max()), "examples": named}
