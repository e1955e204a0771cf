"""Learner families: one base with written laws, one file each."""
