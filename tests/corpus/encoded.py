"""Any RDF graph encoded for plans, and the report that plans make of it: for tests of the compiler."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.corpus.compiler import BLANK, Compiler, NotCompiledError, Violation
from reasoner.corpus.frames import Frame, Pairs
from reasoner.corpus.literals import Literals
from reasoner.corpus.store import DATATYPES
from reasoner.corpus.vectors import distinct_pairs, np


class EncodedGraph:
    """A graph by numbers; what frames draw on. A node is the only one of its set of classes."""

    def __init__(self, graph: Graph, others: Iterable[Node] = ()) -> None:
        self.graph = graph
        self.numbers: dict[Node, int] = {}
        self.terms: dict[int, Node] = {}
        found = {t for s, _, o in graph for t in (s, o)}.union(others)
        # Literals first, so that their numbers are -1, -2, and so on.
        literals = sorted((t for t in found if isinstance(t, Literal)), key=lambda t: t.n3())
        rest = sorted((t for t in found if not isinstance(t, Literal)), key=lambda t: t.n3())
        for term in (*literals, *rest):
            self.number(term)
        self.literals = Literals([_meaning(t) for t in literals])

    def number(self, term: Node) -> int:
        if term not in self.numbers:
            count = len(self.numbers) + 1
            number = (
                -count
                if isinstance(term, Literal)
                else BLANK + count
                if isinstance(term, BNode)
                else count
            )
            self.numbers[term] = number
            self.terms[number] = term
        return self.numbers[term]

    def pairs(self, predicate: URIRef) -> Pairs:
        found = [(self.number(s), self.number(o)) for s, o in self.graph.subject_objects(predicate)]
        subjects, objects = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return Pairs(*distinct_pairs(subjects, objects))

    def instances(self, kind: Node) -> set[Node]:
        """SHACL instances of a class."""
        below = set(self.graph.transitive_subjects(RDFS.subClassOf, kind))
        return {s for c in below for s in self.graph.subjects(RDF.type, c)}

    def type_sets(self, nodes):
        return nodes

    def holding(self, kind: URIRef):
        members = sorted(self.number(n) for n in self.instances(kind))
        return _Members(members)


class _Members:
    """Tells of nodes, as of the numbers of their sets, whether they are members of a class."""

    def __init__(self, members: list[int]) -> None:
        self._members = members

    def __getitem__(self, nodes):
        return np.isin(nodes, self._members)


def _meaning(literal: Literal):
    """The datatype's number, number, day and text of a literal; refuses what it does not know."""
    value = literal.value
    number = None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if abs(number) >= 10**27 or number != round(number, 10):
            raise NotCompiledError("a number of this size is not compiled for a corpus")
    elif isinstance(value, float | datetime):
        raise NotCompiledError(f"data of the datatype {literal.datatype} are not compiled")
    day = value if isinstance(value, date) and not isinstance(value, datetime) else None
    dt = DATATYPES.get(literal.datatype) if literal.datatype is not None else 4
    if literal.language is not None or literal.ill_typed or dt is None:
        dt = -1
    return dt, number, day, str(literal)


_TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


def _focus(source: EncodedGraph, shapes: Graph, shape: Node) -> set[Node]:
    found = set(shapes.objects(shape, SH.targetNode))
    for kind in shapes.objects(shape, SH.targetClass):
        found |= source.instances(kind)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        found |= set(source.graph.subjects(predicate, None))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        found |= set(source.graph.objects(None, predicate))
    if any((shape, RDF.type, kind) in shapes for kind in (RDFS.Class, _OWL_CLASS)):
        found |= source.instances(shape)
    return found


_OWL_CLASS = URIRef("http://www.w3.org/2002/07/owl#Class")


def report(data: Graph, shapes: Graph) -> Graph:
    """Validate a graph by plans, and give the report as the standard has it.

    Raises:
        NotCompiledError: if something is not compiled.
    """
    source = EncodedGraph(data, shapes.objects(None, SH.targetNode))
    compiler = Compiler(shapes)
    made = Graph()
    node = BNode()
    made.add((node, RDF.type, SH.ValidationReport))
    conforms = True
    shape_nodes = {s for s, p, _ in shapes if p in _TARGETS} | {
        s for kind in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, kind)
    }
    for shape in sorted(shape_nodes, key=lambda n: n.n3()):
        focus = sorted(source.number(n) for n in _focus(source, shapes, shape))
        frame = Frame(source, np.array(focus, dtype=np.int64))
        found = dict.fromkeys(
            (violation, focus, value)
            for violation in compiler.violations(shape)
            for focus, value in _results(compiler, frame, violation)
        )
        for violation, focus, value in found:
            result = BNode()
            made.add((node, SH.result, result))
            made.add((result, SH.focusNode, source.terms[focus]))
            made.add((result, SH.sourceShape, violation.shape))
            made.add((result, SH.sourceConstraintComponent, violation.component))
            severity = shapes.value(violation.shape, SH.severity) or SH.Violation
            made.add((result, SH.resultSeverity, severity))
            path = shapes.value(violation.shape, SH.path)
            if path is not None:
                made.add((result, SH.resultPath, path))
                for triple in _described(shapes, path):
                    made.add(triple)
            if value is not None:
                made.add((result, SH.value, source.terms[value]))
            conforms = False
    made.add((node, SH.conforms, Literal(conforms)))
    return made


def _described(graph: Graph, node: Node):
    if isinstance(node, BNode):
        for triple in graph.triples((node, None, None)):
            yield triple
            yield from _described(graph, triple[2])


def _results(compiler: Compiler, frame: Frame, violation: Violation):
    if violation.below:
        raise compiler.refuse(violation.shape, "a report on values of values")
    if violation.values is not None:
        path, condition = violation.values
        values = frame.values(path)
        failing = values[condition]
        return zip(values.focus[failing].tolist(), values.nodes[failing].tolist(), strict=True)
    focus = frame.nodes[frame[violation.condition]].tolist()
    return [(node, node if violation.own else None) for node in focus]
