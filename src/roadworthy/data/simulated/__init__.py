"""A simulated mail provider: a small company's mail over twelve months, the same for the same seed, no data needed."""
