"""What is in a store, read without writing to it."""

from __future__ import annotations

from reasoner.store.asking import Limits, ask, place_of
from reasoner.store.catalogue import ENTRIES, Entry, entries_of


def read_entries(place: str) -> dict[str, Entry]:
    """Give the catalogue of a store, by the name of each graph.

    Raises:
        InputError: if there is no such store, or it has another form.
        MtusError: if it cannot be reached, or another process is writing to it.
    """
    with place_of(place) as where:
        answer = ask(where, ENTRIES, Limits(seconds=120, rows=20_000_000), name="the catalogue")
    return entries_of(tuple(None if v is None else v.value for v in row) for row in answer.rows)
