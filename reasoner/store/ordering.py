"""The order of an answer, made outside the engine.

Oxigraph looks the names up that it compares, at each comparison, so that sorting an answer of some
ten thousand rows takes it as long as finding them. Where a query orders its rows by variables that
it selects, and by nothing else, the rows are asked for as they come and are sorted here, by section
15.1 of SPARQL 1.1 Query: what is unbound first, then blank nodes, IRIs and literals. What that
section leaves open, or has rules for that are not here, is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from reasoner.store.querytext import masked

if TYPE_CHECKING:  # a process that answers queries reads no more than it needs
    from reasoner.queries import Value

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


def ask_in_order(text: str, ask: Callable[[str], bytes | None]) -> bytes | None:
    """Ask a query of the engine without its order, and put the rows in that order here.

    Args:
        text: the query.
        ask: asks a query of the engine; gives the rows as TSV, None if the answer is none of rows.

    Returns:
        The rows as TSV; None if there is no order, or one that only the engine can make.

    Raises:
        SyntaxError: if the query is malformed.
    """
    if (found := without_order(text)) is None:
        return None
    ox.Store().query(text)  # what is malformed may not be so without its end
    table = ask(found[0])
    return None if table is None else sort_table(table, found[1])


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


def sort_table(table: bytes, keys: Sequence[tuple[str, bool]]) -> bytes | None:
    """Sort the rows of a table in TSV by keys; those that are the same by each keep their order.

    Source: SPARQL 1.1 Query Results CSV and TSV Formats: each row is a line, and neither a tab nor
    an end of line stands in a term.

    Returns:
        The table; None if it holds terms that only the engine can compare.
    """
    head, *lines = table.removesuffix(b"\n").split(b"\n")
    columns = head.decode().split("\t")
    rows = [line.split(b"\t") for line in lines]
    places = []
    for name, downward in keys:
        if f"?{name}" not in columns:
            return None
        at = columns.index(f"?{name}")
        column = [row[at] for row in rows]
        found = _places(set(column))
        if found is None:
            return None
        places.append([-found[term] if downward else found[term] for term in column])
    order = sorted(range(len(lines)), key=list(zip(*places, strict=True)).__getitem__)
    return b"\n".join([head, *(lines[n] for n in order), b""])


def _places(written: set[bytes]) -> dict[bytes, int] | None:
    """Give each term the number of its place among all; None if only the engine can tell.

    Args:
        written: terms as TSV has them.
    """
    terms = list(written)
    column = b"\n".join([b"?term", *terms, b""])
    solutions = ox.parse_query_results(column, format=ox.QueryResultsFormat.TSV)
    assert isinstance(solutions, ox.QuerySolutions)
    ranks = _ranks([solution[0] for solution in solutions])
    if ranks is None:
        return None
    number = {rank: n for n, rank in enumerate(sorted(set(ranks)))}
    return {term: number[rank] for term, rank in zip(terms, ranks, strict=True)}


def _ranks(terms: Iterable[Value]) -> list[tuple[Any, ...]] | None:
    """Give what each term is compared by; None if only the engine can compare them."""
    ranks: list[tuple[Any, ...]] = []
    groups = set()
    for term in terms:
        if term is None:
            ranks.append((0,))
        elif isinstance(term, ox.BlankNode):
            ranks.append((1, term.value))
        elif isinstance(term, ox.NamedNode):
            ranks.append((2, term.value))
        elif isinstance(term, ox.Literal) and term.language is not None:
            ranks.append((3, term.value, term.language))
            groups.add("text in a language")
        elif isinstance(term, ox.Literal):
            kind = term.datatype.value
            groups.add(_GROUPS.get(kind, kind))
            try:
                ranks.append((3, _COMPARED[kind](term.value)))
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
