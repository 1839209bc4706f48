"""What the endpoint says of itself.

Source: W3C SPARQL 1.1 Service Description.
"""

from __future__ import annotations

import pyoxigraph as ox

from reasoner.store.names import CATALOGUE

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_SYNTAXES = {
    "turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD,
}  # fmt: skip


def describe_service(address: str, syntax: str, *, writable: bool) -> bytes:
    """Describe the endpoint.

    Args:
        address: its URL.
        syntax: turtle, ntriples, rdfxml or jsonld.
        writable: whether it takes updates.
    """
    service, dataset, graph = ox.BlankNode("service"), ox.BlankNode("data"), ox.BlankNode("all")
    said: list[tuple[ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode]] = [
        (service, _TYPE, _term("Service")),
        (service, _term("endpoint"), ox.NamedNode(address)),
        (service, _term("supportedLanguage"), _term("SPARQL11Query")),
        (service, _term("feature"), _term("UnionDefaultGraph")),
        (service, _term("defaultDataset"), dataset),
        (dataset, _TYPE, _term("Dataset")),
        (dataset, _term("defaultGraph"), graph),
        (graph, _TYPE, _term("Graph")),
    ]
    if writable:
        said.append((service, _term("supportedLanguage"), _term("SPARQL11Update")))
    for form in (
        "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
        "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
    ):  # fmt: skip
        said.append((service, _term("resultFormat"), ox.NamedNode(_FORMATS + form)))
    catalogue = ox.BlankNode("catalogue")
    said += [
        (dataset, _term("namedGraph"), catalogue),
        (catalogue, _TYPE, _term("NamedGraph")),
        (catalogue, _term("name"), ox.NamedNode(CATALOGUE)),
    ]
    text = ox.serialize(
        (ox.Triple(*triple) for triple in said), format=_SYNTAXES[syntax], prefixes={"sd": _SD}
    )
    assert text is not None
    return text


def _term(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)
