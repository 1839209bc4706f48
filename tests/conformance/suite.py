"""The W3C SHACL test suite: its tests as values, and the comparison of whole reports.

A test passes only if the report is the expected one: the same ``sh:conforms`` and, result by
result, the same focus node, path, value, constraint component, source shape and severity, blank
nodes up to isomorphism. The suite's own weaker level, ``sh:conforms`` alone, is not used: an
engine that reports the right verdict for the wrong reason would pass it.

Source: https://w3c.github.io/data-shapes/data-shapes-test-suite/, "full compliance".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from reasoner.errors import EngineError, KnowledgeError
from reasoner.evidence import prepare
from reasoner.rdf import graph_of, parse_triples, to_ntriples
from reasoner.shacl import report, unchecked_shapes

SUITE = Path(__file__).parent / "w3c"

_BASE = "urn:x-shacl-test:/"
_MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_SHT = Namespace("http://www.w3.org/ns/shacl-test#")

Engine: TypeAlias = Callable[["ConformanceTest"], Graph]
"""What validates a test and gives its report."""

# What a result is compared by. Messages are for people, and the suite leaves them open.
_COMPARED = (
    SH.focusNode,
    SH.value,
    SH.sourceConstraintComponent,
    SH.sourceShape,
    SH.resultSeverity,
)


@dataclass(frozen=True)
class ConformanceTest:
    """One test of the suite.

    Attributes:
        name: folder and name, such as ``core/node/and-001``.
        data, shapes: the graphs.
        expected: the expected report as a graph to compare by; None where validation has to fail.
    """

    name: str
    data: Graph
    shapes: Graph
    expected: Graph | None


@cache
def _file(iri: str) -> Graph:
    path = SUITE / iri.removeprefix(_BASE)
    return graph_of(parse_triples(path.read_bytes(), ox.RdfFormat.TURTLE, base=iri))


@cache
def all_tests() -> tuple[ConformanceTest, ...]:
    """Give every test of the suite, in the order of the manifests."""
    return tuple(_reached(_BASE + "manifest.ttl"))


def _reached(manifest: str) -> Iterator[ConformanceTest]:
    graph = _file(manifest)
    for included in sorted(graph.objects(URIRef(manifest), _MF["include"])):
        yield from _reached(str(included))
    for entries in graph.objects(URIRef(manifest), _MF.entries):
        for entry in sorted(graph.items(entries)):
            action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
            yield ConformanceTest(
                name=str(entry).removeprefix(_BASE),
                data=_file(str(graph.value(action, _SHT.dataGraph))),
                shapes=_file(str(graph.value(action, _SHT.shapesGraph))),
                expected=None if result == _SHT.Failure else comparable(graph, result),
            )


def comparable(graph: Graph, validation: Node | None = None) -> Graph:
    """Give a report as a graph that holds what reports are compared by, and no more.

    Args:
        graph: a graph with a report in it.
        validation: the report; the only one of the graph if None.
    """
    if validation is None:
        (validation,) = graph.subjects(RDF.type, SH.ValidationReport)
    kept = Graph()
    node = BNode()
    conforms = graph.value(validation, SH.conforms)
    # "false" and "0" are one value of xsd:boolean.
    kept.add((node, SH.conforms, Literal(bool(getattr(conforms, "value", None)))))
    for result in graph.objects(validation, SH.result):
        kept.add((node, SH.result, result))
        for predicate in _COMPARED:
            for value in graph.objects(result, predicate):
                kept.add((result, predicate, value))
        for path in graph.objects(result, SH.resultPath):
            # As a literal: whether two results share a path's blank node says nothing.
            kept.add((result, SH.resultPath, Literal(_path(graph, path))))
    return kept


def _path(graph: Graph, node: Node) -> str:
    """Write a property path in the syntax of SPARQL."""
    if isinstance(node, URIRef):
        return node.n3()
    if (node, RDF.first, None) in graph:
        return "(" + "/".join(_path(graph, step) for step in graph.items(node)) + ")"
    alternatives = graph.value(node, SH.alternativePath)
    if alternatives is not None:
        return "(" + "|".join(_path(graph, p) for p in graph.items(alternatives)) + ")"
    for predicate, before, after in (
        (SH.inversePath, "^", ""),
        (SH.zeroOrMorePath, "", "*"),
        (SH.oneOrMorePath, "", "+"),
        (SH.zeroOrOnePath, "", "?"),
    ):
        inner = graph.value(node, predicate)
        if inner is not None:
            return f"{before}{_path(graph, inner)}{after}"
    return "[]"


def by_pyshacl(test: ConformanceTest) -> Graph:
    """Validate a test through our edge of pySHACL."""
    return report(data=test.data, shapes=unchecked_shapes(test.shapes, test.name))


def by_pyshifty(test: ConformanceTest) -> Graph:
    """Validate a test with pyshifty, set up as ``reasoner.evidence`` sets it up.

    The edge itself gives results with named shapes only, which ours are and the suite's are not,
    so the native validator is asked for the report as it stands.
    """
    examiner = prepare(unchecked_shapes(test.shapes, test.name))
    try:
        result = examiner._validator.validate_w3c(
            data=to_ntriples(test.data),
            data_format="turtle",
            graph_mode="data",
            run_infer=False,
            on_unsupported="error",
        )
    except Exception as error:  # a native module: its errors share no root
        raise EngineError(str(error)) from error
    if result.diagnostics:
        raise EngineError("; ".join(result.diagnostics))
    return graph_of(parse_triples(result.report_turtle.encode(), ox.RdfFormat.TURTLE))


def passes(test: ConformanceTest, engine: Engine, *, paths: bool = True) -> bool:
    """Tell whether an engine gives the expected report, or fails where it has to.

    Args:
        test: the test.
        engine: what validates it.
        paths: whether ``sh:resultPath`` is compared as well.
    """
    try:
        given = comparable(engine(test))
    except (EngineError, KnowledgeError):
        return test.expected is None
    if test.expected is None:
        return False
    if paths:
        return isomorphic(given, test.expected)
    return isomorphic(_without_paths(given), _without_paths(test.expected))


def _without_paths(graph: Graph) -> Graph:
    kept = Graph()
    for triple in graph:
        if triple[1] != SH.resultPath:
            kept.add(triple)
    return kept
