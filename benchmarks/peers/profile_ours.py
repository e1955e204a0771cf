"""Our profile of a Parquet file, left beside it."""

from pathlib import Path

from clock import measured

from roadworthy.data.profiling import profile_parquet


def work(path: str) -> dict[str, int]:
    return {"bytes": Path(path + ".rwprof").write_bytes(profile_parquet(path, threads=2).to_bytes())}


measured(work)
