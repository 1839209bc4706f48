"""Class expressions of the guidelines as rules: when a request belongs to a class.

An axiom becomes rules from atoms to an atom. An atom is that a request is of a class, has a value
for a property, or has for a property something of certain classes. The rules tell what can matter
for a concept. Requests for it of which the same of that holds are of the same classes, so each such
combination is closed once, however many requests there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner.closure import LOGICAL_PREDICATES
from reasoner.corpus.relevance import CLOSING
from reasoner.corpus.store import Store
from reasoner.corpus.vectors import (
    Array,
    coded,
    distinct,
    distinct_pairs,
    found_in,
    matching,
    np,
    places,
)
from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge, Topic
from reasoner.terms import CORE, local_name


@dataclass(frozen=True)
class Has:
    """That something has a value for a property."""

    property: URIRef
    value: URIRef


@dataclass(frozen=True)
class Some:
    """That something has, for a property, something of all of some classes."""

    property: URIRef
    classes: frozenset[URIRef]


Atom: TypeAlias = URIRef | Has | Some
_A = TypeVar("_A", Has, Some)


@dataclass(frozen=True)
class Rule:
    """What holds where all of its body holds."""

    body: frozenset[Atom]
    head: Atom


@dataclass
class Rules:
    """The rules of some topics.

    Attributes:
        rules: each once.
    """

    rules: dict[Rule, None] = field(default_factory=dict)

    def wider(self, classes: frozenset[URIRef]) -> frozenset[URIRef]:
        """Give what follows from being of classes alone, those classes included."""
        found: set[Atom] = set(classes)
        frontier = list(classes)
        while frontier:
            for rule in self._by_class.get(frontier.pop(), ()):
                if rule.head not in found and rule.body <= found:
                    found.add(rule.head)
                    if isinstance(rule.head, URIRef):
                        frontier.append(rule.head)
        return frozenset(a for a in found if isinstance(a, URIRef))

    @cached_property
    def _by_class(self) -> dict[URIRef, list[Rule]]:
        by_class: dict[URIRef, list[Rule]] = {}
        for rule in self.rules:
            if all(isinstance(atom, URIRef) for atom in rule.body):
                for atom in rule.body:
                    by_class.setdefault(URIRef(str(atom)), []).append(rule)
        return by_class

    def atoms(self) -> Iterator[Atom]:
        """Give every atom of a body or a head."""
        for rule in self.rules:
            yield from rule.body
            yield rule.head


def _parts(graph: Graph, node: Node, name: str) -> frozenset[Atom]:
    """Read a class expression as the atoms that make it up.

    Raises:
        KnowledgeError: if it is of a form that is not compiled.
    """
    if isinstance(node, URIRef):
        return frozenset([node])
    operands = graph.value(node, OWL.intersectionOf)
    if operands is not None:
        return frozenset(a for o in graph.items(operands) for a in _parts(graph, o, name))
    property_ = graph.value(node, OWL.onProperty)
    value, some = graph.value(node, OWL.hasValue), graph.value(node, OWL.someValuesFrom)
    stated = {p for p in graph.predicates(node, None) if p in LOGICAL_PREDICATES}
    if isinstance(property_, URIRef) and len(stated) == 2:
        if isinstance(value, URIRef):
            return frozenset([Has(property_, value)])
        if some is not None:
            inner = _parts(graph, some, name)
            if all(isinstance(a, URIRef) for a in inner):
                return frozenset(
                    [Some(property_, frozenset(a for a in inner if isinstance(a, URIRef)))]
                )
    shown = ", ".join(sorted(local_name(str(p)) for p in graph.predicates(node, None)))
    raise KnowledgeError(f"{name}: a class expression ({shown}) is not compiled for a corpus")


def rules_of(topics: Iterable[Topic], knowledge: Knowledge) -> Rules:
    """Read the axioms of topics.

    Raises:
        KnowledgeError: if one is of a form that is not compiled.
    """
    found = Rules()
    heads: set[URIRef] = set()
    for topic in topics:
        graph = topic.graph
        pairs = [
            *graph.subject_objects(RDFS.subClassOf),
            *graph.subject_objects(OWL.equivalentClass),
            *((o, s) for s, o in graph.subject_objects(OWL.equivalentClass)),
        ]
        for lower, upper in pairs:
            body = _parts(graph, lower, topic.name)
            for head in _parts(graph, upper, topic.name):
                if isinstance(head, Some) or head in body:
                    continue  # what something else has to be is no type of a request
                if isinstance(head, URIRef):
                    heads.add(head)
                found.rules[Rule(body, head)] = None
        for property_ in (OWL.propertyChainAxiom, RDFS.domain, RDFS.range, RDFS.subPropertyOf):
            if (None, property_, None) in graph:
                raise KnowledgeError(f"{topic.name}: <{property_}> is not compiled for a corpus")
        if (None, RDF.type, OWL.TransitiveProperty) in graph:
            raise KnowledgeError(f"{topic.name}: a transitive property is not compiled")
    for head in heads:
        for above in knowledge.concepts.ancestors.get(head, ()):
            if above != head:
                found.rules[Rule(frozenset([head]), above)] = None
    return found


def together(parts: Iterable[Rules]) -> Rules:
    """Give the rules of several topics as one."""
    return Rules({rule: None for part in parts for rule in part.rules})


class Program:
    """Rules by the numbers of their atoms: a class above zero, all others below.

    Args:
        rules: the body and the head of each.
    """

    def __init__(self, rules: Iterable[tuple[frozenset[int], int]]) -> None:
        self._rules = tuple(rules)
        self._by_atom: dict[int, list[tuple[frozenset[int], int]]] = {}
        for body, head in self._rules:
            for atom in body:
                self._by_atom.setdefault(atom, []).append((body, head))
        self.open = frozenset(atom for atom in self._by_atom if atom < 0)

    def follow(self, atoms: Iterable[int]) -> set[int]:
        """Give what follows from atoms, those included."""
        found = set(atoms)
        frontier = list(found)
        while frontier:
            for body, head in self._by_atom.get(frontier.pop(), ()):
                if head not in found and body <= found:
                    found.add(head)
                    frontier.append(head)
        return found

    def rest(self, least: Set[int]) -> Program:
        """Give what is left to say where some atoms hold anyway and any that is no class may."""
        most = self.follow(least | self.open)
        return Program(
            (body - least, head) for body, head in self._rules if head not in least and body <= most
        )


@dataclass(frozen=True)
class Live:
    """What a request for a concept can be.

    Attributes:
        classes: what it is, whatever else is stated of it.
        program: what more follows from what is stated; its open atoms are all that matter.
    """

    classes: frozenset[int]
    program: Program

    def close(self, atoms: Iterable[int]) -> frozenset[int]:
        """Give the classes of a request of which some atoms hold."""
        return self.classes.union(a for a in self.program.follow(atoms) if a > 0)


def classify(store: Store, rules: Rules) -> None:
    """Tell the set of classes of every request of the chunk, in every view.

    What a request is follows from its concept and from what is stated of it that can matter for
    that concept. Few of these combinations differ, so each is closed once.

    Raises:
        KnowledgeError: if a rule gives a request a value that criteria would not see.
    """
    for rule in rules.rules:
        if isinstance(rule.head, Has) and rule.head.property != CORE.withinRegion:
            raise KnowledgeError(
                f"a class that gives its members a <{rule.head.property}> is not compiled"
            )
    numbers: dict[Atom, int] = {}
    for atom in rules.atoms():
        if atom not in numbers:
            number = store.ids[atom] if isinstance(atom, URIRef) else -len(numbers) - 1
            numbers[atom] = number
    classes = _Classes(store, rules, numbers)
    rows, atoms = _stated(store, numbers, classes)
    found = classes.alone()
    changed, sets = classes.told(rows, atoms)
    found[changed] = sets
    store.classes = _follow_parents(store, numbers, classes, (rows, atoms), found)


class _Classes:
    """The sets of classes of placed requests, each combination of a concept and atoms closed once.

    Args:
        store: the chunk.
        rules: the axioms.
        numbers: of their atoms.

    Attributes:
        kinds: for each set that a request is of, by its number, the classes in it.
        concepts: for each placed request the place of its concept.
        matters: by the place of a concept and an atom, the sign left out, whether that matters.
    """

    def __init__(self, store: Store, rules: Rules, numbers: Mapping[Atom, int]) -> None:
        self._store = store
        self.kinds: dict[int, frozenset[int]] = {}
        concepts, self.concepts = coded(store.placed.concepts)
        self._live = _live(store, rules, numbers, concepts.tolist())
        self.matters = np.zeros((len(concepts), len(numbers) + 1), dtype=bool)
        for place, of in enumerate(self._live):
            self.matters[place, [-atom for atom in of.program.open]] = True

    def _number(self, place: int, atoms: Iterable[int]) -> int:
        """Give the set of a request for a concept of which some atoms hold."""
        classes = self._live[place].close(atoms)
        number = self._store.type_set(classes)
        self.kinds[number] = classes
        return number

    def alone(self) -> Array:
        """Give the set of each request as if no atom held."""
        sets = [self._number(place, ()) for place in range(len(self._live))]
        return np.array(sets, dtype=np.int64)[self.concepts]

    def mattering(self, rows: Array, atoms: Array) -> tuple[Array, Array]:
        """Give those pairs of a request and an atom of which the atom matters for the request."""
        kept = self.matters[self.concepts[rows], -atoms]
        return rows[kept], atoms[kept]

    def told(self, rows: Array, atoms: Array) -> tuple[Array, Array]:
        """Give the sets of the requests of which some atoms hold.

        Args:
            rows: the places of requests; a place may be there several times.
            atoms: for each an atom that holds.

        Returns:
            The places, in ascending order, and the numbers of the sets.
        """
        rows, atoms = distinct_pairs(rows, atoms)
        requests, first, many = np.unique(rows, return_index=True, return_counts=True)
        # Atom by atom, requests of the same that holds so far have the same number.
        like = self.concepts[requests]
        given = len(self._live)
        for nth in range(int(many.max(initial=0))):
            more = np.flatnonzero(many > nth)
            pairs = like[more] * self.matters.shape[1] - atoms[first[more] + nth]
            _, at = np.unique(pairs, return_inverse=True)
            like[more] = given + at
            given += int(at.max()) + 1
        _, examples, at = np.unique(like, return_index=True, return_inverse=True)
        sets = [
            self._number(
                int(self.concepts[requests[one]]),
                atoms[first[one] : first[one] + many[one]].tolist(),
            )
            for one in examples.tolist()
        ]
        return requests, np.array(sets, dtype=np.int64)[at]


def _live(
    store: Store, rules: Rules, numbers: Mapping[Atom, int], concepts: Iterable[int]
) -> list[Live]:
    """Give for each concept that is asked for what more can follow; 0 stands for none."""
    program = Program(
        [(frozenset(numbers[a] for a in rule.body), numbers[rule.head]) for rule in rules.rules]
    )
    ancestors = store.knowledge.concepts.ancestors
    found = []
    for concept in concepts:
        above = ancestors.get(store.ids.terms[concept - 1], ()) if concept else ()
        least = program.follow(store.ids[c] for c in (*above, CORE.TreatmentRequest))
        classes = frozenset(atom for atom in least if atom > 0)
        found.append(Live(classes, program.rest(least)))
    return found


def _stated(store: Store, numbers: Mapping[Atom, int], classes: _Classes) -> tuple[Array, Array]:
    """Give the places of requests, and for each an atom of values or facts that matters for it."""
    parts = [(np.zeros(0, dtype=np.int64),) * 2]
    placed = store.placed.nodes
    for name, values in _by_property(numbers, Has).items():
        leads = [(store.ids[a.value], n) for a, n in values]
        subjects, objects = store.pairs(name)
        at, here = places(subjects, placed)
        parts.append(_leading(at[here], objects[here], leads, classes))
    everything = frozenset(range(len(store.closed)))
    members = _members(store, {c for a in numbers if isinstance(a, Some) for c in a.classes})
    for name, some in _by_property(numbers, Some).items():
        if name == local_name(str(CORE.dependsOn)):
            continue
        leads = [
            (closed, n)
            for a, n in some
            for closed in everything.intersection(*(members[c] for c in a.classes))
        ]
        parts.append(_leading(*_closing(store, name), leads, classes))
    rows, atoms = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(atoms)


def _leading(
    rows: Array, values: Array, leads: Sequence[tuple[int, int]], classes: _Classes
) -> tuple[Array, Array]:
    """Give the requests of which atoms hold that matter for them.

    Args:
        rows: the places of requests.
        values: for each a value that leads to atoms.
        leads: values, each with an atom.
        classes: tells what matters.
    """
    if not leads or not len(rows):
        return rows[:0], values[:0]
    listed = np.array(leads, dtype=np.int64)
    # Most rows lead to nothing that matters for their concept: by a table, they are left out.
    known, of = np.unique(listed[:, 0], return_inverse=True)
    any_ = np.zeros((classes.matters.shape[0], len(known)), dtype=bool)
    for value, atom in zip(of.tolist(), listed[:, 1].tolist(), strict=True):
        any_[:, value] |= classes.matters[:, -atom]
    at, here = places(values, known)
    kept = np.flatnonzero(here)
    kept = kept[any_[classes.concepts[rows[kept]], at[kept]]]
    pairs, atoms = matching(values[kept], listed[:, 0])
    return classes.mattering(rows[kept][pairs], listed[atoms, 1])


def _by_property(numbers: Mapping[Atom, int], form: type[_A]) -> dict[str, list[tuple[_A, int]]]:
    """Give the atoms of a form with their numbers, by the local names of their properties."""
    found: dict[str, list[tuple[_A, int]]] = {}
    for atom, number in numbers.items():
        if isinstance(atom, form):
            found.setdefault(local_name(str(atom.property)), []).append((atom, number))
    return found


def _members(store: Store, wanted: Set[URIRef]) -> dict[URIRef, frozenset[int]]:
    """Give for each of some classes the numbers of the sets of a node's classes that hold it."""
    members: dict[URIRef, list[int]] = {c: [] for c in wanted}
    for number, closed in enumerate(store.closed):
        for c in closed & wanted:
            members[c].append(number)
    return {c: frozenset(numbers) for c, numbers in members.items()}


def _closing(store: Store, name: str) -> tuple[Array, Array]:
    """Give a property as requests are classified by it: their places, and what its values are."""
    placed, things = store.placed.nodes, store.things
    if name in CLOSING:
        requests, facts = store.bearing.closing(name)
        return np.searchsorted(placed, store.requests.nodes)[requests], things.closed[facts]
    subjects, objects = store.pairs(name)
    at, here = places(subjects, placed)
    value, known = places(objects, things.nodes)
    kept = here & known
    return at[kept], things.closed[value[kept]]


def _follow_parents(
    store: Store,
    numbers: Mapping[Atom, int],
    classes: _Classes,
    stated: tuple[Array, Array],
    found: Array,
) -> Array:
    """Tell what follows from the classes of what requests depend on, until nothing does any more.

    Each round goes on from what is told so far, so that requests in a circle come to an end too.

    Args:
        store: the chunk.
        numbers: of atoms.
        classes: the sets of classes.
        stated: the places of requests, and for each an atom that holds.
        found: the number of the set of classes of each request, so far.
    """
    by_kind: dict[int, int] = {}
    for atom, number in numbers.items():
        if isinstance(atom, Some) and atom.property == CORE.dependsOn:
            if len(atom.classes) != 1:
                raise KnowledgeError("dependence on an intersection is not compiled for a corpus")
            by_kind |= {store.ids[c]: number for c in atom.classes}
    if not by_kind:
        return found
    subjects, parents = store.pairs(local_name(str(CORE.dependsOn)))
    rows, here = places(subjects, store.placed.nodes)
    on, known = places(parents, store.placed.nodes)
    rows, on = rows[here & known], on[here & known]
    while True:
        gives = [(n, by_kind[k]) for n, kinds in classes.kinds.items() for k in kinds
                 if k in by_kind]  # fmt: skip
        given, atoms = _leading(rows, found[on], gives, classes)
        also = found_in(stated[0], distinct(given))
        changed, sets = classes.told(
            np.concatenate([given, stated[0][also]]), np.concatenate([atoms, stated[1][also]])
        )
        if (found[changed] == sets).all():
            return found
        found = found.copy()
        found[changed] = sets
