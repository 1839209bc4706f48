"""A population decided chunk by chunk, and the tables of outcomes that come of it.

A chunk is read, classified, assessed and decided by queries alone, and its files are moved to
their places when they are whole, ``cases`` last. A run that is taken up passes over the chunks
whose ``cases`` are there.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdflib import URIRef

from reasoner.corpus.amounts import NAMES, smaller_amounts
from reasoner.corpus.axioms import classify, rules_of, type_requests
from reasoner.corpus.criteria import Compiled, compile_recommendation
from reasoner.corpus.engine import Connection, connect, load, text
from reasoner.corpus.governing import select
from reasoner.corpus.schema import FORMAT, full, properties, short
from reasoner.corpus.sparqlplan import sparql_compiler
from reasoner.corpus.store import Numbers, Store
from reasoner.corpus.tables import (
    PART,
    Progress,
    check_parts,
    files_in,
    no_progress,
    part_name,
    write_tables,
    write_text,
)
from reasoner.decision import item_outcome
from reasoner.errors import InputError, MtusError, Problem
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Basis, Necessity, Outcome, Role
from reasoner.terms import BASE

RUN = "mtus.corpus-run/1"
_MANY = 40
"""Relations of one plan; above that, each is made a table, for planning takes longer than that."""
TABLES = ("items", "criteria", "refused", "cases")


@dataclass(frozen=True)
class Run:
    """What a run decided.

    Attributes:
        cases, items, refused: how many.
        chunks: how many chunks were decided now; the others were there.
    """

    cases: int
    items: int
    refused: int
    chunks: int


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
        except (OSError, ValueError) as error:
            raise InputError([Problem("These are no tables of cases.", str(folder))]) from error
        if said.get("format") != FORMAT:
            raise InputError([Problem("The tables are of another format.", str(about),
                                      expected=FORMAT)])  # fmt: skip
        self.parts = int(said["parts"])
        self.cases = int(said["cases"])
        self._numbers = Numbers()
        self._compiled: dict[URIRef, Compiled] = {}
        self._recommendations: list[Recommendation] = []

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
        asked = store.run("SELECT DISTINCT concept FROM asked WHERE concept IS NOT NULL")
        ancestors = self.knowledge.concepts.ancestors
        above = {a for (c,) in asked for a in ancestors[store.ids.terms[c - 1]]}
        topics = self.knowledge.topics_about(above)
        for topic in topics:
            for recommendation in topic.recommendations:
                if recommendation not in self._recommendations:
                    self._recommendations.append(recommendation)
        rules = rules_of(topics, self.knowledge)
        store.type_nodes(rules.wider)
        classify(store, rules)
        type_requests(store)
        select(store, self._recommendations)
        return store

    def touched(self, store: Store, topics: Collection[str]) -> list[int]:
        """Give the cases with a request that one of some topics governs, or that is torn."""
        numbers = [str(n) for n, r in enumerate(self._recommendations) if topic_of(r.iri) in topics]
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
        self._settle(store)

    def _compile(self, store: Store, number: int) -> Compiled | None:
        recommendation = self._recommendations[number]
        if recommendation.requires is None:
            return None
        if recommendation.iri not in self._compiled:
            self._compiled[recommendation.iri] = compile_recommendation(
                recommendation, number, self.knowledge, store, sparql_compiler(store)
            )
        return self._compiled[recommendation.iri]

    def _assess(self, store: Store) -> None:
        """Make ``assessed`` (criteria) and ``own``, what each item comes to by itself."""
        governing = [n for (n,) in store.run("SELECT DISTINCT rec FROM governing ORDER BY rec")]
        plans = {n: self._compile(store, n) for n in governing}
        store.show()
        sql = store.sql
        sql.execute(
            "CREATE TEMP TABLE assessed (node BIGINT, rec INTEGER, place INTEGER, outcome INTEGER,"
            " presumed BOOLEAN)"
        )
        sql.execute(
            "CREATE TEMP TABLE own (node BIGINT, rec INTEGER, result INTEGER, unread BOOLEAN)"
        )
        amounts: list[tuple[int, str, int]] = []
        for number, plan in plans.items():
            if plan is None:
                sql.execute(
                    f"INSERT INTO own SELECT node, rec, NULL, FALSE FROM governing"
                    f" WHERE rec = {number}"
                )
                continue
            for predicate in _predicates(plan.sql):
                store.property(predicate)
            if len(plan.steps) > _MANY:
                for name, select_ in plan.steps:
                    store.make(name, select_)
                store.make("wide", plan.last)
            else:
                store.make("wide", plan.sql)
            many = range(len(plan.recommendation.criteria))
            outcomes = ", ".join(f"o{n}" for n in many)
            presumed = ", ".join(f"p{n}" for n in many)
            places = ", ".join(map(str, many))
            sql.execute(
                f"INSERT INTO assessed SELECT node, {number}, UNNEST([{places}]),"
                f" UNNEST([{outcomes}]), UNNEST([{presumed}]) FROM wide"
            )
            sql.execute(f"INSERT INTO own SELECT node, {number}, result, unread FROM wide")
            if plan.limits:
                amounts += smaller_amounts(store, plan)
        load(
            sql, "amount", {"node": "BIGINT", "limited": "VARCHAR", "supported": "BIGINT"}, amounts
        )

    def _settle(self, store: Store) -> None:
        """Make the tables of items and cases, what depends on another with it."""
        parent = store.facts("dependsOn")
        n = Necessity
        store.make(
            "settled",
            f"""SELECT a.case_no, a.num, q.node, g.rec, d.object AS parent,
                CASE WHEN t.node IS NOT NULL OR o.unread THEN 'refused'
                    WHEN g.rec IS NULL THEN '{n.NO_GUIDELINE}'
                    WHEN o.result = 2 THEN '{n.NECESSARY}'
                    WHEN m.node IS NOT NULL THEN '{n.AS_MODIFIED}'
                    ELSE '{n.NOT_NECESSARY}' END AS necessity,
                CASE WHEN g.rec IS NULL OR o.result = 2 OR m.node IS NOT NULL THEN NULL
                    WHEN o.result IS NULL THEN '{Basis.NOT_SUPPORTED}'
                    WHEN o.result = 0 THEN '{Basis.CONTRADICTED}'
                    ELSE '{Basis.NOT_ESTABLISHED}' END AS basis,
                m.limited, m.supported, d.object IS NULL AS done, FALSE AS fell
            FROM asked a LEFT JOIN request q ON q.case_no = a.case_no AND q.num = a.num
            LEFT JOIN torn t ON t.node = q.node LEFT JOIN governing g ON g.node = q.node
            LEFT JOIN own o ON o.node = q.node LEFT JOIN amount m ON m.node = q.node
            LEFT JOIN {parent} d ON d.case_no = a.case_no AND d.subject = a.num""",
        )
        while True:
            before = store.run("SELECT COUNT(*) FROM settled WHERE NOT done")[0][0]
            if not before:
                break
            store.make("above", "SELECT case_no, num, necessity FROM settled WHERE done")
            store.make(
                "settled",
                f"""SELECT s.* REPLACE (
                    CASE WHEN s.done OR u.case_no IS NULL THEN s.necessity
                        WHEN u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}')
                        THEN u.necessity ELSE s.necessity END AS necessity,
                    CASE WHEN s.done OR u.case_no IS NULL THEN s.basis
                        WHEN u.necessity = '{n.NOT_NECESSARY}' THEN '{Basis.DEPENDENT}'
                        WHEN u.necessity = '{n.NO_GUIDELINE}' THEN NULL ELSE s.basis END AS basis,
                    CASE WHEN s.done OR u.case_no IS NULL THEN s.fell
                        ELSE u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}') END AS fell,
                    s.done OR u.case_no IS NOT NULL AS done)
                FROM settled s LEFT JOIN above u ON u.case_no = s.case_no AND u.num = s.parent""",
            )
            if store.run("SELECT COUNT(*) FROM settled WHERE NOT done")[0][0] == before:
                raise InputError([Problem("Requests depend on each other in a circle.",
                                          str(self.folder))])  # fmt: skip
        self._tables(store)

    def _tables(self, store: Store) -> None:
        words = [(str(n), item_outcome(n, self.role)) for n in Necessity]
        load(store.sql, "word", {"necessity": "VARCHAR", "outcome": "VARCHAR"}, words)
        load(
            store.sql, "governs",
            {"rec": "INTEGER", "recommendation": "VARCHAR", "topic": "VARCHAR",
             "guideline": "VARCHAR"},
            [(n, str(r.iri), topic_of(r.iri), short(r.guideline.iri))
             for n, r in enumerate(self._recommendations)],
        )  # fmt: skip
        load(
            store.sql, "criterion_of",
            {"rec": "INTEGER", "place": "INTEGER", "criterion": "VARCHAR", "number": "VARCHAR"},
            [(n, at, str(c.iri), c.number) for n, r in enumerate(self._recommendations)
             for at, c in enumerate(r.criteria)],
        )  # fmt: skip
        load(
            store.sql, "outcome_word", {"outcome": "INTEGER", "word": "VARCHAR"},
            [(code, str(o)) for code, o in NAMES.items()],
        )  # fmt: skip
        region = store.facts("region")
        store.make(
            "refusal",
            """SELECT s.case_no, c.id AS case_id, c.source, string_agg(CASE WHEN t.node IS NOT NULL
                THEN 'recommendations of one rank govern ' || n.name || ', and neither prevails: '
                    || t.between
                ELSE 'a value of ' || n.name || ' cannot be read' END, '; ' ORDER BY s.num) AS why
            FROM settled s JOIN stated_case c USING (case_no)
            JOIN said n ON n.case_no = s.case_no AND n.node = s.num
            LEFT JOIN (
                SELECT x.node, string_agg(g.topic, ', ' ORDER BY g.topic) AS between
                FROM standing x SEMI JOIN torn t ON t.node = x.node JOIN governs g USING (rec)
                GROUP BY x.node
            ) t ON t.node = s.node WHERE s.necessity = 'refused'
            GROUP BY s.case_no, c.id, c.source ORDER BY s.case_no""",
        )
        store.make(
            "item",
            f"""SELECT s.case_no, c.id AS case_id, n.name AS request, n.kind AS treatment,
                r.region, a.day, g.recommendation, g.topic, g.guideline, s.necessity, s.basis,
                w.outcome,
                CASE WHEN s.fell THEN NULL ELSE s.limited END AS limited,
                CASE WHEN s.fell THEN NULL ELSE s.supported END AS supported,
                CASE WHEN s.fell THEN p.name END AS parent
            FROM settled s JOIN stated_case c USING (case_no)
            JOIN asked a ON a.case_no = s.case_no AND a.num = s.num
            JOIN said n ON n.case_no = s.case_no AND n.node = s.num
            LEFT JOIN (SELECT case_no, subject, MIN(object) AS region FROM {region}
                GROUP BY case_no, subject) r ON r.case_no = s.case_no AND r.subject = s.num
            LEFT JOIN governs g ON g.rec = s.rec LEFT JOIN word w ON w.necessity = s.necessity
            LEFT JOIN said p ON p.case_no = s.case_no AND p.node = s.parent
            WHERE c.case_no NOT IN (SELECT case_no FROM refusal)
            ORDER BY s.case_no, s.num""",
        )
        store.make(
            "criterion",
            f"""SELECT q.case_no, c.id AS case_id, n.name AS request, o.criterion, o.number,
                COALESCE(w.word, '{Outcome.NOT_APPLICABLE}') AS outcome, x.presumed
            FROM assessed x JOIN request q ON q.node = x.node
            JOIN stated_case c ON c.case_no = q.case_no
            JOIN said n ON n.case_no = q.case_no AND n.node = q.num
            JOIN criterion_of o ON o.rec = x.rec AND o.place = x.place
            LEFT JOIN outcome_word w ON w.outcome = x.outcome
            WHERE c.case_no NOT IN (SELECT case_no FROM refusal)
            ORDER BY q.case_no, q.num, x.place""",
        )
        mixed = "Modified" if self.role is Role.UR else "OverturnedInPart"
        store.make(
            "outcome_of_case",
            f"""SELECT c.case_no, c.id AS case_id, c.source, CASE
                WHEN COUNT(*) FILTER (WHERE w.outcome = 'Undetermined') > 0 THEN 'Undetermined'
                WHEN COUNT(DISTINCT w.outcome) = 1 THEN MIN(w.outcome)
                ELSE '{mixed}' END AS outcome
            FROM stated_case c JOIN settled s USING (case_no)
            LEFT JOIN word w ON w.necessity = s.necessity
            WHERE c.case_no NOT IN (SELECT case_no FROM refusal)
            GROUP BY c.case_no, c.id, c.source ORDER BY c.case_no""",
        )


def topic_of(iri: URIRef) -> str:
    """Give the topic that a recommendation or criterion belongs to, as ``guideline/topic``."""
    return str(iri).removeprefix(BASE + "guideline/").partition("#")[0]


def _predicates(sql: str) -> list[str]:
    """Give the properties that a query reads."""
    import re

    return sorted(set(re.findall(r"\bp_(\w+)", sql)))


def determine_cases(
    places: Sequence[Path],
    out: Path,
    knowledge: Knowledge,
    *,
    role: Role = Role.IMR,
    chunk: int = 200_000,
    jobs: int = 1,
    memory: str | None = None,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> Run:
    """Decide a population, and write its tables.

    Args:
        places: a folder of tables, or case files and folders of them.
        out: the folder of the tables of outcomes.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        chunk: about how many cases are decided at once.
        jobs: how many processes read case files.
        memory: how much memory DuckDB may take.
        threads: how many threads it may use.
        progress: told how many cases are decided.

    Raises:
        InputError: if the cases cannot be used, or the folder holds another run.
        KnowledgeError: if something of the release is not compiled.
        MtusError: if a table cannot be written.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = places[0]
        if len(places) != 1 or not (folder / "corpus.json").exists():
            folder = Path(made) / "tables"
            write_tables(files_in(places), folder, knowledge, jobs=jobs, part=PART)
        population = Population(folder, knowledge, role, memory, threads)
        _take_up(out, population)
        decided = 0
        for parts in population.chunks(chunk):
            name = part_name(parts[0])
            if not (out / "cases" / name).exists():
                connection = population.decide(parts)
                _write(connection, folder, parts, out, name)
                connection.close()
                decided += 1
            progress(population.cases * (parts[-1] + 1) // population.parts, population.cases)
    return Run(_rows(out, "cases"), _rows(out, "items"), _rows(out, "refused"), decided)


def _rows(out: Path, table: str) -> int:
    files = sorted((out / table).glob("*.parquet"))
    from reasoner.corpus.engine import arrow

    return sum(arrow().parquet.read_metadata(f).num_rows for f in files)


def _take_up(out: Path, population: Population) -> None:
    """Say what run a folder holds; stop if it holds another."""
    about = {
        "format": RUN,
        "release": population.knowledge.release,
        "readings": list(population.knowledge.chosen),
        "role": str(population.role),
        "cases": population.cases,
        "parts": population.parts,
    }
    file = out / "run.json"
    content = json.dumps(about, indent=2) + "\n"
    if not file.exists():
        write_text(file, content)
    elif file.read_text("utf-8") != content:
        raise InputError([Problem("The folder holds another run.", str(out),
                                  expected="an empty folder, or the same run")])  # fmt: skip


_SOURCES = {"items": "item", "criteria": "criterion", "cases": "outcome_of_case"}


def _write(
    connection: Connection, folder: Path, parts: Sequence[int], out: Path, name: str
) -> None:
    """Write the tables of a chunk, each whole or not at all."""
    unread = [
        text(str(file)) for part in parts if (file := folder / "refused" / part_name(part)).exists()
    ]
    refused = "SELECT case_no, case_id, source, why FROM refusal"
    if unread:
        refused += (
            f" UNION ALL SELECT NULL, NULL, source, why FROM read_parquet([{', '.join(unread)}])"
        )
    for table in TABLES:
        query = f"SELECT * FROM {_SOURCES[table]}" if table in _SOURCES else refused
        path = out / table / name
        unfinished = path.with_name(f".{name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"COPY ({query}) TO {text(str(unfinished))} (FORMAT parquet, COMPRESSION zstd)"
            )
            os.replace(unfinished, path)
        except OSError as error:
            raise MtusError(f"{path} cannot be written: {error.strerror or error}") from error
        except Exception as error:
            if type(error).__module__.startswith("_duckdb") or "duckdb" in type(error).__module__:
                unfinished.unlink(missing_ok=True)
                raise MtusError(
                    f"{path} cannot be written: {str(error).splitlines()[0]}"
                ) from error
            raise


__all__ = ["Population", "Run", "determine_cases", "full"]
