"""SPARQL constraints of shapes: which nodes violate one, and what number it reports of each."""

from __future__ import annotations

from rdflib import SH
from rdflib.term import Node

from reasoner.corpus.algebra import algebra_of
from reasoner.corpus.compiler import Compiler
from reasoner.corpus.frames import Frame
from reasoner.corpus.sparqlparts import _UnsupportedPart
from reasoner.corpus.sparqlplan import Query, Relation
from reasoner.corpus.store import Store


class Queries:
    """Compiles the SPARQL constraints of a compiler's shapes against a store."""

    def __init__(self, store: Store, compiler: Compiler) -> None:
        self._store = store
        self._compiler = compiler

    def violating(self, shape: Node, constraint: Node, frame: Frame) -> str:
        """Give the relation of the focus nodes ``s`` that violate a constraint."""
        relation = self._relation(shape, constraint, frame)
        return frame.plan.relation(f"SELECT DISTINCT n_this AS s FROM ({relation.sql})")

    def greatest(self, shape: Node, constraint: Node, frame: Frame) -> str | None:
        """Give the relation of such nodes with the greatest number ``num`` reported of each.

        Returns:
            Its name; None if the values that the constraint reports are no numbers.
        """
        relation = self._relation(shape, constraint, frame)
        reported = relation.columns.get("value")
        if reported is None or reported.kind != "num":
            return None
        return frame.plan.relation(
            f"SELECT n_this AS s, MAX(w_value) AS num FROM ({relation.sql}) GROUP BY n_this"
        )

    def _relation(self, shape: Node, constraint: Node, frame: Frame) -> Relation:
        select = self._compiler.graph.value(constraint, SH.select)
        if select is None:
            raise self._compiler.refuse(shape, "a SPARQL constraint other than sh:select")
        try:
            return Query(self._store, frame).of(algebra_of(str(select)).p, {})
        except _UnsupportedPart as error:
            raise self._compiler.refuse(shape, f"{error} in a SPARQL constraint") from error
