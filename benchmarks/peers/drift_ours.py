"""Two Parquet files profiled and compared."""

from clock import measured

from roadworthy.data.profiling import profile_parquet
from roadworthy.measures.profile.compare import compare


def work(before: str, after: str) -> dict[str, int]:
    return {"columns": len(compare(profile_parquet(before), profile_parquet(after)).columns)}


measured(work)
