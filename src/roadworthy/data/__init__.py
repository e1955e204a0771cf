"""Sources, snapshots, quality, near-duplicates, leakage and splitting."""
