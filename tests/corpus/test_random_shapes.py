"""Shapes and graphs at random: plans give the results that pySHACL gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace
from rdflib.collection import Collection

from reasoner.shacl import report as by_pyshacl
from reasoner.shacl import unchecked_shapes
from tests.corpus.encoded import report

EX = Namespace("http://example.org/")
NODES = [EX[f"n{n}"] for n in range(5)]
CLASSES = [EX[f"C{n}"] for n in range(4)]
PREDICATES = [EX[f"p{n}"] for n in range(3)]
LITERALS = [
    *(Literal(n) for n in (0, 1, 5)),
    *(Literal(Decimal(n)) for n in ("0.5", "1.5", "5.0")),
    *(Literal(date(2014, 9, day)) for day in (1, 2)),
    Literal("one"),
    Literal("one", datatype=XSD.string),
    Literal(True),
]

terms = st.sampled_from([*NODES, *LITERALS])
triples = st.one_of(
    st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), terms),
    st.tuples(st.sampled_from(NODES), st.just(RDF.type), st.sampled_from(CLASSES)),
    st.tuples(st.sampled_from(CLASSES), st.just(RDFS.subClassOf), st.sampled_from(CLASSES)),
)
paths = st.recursive(
    st.sampled_from(PREDICATES),
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, min_size=2, max_size=2)),
        st.tuples(st.just("alternative"), st.lists(inner, min_size=2, max_size=2)),
        st.tuples(st.just("optional"), inner),
        st.tuples(st.just("inverse"), st.sampled_from(PREDICATES)),
    ),
    max_leaves=3,
)
values = st.one_of(
    st.tuples(st.just(SH["class"]), st.sampled_from(CLASSES)),
    st.tuples(st.just(SH.datatype), st.sampled_from([XSD.integer, XSD.decimal, XSD.date])),
    st.tuples(st.just(SH.nodeKind), st.sampled_from([SH.IRI, SH.Literal, SH.IRIOrLiteral])),
    st.tuples(
        st.sampled_from([SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive]),
        st.sampled_from([Literal(1), Literal(Decimal("1.5")), Literal(date(2014, 9, 2))]),
    ),
    st.tuples(st.just(SH["in"]), st.lists(terms, min_size=1, max_size=3, unique=True)),
    st.tuples(st.just(SH.hasValue), terms),
)


def _node_shapes(inner):
    """Node shapes: constraints on the node, property shapes, and logic over others."""
    counted = st.tuples(
        paths,
        st.lists(
            st.one_of(
                values,
                st.tuples(st.sampled_from([SH.minCount, SH.maxCount]), st.integers(0, 2)),
                st.tuples(st.just(SH.disjoint), st.sampled_from(PREDICATES)),
                st.tuples(st.sampled_from([SH.node, SH["not"]]), inner),
                st.tuples(
                    st.sampled_from([SH.qualifiedMinCount, SH.qualifiedMaxCount]),
                    st.tuples(st.integers(0, 2), inner),
                ),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda constraint: constraint[0],
        ),
    )
    logic = st.one_of(
        st.tuples(st.sampled_from([SH.node, SH["not"]]), inner),
        st.tuples(
            st.sampled_from([SH["and"], SH["or"], SH.xone]),
            st.lists(inner, min_size=1, max_size=2),
        ),
    )
    return st.fixed_dictionaries(
        {
            "values": st.lists(values, max_size=1),
            "properties": st.lists(counted, max_size=2),
            "logic": st.lists(logic, max_size=1),
        }
    )


leaves = st.fixed_dictionaries(
    {"values": st.lists(values, min_size=1, max_size=1), "properties": st.just([]),
     "logic": st.just([])}
)  # fmt: skip
shapes = st.recursive(leaves, _node_shapes, max_leaves=4)
targets = st.one_of(
    st.tuples(st.just(SH.targetClass), st.sampled_from(CLASSES)),
    st.tuples(st.just(SH.targetNode), st.sampled_from([*NODES, Literal(1)])),
    st.tuples(st.just(SH.targetSubjectsOf), st.sampled_from(PREDICATES)),
    st.tuples(st.just(SH.targetObjectsOf), st.sampled_from(PREDICATES)),
)


class _Writer:
    def __init__(self) -> None:
        self.graph = Graph()
        self._numbers = count()

    def list(self, items):
        head = BNode()
        Collection(self.graph, head, list(items))
        return head

    def path(self, path):
        if not isinstance(path, tuple):
            return path
        form, parts = path
        if form == "sequence":
            return self.list(self.path(p) for p in parts)
        node = BNode()
        if form == "alternative":
            self.graph.add((node, SH.alternativePath, self.list(self.path(p) for p in parts)))
        else:
            predicate = SH.inversePath if form == "inverse" else SH.zeroOrOnePath
            self.graph.add((node, predicate, self.path(parts)))
        return node

    def constrain(self, shape, constraints) -> None:
        for predicate, value in constraints:
            if isinstance(value, dict):
                value = self.shape(value)
            elif isinstance(value, tuple):
                number, inner = value
                self.graph.add((shape, SH.qualifiedValueShape, self.shape(inner)))
                value = Literal(number)
            elif isinstance(value, list):
                value = self.list(self.shape(v) if isinstance(v, dict) else v for v in value)
            elif isinstance(value, int) and not isinstance(value, Literal):
                value = Literal(value)
            self.graph.add((shape, predicate, value))

    def shape(self, described):
        shape = EX[f"shape{next(self._numbers)}"]
        self.graph.add((shape, RDF.type, SH.NodeShape))
        self.constrain(shape, [*described["values"], *described["logic"]])
        for path, constraints in described["properties"]:
            below = EX[f"shape{next(self._numbers)}"]
            self.graph.add((shape, SH.property, below))
            self.graph.add((below, RDF.type, SH.PropertyShape))
            self.graph.add((below, SH.path, self.path(path)))
            if sum(p in (SH.qualifiedMinCount, SH.qualifiedMaxCount) for p, _ in constraints) > 1:
                constraints = [c for c in constraints if c[0] != SH.qualifiedMaxCount]
            self.constrain(below, constraints)
        return shape


def results(report: Graph):
    """Results of a report, each as what it is compared by."""
    found = []
    for result in report.objects(None, SH.result):
        found.append(
            tuple(
                getattr(report.value(result, p), "n3", lambda: "")()
                for p in (SH.focusNode, SH.sourceShape, SH.sourceConstraintComponent, SH.value)
            )
        )
    return sorted(set(found))


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(max_examples=160, suppress_health_check=list(HealthCheck))
@given(st.lists(triples, min_size=3, max_size=18), shapes, targets)
def test_plans_give_what_pyshacl_gives(stated, described, target):
    data = Graph()
    for triple in stated:
        data.add(triple)
    writer = _Writer()
    shape = writer.shape(described)
    writer.graph.add((shape, *target))
    expected = results(by_pyshacl(data=data, shapes=unchecked_shapes(writer.graph, "random")))
    assert results(report(data, writer.graph)) == expected
