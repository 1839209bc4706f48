"""The one importer of pyshifty: a second opinion on every report, and what made a shape hold.

pyshifty is young. It is pinned, always run without inference, on the data graph alone, with
unsupported constraints an error, and held against pySHACL in every determination. The native
classes are used as they are: the Python layer above them parses each report into rdflib, which
takes longer than the validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
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


def prepare(shapes: Shapes) -> Examiner:
    """Prepare checked shapes for pyshifty.

    Raises:
        KnowledgeError: if pyshifty refuses the shapes.
    """
    try:
        return Examiner(
            shapes.name, PreparedValidator(shapes=to_ntriples(shapes.graph), shapes_format="turtle")
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
