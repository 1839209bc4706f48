"""Class expressions of the guidelines as rules: when a request belongs to a class.

An axiom becomes rules from atoms to an atom. An atom is that a request is of a class, has a value
for a property, or has for a property something of certain classes. The rules tell what can matter
for a concept. Requests for it of which the same of that holds are of the same classes, so each such
combination is closed once, however many requests there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner.closure import LOGICAL_PREDICATES
from reasoner.corpus.engine import load
from reasoner.corpus.relevance import CLOSING
from reasoner.corpus.store import Store
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
    """Make the table ``classified``: the type set of every request of the chunk.

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
    live = _live(store, rules, numbers)
    load(
        store.sql, "matters", {"concept": "INTEGER", "atom": "INTEGER"},
        [(concept, atom) for concept, of in live.items() for atom in of.program.open],
    )  # fmt: skip
    store.make(
        "placed",
        "SELECT DISTINCT v.base + a.num AS node, COALESCE(a.concept, 0) AS concept FROM asked a"
        " JOIN view v ON v.case_no = a.case_no",
    )
    _stated(store, numbers)
    sets = _Sets(store, live)
    load(
        store.sql, "alone", {"concept": "INTEGER", "tset": "INTEGER"},
        [(concept, sets.number(concept, ())) for concept in live],
    )  # fmt: skip
    sets.tell("SELECT * FROM stated")
    store.make(
        "classified",
        "SELECT p.node, COALESCE(t.tset, a.tset) AS tset FROM placed p"
        " JOIN alone a USING (concept) LEFT JOIN told t USING (node)",
    )
    _follow_parents(store, numbers, sets)


def _live(store: Store, rules: Rules, numbers: Mapping[Atom, int]) -> dict[int, Live]:
    """Give for each concept that is asked for what more can follow; 0 stands for none."""
    program = Program(
        [(frozenset(numbers[a] for a in rule.body), numbers[rule.head]) for rule in rules.rules]
    )
    ancestors = store.knowledge.concepts.ancestors
    found = {}
    for (concept,) in store.run("SELECT DISTINCT COALESCE(concept, 0) FROM asked"):
        above = ancestors.get(store.ids.terms[concept - 1], ()) if concept else ()
        least = program.follow(store.ids[c] for c in (*above, CORE.TreatmentRequest))
        classes = frozenset(atom for atom in least if atom > 0)
        found[concept] = Live(classes, program.rest(least))
    return found


class _Sets:
    """The type sets of requests, each combination of a concept and atoms closed once.

    Args:
        store: the chunk.
        live: what the rules have left to say of each concept.
    """

    def __init__(self, store: Store, live: Mapping[int, Live]) -> None:
        self._store = store
        self._live = live
        self.kinds: dict[int, frozenset[int]] = {}

    def number(self, concept: int, atoms: Iterable[int]) -> int:
        """Give the type set of a request for a concept of which some atoms hold."""
        classes = self._live[concept].close(atoms)
        number = self._store.type_set(classes)
        self.kinds[number] = classes
        return number

    def tell(self, atoms: str) -> None:
        """Make the table ``told``: the type sets of the requests of which some atoms hold.

        Args:
            atoms: a query for requests (``node``), their concepts and their atoms.
        """
        store = self._store
        store.make(
            "lists",
            "SELECT node, concept, list(DISTINCT atom ORDER BY atom) AS atoms"
            f" FROM ({atoms}) GROUP BY node, concept",
        )
        store.make(
            "apart",
            "SELECT concept, atoms, row_number() OVER () AS number"
            " FROM (SELECT DISTINCT concept, atoms FROM lists)",
        )
        load(
            store.sql, "numbered", {"number": "BIGINT", "tset": "INTEGER"},
            [(number, self.number(concept, held))
             for concept, held, number in store.run("SELECT * FROM apart")],
        )  # fmt: skip
        store.make(
            "told",
            "SELECT l.node, n.tset FROM lists l JOIN apart a USING (concept, atoms)"
            " JOIN numbered n USING (number)",
        )


def _stated(store: Store, numbers: Mapping[Atom, int]) -> None:
    """Make ``stated``: the atoms of each request, of values and facts, that matter for it."""
    parts = ["SELECT 0::BIGINT AS node, 0 AS concept, 0 AS atom WHERE FALSE"]
    for name, values in _by_property(numbers, Has).items():
        rows = [(store.ids[a.value], n) for a, n in values]
        load(store.sql, f"has_{name}", {"o": "BIGINT", "atom": "INTEGER"}, rows)
        parts.append(
            f"SELECT r.node, r.concept, h.atom FROM {store.property(name)} p"
            f" JOIN has_{name} h USING (o) JOIN placed r ON r.node = p.s"
            " JOIN matters m ON m.concept = r.concept AND m.atom = h.atom"
        )
    everything = frozenset(range(len(store.closed)))
    members = _members(store, {c for a in numbers if isinstance(a, Some) for c in a.classes})
    for name, some in _by_property(numbers, Some).items():
        if name == local_name(str(CORE.dependsOn)):
            continue
        rows = [
            (closed, n)
            for a, n in some
            for closed in everything.intersection(*(members[c] for c in a.classes))
        ]
        load(store.sql, f"some_{name}", {"closed": "INTEGER", "atom": "INTEGER"}, rows)
        store.make(
            f"leads_{name}",
            f"SELECT m.concept, x.closed, x.atom FROM matters m JOIN some_{name} x USING (atom)",
        )
        parts.append(
            f"SELECT p.s, p.concept, x.atom FROM {_closing(store, name)} p"
            f" JOIN leads_{name} x ON x.concept = p.concept AND x.closed = p.closed"
        )
    store.make("stated", " UNION ALL ".join(parts))


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


def _closing(store: Store, name: str) -> str:
    """Give the SQL of a property as classes of requests are told from it, with those of both."""
    if name in CLOSING:
        return f"(SELECT s, concept, closed FROM bears WHERE {CLOSING[name]})"
    return (
        f"(SELECT p.s, r.concept, n.closed FROM {store.property(name)} p"
        " JOIN placed r ON r.node = p.s JOIN node n ON n.node = p.o)"
    )


def _follow_parents(store: Store, numbers: Mapping[Atom, int], sets: _Sets) -> None:
    """Tell what follows from the classes of what requests depend on, until nothing does any more.

    Each round goes on from what is told so far, so that requests in a circle come to an end too.
    """
    by_kind: dict[int, int] = {}
    for atom, number in numbers.items():
        if isinstance(atom, Some) and atom.property == CORE.dependsOn:
            if len(atom.classes) != 1:
                raise KnowledgeError("dependence on an intersection is not compiled for a corpus")
            by_kind |= {store.ids[c]: number for c in atom.classes}
    if not by_kind:
        return
    load(store.sql, "of_parent", {"atom": "INTEGER"}, [(n,) for n in by_kind.values()])
    store.make(
        "linked",
        f"""SELECT p.s AS node, p.o AS parent, r.concept FROM {store.property("dependsOn")} p
        JOIN placed r ON r.node = p.s
        SEMI JOIN (SELECT concept FROM matters SEMI JOIN of_parent USING (atom)) m
            ON m.concept = r.concept""",
    )
    while True:
        load(
            store.sql, "gives", {"tset": "INTEGER", "atom": "INTEGER"},
            [(number, by_kind[k]) for number, kinds in sets.kinds.items()
             for k in kinds if k in by_kind],
        )  # fmt: skip
        store.make(
            "given_by_parent",
            """SELECT DISTINCT l.node, l.concept, g.atom FROM linked l
            JOIN classified c ON c.node = l.parent JOIN gives g USING (tset)
            JOIN matters m ON m.concept = l.concept AND m.atom = g.atom""",
        )
        sets.tell(
            "SELECT * FROM given_by_parent UNION ALL"
            " SELECT * FROM stated SEMI JOIN given_by_parent USING (node)"
        )
        changed = store.run(
            "SELECT COUNT(*) FROM told t JOIN classified c USING (node) WHERE c.tset <> t.tset"
        )
        if not changed[0][0]:
            return
        store.make(
            "classified",
            "SELECT c.node, COALESCE(t.tset, c.tset) AS tset FROM classified c"
            " LEFT JOIN told t USING (node)",
        )


def type_requests(store: Store) -> None:
    """Give every request its type set in ``typed``, as the other nodes have theirs."""
    store.make("typed", "SELECT node, tset FROM classified UNION ALL SELECT node, tset FROM node")
