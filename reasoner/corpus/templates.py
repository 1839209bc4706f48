"""What cases about a topic are made of: the facts and amounts that its criteria ask about.

Read from the shapes and class expressions of the topic: every concept that a criterion looks for,
with the values at, below and above each bound. What would be met is left to chance, and to the
decision; but for the facts that a criterion seeks, of which some records document all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from rdflib import OWL, RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.caseformat import Form
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge, Topic
from reasoner.terms import BASE, CORE, local_name
from reasoner.wording import takes

_BOUNDS = (SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive)
_UNITS = {
    "Days": "days", "Weeks": "weeks", "Months": "months", "Percent": "%", "Mg": "mg/day",
    "McgPerHour": "mcg/h",
}  # fmt: skip


@dataclass
class Template:
    """A kind of fact that criteria ask about.

    Attributes:
        kind: the local name of the concept.
        values: for each key of a fact, the values worth stating.
    """

    kind: str
    values: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sought:
    """A fact that a criterion seeks, or one of several, or all of several.

    Attributes:
        kinds: the concepts that it may be of, by their local names; none if it is of ``parts``.
        absent: whether it is to be absent.
        values: for each key of a fact, the values that fit.
        parts: facts that are sought in its place.
        any: whether one of the parts is enough.
    """

    kinds: tuple[str, ...] = ()
    absent: bool = False
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    parts: tuple[Sought, ...] = ()
    any: bool = False


@dataclass
class Asked:
    """What requests of a topic are made of.

    Attributes:
        topic: its name.
        recommendations: what it says, for the dates on which it can govern.
        treatments: the local names of what is asked for.
        facts: the kinds of fact that its criteria ask about.
        regions: the regions that it names.
        values: for each key of a request, the values worth stating.
        ingredients: the drugs that it asks about.
        parents: the treatments that its requests depend on.
        sought: for each recommendation that requires something, what its criteria seek.
    """

    topic: str
    recommendations: tuple[Recommendation, ...]
    treatments: list[str] = field(default_factory=list)
    facts: dict[str, Template] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    ingredients: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    sought: list[Sought] = field(default_factory=list)


class _Reader:
    def __init__(self, topic: Topic, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._topic = topic
        self._shapes = topic.shapes
        forms = knowledge.case_format
        self._facts = _names(forms["fact"], knowledge)
        self._treatments = _names(forms["request"], knowledge)
        self._keys = {
            form: {local_name(k.path): k for k in forms[form].keys.values()}
            for form in ("fact", "request")
        }
        self._derived = {
            local_name(str(p)): local_name(str(base))
            for p, base in knowledge.vocabulary.subject_objects(CORE.derivedFrom)
        }
        self.asked = Asked(topic.name, topic.recommendations)

    def read(self) -> Asked:
        asked = self.asked
        for recommendation in self._topic.recommendations:
            name = local_name(str(recommendation.treatment))
            asked.treatments += [name] if name in self._treatments else []
            asked.treatments += [
                local_name(str(c))
                for c in self._knowledge.concepts.subclasses(recommendation.treatment)
                if local_name(str(c)) in self._treatments
            ]
            for criterion in recommendation.criteria:
                for property_ in self._shapes.objects(criterion.shape, SH.property):
                    self._property(property_)
                self._logic(criterion.shape)
            if recommendation.criteria:
                asked.sought.append(
                    Sought(parts=tuple(self._sought(c.shape) for c in recommendation.criteria))
                )
        self._axioms(self._topic.graph)
        for select in self._shapes.objects(None, SH.select):
            for name in re.findall(r"clinical:(\w+)", str(select)):
                self._fact(name, {"date": [], "count": ["1", "4", "8", "24"]})
            self._add(asked.values, "quantity", re.findall(r"\?value > (\d+)", str(select)))
        for known in (asked.treatments, asked.regions, asked.ingredients, asked.parents):
            known[:] = sorted(set(known))
        for values in (asked.values, *(t.values for t in asked.facts.values())):
            for key, found in values.items():
                values[key] = sorted(set(found))
        return asked

    def _add(self, values: dict[str, list[str]], key: str, found: list[str]) -> None:
        for text in found:
            number = int(text)
            values.setdefault(key, []).extend(
                str(n) for n in (number // 2, number, number + 1, 2 * number) if n > 0
            )

    def _fact(self, name: str, values: dict[str, list[str]]) -> None:
        if name not in self._facts:
            return
        template = self.asked.facts.setdefault(name, Template(name))
        for key, found in values.items():
            template.values.setdefault(key, []).extend(found)

    # Shapes

    def _logic(self, shape: Node) -> None:
        graph = self._shapes
        for predicate in (SH["or"], SH["and"], SH.xone):
            for head in graph.objects(shape, predicate):
                for part in graph.items(head):
                    self._part(part)
        for predicate in (SH["not"], SH.node):
            for part in graph.objects(shape, predicate):
                self._part(part)

    def _part(self, part: Node) -> None:
        if (part, SH.path, None) in self._shapes:
            self._property(part)
        for property_ in self._shapes.objects(part, SH.property):
            self._property(property_)
        self._logic(part)

    def _property(self, shape: Node) -> None:
        graph = self._shapes
        path = graph.value(shape, SH.path)
        qualified = graph.value(shape, SH.qualifiedValueShape)
        if qualified is not None:
            values = dict(self._details(qualified))
            for kind in self._classes(qualified):
                if path in (CORE.agent, CORE.ingredient):
                    self.asked.ingredients.append(local_name(kind))
                else:
                    self._fact(local_name(kind), values)
        elif isinstance(path, URIRef):
            for key, found in self._values(shape, "request"):
                self.asked.values.setdefault(key, []).extend(found)
            if path == CORE.region:
                for head in graph.objects(shape, SH["in"]):
                    self.asked.regions += [local_name(str(r)) for r in graph.items(head)]
        elif path is not None and (path, RDF.first, None) in graph:
            # An amount of earlier treatment: stated of a fact of the treatment itself.
            last = list(graph.items(path))[-1]
            for name in self.asked.treatments[:1]:
                self._fact(name, dict(self._values(shape, "fact", last)))
        self._logic(shape)

    def _sought(self, shape: Node) -> Sought:
        """Give the facts that a shape seeks."""
        graph = self._shapes
        parts = []
        qualified = graph.value(shape, SH.qualifiedValueShape)
        least = graph.value(shape, SH.qualifiedMinCount)
        path = graph.value(shape, SH.path)
        if qualified is not None and isinstance(least, Literal) and int(least) > 0:
            kinds = tuple(sorted({local_name(kind) for kind in self._classes(qualified)}))
            if path in (CORE.presentFact, CORE.absentFact) and self._facts.issuperset(kinds):
                values: dict[str, list[str]] = {}
                for key, found in self._details(qualified, fitting=True):
                    values.setdefault(key, []).extend(found)
                fits = tuple((key, tuple(found)) for key, found in sorted(values.items()) if found)
                parts.append(Sought(kinds, path == CORE.absentFact, fits))
        for property_ in sorted(graph.objects(shape, SH.property), key=str):
            parts.append(self._sought(property_))
        for predicate in (SH["and"], SH["or"], SH.xone):
            for head in graph.objects(shape, predicate):
                several = tuple(self._sought(part) for part in graph.items(head))
                parts.append(Sought(parts=several, any=predicate != SH["and"]))
        return parts[0] if len(parts) == 1 else Sought(parts=tuple(parts))

    def _classes(self, shape: Node) -> Iterator[str]:
        graph = self._shapes
        for kind in graph.objects(shape, SH["class"]):
            yield str(kind)
        for head in graph.objects(shape, SH["or"]):
            for part in graph.items(head):
                yield from self._classes(part)

    def _details(self, shape: Node, fitting: bool = False) -> Iterator[tuple[str, list[str]]]:
        for property_ in self._shapes.objects(shape, SH.property):
            yield from self._values(property_, "fact", fitting=fitting)
        for predicate in (SH["or"], SH["and"]):
            for head in self._shapes.objects(shape, predicate):
                for part in self._shapes.items(head):
                    if (part, SH.path, None) in self._shapes:
                        yield from self._values(part, "fact", fitting=fitting)
                    yield from self._details(part, fitting)

    def _values(
        self, shape: Node, form: str, path: Node | None = None, fitting: bool = False
    ) -> Iterator[tuple[str, list[str]]]:
        """Give the key that a property shape asks about, and values around its bounds."""
        graph = self._shapes
        path = path or graph.value(shape, SH.path)
        if not isinstance(path, URIRef) or path not in CORE:
            return
        name = local_name(str(path))
        key = self._keys[form].get(self._derived.get(name, name))
        if key is None or key.path == CORE.region:
            return
        found: list[str] = []
        bounds = [
            (p, Decimal(b.value))
            for p in _BOUNDS
            for b in graph.objects(shape, p)
            if isinstance(b, Literal) and isinstance(b.value, int | Decimal)
        ]
        for _, bound in bounds:
            numbers = [n for n in (bound - 1, bound, bound + 1, 2 * bound) if n > 0]
            if fitting:
                numbers = [n for n in numbers if all(_fits(n, p, b) for p, b in bounds)]
            found += _written(name, numbers, key.kind)
        for head in graph.objects(shape, SH["in"]):
            found += [local_name(str(item)) for item in graph.items(head)]
        found += [local_name(str(v)) for v in graph.objects(shape, SH.hasValue)]
        yield key.name, found

    # Class expressions

    def _axioms(self, graph: Graph) -> None:
        for node, property_ in graph.subject_objects(OWL.onProperty):
            value, some = graph.value(node, OWL.hasValue), graph.value(node, OWL.someValuesFrom)
            name = local_name(str(property_))
            if isinstance(value, URIRef):
                if name in ("withinRegion", "region"):
                    self.asked.regions.append(local_name(str(value)))
                elif name in self._keys["request"]:
                    key = self._keys["request"][name].name
                    self.asked.values.setdefault(key, []).append(local_name(str(value)))
            for kind in self._named(graph, some):
                if name == "dependsOn" and kind in self._treatments:
                    self.asked.parents.append(kind)
                elif name in ("agent", "ingredient"):
                    self.asked.ingredients.append(kind)
                else:
                    self._fact(kind, {"date": []})

    def _named(self, graph: Graph, node: Node | None) -> Iterator[str]:
        if isinstance(node, URIRef):
            if str(node).startswith(BASE + "clinical#"):
                yield local_name(str(node))
        elif isinstance(node, BNode):
            for operands in graph.objects(node, OWL.intersectionOf):
                for operand in graph.items(operands):
                    yield from self._named(graph, operand)


@lru_cache(maxsize=16)
def _concepts(form: str, knowledge: Knowledge) -> frozenset[str]:
    forms: dict[str, Form] = dict(knowledge.case_format)
    key = next(k for k in forms[form].keys.values() if k.path == RDF.type)
    return frozenset(
        local_name(str(c)) for c in takes(key, knowledge) if str(c).startswith(BASE + "clinical#")
    )


def _names(form: Form, knowledge: Knowledge) -> frozenset[str]:
    """Give the clinical concepts that a thing of a form can be, by their local names."""
    return _concepts(form.name, knowledge)


def _fits(number: Decimal, predicate: Node, bound: Decimal) -> bool:
    if predicate in (SH.minInclusive, SH.maxInclusive) and number == bound:
        return True
    return number > bound if predicate in (SH.minInclusive, SH.minExclusive) else number < bound


def _written(name: str, numbers: Iterable[Decimal], kind: str) -> list[str]:
    """Give numbers as a case file writes them."""
    if kind == "integer":
        return [str(int(n)) for n in numbers]
    unit = next((u for ending, u in _UNITS.items() if name.endswith(ending)), None)
    if kind == "quantity" and unit is not None:
        return [f"{n.normalize():f} {unit}" for n in numbers]
    return [f"{n.normalize():f}" for n in numbers] if kind == "decimal" else []


def templates(knowledge: Knowledge) -> tuple[Asked, ...]:
    """Give what requests of each topic are made of, of all topics that can govern any."""
    found = (_Reader(topic, knowledge).read() for topic in knowledge.topics)
    return tuple(asked for asked in found if asked.treatments)
