"""The profile of whylogs."""

import pandas as pd
import whylogs
from clock import measured


def work(path: str) -> dict[str, int]:
    return {"bytes": len(whylogs.log(pd.read_parquet(path)).view().serialize())}


measured(work)
