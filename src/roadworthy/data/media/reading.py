"""Columns of documents and texts, and what is odd about some of many."""

from typing import Any

import polars as pl

from roadworthy.data.media.judging import breaking
from roadworthy.kernel.finding import Finding

READING_COLUMNS: dict[str, Any] = {
    "format": pl.String,
    "title": pl.String,
    "author": pl.String,
    "created": pl.String,
    "pages": pl.Int64,
    "empty_pages": pl.Int64,
    "encoding": pl.String,
    "guessed": pl.Boolean,
    "characters": pl.Int64,
    "words": pl.Int64,
    "lines": pl.Int64,
    "text": pl.String,
}
_MOSTLY = 0.5


def judge_readings(files: pl.DataFrame) -> list[Finding]:
    """Documents without text, with pages without text, and of a guessed encoding."""
    none = (pl.col("characters") == 0) | (pl.col("pages").is_not_null() & (pl.col("empty_pages") == pl.col("pages")))
    partly = pl.col("empty_pages") >= _MOSTLY * pl.col("pages")
    return [
        *breaking(
            files,
            none,
            check="data.no_text",
            what="hold no text; if they have pages, these are pictures",
            remedy="scan them with character recognition, or leave them out",
        ),
        *breaking(
            files,
            partly & ~none,
            check="data.no_text",
            what="have half of their pages or more without text",
            remedy="look whether these pages are pictures of text",
        ),
        *breaking(
            files,
            pl.col("guessed"),
            check="data.charset",
            what="are not UTF-8 and do not say what they are; they were read as Windows-1252",
            remedy='declare their encoding, such as encoding = "latin-1"',
        ),
    ]
