"""Tables from text files: with or without a header, any separator, declared names, missing spellings and encoding."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from roadworthy.data.archives import unread
from roadworthy.data.bounded import UNREADABLE, BombError, Limits, kind_of, open_bounded
from roadworthy.data.places import files_of, places
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.nearest import did_you_mean

_OPTIONS = ("separator", "header", "names", "encoding", "missing", "quote")
_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
_HEAD = 512
_ENDINGS = frozenset((".csv", ".tsv", ".txt", ".data", ".tab", ".gz", ".bz2", ".xz", ".zst", ".test", ".dat"))


def csv(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every file that the declared path, folder or glob holds, all columns as text.

    Options: `separator` (`","`; a space stands for any run of spaces), `header` (true), `names` (columns, where there
    is no header or to rename it), `encoding` (`utf-8`), `missing` (spellings of a missing value), `quote`.

    Raises:
        SourceError: if no file can be read as such a table, or an option is not known.
        DataError: if a file has other columns than the names declared.
    """
    for name in declared.options:
        if name not in _OPTIONS:
            raise SourceError(
                f"{name!r} is no option of a csv source", where="[[data.source]]", fix=did_you_mean(name, _OPTIONS)
            )
    found = 0
    context.progress.begin(f"read {declared.path}")
    for place, path in _tables(declared, context):
        text = _text(path, place, str(declared.options.get("encoding", "utf-8")))
        if not text.strip():
            yield unread(place, "", "it is empty")
            continue
        frame = _frame(text, declared, place)
        found += 1
        context.progress.advance(note=place)
        yield RawTable(frame=frame, archive=place, first_line=2 if _has_header(declared) else 1)
    context.progress.end()
    if not found:
        raise SourceError(
            "no table was found",
            where=f"{declared.path} in {context.root}",
            fix="correct the path; it must name text files",
        )


def _tables(declared: Source, context: SourceContext) -> Iterator[tuple[str, Path]]:
    for place in places(declared, context.root):
        if place.path.is_file():
            yield place.name, place.path
            continue
        for path in files_of(place.path):
            if path.suffix.lower() in _ENDINGS:
                yield f"{place.name}/{path.relative_to(place.path).as_posix()}", path


def _has_header(declared: Source) -> bool:
    return bool(declared.options.get("header", True))


def _text(path: Path, name: str, encoding: str) -> str:
    with path.open("rb") as stream:
        kind = kind_of(stream.read(_HEAD))
    try:
        with open_bounded(path, kind, limits=Limits()) as unpacked:
            data = b"".join(iter(lambda: unpacked.read(1 << 20), b""))
    except (BombError, *UNREADABLE) as err:
        raise SourceError(f"the file cannot be unpacked: {err}", where=name, fix="give a whole file") from err
    if kind in ("zip", "tar", "7z", "rar"):
        raise SourceError(f"this is a {kind} archive, not a table", where=name, fix="unpack it first")
    try:
        return data.decode("utf-8-sig" if encoding.lower().replace("_", "-") == "utf-8" else encoding)
    except LookupError as err:
        raise SourceError(f"there is no encoding {encoding!r}", where=name, fix='such as encoding = "latin-1"') from err
    except UnicodeError as err:
        raise SourceError(
            f"the file is not {encoding}: {err}", where=name, fix='declare its encoding, such as encoding = "latin-1"'
        ) from err


def _frame(text: str, declared: Source, place: str) -> pl.DataFrame:
    options = declared.options
    separator = str(options.get("separator", ","))
    names = [str(name) for name in options.get("names", ())]
    if separator == " ":
        text = "\n".join(" ".join(line.split()) for line in text.splitlines())
    try:
        frame = pl.read_csv(
            text.encode(),
            has_header=_has_header(declared),
            separator=separator,
            quote_char=str(options.get("quote", '"')) or None,
            infer_schema=False,
            truncate_ragged_lines=False,
        )
    except (pl.exceptions.PolarsError, ValueError) as err:
        raise SourceError(
            f"the table cannot be read: {str(err).splitlines()[0]}",
            where=place,
            fix="declare separator, quote or header as the file has them",
        ) from err
    if names:
        frame = _renamed(frame, names, place)
    missing = [str(word) for word in options.get("missing", _MISSING)]
    trimmed = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(~trimmed.is_in(missing)).then(trimmed).name.keep())


def _renamed(frame: pl.DataFrame, names: Sequence[str], place: str) -> pl.DataFrame:
    if len(names) != frame.width:
        raise DataError(
            f"{len(names)} names are declared, the file has {frame.width} columns",
            where=place,
            fix="declare one name for each column, and the right separator",
        )
    return frame.rename(dict(zip(frame.columns, names, strict=True)))
