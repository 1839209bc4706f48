"""The SHACL report, as pySHACL issues it; another engine says the same of the same graphs."""

from __future__ import annotations

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.compare import isomorphic

from reasoner import InputError, read_case
from reasoner.adjudication import decide
from reasoner.evidence import prepare
from reasoner.exports.rdfforms import write_rdf
from reasoner.exports.report import report_graphs
from reasoner.outcomes import Role
from reasoner.rdf import to_ntriples
from reasoner.shacl import check_shapes, report, results_of
from reasoner.store.graphs import NamedGraph

EXAMPLE = "docs/examples/trigger-points.yaml"


def parsed(graph: NamedGraph) -> Graph:
    return Graph().parse(data=write_rdf([graph], "turtle"), format="turtle")


def test_it_is_what_pyshacl_issued(knowledge):
    case = read_case(EXAMPLE, knowledge)
    decided = decide(case, knowledge, Role.IMR)
    (request,) = case.requests
    shapes = knowledge.shapes_of(decided.items[request].recommendation)[0]
    issued = report(data=decided.classified[request].graph, shapes=shapes)
    (graph,) = report_graphs(case, knowledge)
    assert isomorphic(parsed(graph), issued)
    assert len(list(parsed(graph).subjects(RDF.type, SH.ValidationReport))) == 1


def test_pyshifty_reports_the_same_of_the_graphs_beside_it(knowledge):
    case = read_case("tests/store/cases/e-falls-with-the-operation.yaml", knowledge)
    graphs = {g.name: parsed(g) for g in report_graphs(case, knowledge, with_graphs=True)}
    reports = [n for n in graphs if not n.endswith(("/data", "/shapes"))]
    assert len(reports) == 2
    for name in reports:
        shapes = check_shapes(graphs[f"{name}/shapes"], name)
        found = prepare(shapes).results(to_ntriples(graphs[f"{name}/data"]))
        assert found == results_of(graphs[name])


def test_a_case_that_nothing_governs_has_no_report(knowledge):
    with pytest.raises(InputError, match="Nothing with criteria"):
        report_graphs(read_case("tests/store/cases/f-ungoverned.yaml", knowledge), knowledge)


def test_names_are_iris(knowledge):
    for graph in report_graphs(read_case(EXAMPLE, knowledge), knowledge, with_graphs=True):
        assert str(URIRef(graph.name)).startswith(
            "https://w3id.org/mtus/case/trigger-points/report/"
        )
