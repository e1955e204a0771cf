"""The journal of a repair on disk: a folder that is whole or not there.

people.csv.repair-3f9a1c20/
  journal.json      version, identity before and after, rules with their counts
  changes.parquet   each cell change: row, key, column, before, after, rule, likelihood, evidence
  dropped.parquet   rows that went, whole, with their former position
"""

from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from roadworthy.data.repair.apply import Journal
from roadworthy.data.repair.plan import CHANGES
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.files import appearing_folder

VERSION = 1


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    before: str
    after: str
    cells: int
    dropped: int
    rules: dict[str, int]


def write_journal(journal: Journal, beside: Path) -> Path:
    """Write the journal beside a table's file; it appears whole or not at all.

    Args:
        journal: what was done.
        beside: the table's file (or the name it would have); the folder's name starts with it.

    Returns:
        The folder, named by what the table was before; the same repair again finds it there.
    """
    counts = journal.changes.group_by("rule").len().sort("rule")
    head = _Head(
        version=VERSION,
        before=journal.before,
        after=journal.after,
        cells=int((journal.changes["column"] != "").sum()),
        dropped=journal.dropped.height,
        rules=dict(counts.iter_rows()),
    )
    final = beside.with_name(f"{beside.name}.repair-{journal.before[:8]}{journal.after[:8]}")
    with appearing_folder(final) as scratch:
        (scratch / "journal.json").write_bytes(msgspec.json.format(msgspec.json.encode(head)))
        journal.changes.write_parquet(scratch / "changes.parquet", compression="zstd")
        journal.dropped.write_parquet(scratch / "dropped.parquet", compression="zstd")
    return final


def read_journal(folder: Path) -> Journal:
    """A journal as it was written.

    Raises:
        DataError: if it is not whole, or of another version.
    """
    try:
        head = msgspec.json.decode((folder / "journal.json").read_bytes(), type=_Head)
        changes = pl.read_parquet(folder / "changes.parquet")
        dropped = pl.read_parquet(folder / "dropped.parquet")
    except (OSError, msgspec.MsgspecError, pl.exceptions.PolarsError) as err:
        raise _broken(folder, f"the journal cannot be read: {err}") from err
    told: dict[str, Any] = dict(changes.group_by("rule").len().iter_rows())
    if head.version != VERSION:
        raise _broken(folder, f"the journal is of version {head.version}, this release reads {VERSION}")
    if changes.schema != CHANGES or told != head.rules or dropped.height != head.dropped:
        raise _broken(folder, "the journal does not hold what it says")
    return Journal(before=head.before, after=head.after, changes=changes, dropped=dropped)


def _broken(folder: Path, what: str) -> DataError:
    return DataError(what, where=str(folder), fix="take the table from its source, or from its versions")
