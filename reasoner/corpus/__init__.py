"""Populations of cases: criteria told of all of them at once, from tables of facts."""
