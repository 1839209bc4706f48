"""Any RDF graph encoded for plans, and the report that plans make of it: for tests of the compiler."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.corpus.compiler import BLANK, Compiler, NotCompiledError
from reasoner.corpus.engine import connect, load
from reasoner.corpus.frames import Frame, Plan
from reasoner.corpus.store import DATATYPES


class EncodedGraph:
    """A graph as tables; what frames draw on."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sql = connect(threads=1)
        self.numbers: dict[Node, int] = {}
        self.terms: dict[int, Node] = {}
        self.classes: dict[URIRef, str] = {}
        for term in sorted({t for s, _, o in graph for t in (s, o)}, key=lambda t: t.n3()):
            self.number(term)
        literals = [(self.number(t), *_meaning(t)) for t in self.numbers if isinstance(t, Literal)]
        load(
            self.sql, "lit",
            {"o": "BIGINT", "dt": "INTEGER", "num": "DECIMAL(38,10)", "day": "DATE",
             "lex": "VARCHAR"},
            literals,
        )  # fmt: skip
        self._tables: dict[URIRef, str] = {}

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

    def pairs(self, predicate: URIRef) -> str:
        if predicate not in self._tables:
            name = f"p{len(self._tables)}"
            rows = [(self.number(s), self.number(o)) for s, o in
                    self.graph.subject_objects(predicate)]  # fmt: skip
            load(self.sql, name, {"s": "BIGINT", "o": "BIGINT"}, rows)
            self._tables[predicate] = name
        return self._tables[predicate]

    def shows(self, kind: URIRef, alias: str) -> str:
        return f"{alias}.{self.classes.setdefault(kind, f'c{len(self.classes)}')}"

    def instances(self, kind: Node) -> set[Node]:
        """SHACL instances of a class."""
        below = set(self.graph.transitive_subjects(RDFS.subClassOf, kind))
        return {s for c in below for s in self.graph.subjects(RDF.type, c)}

    def show(self) -> None:
        """Make the tables of types, for the classes that were asked for."""
        members = {column: self.instances(kind) for kind, column in self.classes.items()}
        nodes = sorted({n for found in members.values() for n in found}, key=lambda n: n.n3())
        load(
            self.sql, "typed", {"node": "BIGINT", "tset": "INTEGER"},
            [(self.number(n), at) for at, n in enumerate(nodes)],
        )  # fmt: skip
        load(
            self.sql, "shown", {"tset": "INTEGER", **dict.fromkeys(members, "BOOLEAN")},
            [(at, *(n in found for found in members.values())) for at, n in enumerate(nodes)],
        )  # fmt: skip


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
    source = EncodedGraph(data)
    compiler = Compiler(shapes)
    made = Graph()
    node = BNode()
    made.add((node, RDF.type, SH.ValidationReport))
    conforms = True
    shape_nodes = {s for s, p, _ in shapes if p in _TARGETS} | {
        s for kind in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, kind)
    }
    queries = []
    for shape in sorted(shape_nodes, key=lambda n: n.n3()):
        focus = sorted(source.number(n) for n in _focus(source, shapes, shape))
        plan = Plan(source)
        table = f"focus{len(queries)}"
        load(source.sql, table, {"node": "BIGINT"}, [(n,) for n in focus])
        root = plan.root(f"SELECT node FROM {table}")
        queries.extend(_results(compiler, plan, shape, root))
    source.show()
    for violation, plan, frame, columns, condition in queries:
        sql = plan.select(frame, f"DISTINCT {columns}", condition)
        for focus, value in source.sql.execute(sql).fetchall():
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
    source.sql.close()
    return made


def _described(graph: Graph, node: Node):
    if isinstance(node, BNode):
        for triple in graph.triples((node, None, None)):
            yield triple
            yield from _described(graph, triple[2])


def _results(compiler: Compiler, plan: Plan, shape: Node, frame: Frame):
    for violation in compiler.violations(shape, frame):
        if violation.below is not None:
            raise compiler.refuse(violation.shape, "a report on values of values")
        elif violation.values is not None:
            inner, condition = violation.values
            yield violation, plan, inner, "v.focus, v.node", condition
        else:
            value = "v.node" if violation.own else "NULL::BIGINT"
            yield violation, plan, frame, f"v.node, {value}", violation.condition
