"""Pseudonyms that keep the form of a value: one to one, the same for the same value, undone by the key alone."""
