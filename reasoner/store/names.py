"""The names of the graphs of a store."""

from __future__ import annotations

from reasoner.terms import BASE

CATALOGUE = f"{BASE}store/catalogue"
"""The graph that lists the others."""

RELEASES = f"{BASE}release/sha256/"
CASES = f"{BASE}case/"
DETERMINATIONS = f"{BASE}determination/"
LETTERS = f"{BASE}letter/"


def release_name(release: str) -> str:
    """Give the name of a release, and of its graph."""
    return RELEASES + release
