"""Records that are nearly those of another row: texts by their words, images by their hash, tables by all columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from roadworthy.data.quality.keys import find_keys
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.records.chance import alike_by_chance
from roadworthy.data.records.linking import LEAST_EQUAL, Links, near_records
from roadworthy.data.set_join import components
from roadworthy.data.sets import Rows
from roadworthy.data.twins import IMAGE_HASHES, MOST_ROWS, image_groups, text_groups, typical_words
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import parse_limit
from roadworthy.kernel.scales import Scale
from roadworthy.measures.judging import share_finding

_MOST_NEAR = parse_limit("<= 5 %")
_EXAMPLES = 5
_LEAST_COLUMNS = 4
_LEAST_MEASURED = 3


def near_duplicates(look: Look) -> Seen:
    """Notes: campaigns, templates and burst shots are facts of life, but they must not be on both sides of a split."""
    table = look.table
    texts = [(name, text_groups(table[name])) for name in _texts(look) if typical_words(table[name])]
    images = [(name, image_groups(table[name])) for name in IMAGE_HASHES if name in table.columns]
    told = [_judged(look, name, group, largest(group, look.keys)) for name, group in texts + images if _any(group)]
    return Seen(findings=[*told, *_records(look)])


def _texts(look: Look) -> list[str]:
    if "raw_sha256" in look.table.columns:
        return ["text"]
    typed = look.table.schema.items()
    return [name for name, dtype in typed if dtype == pl.String() and look.scales.get(name) == Scale.TEXT]


def _any(group: Rows) -> bool:
    return bool((group != np.arange(len(group))).any())


def _judged(look: Look, subject: str, group: Rows, evidence: dict[str, Any]) -> Finding:
    what = "that" if subject == "records" else f"whose {subject}"
    return share_finding(
        "data.near_duplicates",
        subject,
        hits=int((group != np.arange(len(group))).sum()),
        trials=look.table.height,
        limit=_MOST_NEAR,
        summary_noun=f"share of rows {what} nearly {'repeat' if what == 'that' else 'repeats'} an earlier one",
        severity=Severity.NOTE,
        remedy='keep them on one side of the split: [split] group = "near_duplicate"',
        evidence=evidence,
    )


def _records(look: Look) -> Iterator[Finding]:
    """Rows of a table that differ in a few columns, where chance does not make rows alike anyhow."""
    table = look.table
    if "raw_sha256" in table.columns or not 1 < table.height <= MOST_ROWS:
        return
    own = table.drop("row_key", look.target, look.data.key, *look.data.hidden, strict=False)
    keys = [key.columns[0] for key in find_keys(own, look.scales) if len(key.columns) == 1]
    rest = own.drop(keys)
    plain = [name for name, dtype in rest.schema.items() if not dtype.is_nested()]
    if len(plain) < _LEAST_COLUMNS or alike_by_chance(rest, plain):
        return
    links = near_records(rest.select(plain), look.scales)
    unlike = [at for at, columns in enumerate(links.differing) if columns]
    group = components(links.one[unlike], links.other[unlike], rows=table.height)
    if unlike and not _series(links, look):
        examples = [
            {
                "rows": [look.keys[int(links.one[at])], look.keys[int(links.other[at])]],
                "differ_in": links.differing[at],
                "probability": round(float(links.probability[at]), 4),
            }
            for at in unlike[:_EXAMPLES]
        ]
        yield _judged(look, "records", group, {"pairs": len(unlike), "examples": examples})


def _series(links: Links, look: Look) -> bool:
    """Whether most measured columns differ within the pairs: a series that moves slowly, not copies."""
    measured = [share for name, share in links.agreement.items() if look.scales.get(name) == Scale.CONTINUOUS]
    return len(measured) >= _LEAST_MEASURED and float(np.median(measured)) <= LEAST_EQUAL


def largest(group: Rows, keys: pl.Series) -> dict[str, Any]:
    """How many groups there are, and the names of the first rows of the largest."""
    sizes = np.bincount(group, minlength=len(group))
    order = np.argsort(-sizes, kind="stable")[:_EXAMPLES]
    named = [keys.filter(pl.Series(group == first)).head(_EXAMPLES).to_list() for first in order if sizes[first] > 1]
    return {"groups": int((sizes > 1).sum()), "largest_group": int(sizes.max()), "examples": named}
