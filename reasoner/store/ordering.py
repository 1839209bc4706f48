"""The order of an answer, made outside the engine.

Oxigraph looks the names up that it compares, at each comparison, so that sorting an answer of some
ten thousand rows takes it as long as finding them. Where a query orders its rows by variables that
it selects, and by nothing else, the rows are asked for as they come and are sorted here, by section
15.1 of SPARQL 1.1 Query: what is unbound first, then blank nodes, IRIs and literals. What that
section leaves open, or has rules for that are not here, is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from reasoner.queries import Answer, Value
from reasoner.store.querytext import masked

_XSD = "http://www.w3.org/2001/XMLSchema#"
_KEY = r"(?:[?$]\w+|(?:ASC|DESC)\s*\(\s*[?$]\w+\s*\))"
_ORDER = re.compile(rf"\bORDER\s+BY\s*((?:{_KEY}\s*)+)\Z", re.I)
_SELECT = re.compile(r"\bSELECT\b([^{}]*)\{", re.I)
_SELECTED = re.compile(r"\bAS\s+[?$](\w+)\s*\)|[?$](\w+)", re.I)
_COMPARED: dict[str, Callable[[str], Any]] = {
    _XSD + "string": str,
    _XSD + "integer": int,
    _XSD + "decimal": Decimal,
    _XSD + "boolean": {"false": False, "0": False, "true": True, "1": True}.__getitem__,
    _XSD + "date": date.fromisoformat,
}
"""Literals that are compared by their values; those of one group with each other alone."""
_GROUPS = {_XSD + "integer": "number", _XSD + "decimal": "number"}


def ask_and_sort(text: str, ask: Callable[[str], Answer]) -> Answer:
    """Ask a query, and sort its rows here where that can be.

    Args:
        text: the query.
        ask: asks a query of the engine; called again where the rows need the engine's order.
    """
    found = without_order(text)
    if found is not None:
        answer = ask(found[0])
        rows = sort_rows(answer.columns, answer.rows, found[1])
        if rows is not None:
            return Answer(answer.columns, rows)
    return ask(text)


def without_order(text: str) -> tuple[str, tuple[tuple[str, bool], ...]] | None:
    """Take the order off a query.

    Returns:
        The query without it, and its keys: each a variable, and whether it goes downward. None if
        it has no order, or one that only the engine can make.
    """
    if "\\u" in text or "\\U" in text:
        return None
    plain = masked(text)
    order, select = _ORDER.search(plain), _SELECT.search(plain)
    if order is None or select is None:
        return None
    selected = {a or b for a, b in _SELECTED.findall(_without_calls(select[1]))}
    keys = tuple(
        (name, word.upper() == "DESC")
        for word, name in re.findall(r"(?:(ASC|DESC)\s*\(\s*)?[?$](\w+)", order[1], re.I)
    )
    if not {name for name, _ in keys} <= selected:
        return None
    return text[: order.start()], keys


def sort_rows(
    columns: Sequence[str], rows: Sequence[tuple[Value, ...]], keys: Sequence[tuple[str, bool]]
) -> tuple[tuple[Value, ...], ...] | None:
    """Sort rows by keys.

    Returns:
        The rows; None if they hold terms that only the engine can compare.
    """
    if not {name for name, _ in keys} <= set(columns):
        return None
    found = list(rows)
    for name, downward in reversed(keys):  # a sort keeps the order of what is equal
        at = columns.index(name)
        ranks = _ranks({row[at] for row in found})
        if ranks is None:
            return None
        found = _sorted(found, [ranks[row[at]] for row in found], downward)
    return tuple(found)


def _sorted(
    rows: Sequence[tuple[Value, ...]], keys: Sequence[tuple[Any, ...]], downward: bool
) -> list[tuple[Value, ...]]:
    """Sort rows by a key of each; those of the same key keep their order."""
    order = sorted(range(len(rows)), key=keys.__getitem__, reverse=downward)
    return [rows[n] for n in order]


def _ranks(terms: set[Value]) -> dict[Value, tuple[Any, ...]] | None:
    ranks: dict[Value, tuple[Any, ...]] = {}
    groups = set()
    for term in terms:
        if term is None:
            ranks[term] = (0,)
        elif isinstance(term, ox.BlankNode):
            ranks[term] = (1, term.value)
        elif isinstance(term, ox.NamedNode):
            ranks[term] = (2, term.value)
        elif isinstance(term, ox.Literal) and term.language is not None:
            ranks[term] = (3, term.value, term.language)
            groups.add("text in a language")
        elif isinstance(term, ox.Literal):
            kind = term.datatype.value
            groups.add(_GROUPS.get(kind, kind))
            try:
                ranks[term] = (3, _COMPARED[kind](term.value))
            except (KeyError, ValueError, ArithmeticError):
                return None
        else:
            return None
    return ranks if len(groups) <= 1 else None


def _without_calls(projection: str) -> str:
    """Give a projection without what its expressions are made of, their names kept."""
    kept, depth = [], 0
    for part in re.split(r"(\(|\)|\bAS\s+[?$]\w+)", projection, flags=re.I):
        depth += (part == "(") - (part == ")")
        if depth == 0 or (depth == 1 and part[:2].upper() == "AS"):
            kept.append(part)
    return " ".join(kept)
