"""Guidelines as values: documents, recommendations, criteria, and how criteria combine.

A recommendation such as trigger point injections in the 2009 Chronic Pain Medical Treatment
Guidelines has a stance (an option), and requires a combination (all of criteria 0a to 8, the
named therapies in 3a to 3d being a combination of their own). Each criterion has a number, a
page, a paraphrase, and the SHACL shape that checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import Node

from reasoner.errors import KnowledgeError
from reasoner.rdf import iris
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Guideline:
    """A document of recommendations in one edition.

    Attributes:
        step: its rank in the medical evidence search sequence, from 1 (the schedule itself).
        start, end: the first and last day of treatment requests that it governs; None if open.
        silent_on: treatments that it is known not to address.
        encoded: whether its recommendations are encoded, so that its silence can be told.
    """

    iri: URIRef
    label: str
    title: str
    citation: str
    step: int
    step_label: str
    start: date | None
    end: date | None
    silent_on: frozenset[URIRef]
    encoded: bool
    attestation: URIRef

    def in_force(self, day: date) -> bool:
        """Tell whether the edition governs a treatment request of a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One atomic, testable statement of a recommendation.

    Attributes:
        target: the class of requests that the criterion is about.
        presumed_met: whether the record's silence counts as met.
        presumption: what is taken to hold where the record is silent.
        ruled_out_by: the class of requests of which the record shows that they are no target.
        limits: the quantity that the criterion bounds, if it is a quantity limit.
        limit: the number that it sets, where its shape computes a sum.
        counts: the property of prior treatments whose sum counts against the limit as well.
        cured_by: the property of the request that may be asked for differently.
    """

    iri: URIRef
    number: str
    statement: str
    if_missing: str
    page: str
    section: str | None
    cited_from: URIRef | None
    attestation: URIRef
    shape: URIRef
    target: URIRef
    presumed_met: bool
    presumption: str | None
    ruled_out_by: URIRef | None
    limits: URIRef | None
    limit: Decimal | None
    counts: URIRef | None
    cured_by: tuple[URIRef, ...]
    ambiguity: URIRef | None


@dataclass(frozen=True, slots=True)
class Combination:
    """Criteria and combinations taken together.

    Attributes:
        kind: ``AllOf``, ``AnyOf``, ``AtLeast`` or ``Unless``.
        operands: what is combined, in the order of their IRIs; for ``Unless`` the requirement.
        threshold: how many operands are enough (``AtLeast``).
        exception: what lifts the requirement (``Unless``).
    """

    iri: URIRef
    kind: str
    operands: tuple[Operand, ...]
    threshold: int
    exception: Operand | None
    ambiguity: URIRef | None

    def criteria(self) -> Iterator[Criterion]:
        """Give every criterion below, each once."""
        seen: set[URIRef] = set()
        for operand in (*self.operands, *((self.exception,) if self.exception else ())):
            below = (operand,) if isinstance(operand, Criterion) else operand.criteria()
            for criterion in below:
                if criterion.iri not in seen:
                    seen.add(criterion.iri)
                    yield criterion

    def combinations(self) -> Iterator[Combination]:
        """Give this combination and every one below."""
        yield self
        for operand in (*self.operands, *((self.exception,) if self.exception else ())):
            if isinstance(operand, Combination):
                yield from operand.combinations()


Operand: TypeAlias = Criterion | Combination


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a guideline says of one treatment.

    Attributes:
        applies_to: the class of requests that it governs.
        requires: the combination that has to be met; None where nothing can meet it.
        prevails_over: recommendations that it displaces, being the more specific.
        noun: what one unit of the treatment is called.
    """

    iri: URIRef
    label: str
    guideline: Guideline
    treatment: URIRef
    applies_to: URIRef
    stance: URIRef
    section: str
    page: str
    noun: str
    attestation: URIRef
    requires: Combination | None
    prevails_over: frozenset[URIRef]
    ambiguity: URIRef | None

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion, in the order of their numbers."""
        if self.requires is None:
            return ()
        return tuple(sorted(self.requires.criteria(), key=lambda c: number_key(c.number)))

    @property
    def ambiguities(self) -> tuple[URIRef, ...]:
        """Every ambiguity that the encoding rests on."""
        found = {self.ambiguity} | {c.ambiguity for c in self.criteria}
        if self.requires is not None:
            found |= {combination.ambiguity for combination in self.requires.combinations()}
        return tuple(sorted(a for a in found if a is not None))


def number_key(number: str) -> tuple[int, str]:
    """Order criterion numbers such as 2, 3a and 10 as a reader would."""
    digits = "".join(ch for ch in number if ch.isdigit())
    return (int(digits) if digits else 0, number)


_T = TypeVar("_T")


class _Reader:
    """Reads properties of a subject, with errors that name it."""

    def __init__(self, graph: Graph, subject: URIRef) -> None:
        self._graph = graph
        self._subject = subject

    def iris(self, predicate: URIRef) -> tuple[URIRef, ...]:
        return tuple(
            sorted(
                o for o in self._graph.objects(self._subject, predicate) if isinstance(o, URIRef)
            )
        )

    def iri(self, predicate: URIRef) -> URIRef | None:
        found = self.iris(predicate)
        if len(found) > 1:
            raise KnowledgeError(f"<{self._subject}> has more than one <{predicate}>")
        return found[0] if found else None

    def literal(self, predicate: URIRef) -> Literal | None:
        found = [o for o in self._graph.objects(self._subject, predicate) if isinstance(o, Literal)]
        if len(found) > 1:
            raise KnowledgeError(f"<{self._subject}> has more than one <{predicate}>")
        return found[0] if found else None

    def text(self, predicate: URIRef) -> str | None:
        found = self.literal(predicate)
        return None if found is None else str(found)

    def day(self, predicate: URIRef) -> date | None:
        found = self.literal(predicate)
        if found is None:
            return None
        value = found.toPython()
        if not isinstance(value, date):
            raise KnowledgeError(f"<{self._subject}> <{predicate}> is no date: {found}")
        return value

    def need(self, value: _T | None, predicate: URIRef) -> _T:
        if value is None:
            raise KnowledgeError(f"<{self._subject}> has no <{predicate}>")
        return value


def _named(graph: Graph, kind: URIRef) -> list[URIRef]:
    """Give the instances of a class, sorted; each has to have a name."""
    found = set(graph.subjects(RDF.type, kind))
    named = sorted(node for node in found if isinstance(node, URIRef))
    if len(named) < len(found):
        raise KnowledgeError(f"an instance of <{kind}> is a blank node")
    return named


def compile_guidelines(graph: Graph) -> dict[URIRef, Guideline]:
    """Read every guideline document of the ontology."""
    guidelines: dict[URIRef, Guideline] = {}
    for iri in _named(graph, CORE.Guideline):
        read = _Reader(graph, iri)
        step = read.need(read.iri(CORE.searchStep), CORE.searchStep)
        of_step = _Reader(graph, step)
        guidelines[iri] = Guideline(
            iri=iri,
            label=read.need(read.text(RDFS.label), RDFS.label),
            title=read.need(read.text(DCTERMS.title), DCTERMS.title),
            citation=read.text(DCTERMS.bibliographicCitation) or "",
            step=int(of_step.need(of_step.text(CORE.rank), CORE.rank)),
            step_label=of_step.need(of_step.text(RDFS.label), RDFS.label),
            start=read.day(CORE.inForceFrom),
            end=read.day(CORE.inForceUntil),
            silent_on=frozenset(read.iris(CORE.silentOn)),
            encoded=read.text(CORE.notEncoded) != "true",
            attestation=read.need(read.iri(CORE.attestation), CORE.attestation),
        )
    return guidelines


def _criterion(graph: Graph, iri: URIRef, shape_targets: dict[URIRef, URIRef]) -> Criterion:
    read = _Reader(graph, iri)
    shape = read.need(read.iri(CORE.shape), CORE.shape)
    if shape not in shape_targets:
        raise KnowledgeError(f"<{iri}> names the shape <{shape}>, which has no target class")
    return Criterion(
        iri=iri,
        number=read.need(read.text(CORE.number), CORE.number),
        statement=read.need(read.text(CORE.statement), CORE.statement),
        if_missing=read.need(read.text(CORE.ifMissing), CORE.ifMissing),
        page=read.need(read.text(CORE.page), CORE.page),
        section=read.text(CORE.section),
        cited_from=read.iri(CORE.citedFrom),
        attestation=read.need(read.iri(CORE.attestation), CORE.attestation),
        shape=shape,
        target=shape_targets[shape],
        presumed_met=read.iri(CORE.whenSilent) == CORE.PresumedMet,
        presumption=read.text(CORE.presumption),
        ruled_out_by=read.iri(CORE.ruledOutBy),
        limits=read.iri(CORE.limits),
        limit=None if (limit := read.text(CORE.limit)) is None else Decimal(limit),
        counts=read.iri(CORE.counts),
        cured_by=read.iris(CORE.curedBy),
        ambiguity=read.iri(CORE.ambiguity),
    )


_KINDS = {CORE[kind]: kind for kind in ("AllOf", "AnyOf", "AtLeast", "Unless")}


def _operand(
    graph: Graph, iri: URIRef, shape_targets: dict[URIRef, URIRef], above: tuple[URIRef, ...]
) -> Operand:
    if iri in above:
        raise KnowledgeError(f"the combination <{iri}> contains itself")
    kinds = [_KINDS[t] for t in iris(graph, iri, RDF.type) if t in _KINDS]
    if not kinds:
        return _criterion(graph, iri, shape_targets)
    if len(kinds) > 1:
        raise KnowledgeError(f"the combination <{iri}> is of more than one kind")
    read = _Reader(graph, iri)
    operands = tuple(
        _operand(graph, below, shape_targets, (*above, iri)) for below in read.iris(CORE.operand)
    )
    exception = read.iri(CORE.exception)
    threshold = read.text(CORE.atLeast)
    if not operands:
        raise KnowledgeError(f"the combination <{iri}> has no operand")
    if (kinds[0] == "Unless") != (exception is not None) or (kinds[0] == "AtLeast") != (
        threshold is not None
    ):
        raise KnowledgeError(f"the combination <{iri}> lacks, or has too much, for {kinds[0]}")
    return Combination(
        iri=iri,
        kind=kinds[0],
        operands=operands,
        threshold=int(threshold or 0),
        exception=(
            None if exception is None else _operand(graph, exception, shape_targets, (*above, iri))
        ),
        ambiguity=read.iri(CORE.ambiguity),
    )


def _wider(graph: Graph, kind: URIRef) -> set[Node]:
    """Give a class, and those that it is stated or defined to be a kind of."""
    found: set[Node] = set()
    frontier: list[Node] = [kind]
    while frontier:
        node = frontier.pop()
        if node in found or node == CORE.TreatmentRequest:
            continue
        found.add(node)
        frontier.extend(graph.objects(node, RDFS.subClassOf))
        for defined in graph.objects(node, OWL.equivalentClass):
            for operands in graph.objects(defined, OWL.intersectionOf):
                frontier.extend(graph.items(operands))
    return found


def compile_recommendations(
    graph: Graph, guidelines: dict[URIRef, Guideline], shape_targets: dict[URIRef, URIRef]
) -> tuple[Recommendation, ...]:
    """Read every recommendation of the ontology, with its criteria.

    Args:
        graph: the ontology and guidelines, a reading's overlay applied.
        guidelines: the documents, by IRI.
        shape_targets: the target class of each criterion shape.

    Raises:
        KnowledgeError: if a recommendation or criterion lacks what it needs.
    """
    recommendations = []
    for iri in _named(graph, CORE.Recommendation):
        read = _Reader(graph, iri)
        guideline = read.need(read.iri(CORE.guideline), CORE.guideline)
        if guideline not in guidelines:
            raise KnowledgeError(f"<{iri}> names the guideline <{guideline}>, which is not encoded")
        required = read.iri(CORE.requires)
        combination = None
        if required is not None:
            operand = _operand(graph, required, shape_targets, ())
            if isinstance(operand, Criterion):
                raise KnowledgeError(f"<{iri}> requires a criterion; it has to be a combination")
            combination = operand
        applies_to = read.need(read.iri(CORE.appliesTo), CORE.appliesTo)
        for criterion in combination.criteria() if combination is not None else ():
            # A reading may narrow what a recommendation applies to, and leave its criteria.
            if not _wider(graph, criterion.target) & _wider(graph, applies_to):
                raise KnowledgeError(
                    f"<{criterion.iri}> is about <{criterion.target}>, which has nothing in"
                    f" common with <{applies_to}>; it would never be assessed"
                )
        stance = read.need(read.iri(CORE.stance), CORE.stance)
        if combination is None and stance in (CORE.Recommended, CORE.Option):
            raise KnowledgeError(f"<{iri}> supports a treatment and requires nothing")
        recommendations.append(
            Recommendation(
                iri=iri,
                label=read.need(read.text(RDFS.label), RDFS.label),
                guideline=guidelines[guideline],
                treatment=read.need(read.iri(CORE.treatment), CORE.treatment),
                applies_to=applies_to,
                stance=stance,
                section=read.need(read.text(CORE.section), CORE.section),
                page=read.need(read.text(CORE.page), CORE.page),
                noun=read.text(CORE.noun) or "unit",
                attestation=read.need(read.iri(CORE.attestation), CORE.attestation),
                requires=combination,
                prevails_over=frozenset(read.iris(CORE.prevailsOver)),
                ambiguity=read.iri(CORE.ambiguity),
            )
        )
    return tuple(recommendations)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take an ambiguity.

    Attributes:
        name: the name by which it is asked for.
        ambiguities: the ambiguities that it settles.
        default: whether it is taken unless another is asked for.
    """

    iri: URIRef
    name: str
    label: str
    definition: str
    ambiguities: frozenset[URIRef]
    default: bool


def compile_reading(described: Graph, stated: Graph, iri: URIRef) -> Reading:
    """Read one reading.

    Args:
        described: the graph that describes readings.
        stated: the graph of the ambiguities that are considered.
        iri: the reading.

    Raises:
        KnowledgeError: if it is not described, or not either the default or an alternative.
    """
    read = _Reader(described, iri)
    name = read.need(read.text(CORE.readingName), CORE.readingName)
    defaults = {s for s in stated.subjects(CORE.defaultReading, iri) if isinstance(s, URIRef)}
    settles = {s for s in stated.subjects(CORE.alternative, iri) if isinstance(s, URIRef)}
    if bool(defaults) == bool(settles):
        raise KnowledgeError(
            f"the reading {name} has to be either the default or an alternative of its ambiguities"
        )
    return Reading(
        iri=iri,
        name=name,
        label=read.need(read.text(RDFS.label), RDFS.label),
        definition=read.need(read.text(SKOS.definition), SKOS.definition),
        ambiguities=frozenset(defaults | settles),
        default=bool(defaults),
    )


def compile_readings(graph: Graph) -> dict[str, Reading]:
    """Read every reading of the ontology, by name.

    Raises:
        KnowledgeError: if two readings have one name.
    """
    readings: dict[str, Reading] = {}
    for iri in _named(graph, CORE.Reading):
        reading = compile_reading(graph, graph, iri)
        if reading.name in readings:
            raise KnowledgeError(f"two readings have the name {reading.name}")
        readings[reading.name] = reading
    return dict(sorted(readings.items()))
