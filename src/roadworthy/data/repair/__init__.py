"""Repairs: shown as a plan, recorded cell by cell, undone to the same bytes."""
