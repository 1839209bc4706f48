"""Determinations, cases and releases in the forms of other systems."""
