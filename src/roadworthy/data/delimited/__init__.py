"""Delimited text: encodings, dialects, records."""
