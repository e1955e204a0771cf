"""Two stored profiles read and compared."""

from pathlib import Path

from clock import measured

from roadworthy.measures.profile import Profile
from roadworthy.measures.profile.compare import compare


def work(before: str, after: str) -> dict[str, int]:
    one, two = (Profile.from_bytes(Path(path + ".rwprof").read_bytes()) for path in (before, after))
    return {"columns": len(compare(one, two).columns)}


measured(work)
