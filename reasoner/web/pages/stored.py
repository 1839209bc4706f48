"""A determination of a store, made readable again.

A store holds what was decided and why, but not which values were looked at. So a determination is
derived again from its case, and held against the store. One that this release and version would not
name so is shown from the store alone.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import PROV

from reasoner.case import Case
from reasoner.determination import engine_name
from reasoner.errors import MtusError
from reasoner.rdf import Triple, from_oxigraph, graph_of, iris, to_ntriples
from reasoner.store.names import CASES, DETERMINATIONS, release_name
from reasoner.terms import CORE, local_name
from reasoner.web.pages.fromgraph import contract_of_graph, cures_of
from reasoner.web.pages.site import NotFoundError, Site

_MOST_KEPT = 200


@dataclass(frozen=True)
class Shown:
    """A determination to show.

    Attributes:
        contract: in the form of the JSON contract.
        note: how what is shown relates to what the store holds.
        agrees: whether it was derived again and is the same.
    """

    contract: dict[str, Any]
    note: str
    agrees: bool


_kept: OrderedDict[tuple[str, str], Shown] = OrderedDict()
_lock = threading.Lock()


def read_determination(site: Site, name: str) -> Shown:
    """Read a determination of the store.

    Args:
        site: what pages are made with.
        name: the hash that the determination is named by.

    Raises:
        NotFoundError: if the store has none of the name.
        MtusError: if another process is writing to the store.
    """
    iri = URIRef(DETERMINATIONS + name)
    key = (str(site.settings.store), name)  # a name is a hash of all that went into it
    with site.store() as store:
        if store.contains_named_graph(ox.NamedNode(str(iri))):
            with _lock:
                if key in _kept:
                    _kept.move_to_end(key)
                    return _kept[key]
        graph = _graph(store, iri)
        case_iri = graph.value(iri, CORE.determines)
        if not isinstance(case_iri, URIRef):
            raise NotFoundError("The store holds no determination of this name.")
        case_triples = _graph(store, case_iri)
        release = _graph(store, URIRef(release_name(str(graph.value(iri, CORE.releaseHash)))),
                         criteria_of=graph)  # fmt: skip
    case = Case(case_iri, str(case_iri).removeprefix(CASES), frozenset(case_triples), "the store")
    shown = _shown(site, iri, graph, case, release)
    with _lock:
        _kept[key] = shown
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return shown


def _graph(store: ox.Store, name: URIRef, *, criteria_of: Graph | None = None) -> Graph:
    """Give a named graph, or what it says of the criteria and recommendations of another."""
    graph = ox.NamedNode(str(name))
    if criteria_of is None:
        return graph_of(map(_triple, store.quads_for_pattern(None, None, None, graph)))
    named = {
        o for p in (CORE.assesses, CORE.recommendation) for o in criteria_of.objects(None, p)
    }  # fmt: skip
    documents = {
        URIRef(q.object.value)
        for subject in named
        for q in store.quads_for_pattern(
            ox.NamedNode(str(subject)), ox.NamedNode(str(CORE.guideline)), None, graph
        )
        if isinstance(q.object, ox.NamedNode)
    }
    return graph_of(
        _triple(quad)
        for subject in named | documents
        for quad in store.quads_for_pattern(ox.NamedNode(str(subject)), None, None, graph)
    )


def _triple(quad: ox.Quad) -> Triple:
    subject, predicate, value = quad.subject, quad.predicate, quad.object
    assert not isinstance(subject, ox.Triple)
    assert not isinstance(value, ox.Triple)
    return from_oxigraph(subject), from_oxigraph(predicate), from_oxigraph(value)


def _shown(site: Site, iri: URIRef, graph: Graph, case: Case, release: Graph) -> Shown:
    engine = str(graph.value(iri, CORE.engineVersion))
    knowledge = site.knowledge
    ours = str(graph.value(iri, CORE.releaseHash)) == knowledge.release and engine == engine_name()
    if ours:
        try:
            contract = _again(site, iri, graph, case)
        except MtusError as error:
            why = f"It could not be derived again: {error}"
        else:
            if contract["id"] == str(iri) and _same(contract, graph, iri):
                note = "Derived again from its case for this page: the same."
                return Shown(contract, note, True)
            why = "What follows from its case today is not what the store holds."
    else:
        why = f"It was made by another release or version ({engine})."
    return Shown(
        contract_of_graph(iri, graph, case, release, knowledge),
        f"{why} What is shown is what the store holds; which values were looked at is not in it.",
        False,
    )


def _again(site: Site, iri: URIRef, graph: Graph, case: Case) -> dict[str, Any]:
    """Derive a determination again, with the cures of the store: to find them takes longest."""
    names = {reading.iri: name for name, reading in site.knowledge.readings.items()}
    used = iris(graph, graph.value(iri, PROV.wasGeneratedBy), PROV.used)
    items = range(1, len(iris(graph, iri, CORE.itemDecision)) + 1)
    cures = {n: cures_of(graph, URIRef(f"{iri}#item-{n}")) for n in items}
    contract: dict[str, Any] = site.again.ask(
        {
            "do": "again", "id": case.identifier, "case": to_ntriples(case.triples).decode(),
            "role": str(graph.value(iri, CORE.role)),
            "readings": [names[reading] for reading in used if reading in names],
            "cured": [n for n, found in cures.items() if found],
        }
    )["contract"]  # fmt: skip
    for number, item in enumerate(contract["items"], start=1):
        item["cure"] = cures.get(number, [])
    return contract


def _same(contract: dict[str, Any], graph: Graph, iri: URIRef) -> bool:
    """Tell whether outcomes and sentences are those of the store."""
    for number, item in enumerate(contract["items"], start=1):
        node = URIRef(f"{iri}#item-{number}")
        stated = graph.value(node, CORE.itemOutcome)
        if stated is None or local_name(str(stated)) != item["outcome"]:
            return False
        if any(
            str(graph.value(URIRef(f"{node}-sentence-{order}"), CORE.text)) != sentence["text"]
            for order, sentence in enumerate(item["rationale"], start=1)
        ):
            return False
        outcomes = {
            str(graph.value(a, CORE.assesses)): local_name(str(graph.value(a, CORE.result)))
            for a in iris(graph, node, CORE.assessment)
        }
        if outcomes != {c["id"]: c["outcome"] for c in item["criteria"]}:
            return False
    return len(iris(graph, iri, CORE.itemDecision)) == len(contract["items"]) and (
        (iri, RDF.type, CORE.Determination) in graph
    )
