"""Class expressions of the guidelines as rules: when a request belongs to a class.

An axiom becomes rules from atoms to an atom. An atom is that a request is of a class, has a value
for a property, or has for a property something of certain classes. The rules are data, so that all
requests of a chunk are classified by a few joins, repeated until nothing follows any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner.closure import LOGICAL_PREDICATES
from reasoner.corpus.engine import load
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


def classify(store: Store, rules: Rules) -> None:
    """Make the table ``holds``: the atoms of every request of the chunk, by number.

    A class is numbered as a term, other atoms below zero.

    Raises:
        KnowledgeError: if a rule gives a request a value that criteria would not see.
    """
    numbers: dict[Atom, int] = {}
    for atom in rules.atoms():
        if atom not in numbers:
            number = store.ids[atom] if isinstance(atom, URIRef) else -len(numbers) - 1
            numbers[atom] = number
    for rule in rules.rules:
        if isinstance(rule.head, Has) and rule.head.property != CORE.withinRegion:
            raise KnowledgeError(
                f"a class that gives its members a <{rule.head.property}> is not compiled"
            )
    in_order = list(rules.rules)
    bodies = [
        sorted(numbers[a] for a in (rule.body - _ANY if rule.body > _ANY else rule.body))
        for rule in in_order
    ]
    load(
        store.sql, "rule",
        {"rule": "INTEGER", "size": "BIGINT", "head": "INTEGER", "anchor": "INTEGER"},
        [(n, len(body), numbers[r.head], body[-1])
         for n, (r, body) in enumerate(zip(in_order, bodies, strict=True))],
    )  # fmt: skip
    load(
        store.sql, "body", {"rule": "INTEGER", "atom": "INTEGER"},
        [(n, atom) for n, body in enumerate(bodies) for atom in body],
    )  # fmt: skip
    _stated(store, numbers)
    linked = _linked(store, numbers)
    while True:
        # A rule is tried where its anchor holds, a class of few requests, and not elsewhere.
        fired = """SELECT h.node, r.head AS atom FROM holds h JOIN rule r ON r.anchor = h.atom
            JOIN body b ON b.rule = r.rule
            JOIN holds x ON x.node = h.node AND x.atom = b.atom
            GROUP BY h.node, r.rule, r.head, r.size HAVING COUNT(*) = r.size"""
        rows = store.run(
            f"""INSERT INTO holds SELECT DISTINCT n.node, n.atom FROM ({fired} {linked}) n
            ANTI JOIN holds h ON h.node = n.node AND h.atom = n.atom"""
        )
        if not rows or not rows[0][0]:
            return


_ANY: frozenset[Atom] = frozenset([CORE.TreatmentRequest])
"""What every request is; a rule that asks for more need not ask for this."""


def _stated(store: Store, numbers: dict[Atom, int]) -> None:
    """Make ``holds`` of what is stated: concepts, values, and what leads to facts."""
    ancestors = store.knowledge.concepts.ancestors
    types = {
        (store.ids[concept], store.ids[above])
        for concept, kinds in ancestors.items()
        for above in (*kinds, CORE.TreatmentRequest)
    }
    load(store.sql, "kind", {"concept": "INTEGER", "atom": "INTEGER"}, sorted(types))
    parts = [
        "SELECT v.base + a.num AS node, k.atom FROM asked a JOIN view v ON v.case_no = a.case_no"
        " JOIN kind k ON k.concept = a.concept",
        f"SELECT v.base + a.num, {store.ids[CORE.TreatmentRequest]} FROM asked a"
        " JOIN view v ON v.case_no = a.case_no",
    ]
    values = [(a, n) for a, n in numbers.items() if isinstance(a, Has)]
    for property_ in sorted({a.property for a, _ in values}):
        rows = [(store.ids[a.value], n) for a, n in values if a.property == property_]
        name = local_name(str(property_))
        load(store.sql, f"has_{name}", {"o": "BIGINT", "atom": "INTEGER"}, rows)
        parts.append(
            f"SELECT p.s, h.atom FROM {store.property(name)} p JOIN has_{name} h USING (o)"
        )
    some = [(a, n) for a, n in numbers.items() if isinstance(a, Some)]
    for property_ in sorted({a.property for a, _ in some} - {CORE.dependsOn}):
        name = local_name(str(property_))
        rows = [
            (number, n)
            for number, closed in enumerate(store.closed)
            for a, n in some
            if a.property == property_ and a.classes <= closed
        ]
        load(store.sql, f"some_{name}", {"closed": "INTEGER", "atom": "INTEGER"}, rows)
        parts.append(
            f"SELECT p.s, x.atom FROM {store.closing(name)} p JOIN node n ON n.node = p.o"
            f" JOIN some_{name} x ON x.closed = n.closed"
        )
    store.make("holds", " UNION ".join(parts))


def _linked(store: Store, numbers: dict[Atom, int]) -> str:
    """Give the SQL of atoms about what a request depends on, whose classes are told on the way."""
    rows = []
    for atom, number in numbers.items():
        if isinstance(atom, Some) and atom.property == CORE.dependsOn:
            if len(atom.classes) != 1:
                raise KnowledgeError("dependence on an intersection is not compiled for a corpus")
            rows += [(store.ids[c], number) for c in atom.classes]
    if not rows:
        return ""
    load(store.sql, "some_parent", {"kind": "INTEGER", "atom": "INTEGER"}, rows)
    return (
        f" UNION ALL SELECT p.s, x.atom FROM {store.property('dependsOn')} p"
        " JOIN holds h ON h.node = p.o JOIN some_parent x ON x.kind = h.atom"
    )


def type_requests(store: Store) -> None:
    """Give every request its type set, as the other nodes have theirs."""
    store.make(
        "lists",
        "SELECT node, list(atom ORDER BY atom) AS atoms FROM holds WHERE atom > 0 GROUP BY node",
    )
    store.make("apart", "SELECT atoms, row_number() OVER () AS number FROM (SELECT DISTINCT atoms FROM lists)")  # fmt: skip # noqa: E501
    pairs = [(number, store.type_set(atoms)) for atoms, number in store.run("SELECT * FROM apart")]
    load(store.sql, "numbered", {"number": "BIGINT", "tset": "INTEGER"}, pairs)
    store.make(
        "typed",
        """SELECT l.node, n.tset FROM lists l JOIN apart a USING (atoms)
        JOIN numbered n USING (number) UNION ALL SELECT node, tset FROM node""",
    )
