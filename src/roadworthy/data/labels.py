"""The answer to each mail or file: from the folder it lay in, from a header, or from a CSV beside it."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct, field

from roadworthy.bundle.mail import Mail
from roadworthy.data.source import RawMail, RawTable
from roadworthy.declare.data import MailLabel
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.nearest import did_you_mean

_HEAD = 65_536


class Labelled(Struct, frozen=True):
    """A label, or why there is none; and the other columns of the row that it came from."""

    label: str | None
    why: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


Labeller = Callable[[RawMail, Mail], Labelled]


def labeller(declared: MailLabel | None, root: Path) -> Labeller:
    """What tells the label of each mail of a source; the source's own label goes first.

    Raises:
        SourceError: if a label file cannot be read.
        DataError: if it lacks the key or label column.
    """
    if declared is None:
        return _given
    if declared.origin == "folder":
        patterns = _patterns(declared)
        return lambda raw, _: (
            _given(raw, None) if raw.label is not None else _by_folder(raw.archive, raw.member, patterns)
        )
    if declared.origin == "header":
        return _by_header(declared)
    return _by_csv(declared, root)


def _given(raw: RawMail, _: Mail | None) -> Labelled:
    return Labelled(raw.label, "" if raw.label is not None else "no label is declared or given")


def _patterns(declared: MailLabel) -> list[tuple[str, str]]:
    return [(label, pattern.lower()) for label, patterns in declared.values.items() for pattern in patterns]


def _matching(word: str, patterns: Sequence[tuple[str, str]]) -> set[str]:
    return {label for label, pattern in patterns if fnmatchcase(word.lower(), pattern)}


def _by_folder(archive: str, member: str, patterns: Sequence[tuple[str, str]]) -> Labelled:
    """The innermost folder that matches decides; the archive's own name comes last."""
    folders = [*PurePosixPath(archive).parts, *PurePosixPath(member).parts[:-1]]
    for folder in reversed(folders):
        found = _matching(folder, patterns)
        if len(found) == 1:
            return Labelled(found.pop())
        if found:
            return Labelled(None, f"folder {folder} matches the labels {', '.join(sorted(found))}")
    return Labelled(None, f"no folder of {archive}:{PurePosixPath(member).parent} matches a label")


def _by_header(declared: MailLabel) -> Labeller:
    patterns = _patterns(declared)
    wanted = re.compile(rb"(?im)^" + re.escape(declared.name.encode()) + rb"[ \t]*:[ \t]*([^\r\n]*)")

    def of(raw: RawMail, _: Mail) -> Labelled:
        if raw.label is not None:
            return Labelled(raw.label)
        head = re.split(rb"\r?\n\r?\n", raw.raw[:_HEAD], maxsplit=1)[0]
        hit = wanted.search(head)
        if not hit:
            return Labelled(None, f"there is no header {declared.name}")
        value = hit[1].decode("latin-1").strip()
        found = _matching(value, patterns) if patterns else {value}
        return (
            Labelled(found.pop()) if len(found) == 1 else Labelled(None, f"header {declared.name} matches no one label")
        )

    return of


def _by_csv(declared: MailLabel, root: Path) -> Labeller:
    rows = _read_labels(declared, root)

    def of(raw: RawMail, parsed: Mail) -> Labelled:
        if raw.label is not None:
            return Labelled(raw.label)
        keys = (parsed.message_id, f"<{parsed.message_id}>", sha256(raw.raw))
        return _row_of(rows, (raw.member, PurePosixPath(raw.member).name, *keys), declared)

    return of


def _row_of(rows: Mapping[str, dict[str, str]], keys: Iterable[str], declared: MailLabel) -> Labelled:
    """The label and the other columns of the first key that the label file has."""
    for key in keys:
        if key in rows:
            row = rows[key]
            label = (row[declared.name] or "").strip()
            extra = {name: value for name, value in row.items() if name not in (declared.key, declared.name)}
            return Labelled(label or None, "" if label else f"its label in {declared.path} is empty", extra)
    return Labelled(None, f"{declared.path} has no row for it")


FileLabeller = Callable[..., Labelled | None]
"""`of(archive, member, *more)`: what is said of one file; `more` are further keys, such as its SHA-256."""


def file_labeller(declared: MailLabel | None, root: Path) -> FileLabeller:
    """What tells the label of each file of a source that is no mail; None for every file where none is declared.

    Raises:
        SourceError: if a label file cannot be read, or the label is declared to stand in a header of mail.
        DataError: if it lacks the key or label column.
    """
    if declared is None:
        return lambda *_: None
    if declared.origin == "header":
        raise SourceError(
            "only mail has headers to take a label from",
            where="[[data.source]] label",
            fix='write label = { from = "folder", ... } or label = { from = "csv", ... }',
        )
    if declared.origin == "folder":
        patterns = _patterns(declared)
        return lambda archive, member, *_: _by_folder(archive, member, patterns)
    rows = _read_labels(declared, root)
    return lambda _, member, *more: _row_of(rows, (member, PurePosixPath(member).name, *more), declared)


def label_column(target: str) -> str:
    """The column that a label found beside a file is put into: the target, or `label` where none is declared."""
    return target or "label"


def with_label(given: RawTable, labelled: Labelled | None, target: str) -> RawTable:
    """A table with the label of its file in every row, and what the label file says beside it.

    Raises:
        DataError: if the table has a column of that name already.
    """
    if labelled is None:
        return given
    beside = {label_column(target): labelled.label, **labelled.extra}
    clash = beside.keys() & set(given.frame.columns)
    if clash:
        raise DataError(
            f"{', '.join(sorted(clash))} is a column of the records already",
            where=f"{given.archive}, [[data.source]] label",
            fix="take label out, or give the target another name",
        )
    columns = [pl.lit(value, dtype=pl.String).alias(name) for name, value in beside.items()]
    return msgspec.structs.replace(given, frame=given.frame.with_columns(columns))


def _read_labels(declared: MailLabel, root: Path) -> dict[str, dict[str, str]]:
    path = root / declared.path
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            names = list(reader.fieldnames or [])
            for wanted in (declared.key, declared.name):
                if wanted not in names:
                    raise DataError(
                        f"the label file has no column {wanted!r}", where=str(path), fix=did_you_mean(wanted, names)
                    )
            return {(row[declared.key] or "").strip(): dict(row) for row in reader}
    except (OSError, UnicodeDecodeError, csv.Error) as err:
        raise SourceError(f"the label file cannot be read: {err}", where=str(path), fix="correct label.path") from err
