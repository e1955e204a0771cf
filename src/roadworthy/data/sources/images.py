"""Images: what each file says of itself, statistics of its pixels, a perceptual hash, labels and boxes."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from roadworthy.data.bounded import Limits
from roadworthy.data.extras import from_extra
from roadworthy.data.media.boxes import Marks
from roadworthy.data.media.gathering import Medium, gather
from roadworthy.data.media.judging import breaking, odd_ones_out
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import Stream, checked_options, count_option, size_option, streams
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding

_OPTIONS = ("boxes", "max_pixels", "max_file")
_ENDINGS = {
    "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP",
    "tif": "TIFF", "tiff": "TIFF", "ppm": "PPM", "pgm": "PPM", "pbm": "PPM", "pnm": "PPM",
}  # fmt: skip
_COLUMNS: dict[str, Any] = {
    "format": pl.String,
    "width": pl.Int64,
    "height": pl.Int64,
    "mode": pl.String,
    "channels": pl.Int64,
    "bits": pl.Int64,
    "frames": pl.Int64,
    "orientation": pl.Int64,
    "taken": pl.String,
    "located": pl.Boolean,
    **dict.fromkeys(("brightness", "contrast", "dark_share", "bright_share"), pl.Float64),
    **dict.fromkeys(("red", "green", "blue", "saturation", "sharpness"), pl.Float64),
    "phash": pl.String,
}
_BOXES: dict[str, Any] = {"boxes": pl.String, "box_count": pl.Int64, "box_labels": pl.String}
_MOST_PIXELS = 100_000_000
_LARGEST = 256 << 20
_BLANK, _BURNT, _BLACK = 0.01, 0.6, 0.04
_USUAL_BRIGHT, _USUAL_LIGHT = 0.05, 0.15


def images(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """One row for each image file (PNG, JPEG, GIF, WebP, BMP, TIFF, PPM) below a path, folder, archive or glob.

    Width and height are those of the upright picture. Statistics are those of the first frame, laid on white where it
    is transparent, and averaged down to at most 2^20 pixels. Options: `boxes` (`"voc"`: objects from Pascal VOC XML of
    the same name), `max_pixels` (100,000,000), `max_file` (`"256MB"`).

    Raises:
        SourceError: if Pillow is not installed, no image can be read, or an option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    if options.get("boxes", "voc") != "voc":
        raise SourceError(
            f"boxes cannot be {options['boxes']!r}", where="[[data.source]] boxes", fix='write boxes = "voc"'
        )
    look = from_extra("roadworthy.data.media.pictures:picture_facts", extra="images")
    most = count_option(options, "max_pixels", _MOST_PIXELS)
    marks = Marks() if "boxes" in options else None
    largest = size_option(options, "max_file", _LARGEST)

    def facts(stream: Stream, data: bytes) -> dict[str, Any]:
        found: dict[str, Any] = look(data, most_pixels=most)
        return found | (marks.of(stream, found["width"], found["height"]) if marks else {})

    if marks:
        yield from _read_marks(declared, context, marks)
    yield from gather(
        declared,
        context,
        Medium(
            noun="image",
            endings=tuple(f".{ending}" for ending in _ENDINGS),
            ignored=(".xml",) if marks else (),
            columns=_COLUMNS | (_BOXES if marks else {}),
            look=facts,
            judge=_judged,
            judged=tuple(_COLUMNS),
            largest=largest,
        ),
    )
    if marks:
        yield from marks.findings()


def _read_marks(declared: Source, context: SourceContext, marks: Marks) -> Iterator[Finding]:
    others = tuple(f".{ending}" for ending in _ENDINGS)
    for stream in streams(
        declared, context.root, endings=(".xml",), limits=Limits(), ignored=(*others, ".txt", ".csv")
    ):
        if isinstance(stream, Stream) and stream.member.lower().endswith(".xml"):
            yield from marks.read(stream)


def _judged(files: pl.DataFrame) -> list[Finding]:
    """What is odd about the pictures of a source."""
    files = files.with_columns(
        size=pl.format("{} x {}", "width", "height"),
        depth=pl.format("{} of {} bits", "mode", "bits"),
        said=pl.col("file").str.extract(r"\.(\w+)$").str.to_lowercase().replace_strict(_ENDINGS, default=None),
    )
    usual_bright, usual_light = files["bright_share"].median(), files["brightness"].median()
    burnt = (pl.col("bright_share") >= _BURNT) & pl.lit(usual_bright).le(_USUAL_BRIGHT)
    black = (pl.col("brightness") <= _BLACK) & pl.lit(usual_light).ge(_USUAL_LIGHT)
    blank = pl.col("contrast") < _BLANK
    return [
        *odd_ones_out(files, "size", check="data.mixed_sizes", what="size", remedy="scale them, or take them out"),
        *odd_ones_out(
            files, "depth", check="data.mixed_modes", what="mode", remedy="turn all into one mode before training"
        ),
        *breaking(
            files,
            pl.col("orientation") != 1,
            check="data.orientation",
            what="are turned by their EXIF note only",
            remedy="turn the pixels; many readers do not look at the note",
        ),
        *breaking(
            files,
            pl.col("frames") > 1,
            check="data.animated",
            what="hold several frames, of which the first is described",
            remedy="take one frame, or read them as video",
        ),
        *breaking(
            files,
            pl.col("said") != pl.col("format"),
            check="data.disguised",
            what="are of another format than their ending says",
            remedy="rename them",
        ),
        *breaking(files, blank, check="data.blank", what="show next to nothing", remedy="look at them"),
        *breaking(
            files,
            (burnt | black) & ~blank,
            check="data.exposure",
            what="are far too light or too dark beside the others",
            remedy="look at them; leave them out if nothing can be seen",
        ),
        *breaking(
            files,
            pl.col("located"),
            check="data.location",
            what="say in their EXIF where they were taken",
            remedy="remove the note if the place is personal",
        ),
    ]
