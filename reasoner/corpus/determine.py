"""Chunks of a population read, classified, assessed and decided, all cases at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdflib import URIRef

from reasoner.corpus.assessing import assess
from reasoner.corpus.axioms import classify, together
from reasoner.corpus.criteria import Compiled, compile_recommendation
from reasoner.corpus.encoded import EncodedChunk
from reasoner.corpus.engine import arrow, bytes_of, connect, load, text
from reasoner.corpus.frames import Pairs
from reasoner.corpus.governing import Governing, select
from reasoner.corpus.kept import CompiledTopics
from reasoner.corpus.schema import FORMAT, full, part_name, properties, short
from reasoner.corpus.settling import Outcomes, settle, topic_of
from reasoner.corpus.store import Numbers, Store
from reasoner.corpus.tablecheck import check_parts, check_rows
from reasoner.corpus.vectors import found_in, in_order, np
from reasoner.errors import InputError, Problem
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role

MOST_AT_ONCE = 100_000
"""About how many cases are decided at once."""

# What a run held of memory, measured: for each node that its chunk has, and without any.
_BYTES = 500
_BASE = 300_000_000


@dataclass(frozen=True)
class Begun:
    """A chunk that is read and classified, and what governs its requests."""

    store: Store
    governing: Governing


class Population:
    """Decides chunks of a folder of tables.

    Args:
        folder: the tables.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        memory: how much memory there is, such as ``3GB``.
        threads: how many threads it may use.
    """

    def __init__(
        self,
        folder: Path,
        knowledge: Knowledge,
        role: Role = Role.IMR,
        memory: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.folder = folder
        self.knowledge = knowledge
        self.role = role
        self.memory, self._threads = memory, threads
        about = folder / "corpus.json"
        try:
            said = json.loads(about.read_text("utf-8"))
            format_ = said["format"]
            self.parts, self.cases = int(said["parts"]), int(said["cases"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError([Problem("These are no tables of cases.", str(folder))]) from error
        if format_ != FORMAT:
            raise InputError([Problem("The tables are of another format.", str(about),
                                      expected=FORMAT)])  # fmt: skip
        self._numbers = Numbers()
        self._topics = CompiledTopics(knowledge)
        self._plans: dict[URIRef, Compiled] = {}
        self.recommendations: list[Recommendation] = []

    def decide(self, parts: Sequence[int]) -> Outcomes:
        """Decide some parts.

        Raises:
            InputError: if the tables name what the release does not have.
            KnowledgeError: if something of the release is not compiled; it is named.
        """
        return self.finish(self.begin(parts))

    def chunks(self, size: int) -> Iterator[range]:
        """Give the parts, as many together as make about ``size`` cases."""
        step = max(1, size // max(1, self.cases // max(1, self.parts)))
        for start in range(0, self.parts, step):
            yield range(start, min(start + step, self.parts))

    def at_once(self, most: int = MOST_AT_ONCE, share: int = 1) -> int:
        """Give how many cases there is room for at once, ``most`` unless memory is bounded.

        Args:
            most: no more than these.
            share: how many processes share the memory.
        """
        memory = None if self.memory is None else bytes_of(self.memory)
        if memory is None:
            return most
        room = memory / share
        files = [self.folder / "nodes" / part_name(part) for part in range(self.parts)]
        try:
            nodes = sum(arrow().parquet.read_metadata(file).num_rows for file in files)
        except (OSError, arrow().ArrowException):
            return most  # what is missing or damaged is told where it is read
        of_a_case = _BYTES * nodes / max(1, self.cases)
        return max(1, min(most, int((room - _BASE) / max(1.0, of_a_case))))

    def about(self, parts: Sequence[int], topics: frozenset[str]) -> set[int]:
        """Give the cases with a request for a treatment that one of some topics is about.

        Raises:
            InputError: if the files of a part cannot be used.
        """
        check_parts(self.folder, parts, properties(self.knowledge))
        files = ", ".join(text(str(self.folder / "nodes" / part_name(part))) for part in parts)
        connection = connect(self.memory, self._threads)
        asked = f"FROM read_parquet([{files}]) WHERE form = 'request'"
        treatments = {t for t, names in self.knowledge.index.about.items() if topics & set(names)}
        ancestors = self.knowledge.concepts.ancestors
        kinds = [
            (kind,)
            for (kind,) in connection.execute(f"SELECT DISTINCT kind {asked}").fetchall()
            if kind is not None and treatments & set(ancestors.get(full(kind), ()))
        ]
        load(connection, "concerned", {"kind": "VARCHAR"}, kinds)
        found = connection.execute(
            f"SELECT DISTINCT case_no {asked} AND kind IN (FROM concerned)"
        ).fetchall()
        connection.close()
        return {number for (number,) in found}

    def begin(self, parts: Sequence[int], only: Collection[int] | None = None) -> Begun:
        """Read some parts, or only some cases of them, and tell what governs their requests."""
        self._check(parts)
        store = Store(self.knowledge, self.folder, parts, self._numbers, only)
        asked = set(store.placed.concepts.tolist()) - {0}
        ancestors = self.knowledge.concepts.ancestors
        above = {a for concept in asked for a in ancestors[store.ids.terms[concept - 1]]}
        topics = [self._topics.topic(name) for name in self.knowledge.names_about(above)]
        for topic in topics:
            self._plans.update(topic.plans)
            for recommendation in topic.recommendations:
                if recommendation not in self.recommendations:
                    self.recommendations.append(recommendation)
        rules = together(topic.rules for topic in topics)
        store.type_nodes(rules.wider)
        classify(store, rules)
        return Begun(store, select(store, self.recommendations))

    def _check(self, parts: Sequence[int]) -> None:
        """Hold parts against what tables are to be."""
        known, concepts = properties(self.knowledge), self.knowledge.concepts
        check_parts(self.folder, parts, known)
        connection = connect(self.memory, self._threads)
        words = sorted(short(str(t)) for t in {*concepts.ancestors, *concepts.kinds})
        load(connection, "term", {"name": "VARCHAR"}, [(word,) for word in words])
        check_rows(connection, self.folder, parts, known, words)
        connection.close()

    def touched(self, begun: Begun, topics: Collection[str]) -> set[int]:
        """Give the cases with a request that one of some topics governs, or that is torn."""
        about = [topic_of(r.iri) in topics for r in self.recommendations]
        governing, store = begun.governing, begun.store
        requests = governing.requests[np.array(about, dtype=bool)[governing.numbers]]
        return set(store.facts.cases[store.requests.cases[requests]].tolist())

    def finish(self, begun: Begun, cases: Collection[int] | None = None) -> Outcomes:
        """Assess and decide what was begun.

        Args:
            begun: what was begun.
            cases: decide these cases alone, and leave the others out.
        """
        store, governing = begun.store, begun.governing
        if cases is not None:
            numbers = np.array(sorted(cases), dtype=np.int64)
            of = store.facts.cases[store.requests.cases[governing.requests]]
            governing = governing.at(found_in(of, numbers))
        assessed = assess(EncodedChunk(store), governing_of(store, governing), self.plan)
        return settle(store, governing, assessed, self.recommendations, self.role, cases)

    def plan(self, number: int) -> Compiled | None:
        """Give what a recommendation is compiled to; None if it requires nothing."""
        recommendation = self.recommendations[number]
        if recommendation.requires is None:
            return None
        if recommendation.iri not in self._plans:
            # It could not be compiled before, and now says why.
            self._plans[recommendation.iri] = compile_recommendation(recommendation, self.knowledge)
        return self._plans[recommendation.iri]


def governing_of(store: Store, governing: Governing) -> Pairs:
    """Give the numbers of recommendations, each with the requests that it alone governs."""
    alone = ~governing.torn
    nodes = store.requests.nodes[governing.requests[alone]]
    return Pairs(*in_order(governing.numbers[alone], nodes))
