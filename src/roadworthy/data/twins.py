"""Rows that are nearly the same, by whatever their table holds: images, texts, or records of many columns."""

import numpy as np
import polars as pl

from roadworthy.data.hamming import near_hashes
from roadworthy.data.neighbours import near_duplicates
from roadworthy.data.records.chance import alike_by_chance
from roadworthy.data.records.linking import near_records
from roadworthy.data.set_join import components
from roadworthy.data.sets import Rows
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import parse_limit
from roadworthy.kernel.records import Split
from roadworthy.measures.judging import share_finding

IMAGE_HASHES = ("phash", "perceptual_hash")
"""Columns that hold a perceptual hash of 64 bits: a whole number, or 16 hexadecimal digits."""
MOST_ROWS = 200_000
"""Rows up to which records of many columns are held against each other."""
_MOST_TWINS = parse_limit("<= 1 %")
_LINE_WORDS = 20
_LEAST_WORDS = 4
_EXAMPLES = 10
_HEX = r"^[0-9a-fA-F]{16}$"


def twin_groups(table: pl.DataFrame, declaration: Declaration) -> tuple[Rows, str]:
    """Row number of the first member of each row's group, and what the rows were compared by.

    A mail by its body (its subject where it has none), a table by its perceptual hashes, else by its texts, else by all
    columns. Neither key nor answer counts, nor what is pseudonymised: no group may depend on the key of pseudonyms.
    """
    if "raw_sha256" in table.columns:
        text = pl.when(pl.col("text") != "").then("text").otherwise("subject")
        return near_duplicates(table.select(text).to_series()), "their text"
    data = declaration.data
    rest = table.drop("row_key", data.key, declaration.problem.target, *data.hidden, strict=False)
    for name in IMAGE_HASHES:
        if name in rest.columns:
            return image_groups(rest[name]), name
    texts = [name for name, dtype in rest.schema.items() if dtype == pl.String() and typical_words(rest[name])]
    if texts:
        joined = rest.select(pl.concat_str(texts, separator=" ", ignore_nulls=True)).to_series()
        return text_groups(joined), " and ".join(texts)
    plain = rest.select(name for name, dtype in rest.schema.items() if not dtype.is_nested())
    if alike_by_chance(plain, plain.columns):
        return np.arange(table.height), "nothing, since few different rows are possible"
    if table.height > MOST_ROWS:
        first = plain.with_row_index("row").select(pl.col("row").min().over(plain.columns))["row"]
        return first.to_numpy().astype(np.int64), "all columns, exactly"
    links = near_records(plain, {})
    return components(links.one, links.other, rows=table.height), "all columns"


def judge_twins(table: pl.DataFrame, made: Split, declaration: Declaration) -> list[Finding]:
    """Test rows that nearly repeat a training row, so that figures are too good; nothing if groups stay together."""
    if declaration.split.group == "near_duplicate" or not len(made.test):
        return []
    group, by = twin_groups(table, declaration)
    first = dict(zip(group[made.train].tolist(), made.train.tolist(), strict=True))
    twins = [row for row in made.test.tolist() if int(group[row]) in first]
    keys = table["row_key"].cast(pl.String)
    examples = [[keys[row], keys[first[int(group[row])]]] for row in twins[:_EXAMPLES]]
    return [
        share_finding(
            "data.near_duplicates",
            "training and test",
            hits=len(twins),
            trials=len(made.test),
            limit=_MOST_TWINS,
            summary_noun=f"share of test rows that nearly repeat a training row by {by}",
            rows_noun="test row",
            remedy='keep them together: [split] group = "near_duplicate"',
            evidence={"examples": examples},
        )
    ]


def typical_words(texts: pl.Series) -> int:
    """The usual number of words of a column of texts; 0 if they are too short to be told apart by their words."""
    typical = texts.str.count_matches(r"\S+").median()
    return int(typical) if isinstance(typical, float) and typical >= _LEAST_WORDS else 0


def text_groups(texts: pl.Series) -> Rows:
    """Groups of texts, by runs of four words, or of two where texts are lines."""
    return near_duplicates(texts.fill_null(""), length=4 if typical_words(texts) >= _LINE_WORDS else 2)


def image_groups(values: pl.Series) -> Rows:
    """Groups of perceptual hashes; a row without one, or with something else in its place, stands alone.

    >>> image_groups(pl.Series(["00000000000000ff", "00000000000000fe", None, "?"])).tolist()
    [0, 0, 2, 3]
    """
    if values.dtype == pl.String():
        there = values.str.contains(_HEX).fill_null(value=False).to_numpy()
        held = np.array([int(one, 16) for one in values.filter(pl.Series(there)).to_list()], dtype=np.uint64)
    else:
        there = values.is_not_null().to_numpy()
        held = values.drop_nulls().to_numpy().astype(np.uint64)
    rows: Rows = np.arange(values.len())
    place = np.flatnonzero(there)
    rows[place] = place[near_hashes(held)]
    return rows
