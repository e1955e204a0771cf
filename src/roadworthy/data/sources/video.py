"""Film: what each file says of itself, and statistics of frames sampled evenly over its length."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from roadworthy.data.extras import from_extra
from roadworthy.data.media.gathering import Medium, gather
from roadworthy.data.media.judging import breaking, odd_ones_out
from roadworthy.data.media.pixels import hamming
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import Stream, checked_options, count_option, size_option
from roadworthy.declare.data import Source
from roadworthy.kernel.finding import Finding

_OPTIONS = ("samples", "max_pixels", "max_file")
_ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".3gp")
_COLUMNS: dict[str, Any] = {
    "format": pl.String,
    "codec": pl.String,
    "fps": pl.Float64,
    "stated_frames": pl.Int64,
    "sound": pl.Boolean,
    "stated_seconds": pl.Float64,
    "seconds": pl.Float64,
    "width": pl.Int64,
    "height": pl.Int64,
    "rotation": pl.Int64,
    "at": pl.Float64,
    **dict.fromkeys(("brightness", "contrast", "dark_share", "bright_share"), pl.Float64),
    **dict.fromkeys(("red", "green", "blue", "saturation", "sharpness"), pl.Float64),
    "phash": pl.String,
}
_SAMPLES = 10
_MOST_PIXELS = 50_000_000
_LARGEST = 1 << 30
_BLANK, _SLACK = 0.01, 0.05
_ALIKE, _STEADY = 6, 0.01  # bits of the hash, and light


def video(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """One row for each sampled frame of each film (MP4, MOV, Matroska, WebM, AVI, MPEG-TS) below a path.

    A film is read into memory as it is. Options: `samples` (10: frames of each film), `max_pixels` (50,000,000: of a
    frame), `max_file` (`"1GiB"`).

    Raises:
        SourceError: if PyAV is not installed, no film can be read, or an option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    look = from_extra("roadworthy.data.media.films:film_frames", package="av")
    samples, most = count_option(options, "samples", _SAMPLES), count_option(options, "max_pixels", _MOST_PIXELS)

    def facts(_: Stream, data: bytes) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = look(data, samples=samples, most_pixels=most)
        return found

    yield from gather(
        declared,
        context,
        Medium(
            noun="film",
            endings=_ENDINGS,
            columns=_COLUMNS,
            look=facts,
            judge=_judged,
            judged=tuple(_COLUMNS),
            largest=size_option(options, "max_file", _LARGEST),
            row_name=pl.format("{}:{}s", "file", pl.col("at").round(3)),
        ),
    )


def _judged(frames: pl.DataFrame) -> list[Finding]:
    """What is odd about the films of a source, and about single frames."""
    films = frames.group_by("file", maintain_order=True).agg(
        pl.first("width", "height", "fps", "stated_seconds", "seconds"),
        phash=pl.col("phash"),
        light=pl.col("brightness").max() - pl.col("brightness").min(),
    )
    films = films.with_columns(
        size=pl.format("{} x {}", "width", "height"),
        rate=pl.col("fps").round(2).cast(pl.String),
        still=pl.Series([_alike(hashes) for hashes in films["phash"].to_list()], dtype=pl.Boolean)
        & (films["light"] <= _STEADY),
    )
    missing = pl.col("stated_seconds") - pl.col("seconds")
    named = frames.with_columns(file=pl.format("{}:{}s", "file", pl.col("at").round(3)))
    blank = pl.col("contrast") < _BLANK
    return [
        *odd_ones_out(films, "size", check="data.mixed_sizes", what="size", remedy="scale them, or take them out"),
        *odd_ones_out(films, "rate", check="data.mixed_rates", what="frame rate", remedy="sample them by time"),
        *breaking(
            films,
            missing > pl.max_horizontal(1.0, _SLACK * pl.col("stated_seconds")),
            check="data.length",
            what="are shorter than their header says: the end is missing",
            remedy="get them whole",
        ),
        *breaking(
            films,
            pl.col("still"),
            check="data.still",
            what="stand still: all frames sampled are alike",
            remedy="look at them",
        ),
        *breaking(named, blank, check="data.blank", what="show next to nothing", remedy="look at them"),
    ]


def _alike(hashes: list[str]) -> bool:
    return len(hashes) > 1 and max(hamming(hashes[0], one) for one in hashes) <= _ALIKE
