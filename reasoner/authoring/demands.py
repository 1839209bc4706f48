"""What a criterion shape asks of a case, and what it forbids, as changes to a draft.

``Demands.met_by(criterion)`` gives ways to satisfy the shape of a criterion, ``broken_by`` ways to
contradict it, each with values at the very bounds. Nothing is sure of them: SPARQL is looked
through for its numbers, classes and times, not understood. Whoever uses a change decides the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from rdflib import OWL, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.bounds import days_at_bounds, numbers_at_bounds
from reasoner.authoring.drafts import Change, Thing, join, thing
from reasoner.authoring.querytrials import decimal_of, months_before, trials_of
from reasoner.caseformat import Key
from reasoner.errors import KnowledgeError
from reasoner.guidelines import Criterion
from reasoner.knowledge import Knowledge
from reasoner.paths import Path, parse_path
from reasoner.terms import BASE, CORE, local_name

MOST = 12
"""How many ways to satisfy one shape are followed up, the plainest first."""

_TO_FACTS = frozenset(
    {CORE.presentFact, CORE.absentFact, CORE.relevantFact, CORE.priorTreatment, CORE.claimTreatment}
)
_TO_INGREDIENTS = frozenset({CORE.agent, CORE.ingredient})
_STATUS_OF = {CORE.PresentFact: "present", CORE.AbsentFact: "absent"}
_SECOND = {CORE.workerAge: ("worker", CORE.age), CORE.sinceInjuryMonths: ("injury", CORE.date)}


@dataclass(frozen=True, eq=False)
class Demands:
    """Reads what the shapes of one topic ask of a request.

    Attributes:
        axioms: what the guideline says, with its definitions of classes of requests.
        shapes: the criterion shapes.
        treatment: the name of the treatment that is asked for.
        day: the day of the request.
    """

    knowledge: Knowledge
    axioms: Graph
    shapes: Graph
    treatment: str
    day: date

    # Classes of requests and facts

    @cached_property
    def _definitions(self) -> dict[Node, list[Node]]:
        """For each class, what is known to belong to it."""
        found: dict[Node, list[Node]] = {}
        for lower, upper in self.axioms.subject_objects(RDFS.subClassOf):
            found.setdefault(upper, []).append(lower)
        for one, other in self.axioms.subject_objects(OWL.equivalentClass):
            found.setdefault(one, []).append(other)
        return {
            upper: sorted(lower, key=lambda n: (isinstance(n, BNode), self._text(n)))
            for upper, lower in found.items()
        }

    def _text(self, node: Node) -> str:
        """Describe a class expression without the labels of blank nodes, so that order is kept."""
        if not isinstance(node, BNode):
            return str(node)
        parts = (
            f"{p} {self._text(o)}"
            for p, o in self.axioms.predicate_objects(node)
            if p != RDFS.subClassOf
        )
        return "[" + " ".join(sorted(parts)) + "]"

    def entering(
        self, kind: Node, focus: str = "request", above: tuple[Node, ...] = ()
    ) -> list[Change]:
        """Give ways to make a request, or a fact, a member of a class."""
        if isinstance(kind, BNode):
            return self._expression(kind, focus, above)
        if kind in _STATUS_OF:
            return [Change(thing(status=_STATUS_OF[URIRef(str(kind))]))]
        if not str(kind).startswith(BASE + "guideline/"):
            return [Change(self._kind(URIRef(str(kind)), focus))]
        if kind in above:
            return []
        found = (
            change
            for expression in self._definitions.get(kind, ())
            for change in self.entering(expression, focus, (*above, kind))
        )
        return list(dict.fromkeys(found))[: 3 * MOST]

    def _kind(self, kind: URIRef, focus: str) -> Thing:
        kind = _GIVEN.get(kind, kind)
        if kind in _STRUCTURAL:
            return ()
        return thing(**{"treatment" if focus == "request" else "is": local_name(kind)})

    def _expression(self, node: Node, focus: str, above: tuple[Node, ...]) -> list[Change]:
        axioms = self.axioms
        for construct in (OWL.intersectionOf, OWL.unionOf):
            parts = axioms.value(node, construct)
            if parts is not None:
                ways = [self.entering(part, focus, above) for part in axioms.items(parts)]
                if construct == OWL.unionOf:
                    return [change for way in ways for change in way][:MOST]
                return self._all(ways)
        on = axioms.value(node, OWL.onProperty)
        value, filler = axioms.value(node, OWL.hasValue), axioms.value(node, OWL.someValuesFrom)
        if not isinstance(on, URIRef):
            return []
        if isinstance(value, URIRef):
            return self._stated(on, local_name(value), focus)
        if filler is None:
            return []
        if on in _TO_FACTS:
            return [self._as_fact(on, change) for change in self.entering(filler, "fact", above)]
        if on in _TO_INGREDIENTS:
            return self._ingredients(on, self.entering(filler, "ingredient", above))
        if on == CORE.dependsOn:
            return [
                Change(parent=str(dict(change.own)["is"]))
                for change in self.entering(filler, "fact", above)
                if "is" in dict(change.own)
            ]
        return []

    def _all(self, ways: Iterable[list[Change]]) -> list[Change]:
        """Give ways in which all of several demands are satisfied."""
        found = [Change()]
        for way in ways:
            joined = (join(one, other, self.knowledge.concepts) for one in found for other in way)
            found = list(dict.fromkeys(c for c in joined if c is not None))[:MOST]
        return found

    def _as_fact(self, path: URIRef, change: Change) -> Change:
        """Make what describes a fact a fact, to which a path leads from the request."""
        own = dict(change.own)
        if path == CORE.absentFact:
            own["status"] = "absent"
        elif path != CORE.relevantFact or own.get("status") == "present":
            own.pop("status", None)
        if path in (CORE.priorTreatment, CORE.claimTreatment):
            own.setdefault("is", self.treatment)
        if "is" not in own:
            return replace(change, own=())
        return replace(change, own=(), facts=(*change.facts, tuple(sorted(own.items()))))

    def _as_often(self, prop: Node, change: Change) -> Change:
        """Repeat the last fact of a change as often as a property shape asks, on other days."""
        stated = self.shapes.value(prop, SH.qualifiedMinCount)
        least = None if stated is None else decimal_of(stated)
        if least is None or least <= 1 or not change.facts:
            return change
        *others, last = change.facts
        latest = date.fromisoformat(str(dict(last).get("date", self.day - timedelta(days=30))))
        repeated = (
            thing(**{**dict(last), "date": str(latest - timedelta(days=n))})
            for n in range(min(int(least), MOST))
        )
        return replace(change, facts=(*others, *repeated))

    @staticmethod
    def _ingredients(path: URIRef, ways: list[Change]) -> list[Change]:
        key = "agents" if path == CORE.agent else "ingredients"
        return [replace(way, own=(), request=((key, (way.own,)),)) for way in ways if way.own]

    # What satisfies a shape

    def met_by(self, criterion: Criterion, *, applies: bool = False) -> list[Change]:
        """Give ways to satisfy the shape of a criterion, and to be its target.

        Args:
            criterion: the criterion.
            applies: whether the request is a target of the shape already.
        """
        ways = self._of_request(self.of_shape(criterion.shape, "request"))
        if applies:
            return ways
        return self._all((self._of_request(self.entering(criterion.target)), ways))

    @staticmethod
    def _of_request(ways: Iterable[Change]) -> list[Change]:
        return [
            replace(way, own=(), request=thing(**{**dict(way.request), **dict(way.own)}))
            for way in ways
        ]

    def of_shape(self, shape: Node, focus: str) -> list[Change]:
        """Give ways in which a node satisfies a shape."""
        shapes = self.shapes
        ways: list[list[Change]] = []
        for kind in sorted(shapes.objects(shape, SH["class"]), key=str):
            ways.append(self.entering(kind, focus))
        for either in (SH["or"], SH.xone):
            for head in shapes.objects(shape, either):
                members = [self.of_shape(member, focus) for member in shapes.items(head)]
                ways.append(_interleaved(members))
        for head in shapes.objects(shape, SH["and"]):
            ways.extend(self.of_shape(member, focus) for member in shapes.items(head))
        for node in sorted(shapes.objects(shape, SH.node), key=str):
            ways.append(self.of_shape(node, focus))
        for prop in sorted(shapes.objects(shape, SH.property), key=str):
            ways.append(self._of_property(prop, focus))
        return self._all(ways)

    def _of_property(self, prop: Node, focus: str) -> list[Change]:
        path = self._path(prop)
        shapes = self.shapes
        only_bounded = (prop, SH.qualifiedMaxCount, None) in shapes and (
            (prop, SH.qualifiedMinCount, None) not in shapes
        )
        if path is None or only_bounded or (prop, SH.maxCount, Literal(0)) in shapes:
            return [Change()]
        return self._along(path, prop, focus, self._values, self._described)

    def _path(self, prop: Node) -> Path | None:
        node = self.shapes.value(prop, SH.path)
        try:
            return None if node is None else parse_path(self.shapes, node)
        except KnowledgeError:
            return None

    def _along(
        self,
        path: Path,
        prop: Node,
        focus: str,
        values: Callable[[URIRef, Node, str], list[Change]],
        described: Callable[[Node], list[Change]],
    ) -> list[Change]:
        """Give ways to have what a path leads to.

        ``values`` gives ways to state an attribute of a node, ``described`` those in which a fact
        is as the property shape wants it.
        """
        if isinstance(path, URIRef):
            if path in _TO_FACTS and focus == "request":
                if not self._looks_for_facts(prop):
                    return [Change()]
                ways = [self._as_fact(path, change) for change in described(prop)]
                return [self._as_often(prop, way) for way in ways]
            return values(path, prop, focus)
        form, parts = path
        if form == "alternative":
            found = [c for p in parts for c in self._along(p, prop, focus, values, described)]
            return found[:MOST]
        if form != "sequence":
            return [Change()]
        first, *rest = parts
        remaining: Path = rest[0] if len(rest) == 1 else ("sequence", tuple(rest))
        if isinstance(first, URIRef):
            if first not in _TO_FACTS:
                return [Change()]
            ways = self._along(remaining, prop, "fact", values, described)
            return [self._as_fact(first, change) for change in ways]
        back = first[1][0] if first[0] == "inverse" else None
        if back in _TO_FACTS:
            return self._of_request(self._along(remaining, prop, "request", values, described))
        if remaining == ("sequence", (CORE.injury, CORE.date)):
            ways = values(CORE.date, prop, "injury")
            return [replace(way, own=(), case=_under("injury", way.own)) for way in ways]
        return [Change()]

    def _looks_for_facts(self, prop: Node) -> bool:
        asked = (SH.qualifiedMinCount, SH.minCount, SH["class"])
        return any((prop, p, None) in self.shapes for p in asked)

    def _described(self, prop: Node) -> list[Change]:
        """Give ways in which a fact is as a property shape wants the facts that it leads to."""
        shapes = self.shapes
        qualified = shapes.value(prop, SH.qualifiedValueShape)
        ways = [] if qualified is None else [self.of_shape(qualified, "fact")]
        ways.extend(self.of_shape(node, "fact") for node in shapes.objects(prop, SH.node))
        ways.extend(self.entering(kind, "fact") for kind in shapes.objects(prop, SH["class"]))
        return self._all(ways)

    def _values(self, attribute: URIRef, prop: Node, focus: str) -> list[Change]:
        """Give ways to state an attribute so that a property shape accepts it."""
        shapes = self.shapes
        qualified = shapes.value(prop, SH.qualifiedValueShape)
        if attribute in _TO_INGREDIENTS:
            ways = [self.of_shape(n, "ingredient") for n in _present(qualified)]
            ways.extend(self.entering(k, "ingredient") for k in shapes.objects(prop, SH["class"]))
            for head in shapes.objects(prop, SH["or"]):
                ways.append(
                    [
                        c
                        for member in shapes.items(head)
                        for c in self.of_shape(member, "ingredient")
                    ]
                )
            if not ways:
                ways = [[Change(thing(**{"is": n})) for n in self._any(CORE.Drug)[:2]]]
            return self._ingredients(attribute, self._all(ways))
        if attribute == CORE.dependsOn:
            nodes = (prop, *_present(qualified))
            kinds = sorted((k for n in nodes for k in shapes.objects(n, SH["class"])), key=str)
            return [
                Change(parent=str(dict(way.own)["is"]))
                for kind in kinds
                for way in self.entering(kind, "fact")
                if "is" in dict(way.own)
            ] or [Change()]
        listed = [
            local_name(str(member))
            for node in (prop, *_present(qualified))
            for head in shapes.objects(node, SH["in"])
            for member in shapes.items(head)
        ] or [local_name(str(v)) for v in shapes.objects(prop, SH.hasValue)]
        if listed:
            return [c for name in listed[:MOST] for c in self._stated(attribute, name, focus)]
        return self._bounded(attribute, prop, focus, inside=True) or self._anything(
            attribute, focus
        )

    def _bounded(self, attribute: URIRef, prop: Node, focus: str, *, inside: bool) -> list[Change]:
        """State an attribute with values at the bounds of a property shape."""
        days = [str(day) for day in days_at_bounds(self.shapes, prop, inside=inside)]
        values: list[str | Decimal] = [*numbers_at_bounds(self.shapes, prop, inside=inside), *days]
        return [change for value in values for change in self._stated(attribute, value, focus)]

    def _anything(self, attribute: URIRef, focus: str) -> list[Change]:
        """State an attribute with some value of its kind."""
        key, _ = self._key(attribute, focus)
        if key is None:
            return [Change()]
        if key.kind == "individual" and key.of is not None:
            return [
                Change(thing(**{key.name: local_name(i)}))
                for i in self.knowledge.concepts.individuals(key.of)[:3]
            ]
        if key.kind == "date":
            days = (str(self.day - timedelta(days=n)) for n in (30, 400))
            return [Change(thing(**{key.name: day})) for day in days]
        if key.name == "nerveRoot":
            return [Change(thing(nerveRoot="L5"))]
        numbers = dict.fromkeys((Decimal(1), *self._numbers_of(attribute)))
        return [change for n in numbers for change in self._stated(attribute, n, focus)][:MOST]

    def _numbers_of(self, attribute: URIRef) -> list[Decimal]:
        """Give numbers at the bounds that any shape of the topic sets to an attribute."""
        found: list[Decimal] = []
        for prop in sorted(self.shapes.subjects(SH.path, attribute), key=str):
            for inside in (False, True):
                found += numbers_at_bounds(self.shapes, prop, inside=inside)
        return found

    def _stated(self, attribute: URIRef, value: str | Decimal, focus: str) -> list[Change]:
        """State an attribute by the key that a case file has for it."""
        if attribute == CORE.withinRegion:
            return self._stated(CORE.region, value, focus)
        if attribute in _SECOND and isinstance(value, Decimal):
            form, below = _SECOND[attribute]
            text = f"{value:f}" if form == "worker" else str(months_before(self.day, int(value)))
            return [Change(case=thing(**{f"{form}.{local_name(below)}": text}))]
        key, unit = self._key(attribute, focus)
        if key is None or (isinstance(value, Decimal) and key.kind == "date"):
            return [Change()]
        if isinstance(value, Decimal):
            if key.kind == "integer" and value != int(value):
                return []
            several = "s" if unit in ("day", "week", "month") and value != 1 else ""
            value = f"{value:f} {unit}{several}" if unit else f"{value:f}"
        return [Change(thing(**{key.name: value}))]

    def _key(self, attribute: URIRef, focus: str) -> tuple[Key | None, str | None]:
        """Find the key of a case file that states an attribute, and the unit it is stated in."""
        base = self.knowledge.vocabulary.value(attribute, CORE.derivedFrom)
        unit = self.knowledge.vocabulary.value(attribute, CORE.unitName)
        form = self.knowledge.case_format[focus]
        wanted = attribute if base is None else base
        key = next((k for k in form.keys.values() if k.path == wanted), None)
        return key, None if base is None else str(unit)

    def _any(self, kind: URIRef) -> list[str]:
        return [local_name(c) for c in self.knowledge.concepts.subclasses(kind)]

    # What contradicts a shape

    def broken_by(self, criterion: Criterion) -> list[Change]:
        """Give changes that may contradict the shape of a criterion."""
        return list(dict.fromkeys(self._of_request(self._breaking(criterion.shape, "request"))))

    def _breaking(self, shape: Node, focus: str) -> Iterator[Change]:
        shapes = self.shapes
        for negated in shapes.objects(shape, SH["not"]):
            yield from self.of_shape(negated, focus)
        for either in (SH["or"], SH["and"], SH.xone):
            for head in shapes.objects(shape, either):
                for member in shapes.items(head):
                    yield from self._breaking(member, focus)
        for node in sorted(shapes.objects(shape, SH.node), key=str):
            yield from self._breaking(node, focus)
        for prop in sorted(shapes.objects(shape, SH.property), key=str):
            path = self._path(prop)
            if path is None:
                continue
            if (prop, SH.qualifiedMaxCount, None) in shapes:
                yield from self._along_forbidden(path, prop, focus)
            yield from self._along(path, prop, focus, self._wrong, self._wrongly_described)
            yield from self._of_queries(prop)

    def _along_forbidden(self, path: Path, prop: Node, focus: str) -> list[Change]:
        if isinstance(path, URIRef) and path in _TO_FACTS:
            return [self._as_fact(path, change) for change in self._described(prop)]
        return self._along(path, prop, focus, self._values, self._described)

    def _wrongly_described(self, prop: Node) -> list[Change]:
        found: list[Change] = []
        for predicate in (SH.qualifiedValueShape, SH.node):
            for node in self.shapes.objects(prop, predicate):
                kinds = self._all([self.entering(k, "fact") for k in
                                   self.shapes.objects(node, SH["class"])])  # fmt: skip
                wrong = list(self._breaking(node, "fact"))
                found.extend(c for w in wrong for c in self._all([kinds, [w]]))
        return found

    def _wrong(self, attribute: URIRef, prop: Node, focus: str) -> list[Change]:
        """Give ways to state an attribute so that a property shape refuses it."""
        shapes = self.shapes
        if attribute in _TO_INGREDIENTS:
            own = [Change(thing(**{"is": name})) for name in self._any(CORE.Drug)]
            return self._ingredients(attribute, own[:: max(1, len(own) // MOST)])
        found = self._bounded(attribute, prop, focus, inside=False)
        key, _ = self._key(attribute, focus)
        listed = {
            local_name(str(m))
            for head in shapes.objects(prop, SH["in"])
            for m in shapes.items(head)
        } | {local_name(str(v)) for v in shapes.objects(prop, SH.hasValue)}
        if listed and key is not None and key.of is not None:
            found.extend(
                Change(thing(**{key.name: local_name(other)}))
                for other in self.knowledge.concepts.individuals(key.of)
                if local_name(other) not in listed
            )
        return found[: 3 * MOST]

    def _of_queries(self, prop: Node) -> Iterator[Change]:
        for constraint in self.shapes.objects(prop, SH.sparql):
            for text in map(str, self.shapes.objects(constraint, SH.select)):
                yield from trials_of(text, self.treatment, self.day)


def _under(form: str, own: Thing) -> Thing:
    return tuple((f"{form}.{key}", value) for key, value in own)


def _present(node: Node | None) -> tuple[Node, ...]:
    return () if node is None else (node,)


def _interleaved(members: list[list[Change]]) -> list[Change]:
    """Give the first way of each member, then the second of each."""
    longest = max(map(len, members), default=0)
    found = [m[n] for n in range(longest) for m in members if n < len(m)]
    return list(dict.fromkeys(found))[:MOST]


_STRUCTURAL = frozenset(
    CORE[name] for name in ("Fact", "TreatmentRequest", "Documentable", "Ingredient")
)
# Kinds of fact that follow from what was given: the plainest thing that makes a fact one.
_GIVEN = {CORE.TreatmentTrial: CORE.Treatment, CORE.Medication: CORE.Drug}
