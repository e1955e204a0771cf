"""What runs before a model answers: fitted feature steps as frozen data and small pure code."""
