"""The summary of Evidently."""

import pandas as pd
from clock import measured
from evidently import Dataset, Report
from evidently.presets import DataSummaryPreset


def work(path: str) -> dict[str, int]:
    return {"bytes": len(Report([DataSummaryPreset()]).run(Dataset.from_pandas(pd.read_parquet(path)), None).json())}


measured(work)
