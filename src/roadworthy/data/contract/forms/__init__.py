"""Contracts in the forms of others: Pandera, Frictionless Table Schema, Open Data Contract Standard, JSON Schema."""
