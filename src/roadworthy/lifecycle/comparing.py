"""Two tables compared by their profiles; a profile that was saved stands for its table."""

from pathlib import Path

from msgspec import Struct

from roadworthy.data.profiling.drift import judge_drift
from roadworthy.data.profiling.profiling import profile_table
from roadworthy.kernel.finding import Finding
from roadworthy.lifecycle.reading import Reading
from roadworthy.measures.profile import Profile
from roadworthy.measures.profile.compare import Comparison, compare

_MAGIC = b"RWPROF"


class Compared(Struct, frozen=True, kw_only=True):
    """What has moved, and the verdicts on it."""

    comparison: Comparison
    findings: list[Finding]


def compare_places(reading: Reading, before: str, after: str) -> Compared:
    """How the distribution of each column differs.

    Args:
        before, after: tables, versions such as `orders@3`, or files with a saved profile.
    """
    first, second = _profile(reading, before), _profile(reading, after)
    return Compared(comparison=compare(first, second), findings=judge_drift(first, second))


def _profile(reading: Reading, place: str) -> Profile:
    path = Path(place)
    if path.is_file() and _is_profile(path):
        return Profile.from_bytes(path.read_bytes())
    table = reading.table(place)
    return profile_table(table.frame, keys=table.keys).with_scales(table.scales)


def _is_profile(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC
