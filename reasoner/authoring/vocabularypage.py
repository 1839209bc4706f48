"""The reference of the vocabulary: what shapes see, and every concept with the words of records.

``python -m reasoner.authoring.vocabularypage`` writes ``docs/vocabulary.md`` into the source tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.rdf import iris
from reasoner.terms import BASE, CORE, local_name

PAGE = Path(__file__).parents[2] / "docs" / "vocabulary.md"

_KINDS = (
    (CORE.Finding, "Findings"),
    (CORE.Diagnosis, "Diagnoses"),
    (CORE.FunctionalStatus, "Functional status"),
    (CORE.Circumstance, "Circumstances"),
    (CORE.Drug, "Drugs"),
    (CORE.Treatment, "Treatments, tests and equipment"),
)
"""The kinds of concept, each under its heading; a concept stands under the first it belongs to."""

_INDIVIDUALS = (
    (CORE.Status, "`status` of a fact"),
    (CORE.TrialOutcome, "`outcome` of a treatment"),
    (CORE.RequestPhase, "`phase` of a request"),
    (CORE.Method, "`by`: how something was found"),
    (CORE.Side, "`side`"),
    (CORE.Acquisition, "`acquisition` of equipment"),
    (CORE.Stance, "stance of a recommendation"),
    (CORE.Attestation, "attestation of a criterion"),
    (CORE.SearchStep, "search step of a guideline"),
)
"""The lists of named values that an author writes."""

_SEEN_OF = (CORE.TreatmentRequest, CORE.Fact, CORE.TreatmentTrial, CORE.Medication, CORE.Finding)


def page(knowledge: Knowledge) -> str:
    """Write the page.

    Args:
        knowledge: this release, under its default readings.
    """
    return "\n".join(_lines(knowledge)) + "\n"


def _lines(knowledge: Knowledge) -> Iterator[str]:
    graph = knowledge.vocabulary
    yield "# The vocabulary"
    yield ""
    yield "<!-- Written by python -m reasoner.authoring.vocabularypage; do not edit. -->"
    yield ""
    yield (
        "What a shape can name. Properties and named values are of `ontology/core.ttl` (prefix "
        "`core:`), concepts of `ontology/clinical.ttl` (`clinical:`). A concept stands below the "
        "one that it is a kind of: a shape that asks for the upper is satisfied by the lower. How "
        "a case file states them is in [its reference](case-file.md)."
    )
    yield ""
    yield "## What shapes see"
    yield ""
    yield "| property | of | leads to | meaning |"
    yield "| --- | --- | --- | --- |"
    in_cases = knowledge.sources.files["shapes/case.ttl"].decode("utf-8").split()
    for term in _terms(graph, OWL.ObjectProperty, OWL.DatatypeProperty):
        domains = iris(graph, term, RDFS.domain)
        stated = f"core:{local_name(term)}" in in_cases
        derived = (term, CORE.derivedFrom, None) in graph
        if set(domains) & set(_SEEN_OF) or (not domains and (stated or derived)):
            of = ", ".join(map(local_name, domains)) or "any"
            to = ", ".join(map(local_name, iris(graph, term, RDFS.range)))
            yield f"| `{local_name(term)}` | {of} | {to or 'any'} | {_definition(graph, term)} |"
    yield ""
    yield "## Named values"
    yield ""
    yield "| list | value | meaning |"
    yield "| --- | --- | --- |"
    for kind, heading in _INDIVIDUALS:
        for value in sorted(knowledge.concepts.individuals(kind)):
            yield f"| {heading} | `{local_name(value)}` | {_definition(graph, value)} |"
    shown: set[URIRef] = set()
    for kind, heading in (*_KINDS, (CORE.BodyRegion, "Body regions")):
        concepts = [c for c in _concepts(knowledge, kind) if c[1] not in shown]
        shown.update(c for _, c in concepts)
        yield ""
        yield f"## {heading}"
        yield ""
        yield "| concept | words of records | meaning |"
        yield "| --- | --- | --- |"
        for depth, concept in concepts:
            words = dict.fromkeys(str(w) for w in (_label(graph, concept), *_words(graph, concept)))
            name = "&emsp;" * depth + f"`{local_name(concept)}`"
            yield f"| {name} | {_cell(', '.join(words))} | {_definition(graph, concept)} |"


def _terms(graph: Graph, *kinds: URIRef) -> list[URIRef]:
    found = {s for kind in kinds for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}
    return sorted(found)


def _concepts(knowledge: Knowledge, kind: URIRef) -> list[tuple[int, URIRef]]:
    """Give the concepts of a kind, each after the one that it is a kind of, with its depth."""
    if knowledge.concepts.individuals(kind):
        return [(0, i) for i in sorted(knowledge.concepts.individuals(kind))]
    found: list[tuple[int, URIRef]] = []
    seen: set[URIRef] = set()

    def below(upper: URIRef, depth: int) -> None:
        lower = knowledge.vocabulary.subjects(RDFS.subClassOf, upper)
        for concept in sorted(c for c in lower if isinstance(c, URIRef)):
            if concept not in seen and concept.startswith(f"{BASE}clinical#"):
                seen.add(concept)
                found.append((depth, concept))
                below(concept, depth + 1)

    below(kind, 0)
    return found


def _label(graph: Graph, term: URIRef) -> Node:
    return graph.value(term, SKOS.prefLabel) or graph.value(term, RDFS.label) or term


def _words(graph: Graph, term: URIRef) -> list[Node]:
    return sorted(graph.objects(term, SKOS.altLabel), key=str)


def _definition(graph: Graph, term: URIRef) -> str:
    return _cell(str(graph.value(term, SKOS.definition) or ""))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page into the source tree."""
    PAGE.write_text(page(load_knowledge()), "utf-8")


if __name__ == "__main__":
    main()
