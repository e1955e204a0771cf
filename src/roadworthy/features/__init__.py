"""Fits the steps that the bundle then runs frozen."""
