"""Parse each SPARQL query once.

rdflib parses the text of a query every time that it is asked, which takes a hundred times as long
as to answer it on a case; pySHACL asks a constraint's query again for each focus node. A query
that was parsed is a value that can be asked of any graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rdflib import plugin
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor
from rdflib.term import Identifier


@lru_cache(maxsize=512)
def _parsed(text: str, namespaces: frozenset[tuple[str, str]], base: str | None) -> Query:
    return translateQuery(parseQuery(text), base, dict(namespaces))


class ParsedQueries(SPARQLProcessor):
    """Answers queries as rdflib does, from their parsed form."""

    def query(  # type: ignore[override]  # rdflib's own differs from its base
        self,
        strOrQuery: str | Query,
        initBindings: Mapping[str, Identifier] | None = None,
        initNs: Mapping[str, Any] | None = None,
        base: str | None = None,
        DEBUG: bool = False,
    ) -> Mapping[str, Any]:
        """Answer a query; the arguments are rdflib's."""
        if isinstance(strOrQuery, str):
            named = frozenset((prefix, str(iri)) for prefix, iri in (initNs or {}).items())
            strOrQuery = _parsed(strOrQuery, named, base)
        return super().query(strOrQuery, initBindings, initNs, base, DEBUG)


def use_parsed_queries() -> None:
    """Have rdflib answer every query of this process so."""
    plugin.register("sparql", Processor, __name__, ParsedQueries.__name__)
