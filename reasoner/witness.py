"""The smallest facts that satisfy a shape: what a record or request would have to say.

From ``criterion-1b-documented`` (a present fact that is a twitch response) comes a new fact: a
twitch response, present, in the request's region. What cannot be built is left out; whoever
uses what is built decides again with it, so that a wrong guess shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from rdflib import RDF, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.classification import ClassifiedCase
from reasoner.knowledge import Knowledge
from reasoner.paths import Path, parse_path
from reasoner.rdf import Triple, iris
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Built:
    """Triples that a case would have to state beside its own.

    Attributes:
        of_request: whether all of them are about the request itself.
    """

    triples: tuple[Triple, ...]
    of_request: bool


_STATUS = {
    CORE.presentFact: CORE.Present,
    CORE.priorTreatment: CORE.Present,
    CORE.absentFact: CORE.Absent,
}


class Builder:
    """Builds facts for one request of a case; each new node gets a name of its own."""

    def __init__(
        self, classified: ClassifiedCase, knowledge: Knowledge, shapes: Graph, request: URIRef
    ) -> None:
        self._shapes = shapes
        self._classified = classified
        self._case = classified.case
        self._knowledge = knowledge
        self._request = request
        self._made = 0

    def satisfy(self, shape: Node) -> Built | None:
        """Build what satisfies one shape of a criterion; None if that is not possible.

        Of alternatives, in a path or in ``sh:or``, the first that can be built is.
        """
        node = self._shapes.value(shape, SH.path)
        if node is None:
            return self._first(self._all_of(option) for option in self._options(shape))
        path = parse_path(self._shapes, node)
        alternatives = path[1] if isinstance(path, tuple) and path[0] == "alternative" else (path,)
        return self._first(self._along(one, shape) for one in alternatives)

    @staticmethod
    def _first(options: Iterable[Built | None]) -> Built | None:
        return next((built for built in options if built is not None), None)

    def _options(self, shape: Node) -> Iterator[Node]:
        for options in self._shapes.objects(shape, SH["or"]):
            yield from self._shapes.items(options)

    def _all_of(self, shape: Node) -> Built | None:
        """Satisfy a node shape: each of its property shapes, or itself if it is one."""
        if (shape, SH.path, None) in self._shapes:
            return self.satisfy(shape)
        parts = [self.satisfy(below) for below in iris(self._shapes, shape, SH.property)]
        built = [part for part in parts if part is not None]
        if not parts or len(built) < len(parts):
            return None
        return Built(
            tuple(triple for part in built for triple in part.triples),
            of_request=all(part.of_request for part in built),
        )

    def _along(self, path: Path, shape: Node) -> Built | None:
        if not isinstance(path, URIRef):
            return self._beyond(path, shape)
        if path in _STATUS:
            qualified = self._shapes.value(shape, SH.qualifiedValueShape)
            return self._fact(path, qualified)
        triples = self._attribute(self._request, path, shape)
        return None if triples is None else Built(triples, of_request=True)

    def _beyond(self, path: Path, shape: Node) -> Built | None:
        """Satisfy a path that leads over facts: document the value of each fact that lacks it."""
        if isinstance(path, URIRef) or path[0] != "sequence" or len(path[1]) != 2:
            return None
        over, attribute = path[1]
        if not (isinstance(over, URIRef) and over in _STATUS and isinstance(attribute, URIRef)):
            return None
        facts = iris(self._classified.graph, self._request, over)
        lacking = [f for f in facts if (f, attribute, None) not in self._classified.graph]
        built: list[Triple] = []
        if not facts:
            new = self._fact(over, None)
            if new is None:
                return None
            built.extend(new.triples)
            lacking = [self._last()]
        for fact in sorted(lacking):
            triples = self._attribute(fact, attribute, shape)
            if triples is None:
                return None
            built.extend(triples)
        return Built(tuple(built), of_request=False) if built else None

    def _last(self) -> URIRef:
        return URIRef(f"{self._case.iri}#supposed-{self._made}")

    def _new(self) -> URIRef:
        self._made += 1
        return self._last()

    def _fact(self, path: URIRef, qualified: Node | None) -> Built | None:
        """Build a fact that a path from the request leads to, and that a shape accepts."""
        shapes = self._shapes
        options = [] if qualified is None else list(self._options(qualified))
        if options:
            return self._first(self._fact(path, option) for option in options)
        kinds = [] if qualified is None else iris(shapes, qualified, SH["class"])
        kinds = [
            k for k in kinds if k in self._knowledge.concepts.ancestors and k not in _STRUCTURAL
        ]
        if path == CORE.priorTreatment:
            kinds.append(self._case.concept(self._request, self._knowledge))
        if not kinds:
            return None
        fact = self._new()
        triples: list[Triple] = [
            (self._case.iri, CORE.fact, fact),
            (fact, RDF.type, CORE.Fact),
            (fact, CORE.status, _STATUS[path]),
            *((fact, RDF.type, kind) for kind in kinds),
            *(
                (fact, CORE.region, region)
                for region in iris(self._case.graph, self._request, CORE.region)
            ),
        ]
        for below in () if qualified is None else iris(shapes, qualified, SH.property):
            attribute = shapes.value(below, SH.path)
            if not isinstance(attribute, URIRef):
                return None
            if (below, SH.maxCount, Literal(0)) in shapes:
                continue
            more = self._attribute(fact, attribute, below)
            if more is None:
                return None
            if attribute == CORE.region:
                triples = [t for t in triples if t[:2] != (fact, CORE.region)]
            triples.extend(more)
        return Built(tuple(triples), of_request=False)

    def _attribute(self, node: URIRef, attribute: URIRef, shape: Node) -> tuple[Triple, ...] | None:
        """State a property of a node with a value that a property shape accepts."""
        graph = self._knowledge.vocabulary
        base = graph.value(attribute, CORE.derivedFrom)
        if attribute in (CORE.agent, CORE.ingredient):
            return self._component(node, attribute, shape)
        value = self._value(attribute, shape, whole=base is None)
        if value is None:
            return None
        if isinstance(base, URIRef):
            unit = str(graph.value(attribute, CORE.unitName))
            return ((node, base, Literal(f"{value} {unit}", datatype=CORE.Quantity)),)
        return ((node, attribute, value),)

    def _value(self, attribute: URIRef, shape: Node, *, whole: bool) -> Literal | URIRef | None:
        shapes = self._shapes
        given = shapes.value(shape, SH.hasValue)
        if isinstance(given, (URIRef, Literal)):
            return given
        members = shapes.value(shape, SH["in"])
        if members is not None:
            listed = [m for m in shapes.items(members) if isinstance(m, (URIRef, Literal))]
            here = [m for m in listed if (self._request, attribute, m) in self._case.graph]
            return (here or listed)[0]
        if shapes.value(shape, SH.datatype) == XSD.date or attribute in (CORE.date, CORE.onset):
            return Literal(self._classified.day) if self._classified.day is not None else None
        number = _number(shapes, shape)
        if number is None or attribute in _NOT_NUMBERS:
            return None
        return Literal(int(number)) if whole and attribute in _COUNTS else Literal(number)

    def _component(self, node: URIRef, attribute: URIRef, shape: Node) -> tuple[Triple, ...] | None:
        shapes = self._shapes
        qualified = shapes.value(shape, SH.qualifiedValueShape)
        kinds = iris(shapes, qualified, SH["class"]) if qualified is not None else []
        if not kinds:
            return None
        component = self._new()
        return (
            (node, attribute, component),
            (component, RDF.type, CORE.Ingredient),
            *((component, RDF.type, kind) for kind in kinds),
        )


_STRUCTURAL = frozenset({CORE.PresentFact, CORE.AbsentFact, CORE.Fact, CORE.TreatmentTrial})
_COUNTS = frozenset({CORE.quantity, CORE.count, CORE.levels, CORE.sessions, CORE.granted})
_NOT_NUMBERS = frozenset(
    {CORE.outcome, CORE.region, CORE.side, CORE.method, CORE.guidance, CORE.approach,
     CORE.acquisition, CORE.phase, CORE.nerveRoot, CORE.dependsOn}
)  # fmt: skip


def _number(shapes: Graph, shape: Node) -> Decimal | None:
    """Give the plainest number within the bounds of a property shape."""

    def bound(predicate: URIRef) -> Decimal | None:
        found = shapes.value(shape, predicate)
        return None if found is None else Decimal(str(found)).normalize()

    at_least, above = bound(SH.minInclusive), bound(SH.minExclusive)
    at_most, below = bound(SH.maxInclusive), bound(SH.maxExclusive)
    for number in _candidates(at_least, above, at_most, below):
        if (
            (at_least is None or number >= at_least)
            and (above is None or number > above)
            and (at_most is None or number <= at_most)
            and (below is None or number < below)
        ):
            return Decimal(format(number, "f"))
    return None


def _candidates(
    at_least: Decimal | None,
    above: Decimal | None,
    at_most: Decimal | None,
    below: Decimal | None,
) -> Iterator[Decimal]:
    if at_least is not None:
        yield at_least
    if above is not None:
        yield above + 1
        yield above + Decimal("0.1")
    if at_most is not None:
        yield at_most
    if below is not None:
        yield below - 1
        yield below / 2
    yield Decimal(1)
