"""SPARQL constraints of shapes: which nodes violate one, and what number it reports of each."""

from __future__ import annotations

from functools import partial

from rdflib import RDFS, SH, XSD, URIRef
from rdflib.term import Node

from reasoner.corpus.algebra import algebra_of
from reasoner.corpus.compiler import Compiler
from reasoner.corpus.frames import Column, Frame
from reasoner.corpus.patterns import THIS, Pattern, Patterns, Step
from reasoner.corpus.schema import properties
from reasoner.corpus.solutions import Solutions, value_of
from reasoner.corpus.sparqlparts import _UnsupportedPart
from reasoner.corpus.vectors import Array, distinct, found_in, greatest, np
from reasoner.knowledge import Knowledge
from reasoner.terms import local_name


class Queries:
    """Compiles the SPARQL constraints of a compiler's shapes.

    Args:
        knowledge: the vocabularies, which say what values a property has.
        compiler: has the shapes.
    """

    def __init__(self, knowledge: Knowledge, compiler: Compiler) -> None:
        self._patterns = Patterns(lambda predicate: kind_of_values(knowledge, predicate))
        self._compiler = compiler

    def violated(self, shape: Node, constraint: Node) -> Column:
        """Give the condition that a focus node violates a constraint."""
        select, pattern = self._compiled(shape, constraint)
        return Column(f"[answers {select}]", partial(_answers, pattern.run), deep=True)

    def greatest(self, shape: Node, constraint: Node) -> Column | None:
        """Give the greatest number that a constraint reports of a focus node, or None of it.

        Returns:
            None if the values that the constraint reports are no numbers.
        """
        select, pattern = self._compiled(shape, constraint)
        reported = pattern.variables.get("value")
        if reported is None or reported.kind != "num":
            return None

        return Column(f"[greatest of {select}]", partial(_greatest_of, pattern.run))

    def _compiled(self, shape: Node, constraint: Node) -> tuple[str, Pattern]:
        select = self._compiler.graph.value(constraint, SH.select)
        if select is None:
            raise self._compiler.refuse(shape, "a SPARQL constraint other than sh:select")
        try:
            return str(select), self._patterns.query(algebra_of(str(select)))
        except _UnsupportedPart as error:
            raise self._compiler.refuse(shape, f"{error} in a SPARQL constraint") from error


def _answers(run: Step, frame: Frame) -> Array:
    found = _solutions(run, frame)
    return found_in(frame.distinct, distinct(found.nodes[THIS]))[frame.at]


def _greatest_of(run: Step, frame: Frame) -> Array:
    found = _solutions(run, frame)
    places = np.searchsorted(frame.distinct, found.nodes[THIS])
    values = value_of(frame.source, found, "value", "num")
    return greatest(places, values, len(frame.distinct))[frame.at]


def _solutions(run: Step, frame: Frame) -> Solutions:
    start = Solutions(len(frame.distinct), {THIS: frame.distinct}, {})
    return run(frame.source, start)


def kind_of_values(knowledge: Knowledge, predicate: URIRef) -> str | None:
    """Tell what values a property has: numbers, days or texts; None if it leads to nodes."""
    name = local_name(str(predicate))
    known = properties(knowledge).get(name)
    if known is not None:
        return {"integer": "num", "decimal": "num", "date": "day", "string": "lex"}.get(known.kind)
    if name == "requestDate":
        return "day"
    ranges = set(knowledge.vocabulary.objects(predicate, RDFS.range))
    return "num" if ranges & {XSD.decimal, XSD.integer} else None
