"""The one importer of ``reasonable``: the OWL 2 RL types of what a graph describes."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import RDF, URIRef
from reasonable import PyReasoner  # type: ignore[attr-defined]  # its stub leaves it out

from reasoner.errors import EngineError
from reasoner.rdf import Triple

# Predicates and types whose triples carry meaning at run time. Labels, definitions and
# metadata are left out: they entail nothing, and cost time.
_OWL = "http://www.w3.org/2002/07/owl#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
LOGICAL_PREDICATES = frozenset(
    URIRef(base + name)
    for base, names in (
        (_OWL, ("intersectionOf", "onProperty", "hasValue", "someValuesFrom", "equivalentClass",
                "propertyChainAxiom", "inverseOf")),
        (_RDFS, ("subClassOf", "subPropertyOf", "domain", "range")),
    )
    for name in names
) | {RDF.first, RDF.rest}  # fmt: skip
LOGICAL_TYPES = frozenset(
    URIRef(_OWL + name)
    for name in ("Restriction", "TransitiveProperty", "SymmetricProperty", "FunctionalProperty")
)


def close(triples: Iterable[Triple]) -> list[Triple]:
    """Give the OWL 2 RL closure of triples, the triples themselves included.

    Raises:
        EngineError: if the reasoner fails.
    """
    reasoner = PyReasoner()
    try:
        reasoner.from_graph(list(triples))
        return list(reasoner.reason())
    except Exception as error:  # a native module: its errors share no root
        raise EngineError(f"the OWL 2 RL closure failed: {error}") from error
