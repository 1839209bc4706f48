"""The algebra of SPARQL constraints, parsed once for all that differ in their terms alone.

rdflib takes a tenth of a second to parse a query, and most of a library's are written after a few
patterns: the same words with another treatment, or another number. So a query is parsed with names
in the place of its terms, and these are put back afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pyparsing import ParseException
from rdflib import XSD, Literal, URIRef
from rdflib.paths import Path
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.terms import BASE

_PREFIXES = {"core": f"{BASE}core#", "clinical": f"{BASE}clinical#", "xsd": str(XSD)}
_NAME = "urn:term:"
# What is taken first is left as it is: texts, IRIs, variables, comments.
_TERM = re.compile(
    r"""(?P<left>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>|[?$]\w+|\#[^\n]*)"""
    r"|(?<![\w:])(?P<prefix>core|clinical):(?P<name>\w+)(?![\w(/|^*+?!-])(?!\s*[(/|^*+?!-])"
    r"|(?<![\w.:+-])(?P<number>\d+)(?![\w.:])"
)


@lru_cache(maxsize=2048)
def algebra_of(select: str) -> CompValue:
    """Parse a query whose prefixes are those of the shapes.

    Raises:
        Exception: what rdflib raises if it is malformed.
    """
    if "PREFIX" in select.upper():
        return _parsed(select)
    terms: list[URIRef | Literal] = []

    def named(match: re.Match[str]) -> str:
        if match["left"] is not None:
            return match[0]
        if match["number"] is not None:
            terms.append(Literal(match["number"], datatype=XSD.integer))
        else:
            terms.append(URIRef(_PREFIXES[match["prefix"]] + match["name"]))
        return f"<{_NAME}{len(terms) - 1}>"

    pattern = _TERM.sub(named, select)
    try:
        found = _with({URIRef(f"{_NAME}{n}"): t for n, t in enumerate(terms)}, _parsed(pattern))
    except (ParseException, _PathError):  # LIMIT takes no name, for one
        return _parsed(select)
    assert isinstance(found, CompValue)
    return found


class _PathError(Exception):
    """A term stands in a property path, where it cannot be put back."""


@lru_cache(maxsize=512)
def _parsed(select: str) -> CompValue:
    algebra: CompValue = prepareQuery(select, initNs=_PREFIXES).algebra
    return algebra


def _with(terms: Mapping[URIRef, URIRef | Literal], part: Any) -> Any:
    """Put terms into an algebra, in the place of their names."""
    if isinstance(part, CompValue):
        made = CompValue(part.name, **{key: _with(terms, value) for key, value in part.items()})
        # rdflib keeps some of an algebra in attributes: the pattern of EXISTS, for one.
        vars(made).update((key, _with(terms, value)) for key, value in vars(part).items())
        return made
    if isinstance(part, list | tuple):
        return type(part)(_with(terms, one) for one in part)
    if isinstance(part, Path) and _NAME in part.n3():
        raise _PathError
    return terms.get(part, part) if isinstance(part, URIRef) else part
