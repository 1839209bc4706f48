"""Populations of cases: criteria compiled to relational plans over tables of facts."""
