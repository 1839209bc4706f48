"""Chunks of a population read, classified, assessed and decided, all cases at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from rdflib import URIRef

from reasoner.corpus.assessing import assess
from reasoner.corpus.axioms import classify, rules_of
from reasoner.corpus.criteria import Compiled, compile_recommendation
from reasoner.corpus.encoded import EncodedChunk
from reasoner.corpus.engine import Connection, connect, load, text
from reasoner.corpus.frames import Pairs
from reasoner.corpus.governing import select
from reasoner.corpus.schema import FORMAT, full, part_name, properties
from reasoner.corpus.settling import settle, topic_of
from reasoner.corpus.store import Numbers, Store
from reasoner.corpus.tablecheck import check_parts
from reasoner.errors import InputError, Problem
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role


class Population:
    """Decides chunks of a folder of tables.

    Args:
        folder: the tables.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        memory: how much memory DuckDB may take.
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
        self._compiled: dict[URIRef, Compiled] = {}
        self.recommendations: list[Recommendation] = []

    def decide(self, parts: Sequence[int]) -> Connection:
        """Decide some parts.

        Returns:
            The database, with the tables ``item``, ``criterion``, ``outcome_of_case`` and
            ``refusal``.

        Raises:
            InputError: if the tables name what the release does not have.
            KnowledgeError: if something of the release is not compiled; it is named.
        """
        store = self.begin(parts)
        self.finish(store)
        connection: Connection = store.sql
        return connection

    def chunks(self, size: int) -> Iterator[range]:
        """Give the parts, as many together as make about ``size`` cases."""
        step = max(1, size // max(1, self.cases // max(1, self.parts)))
        for start in range(0, self.parts, step):
            yield range(start, min(start + step, self.parts))

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

    def begin(self, parts: Sequence[int], only: Collection[int] | None = None) -> Store:
        """Read some parts, or only some cases of them, and tell what governs their requests."""
        connection = connect(self.memory, self._threads)
        check_parts(self.folder, parts, properties(self.knowledge))
        store = Store(connection, self.knowledge, self.folder, parts, self._numbers, only)
        asked = set(store.placed.concepts.tolist()) - {0}
        ancestors = self.knowledge.concepts.ancestors
        above = {a for concept in asked for a in ancestors[store.ids.terms[concept - 1]]}
        topics = self.knowledge.topics_about(above)
        for topic in topics:
            for recommendation in topic.recommendations:
                if recommendation not in self.recommendations:
                    self.recommendations.append(recommendation)
        rules = rules_of(topics, self.knowledge)
        store.type_nodes(rules.wider)
        classify(store, rules)
        select(store, self.recommendations)
        return store

    def touched(self, store: Store, topics: Collection[str]) -> list[int]:
        """Give the cases with a request that one of some topics governs, or that is torn."""
        numbers = [str(n) for n, r in enumerate(self.recommendations) if topic_of(r.iri) in topics]
        found = store.run(
            "SELECT DISTINCT q.case_no FROM standing s JOIN request q USING (node)"
            f" WHERE s.rec IN ({', '.join(numbers) or '-1'})"
        )
        return [number for (number,) in found]

    def finish(self, store: Store, cases: Collection[int] | None = None) -> None:
        """Assess and decide what was begun.

        Args:
            store: what was begun.
            cases: decide these cases alone, and leave the others out.
        """
        if cases is not None:
            load(store.sql, "wanted", {"case_no": "BIGINT"}, [(n,) for n in cases])
            store.make(
                "governing",
                "SELECT g.node, g.rec FROM governing g JOIN request q USING (node)"
                " SEMI JOIN wanted w ON w.case_no = q.case_no",
            )
            store.make(
                "asked", "SELECT a.* FROM asked a SEMI JOIN wanted w ON w.case_no = a.case_no"
            )
        self._assess(store)
        settle(store, self.recommendations, self.role)

    def plan(self, number: int) -> Compiled | None:
        """Give what a recommendation is compiled to; None if it requires nothing."""
        recommendation = self.recommendations[number]
        if recommendation.requires is None:
            return None
        if recommendation.iri not in self._compiled:
            self._compiled[recommendation.iri] = compile_recommendation(
                recommendation, self.knowledge
            )
        return self._compiled[recommendation.iri]

    def _assess(self, store: Store) -> None:
        """Make ``assessed`` (criteria) and ``own``, what each item comes to by itself."""
        assess(EncodedChunk(store), governing_of(store), self.plan).load(store.sql)


def governing_of(store: Store) -> Pairs:
    """Give the numbers of recommendations, each with the requests of a chunk that it governs."""
    return Pairs(*store.columns("SELECT rec, node FROM governing ORDER BY rec, node"))
