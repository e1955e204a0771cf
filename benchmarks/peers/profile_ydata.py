"""The minimal report of ydata-profiling."""

import pandas as pd
from clock import measured
from ydata_profiling import ProfileReport


def work(path: str) -> dict[str, int]:
    return {"bytes": len(ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_json())}


measured(work)
