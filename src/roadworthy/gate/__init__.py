"""Decides, waives, certifies."""
