"""Sound: what each file says of itself, and statistics of its samples, gathered as they stream by."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from roadworthy.data.extras import from_extra
from roadworthy.data.media.gathering import Medium, gather
from roadworthy.data.media.judging import breaking, odd_ones_out
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import Stream, checked_options, count_option, size_option
from roadworthy.declare.data import Source
from roadworthy.kernel.finding import Finding

_OPTIONS = ("max_seconds", "max_file")
_ENDINGS = (".wav", ".wave", ".flac", ".ogg", ".oga", ".mp3")
_COLUMNS: dict[str, Any] = {
    "format": pl.String,
    "encoding": pl.String,
    "rate": pl.Int64,
    "channels": pl.Int64,
    "bits": pl.Int64,
    "stated_seconds": pl.Float64,
    **dict.fromkeys(("seconds", "peak", "rms", "dc_offset"), pl.Float64),
    **dict.fromkeys(("clipped_share", "silent_share", "loudness"), pl.Float64),
}
_LONGEST = 4 * 3_600
_LARGEST = 1 << 30
_CLIPPED, _SILENT, _OFFSET = 0.001, 0.95, 0.02
_SLACK = 0.01


def audio(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """One row for each sound file (WAV, FLAC, Ogg Vorbis, MP3) below a path, folder, archive or glob.

    Options: `max_seconds` (14,400: a longer one is skipped), `max_file` (`"1GiB"`).

    Raises:
        SourceError: if miniaudio is not installed, no sound can be read, or an option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    look = from_extra("roadworthy.data.media.sounds:sound_facts", extra="audio")
    most = count_option(options, "max_seconds", _LONGEST)

    def facts(_: Stream, data: bytes) -> dict[str, Any]:
        found: dict[str, Any] = look(data, most_seconds=most)
        return found

    yield from gather(
        declared,
        context,
        Medium(
            noun="sound",
            endings=_ENDINGS,
            columns=_COLUMNS,
            look=facts,
            judge=_judged,
            judged=tuple(_COLUMNS),
            largest=size_option(options, "max_file", _LARGEST),
        ),
    )


def _judged(files: pl.DataFrame) -> list[Finding]:
    """What is odd about the recordings of a source."""
    files = files.with_columns(
        form=pl.format(
            "{} Hz, {} channels, {} bits", "rate", "channels", pl.col("bits").cast(pl.String).fill_null("no")
        )
    )
    silent = pl.col("silent_share") >= _SILENT
    missing = pl.col("stated_seconds") - pl.col("seconds")
    return [
        *odd_ones_out(
            files, "form", check="data.mixed_rates", what="form", remedy="convert them to one rate before training"
        ),
        *breaking(
            files,
            missing > _SLACK,
            check="data.length",
            what="are shorter than their header says: the end is missing",
            remedy="get them whole",
        ),
        *breaking(
            files,
            pl.col("clipped_share") >= _CLIPPED,
            check="data.clipping",
            what="are clipped: one sample in a thousand or more stands at full scale",
            remedy="record them with less gain; leave them out if they sound bad",
        ),
        *breaking(files, silent, check="data.silence", what="are silent nearly throughout", remedy="listen to them"),
        *breaking(
            files,
            (pl.col("dc_offset").abs() >= _OFFSET) & ~silent,
            check="data.dc_offset",
            what="do not swing around zero: their mean is off by 2 % of full scale or more",
            remedy="subtract the mean before features are computed",
        ),
    ]
