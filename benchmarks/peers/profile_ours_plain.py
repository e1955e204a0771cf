"""Our profile without the extra `fast`: plain numpy, and Parquet read by polars."""

from clock import measured

from roadworthy.data.profiling import parquet
from roadworthy.measures.profile import choice

parquet.find_spec = choice.find_spec = lambda name: None


def work(path: str) -> dict[str, int]:
    return {"bytes": len(parquet.profile_parquet(path, threads=2).to_bytes())}


measured(work)
