"""What the user states: the problem and what must hold. Plain records; `reading` makes them from `roadworthy.toml`."""
