"""The clinical vocabulary as the stages ask for it: names, labels, and what is a kind of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from reasoner.errors import nearest_word
from reasoner.terms import CORE, local_name


@dataclass(frozen=True)
class Concepts:
    """Classes and individuals of the vocabularies.

    Attributes:
        labels: the English label of each term.
        ancestors: for each class, every named class that it is a kind of, itself included.
        kinds: for each individual, every class that it is an instance of.
        wholes: for each body region, every region that it is part of, itself included.
        counted_apart: treatments that do not count with the wider kinds they are of.
        by_name: the term for each name that a case file may use, letter case folded.
    """

    labels: Mapping[URIRef, str]
    ancestors: Mapping[URIRef, frozenset[URIRef]]
    kinds: Mapping[URIRef, frozenset[URIRef]]
    wholes: Mapping[URIRef, frozenset[URIRef]]
    counted_apart: frozenset[URIRef]
    by_name: Mapping[str, URIRef]

    def label(self, term: URIRef) -> str:
        """Give a term's label, or its local name if it has none."""
        return self.labels.get(term, local_name(term))

    def is_kind_of(self, term: URIRef, kind: URIRef) -> bool:
        """Tell whether a class is a subclass of another, or is that class."""
        return kind in self.ancestors.get(term, frozenset())

    def subclasses(self, kind: URIRef) -> list[URIRef]:
        """Give every class below a class, in alphabetical order, the class itself left out."""
        return sorted(c for c, above in self.ancestors.items() if kind in above and c != kind)

    def individuals(self, kind: URIRef) -> list[URIRef]:
        """Give every individual of a class, in alphabetical order."""
        return sorted(i for i, kinds in self.kinds.items() if kind in kinds)

    def counts_as(self, term: URIRef, kind: URIRef) -> bool:
        """Tell whether a treatment counts against what bounds a kind of treatment."""
        above = self.ancestors.get(term, frozenset())
        return kind in above and all(
            self.is_kind_of(kind, apart) for apart in above & self.counted_apart
        )

    def overlap(self, one: URIRef, other: URIRef) -> bool:
        """Tell whether one body region is, or is part of, the other."""
        return other in self.wholes.get(one, {one}) or one in self.wholes.get(other, {other})

    def find(self, name: str) -> URIRef | None:
        """Give the term that a name stands for: a local name, letter case aside."""
        return self.by_name.get(name.casefold())

    def nearest(self, name: str, among: list[URIRef]) -> str | None:
        """Give the local name nearest to a name; None if none is near."""
        return nearest_word(name, [local_name(term) for term in among])


def _closure(edges: Mapping[URIRef, set[URIRef]]) -> dict[URIRef, frozenset[URIRef]]:
    closed: dict[URIRef, frozenset[URIRef]] = {}
    for start in edges:
        seen = {start}
        frontier = [start]
        while frontier:
            for above in edges.get(frontier.pop(), ()):
                if above not in seen:
                    seen.add(above)
                    frontier.append(above)
        closed[start] = frozenset(seen)
    return closed


def compile_concepts(vocabulary: Graph) -> Concepts:
    """Gather names, labels and hierarchies from the core and clinical vocabularies."""
    labels = {s: str(o) for s, o in vocabulary.subject_objects(RDFS.label) if isinstance(s, URIRef)}
    classes: dict[URIRef, set[URIRef]] = {
        s: set() for s in vocabulary.subjects(RDF.type, OWL.Class) if isinstance(s, URIRef)
    }
    for lower, upper in vocabulary.subject_objects(RDFS.subClassOf):
        if isinstance(lower, URIRef) and isinstance(upper, URIRef):
            classes.setdefault(lower, set()).add(upper)
    ancestors = _closure(classes)
    kinds: dict[URIRef, frozenset[URIRef]] = {}
    for individual in vocabulary.subjects(RDF.type, OWL.NamedIndividual):
        if isinstance(individual, URIRef):
            kinds[individual] = frozenset(
                above
                for kind in vocabulary.objects(individual, RDF.type)
                if isinstance(kind, URIRef)
                for above in ancestors.get(kind, ())
            )
    parts: dict[URIRef, set[URIRef]] = {
        region: set() for region, above in kinds.items() if CORE.BodyRegion in above
    }
    for part, whole in vocabulary.subject_objects(CORE.partOf):
        if isinstance(part, URIRef) and isinstance(whole, URIRef):
            parts.setdefault(part, set()).add(whole)
    by_name = {local_name(term).casefold(): term for term in sorted([*ancestors, *kinds])}
    apart = frozenset(
        s for s in vocabulary.subjects(CORE.countedApart, Literal(True)) if isinstance(s, URIRef)
    )
    return Concepts(labels, ancestors, kinds, _closure(parts), apart, by_name)
