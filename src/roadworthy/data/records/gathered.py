"""Rows of one file gathered into parts; damage told in place of what would have come after it."""

from collections.abc import Iterator

from roadworthy.data.bounded import UNREADABLE, BombError
from roadworthy.data.records.exact import DepthError
from roadworthy.data.records.flatten import Row
from roadworthy.data.records.lines import BrokenError, HostileError
from roadworthy.data.records.parts import Parts
from roadworthy.data.source import RawTable
from roadworthy.data.streams import Stream
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

READ_TROUBLE = (BrokenError, DepthError, BombError, *UNREADABLE)
"""What reading a file that is not what it should be can raise."""


def gathered(stream: Stream, rows: Iterator[tuple[Row, str]], parts: Parts) -> Iterator[RawTable | Finding]:
    """Rows with their names as parts; what is broken is read up to the damage, and a finding says where that is."""
    broken: Finding | None = None
    try:
        for row, name in rows:
            parts.add(row, name)
            if parts.full:
                yield parts.take()
    except READ_TROUBLE as err:
        broken = damage(stream, err, rows=parts.total)
    if parts:
        yield parts.take()
    if broken:
        yield broken


def damage(stream: Stream, trouble: Exception, *, rows: int) -> Finding:
    """A file that is broken, or hostile, from some place on; the records before it were given out."""
    kept = f"{plural(rows, 'record')} before that kept" if rows else "no record was read"
    hostile = isinstance(trouble, HostileError | DepthError | BombError)
    return Finding(
        check="data.hostile" if hostile else "data.readable",
        subject=stream.name,
        verdict=Verdict.FAIL,
        summary=f"{stream.name} is {'refused' if hostile else 'broken'}: {trouble}; {kept}.",
        measured=float(rows),
        unit="records",
        evidence={"archive": stream.archive, "member": stream.member, "why": str(trouble)},
        remedy="repair the file there, or give a whole one",
    )
