"""The one importer of pyshifty: a second opinion on every report, and what made a shape hold.

pyshifty is young. It is pinned, always run without inference, on the data graph alone, with
unsupported constraints an error, and held against pySHACL in every determination. The native
classes are used as they are: the Python layer above them parses each report into rdflib, which
takes longer than the validation.

It gives no answer where a year or less is taken from a date and December comes out (0.5.1; two
months before a day of February). More than a year it takes away rightly, so it is given such a
comparison with both its days moved back by four years, which changes no outcome: a month is as
long as four years before. Its answer remains its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import SH, BNode, Graph, Literal, URIRef
from shifty._shifty import PreparedValidator

from reasoner.errors import EngineError, KnowledgeError
from reasoner.rdf import parse_triples, to_ntriples
from reasoner.shacl import Result, Shapes, results_of


@dataclass(frozen=True)
class Examiner:
    """Shapes prepared for pyshifty."""

    name: str
    _validator: PreparedValidator

    def results(self, data: bytes) -> tuple[Result, ...]:
        """Validate N-Triples, and give the results, sorted.

        Raises:
            EngineError: if pyshifty fails or does not support a constraint.
        """
        try:
            result = self._validator.validate_w3c(
                data=data,
                data_format="turtle",
                graph_mode="data",
                run_infer=False,
                on_unsupported="error",
            )
        except Exception as error:  # a native module: its errors share no root
            raise EngineError(f"pyshifty failed on the shapes of {self.name}: {error}") from error
        if result.diagnostics:
            raise EngineError(
                f"pyshifty on the shapes of {self.name}: {'; '.join(result.diagnostics)}"
            )
        return results_of(parse_triples(result.report_turtle.encode(), ox.RdfFormat.TURTLE))

    def witnesses(self, data: bytes) -> dict[tuple[str, str], frozenset[str]]:
        """Give what was examined and held, of focus nodes that conform.

        Returns:
            For each focus node and node shape (as IRIs), the value nodes in N-Triples form that
            its property shapes looked at: of a qualified one those that conform to it, else all
            on the path.
        """
        found: dict[tuple[str, str], frozenset[str]] = {}
        for witness in self._validator.witnesses(
            data=data,
            data_format="turtle",
            graph_mode="data",
            run_infer=False,
            on_unsupported="error",
        ):
            key = (witness.focus.strip("<>"), witness.shape.strip("<>"))
            found[key] = found.get(key, frozenset()) | frozenset(witness.values)
        return found


_MONTHS_BEFORE = re.compile(
    r'(\?\w+)\s*([<>]=?)\s*(\?\w+)\s*-\s*"P(?:(\d+)Y)?(?:(\d+)M)?"\^\^xsd:yearMonthDuration'
)
_MOVED_BACK = 48


def _moved_back(match: re.Match[str]) -> str:
    day, comparison, other, years, months = match.groups()
    total = 12 * int(years or 0) + int(months or 0) + _MOVED_BACK
    return (
        f'{day} - "P{_MOVED_BACK}M"^^xsd:yearMonthDuration '
        f'{comparison} {other} - "P{total}M"^^xsd:yearMonthDuration'
    )


def computes_months(query: str) -> bool:
    """Tell whether pyshifty computes with the months of a query, if there are any."""
    return query.count("yearMonthDuration") == len(_MONTHS_BEFORE.findall(query))


def _as_pyshifty_computes(shapes: Shapes) -> Graph:
    """Give the shapes with months taken from dates in the way that pyshifty gets right.

    Raises:
        KnowledgeError: for months in any other form than ``?day > ?asked - "P2M"``.
    """
    computing = [
        (subject, str(query))
        for subject, query in shapes.graph.subject_objects(SH.select)
        if "yearMonthDuration" in str(query)
    ]
    if not computing:
        return shapes.graph
    changed = Graph()
    changed += shapes.graph
    for subject, query in computing:
        if not computes_months(query):
            raise KnowledgeError(
                f"{shapes.name}: {subject} computes with months in a form that the second engine "
                'gets wrong; compare as in ?day > ?asked - "P2M"^^xsd:yearMonthDuration'
            )
        changed.set((subject, SH.select, Literal(_MONTHS_BEFORE.sub(_moved_back, query))))
    return changed


def prepare(shapes: Shapes) -> Examiner:
    """Prepare checked shapes for pyshifty.

    Raises:
        KnowledgeError: if pyshifty refuses the shapes, or would compute with months wrongly.
    """
    graph = _as_pyshifty_computes(shapes)
    try:
        return Examiner(
            shapes.name, PreparedValidator(shapes=to_ntriples(graph), shapes_format="turtle")
        )
    except Exception as error:  # a native module: its errors share no root
        raise KnowledgeError(f"pyshifty refuses the shapes of {shapes.name}: {error}") from error


Finding: TypeAlias = tuple[URIRef, URIRef, URIRef, str]
"""A result as engines are compared by it: focus node, shape, component, and value."""


def findings(results: Iterable[Result]) -> set[Finding]:
    """Give results so that engines can be compared: numbers by value, blank nodes as such.

    A number that a query computed is spelled 180 by one engine and 180.0 by another.
    """
    return {(r.focus, r.shape, r.component, _value(r)) for r in results}


def _value(result: Result) -> str:
    term = result.term
    if isinstance(term, BNode):
        return "[]"
    if isinstance(term, Literal) and isinstance(term.value, int | Decimal):
        return f"{Decimal(term.value).normalize():f}"
    return result.value


def disagreement(first: Iterable[Result], second: Iterable[Result]) -> set[Finding]:
    """Give what one engine reports and the other does not."""
    return findings(first) ^ findings(second)


def require_agreement(data: Graph, first: tuple[Result, ...], examiner: Examiner) -> None:
    """Stop unless pyshifty reports what pySHACL reported.

    Raises:
        EngineError: if the two disagree; the shapes are named, the facts are not.
    """
    differing = disagreement(first, examiner.results(to_ntriples(data)))
    if differing:
        shapes = ", ".join(sorted({str(shape) for _, shape, _, _ in differing}))
        raise EngineError(
            f"two SHACL engines disagree on {shapes}; nothing is decided. Please report this."
        )
