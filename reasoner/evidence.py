"""The one importer of pyshifty: a second opinion on every report, and what made a shape hold.

pyshifty is young. It is pinned, always run without inference, on the data graph alone, with
unsupported constraints an error, and held against pySHACL in every determination. The native
classes are used as they are: the Python layer above them parses each report into rdflib, which
takes longer than the validation.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import Graph, URIRef
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
            For each focus node and property shape (as IRIs), the value nodes in N-Triples
            form: for a qualified shape those that conform to it, else all on the path.
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


def disagreement(first: tuple[Result, ...], second: tuple[Result, ...]) -> set[tuple[URIRef, ...]]:
    """Give what one engine reports and the other does not: focus node, shape and component."""
    one = {(r.focus, r.shape, r.component) for r in first}
    other = {(r.focus, r.shape, r.component) for r in second}
    return one ^ other


def require_agreement(data: Graph, first: tuple[Result, ...], examiner: Examiner) -> None:
    """Stop unless pyshifty reports what pySHACL reported.

    Raises:
        EngineError: if the two disagree; the shapes are named, the facts are not.
    """
    differing = disagreement(first, examiner.results(to_ntriples(data)))
    if differing:
        shapes = ", ".join(sorted({str(shape) for _, shape, _ in differing}))
        raise EngineError(
            f"two SHACL engines disagree on {shapes}; nothing is decided. Please report this."
        )
