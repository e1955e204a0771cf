"""Scores with intervals, slices, group fairness."""
