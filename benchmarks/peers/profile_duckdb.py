"""DuckDB's SUMMARIZE."""

import duckdb
from clock import measured


def work(path: str) -> dict[str, int]:
    return {"figures": len(duckdb.connect().execute("summarize select * from read_parquet(?)", [path]).fetchall())}


measured(work)
