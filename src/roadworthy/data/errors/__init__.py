"""Cells that are likely wrong, found in a table of texts that nobody has declared anything of."""
