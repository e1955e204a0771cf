"""Learners, search, calibration and thresholds."""
