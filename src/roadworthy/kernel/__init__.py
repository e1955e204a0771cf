"""The ground floor: the few nouns that every other room speaks.

Needs the standard library, msgspec and numpy only.
"""
