"""Measurements; run by hand, and never part of the test suite."""
