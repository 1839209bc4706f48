"""The tables of a population: what they hold, and how a case becomes rows of them.

Rows hold what a case states. A node is numbered within its case; terms of the vocabularies are
written short (``core:Present``), numbers, dates and texts as themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rdflib import RDF, Literal, URIRef

from reasoner.case import Case
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.terms import BASE, CORE, local_name

FORMAT = "mtus.corpus/1"

MOST_NODES = 1 << 16
"""Nodes of one case: its number and the node's make one integer."""

CASES = {"case_no": "BIGINT", "id": "VARCHAR", "source": "VARCHAR"}
NODES = {
    "case_no": "BIGINT", "node": "INTEGER", "name": "VARCHAR", "form": "VARCHAR", "kind": "VARCHAR",
}  # fmt: skip
REFUSED = {"source": "VARCHAR", "why": "VARCHAR"}

# For each kind of key of a case file, what the column ``object`` holds.
_OBJECTS = {
    "form": "INTEGER", "reference": "INTEGER", "class": "VARCHAR", "individual": "VARCHAR",
    "integer": "BIGINT", "decimal": "DECIMAL(28,6)", "date": "DATE", "boolean": "BOOLEAN",
    "quantity": "VARCHAR", "string": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True)
class Property:
    """A property as a table of facts.

    Attributes:
        name: its local name, which is the folder's.
        kind: the kind of key that states it.
        object: the SQL type of the column ``object``.
    """

    name: str
    kind: str
    object: str

    @property
    def columns(self) -> Mapping[str, str]:
        """The columns of the table, with their SQL types."""
        return {"case_no": "BIGINT", "subject": "INTEGER", "object": self.object}


def part_name(part: int) -> str:
    """Give the name of a part's file in each table."""
    return f"part-{part:05}.parquet"


@lru_cache(maxsize=4)
def properties(knowledge: Knowledge) -> Mapping[str, Property]:
    """Give the properties that a case can state, by their local names; types apart."""
    found = {"position": Property("position", "integer", "BIGINT")}
    for form in knowledge.case_format.values():
        for key in form.keys.values():
            if key.path != RDF.type:
                name = local_name(key.path)
                found[name] = Property(name, key.kind, _OBJECTS[key.kind])
    return dict(sorted(found.items()))


@lru_cache(maxsize=4)
def forms(knowledge: Knowledge) -> Mapping[str, str]:
    """Give the name of the form that makes a thing of a class, by the class's IRI."""
    return {str(form.of): form.name for form in knowledge.case_format.values()}


def short(iri: str) -> str:
    """Write a term of the vocabularies short."""
    return str(iri).removeprefix(BASE).replace("#", ":", 1)


def full(name: str) -> URIRef:
    """Give the term that a short name stands for."""
    return URIRef(BASE + name.replace(":", "#", 1))


@dataclass
class Rows:
    """Rows gathered for the tables, by table.

    Attributes:
        cases, nodes: rows of those tables.
        facts: rows of the tables of facts, by property.
        refused: files that could not be read, with why.
    """

    cases: list[tuple[Any, ...]] = field(default_factory=list)
    nodes: list[tuple[Any, ...]] = field(default_factory=list)
    facts: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    refused: list[tuple[Any, ...]] = field(default_factory=list)

    def extend(self, other: Rows) -> None:
        """Add the rows of others."""
        self.cases += other.cases
        self.nodes += other.nodes
        self.refused += other.refused
        for name, facts in other.facts.items():
            self.facts.setdefault(name, []).extend(facts)

    def add(self, number: int, case: Case, knowledge: Knowledge) -> None:
        """Add a case.

        Raises:
            InputError: if the case has more nodes than a table numbers.
        """
        known, by_class = properties(knowledge), forms(knowledge)
        base = str(case.iri)
        names = sorted({str(s) for s, _, _ in case.triples})
        if len(names) > MOST_NODES:
            raise InputError([Problem(f"The case has {len(names):,} nodes.", case.source)])
        numbers = {name: at for at, name in enumerate(names)}
        form: dict[str, str] = {}
        kind: dict[str, str] = {}
        facts: list[tuple[str, tuple[int, int, Any]]] = []
        for s, p, o in case.triples:
            if p == RDF.type:
                if str(o) in by_class:
                    form[str(s)] = by_class[str(o)]
                else:
                    kind[str(s)] = short(str(o))
            elif p in CORE:
                name = local_name(str(p))
                value = _value(known[name], o, numbers)
                facts.append((name, (number, numbers[str(s)], value)))
        for name, row in facts:
            self.facts.setdefault(name, []).append(row)
        self.cases.append((number, case.identifier, case.source))
        self.nodes.extend(
            (number, at, name[len(base) + 1 :], form.get(name, ""), kind.get(name))
            for name, at in numbers.items()
        )


def _value(property_: Property, value: object, numbers: Mapping[str, int]) -> Any:
    if isinstance(value, Literal):
        return str(value) if property_.object == "VARCHAR" else value.value
    return numbers[str(value)] if property_.object == "INTEGER" else short(str(value))
