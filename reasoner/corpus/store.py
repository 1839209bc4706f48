"""The cases of one chunk as an encoded graph: what they state and what follows from it.

Every term is an integer: vocabulary terms from 1, literals below 0, nodes of cases from 2^32. A
case with requests of several days is there once for each day, a *view*, for what follows from it
depends on the day. A property is two arrays, subjects and objects, made when they are first asked
for. Numbers and dates are derived by the functions of the reading path, once for each distinct
value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdflib import XSD, URIRef

from reasoner.corpus.derived import MAKERS, converted, recent
from reasoner.corpus.engine import arrow
from reasoner.corpus.facts import Facts, Stated, key_of
from reasoner.corpus.kinds import (
    kinds_of,
    require_known_definitions,
    states_a_trial,
)
from reasoner.corpus.literals import Meaning
from reasoner.corpus.relevance import RELEVANCE, Bearing, relate
from reasoner.corpus.schema import Property, properties, short
from reasoner.corpus.vectors import Array, coded, distinct, found_in, in_order, np, places, ranges
from reasoner.derivation import _RECENT
from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE, local_name

DATATYPES = {XSD.integer: 1, XSD.decimal: 2, XSD.date: 3, XSD.string: 4, XSD.boolean: 5}
"""The datatypes that facts are stated in, by number."""


VIEW = 1 << 16
"""How many nodes a view has room for: the number of a view is a multiple of it."""

FIRST_NODE = VIEW * VIEW
"""Nodes of cases are numbered from here."""

NEVER: int = np.iinfo(np.int64).min
"""In the place of a day that is not known."""

_DAYS = 1 << 23
"""More days than any two dates are apart, twice."""


class Ids:
    """Numbers for terms of the vocabularies, given as they are asked for."""

    def __init__(self) -> None:
        self._numbers: dict[URIRef, int] = {}
        self.terms: list[URIRef] = []

    def __getitem__(self, term: URIRef) -> int:
        if term not in self._numbers:
            self.terms.append(term)
            self._numbers[term] = len(self.terms)
        return self._numbers[term]


@dataclass
class Numbers:
    """What is numbered alike in all chunks of a run: terms, and sets of classes."""

    ids: Ids = field(default_factory=Ids)
    type_sets: dict[frozenset[int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """The requests of the cases, row by row, by case and number.

    Attributes:
        cases: the places of the cases.
        numbers: the numbers of the nodes.
        names: what they are called, of Arrow.
        kinds: the place of what is asked for among ``Nodes.kind_names``.
        days: the days that they are decided as of, as numbers; ``NEVER`` where none is known.
        requests: their places among ``Store.requests``; -1 without a day.
    """

    cases: Array
    numbers: Array
    names: Any
    kinds: Array
    days: Array
    requests: Array


@dataclass(frozen=True)
class Requests:
    """Requests as nodes of views, in ascending order.

    Attributes:
        nodes: their numbers.
        rows: their places among ``Store.asked``.
        cases: the places of their cases.
        concepts: what is asked for; 0 where that is not known.
        days: the days of their views.
    """

    nodes: Array
    rows: Array
    cases: Array
    concepts: Array
    days: Array


@dataclass(frozen=True)
class Views:
    """The views in ascending order.

    Attributes:
        days: their days, as numbers.
        bases: their numbers.
        bounds: for each case the place of its first view, and that after the last one's.
    """

    days: Array
    bases: Array
    bounds: Array

    def of(self, cases: Array) -> tuple[Array, Array]:
        """Give each row once for each view of its case: the row, and the place of the view."""
        return ranges(self.bounds[cases], self.bounds[cases + 1])


@dataclass(frozen=True)
class Things:
    """The nodes of all views but requests, in ascending order.

    Attributes:
        nodes: their numbers.
        facts: which are facts.
        concepts: what they are stated to be; 0 where that is not known.
        absent: which are facts that are absent.
        type_sets: the number of the set of classes that criteria see each to be of.
        closed: the place in ``Store.closed`` of the classes that requests are classified by.
    """

    nodes: Array
    facts: Array
    concepts: Array
    absent: Array
    type_sets: Array
    closed: Array


class Store:
    """The encoded graph of a chunk.

    Args:
        knowledge: the vocabularies.
        folder: the tables.
        parts: which parts of them.
        numbers: what is numbered so far.
        only: the cases that are taken of them; all, unless some are named.

    Attributes:
        facts: what the tables state.
        views: the views.
        asked: the requests as they are stated.
        requests: those that have a day, each in the view that it is decided in.
        placed: all of them in every view of their cases.
        meanings: those of the literals, in the order of their numbers.
        things: the other nodes, when they are typed.
        closed: sets of classes that requests are classified by.
        bearing: which facts bear on which request, when nodes are typed.
        classes: the number of the set of classes of each placed request, when it is classified.
    """

    things: Things
    closed: list[frozenset[URIRef]]
    bearing: Bearing
    classes: Array

    def __init__(
        self,
        knowledge: Knowledge,
        folder: Path,
        parts: Sequence[int],
        numbers: Numbers,
        only: Collection[int] | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.ids = numbers.ids
        self.numbers = numbers
        self.folder = folder
        self._known = properties(knowledge)
        self._pairs: dict[str, tuple[Array, Array]] = {}
        self._derived = {
            local_name(str(p)): (local_name(str(base)), str(unit))
            for p, base in knowledge.vocabulary.subject_objects(CORE.derivedFrom)
            for unit in knowledge.vocabulary.objects(p, CORE.unitName)
        }
        require_known_definitions(knowledge)
        concepts = knowledge.concepts
        self._terms = {short(str(t)): self.ids[t] for t in {*concepts.ancestors, *concepts.kinds}}
        self.meanings: list[Meaning] = []
        self._literals: dict[tuple[int, Any], int] = {}
        self.facts = Facts(folder, parts, self._known, only)
        self._read()

    # What is read

    def _read(self) -> None:
        """Read the requests, and tell the views."""
        nodes = self.facts.nodes
        asked = np.flatnonzero(nodes.of_form("request"))
        order = np.argsort(key_of(nodes.cases[asked], nodes.numbers[asked]), kind="stable")
        asked = asked[order]
        cases, numbers, kinds = nodes.cases[asked], nodes.numbers[asked], nodes.kinds[asked]
        days = self._days_of(key_of(cases, numbers))
        reviews = nodes.of_form("utilization-review")
        reviewed = np.full(len(self.facts.cases), NEVER)
        reviewed[nodes.cases[reviews]] = self._days_of(
            key_of(nodes.cases[reviews], nodes.numbers[reviews])
        )
        days = np.where(days == NEVER, reviewed[cases], days)
        dated = np.flatnonzero(days != NEVER)
        keys = cases[dated] * _DAYS + days[dated] + _DAYS // 2
        views = distinct(keys)
        bases = FIRST_NODE + np.arange(len(views), dtype=np.int64) * VIEW
        bounds = np.searchsorted(views // _DAYS, np.arange(len(self.facts.cases) + 1))
        self.views = Views(views % _DAYS - _DAYS // 2, bases, bounds)
        concepts = self.terms(nodes.kind_names)[kinds]

        def placed(rows: Array, at: Array) -> Requests:
            own = bases[at] + numbers[rows]
            order = np.argsort(own, kind="stable")
            rows, at = rows[order], at[order]
            return Requests(own[order], rows, cases[rows], concepts[rows], self.views.days[at])

        self.requests = placed(dated, np.searchsorted(views, keys))
        self.placed = placed(*self.views.of(cases))
        requests = np.full(len(cases), -1)
        requests[self.requests.rows] = np.arange(len(dated))
        names = nodes.request_names.take(arrow().array(order))
        self.asked = Asked(cases, numbers, names, kinds, days, requests)

    def _days_of(self, keys: Array) -> Array:
        """Give the day that is stated of each of some nodes."""
        dates = self.facts.of("date")
        dates = dates.where(found_in(dates.keys, np.sort(keys)))
        days = dates.days[dates.objects]
        order = np.lexsort((days, dates.keys))
        at, known = places(keys, dates.keys[order])
        return np.where(known, days[order][at], NEVER) if len(days) else np.full(len(keys), NEVER)

    def terms(self, names: Iterable[str | None]) -> Array:
        """Give the numbers of terms by their short names; 0 for what is none."""
        return np.array([self._terms.get(n or "", 0) for n in names], dtype=np.int64)

    # Properties

    def pairs(self, name: str) -> tuple[Array, Array]:
        """Give the subjects and objects of a property, each pair once, in ascending order.

        Raises:
            KnowledgeError: if no case can state or derive it.
        """
        if name in RELEVANCE:
            return self.bearing.pairs(name)
        if name not in self._pairs:
            if name in self._derived:
                found = converted(self, name, *self._derived[name])
            elif name in self._known:
                found = self._stated_pairs(self._known[name])
            elif name in MAKERS:
                found = MAKERS[name](self)
            else:
                raise KnowledgeError(f"core:{name} is not compiled for a corpus")
            self._pairs[name] = in_order(*found)
        return self._pairs[name]

    def _stated_pairs(self, property_: Property) -> tuple[Array, Array]:
        stated = self.facts.of(property_.name)
        if stated.values is None:
            rows, at = self.views.of(stated.cases)
            bases = self.views.bases[at]
            return bases + stated.subjects[rows], bases + stated.objects[rows]
        if property_.kind in ("individual", "class"):
            return self.spread(stated, self.terms(stated.values))
        if property_.kind == "boolean":
            return self.literal_pairs(stated.given(lambda v: str(v).lower()), XSD.boolean)
        datatype = {"integer": XSD.integer, "decimal": XSD.decimal, "date": XSD.date}
        return self.literal_pairs(stated, datatype.get(property_.kind, XSD.string))

    def spread(self, stated: Stated, numbers: Array) -> tuple[Array, Array]:
        """Give what is stated as subjects and objects, in every view.

        Args:
            stated: what is stated.
            numbers: the number of each of its values.
        """
        rows, at = self.views.of(stated.cases)
        return self.views.bases[at] + stated.subjects[rows], numbers[stated.objects][rows]

    def literal_pairs(self, stated: Stated, datatype: URIRef) -> tuple[Array, Array]:
        """Give what is stated as subjects and literals, in every view."""
        assert stated.values is not None
        return self.spread(stated, self.literals(stated.values, datatype))

    def literals(self, values: Iterable[Any], datatype: URIRef) -> Array:
        """Give the numbers of literals; 0 for None."""
        dt = DATATYPES[datatype]
        found = []
        for value in values:
            number = 0 if value is None else self._literals.get((dt, value))
            if number is None:
                self.meanings.append(
                    (dt, value, None, None) if dt in (1, 2)
                    else (dt, None, value, None) if dt == 3
                    else (dt, None, None, value)
                )  # fmt: skip
                number = self._literals[dt, value] = -len(self.meanings)
            found.append(number)
        return np.array(found, dtype=np.int64)

    # Types

    def type_set(self, kinds: Iterable[int]) -> int:
        """Give the number of a set of classes."""
        sets = self.numbers.type_sets
        return sets.setdefault(frozenset(kinds), len(sets))

    def type_nodes(self, wider: Callable[[frozenset[URIRef]], frozenset[URIRef]]) -> None:
        """Type every node but requests, and tell which facts bear on which request.

        Args:
            wider: gives what follows by the guidelines' axioms from the classes of a node.
        """
        nodes = self.facts.nodes
        others = np.flatnonzero(~nodes.of_form("request"))
        keys = key_of(nodes.cases[others], nodes.numbers[others])
        absent = found_in(keys, self._keys("status", "core:Absent"))
        trials = [self._keys(name) for name in sorted(states_a_trial(self.knowledge))]
        trial = found_in(keys, distinct(np.concatenate(trials)))
        # Forms, concepts, absence and trials that differ are few, in all views and nodes.
        kinds = nodes.forms[others] * len(nodes.kind_names) + nodes.kinds[others]
        sorts, sort = coded((kinds * 2 + absent) * 2 + trial)
        rows, at = self.views.of(nodes.cases[others])
        numbers = self.views.bases[at] + nodes.numbers[others][rows]
        order = np.argsort(numbers, kind="stable")
        numbers, rows = numbers[order], rows[order]
        facts = nodes.of_form("fact")[others][rows]
        months = np.where(facts, recent(self, numbers), 0)
        dated, sort = coded(sort[rows] * _MONTHS + months)
        concepts = self.terms(nodes.kind_names)
        of = {form.name: form.of for form in self.knowledge.case_format.values()}
        self.closed = []
        sets = []
        for one in dated.tolist():
            kept, within = divmod(one, _MONTHS)
            kind, states = divmod(int(sorts[kept]), 4)
            form, name = divmod(kind, len(nodes.kind_names))
            concept = int(concepts[name])
            term = self.ids.terms[concept - 1] if concept else None
            classes = frozenset(c for most, c in _RECENT if 0 < within <= most)
            found = kinds_of(
                self.knowledge, of[nodes.form_names[form]], term, states >= 2, states % 2 == 1,
                classes,
            )  # fmt: skip
            closed = wider(found.closed)
            known = found.known if states >= 2 else closed
            sets.append(self.type_set(self.ids[k] for k in known))
            self.closed.append(closed)
        self.things = Things(
            numbers, facts, concepts[nodes.kinds[others]][rows], absent[rows],
            np.array(sets, dtype=np.int64)[sort], sort,
        )  # fmt: skip
        self.bearing = relate(self)

    def _keys(self, name: str, value: str | None = None) -> Array:
        """Give the nodes that something is stated of, by case and number, in ascending order."""
        stated = self.facts.of(name)
        if value is not None:
            assert stated.values is not None
            wanted = np.array([v == value for v in stated.values], dtype=bool)
            stated = stated.where(wanted[stated.objects])
        return distinct(stated.keys)


_MONTHS = 1 + max(most for most, _ in _RECENT)
