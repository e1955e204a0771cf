"""Profiles of polars frames, of their parts, and of Parquet files."""

from roadworthy.data.profiling.drift import judge_drift
from roadworthy.data.profiling.parquet import profile_parquet
from roadworthy.data.profiling.profiling import profile_by, profile_parts, profile_table

__all__ = ["judge_drift", "profile_by", "profile_parquet", "profile_parts", "profile_table"]
