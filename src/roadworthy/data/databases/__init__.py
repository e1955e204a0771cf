"""Databases read by address: one file for each, read-only by construction."""
