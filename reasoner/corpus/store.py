"""The cases of one chunk as an encoded graph in DuckDB: what they state and what follows from it.

Every term is an integer: vocabulary terms from 1, literals below 0, nodes of cases from 2^32. A
case with requests of several days is there once for each day, a *view*, for what follows from it
depends on the day. A property is a table of pairs, made when it is first asked for. Numbers and
dates are derived by the functions of the reading path, once for each distinct value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdflib import XSD, URIRef

from reasoner.corpus.derived import MAKERS, converted, tell_recent
from reasoner.corpus.engine import Connection, load, text
from reasoner.corpus.kinds import (
    kinds_of,
    require_known_definitions,
    states_a_trial,
)
from reasoner.corpus.relevance import RELEVANCE, relate
from reasoner.corpus.schema import Property, part_name, properties, short
from reasoner.corpus.tablecheck import check_rows
from reasoner.derivation import _RECENT
from reasoner.errors import InputError, KnowledgeError, Problem
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE, local_name

DATATYPES = {XSD.integer: 1, XSD.decimal: 2, XSD.date: 3, XSD.string: 4, XSD.boolean: 5}
"""The datatypes that facts are stated in, by number."""


VIEW = 1 << 16
"""How many nodes a view has room for: the number of a view is a multiple of it."""

FIRST_NODE = VIEW * VIEW
"""Nodes of cases are numbered from here."""


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


class Store:
    """The encoded graph of a chunk.

    Args:
        connection: a database of its own.
        knowledge: the vocabularies.
        folder: the tables.
        parts: which parts of them.
        numbers: what is numbered so far.
        only: the cases that are taken of them; all, unless some are named.
    """

    def __init__(
        self,
        connection: Connection,
        knowledge: Knowledge,
        folder: Path,
        parts: Sequence[int],
        numbers: Numbers,
        only: Collection[int] | None = None,
    ) -> None:
        self.sql = connection
        self.knowledge = knowledge
        self.ids = numbers.ids
        self.numbers = numbers
        self.folder = folder
        self._parts = parts
        self._known = properties(knowledge)
        self._made: set[str] = set()
        self._derived = {
            local_name(str(p)): (local_name(str(base)), str(unit))
            for p, base in knowledge.vocabulary.subject_objects(CORE.derivedFrom)
            for unit in knowledge.vocabulary.objects(p, CORE.unitName)
        }
        require_known_definitions(knowledge)
        self._some = only is not None
        if only is not None:
            load(self.sql, "only_case", {"case_no": "BIGINT"}, [(n,) for n in only])
        self._terms()
        self._nodes()

    # What is read

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement, and give its rows."""
        rows: list[tuple[Any, ...]] = self.sql.execute(sql).fetchall()
        return rows

    def columns(self, sql: str) -> tuple[Any, ...]:
        """Run a query, and give its columns as arrays."""
        return tuple(self.sql.execute(sql).fetchnumpy().values())

    def make(self, name: str, select: str) -> str:
        """Make a table of what a query gives, and give its name."""
        self.sql.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
        return name

    def files(self, table: str) -> str | None:
        """Give the SQL that reads a table's parts; None if none of them has any."""
        paths = [self.folder / table / part_name(part) for part in self._parts]
        there = [text(str(p)) for p in paths if p.exists()]
        if not there:
            return None
        read = f"read_parquet([{', '.join(there)}])"
        return (
            f"(SELECT x.* FROM {read} x SEMI JOIN only_case USING (case_no))"
            if self._some
            else read
        )

    def facts(self, name: str) -> str:
        """Give the SQL of what is stated with a property: ``case_no``, ``subject``, ``object``."""
        found = self.files(f"facts/{name}")
        if found is not None:
            return found
        kind = self._known[name].object
        return (
            "(SELECT NULL::BIGINT AS case_no, NULL::INTEGER AS subject,"
            f" NULL::{kind} AS object WHERE FALSE)"
        )

    def _terms(self) -> None:
        concepts = self.knowledge.concepts
        self.known_terms = sorted({*concepts.ancestors, *concepts.kinds})
        load(
            self.sql, "term", {"id": "INTEGER", "name": "VARCHAR"},
            [(self.ids[t], short(str(t))) for t in self.known_terms],
        )  # fmt: skip
        self.sql.execute(
            "CREATE OR REPLACE TEMP TABLE lit"
            " (o BIGINT, dt INTEGER, num DECIMAL(38,10), day DATE, lex VARCHAR)"
        )
        self.make("nothing", "SELECT 0::BIGINT AS s, 0::BIGINT AS o WHERE FALSE")

    def _nodes(self) -> None:
        nodes, cases = self.files("nodes"), self.files("cases")
        if nodes is None or cases is None:
            raise InputError([Problem("A part of the tables is missing.", str(self.folder))])
        self.make("said", f"SELECT n.*, t.id AS concept FROM {nodes} n LEFT JOIN term t ON t.name = n.kind")  # fmt: skip # noqa: E501
        self.make("stated_case", f"SELECT * FROM {cases}")
        words = [short(str(t)) for t in self.known_terms]
        check_rows(self.sql, self.folder, self._parts, self._known, words)
        dates = self.facts("date")
        self.make(
            "asked",
            f"""SELECT r.case_no, r.node AS num, r.concept, COALESCE(d.object, u.object) AS day
            FROM said r LEFT JOIN {dates} d ON d.case_no = r.case_no AND d.subject = r.node
            LEFT JOIN (
                SELECT n.case_no, f.object FROM said n
                JOIN {dates} f ON f.case_no = n.case_no AND f.subject = n.node
                WHERE n.form = 'utilization-review'
            ) u ON u.case_no = r.case_no
            WHERE r.form = 'request'""",
        )
        self.make(
            "view",
            f"""SELECT case_no, day, ({VIEW - 1} + row_number() OVER ()) * {VIEW} AS base
            FROM (SELECT DISTINCT case_no, day FROM asked WHERE day IS NOT NULL)""",
        )
        self.make(
            "request",
            """SELECT v.base + a.num AS node, v.base, a.case_no, a.num, a.concept, v.day
            FROM asked a JOIN view v ON v.case_no = a.case_no AND v.day = a.day""",
        )

    # Properties

    def property(self, name: str) -> str:
        """Give the table of a property: its subjects ``s`` and objects ``o``.

        Raises:
            KnowledgeError: if no case can state or derive it.
        """
        table = f"p_{name}"
        if name in self._made or name in RELEVANCE:
            return table
        self._made.add(name)
        if name in self._derived:
            self.literals(f"p_{name}", converted(self, name, *self._derived[name]), XSD.decimal)
        elif name in self._known:
            self._make_stated(self._known[name])
        elif name in MAKERS:
            MAKERS[name](self)
        else:
            raise KnowledgeError(f"core:{name} is not compiled for a corpus")
        return table

    def _make_stated(self, property_: Property) -> None:
        facts = self.facts(property_.name)
        subject = "v.base + f.subject AS s"
        source = f"{facts} f JOIN view v ON v.case_no = f.case_no"
        table = f"p_{property_.name}"
        if property_.object == "INTEGER":
            self.make(table, f"SELECT {subject}, v.base + f.object AS o FROM {source}")
        elif property_.kind in ("individual", "class"):
            self.make(
                table,
                f"SELECT {subject}, t.id::BIGINT AS o FROM {source}"
                " JOIN term t ON t.name = f.object",
            )
        else:
            datatype = {
                "integer": XSD.integer, "decimal": XSD.decimal, "date": XSD.date,
                "boolean": XSD.boolean,
            }.get(property_.kind, XSD.string)  # fmt: skip
            self.make("loaded", f"SELECT {subject}, f.object AS value FROM {source}")
            self.literals(table, "loaded", datatype)

    def literals(self, table: str, source: str, datatype: URIRef) -> None:
        """Turn a table of subjects and values into a property of literals."""
        dt = DATATYPES[datatype]
        column, cast = {1: ("num", "DECIMAL(38,10)"), 2: ("num", "DECIMAL(38,10)"),
                        3: ("day", "DATE")}.get(dt, ("lex", "VARCHAR"))  # fmt: skip
        value = f"CAST(value AS {cast})"
        self.sql.execute(
            f"""INSERT INTO lit (o, dt, {column})
            SELECT -(SELECT COUNT(*) FROM lit) - row_number() OVER (), {dt}, v FROM (
                SELECT DISTINCT {value} AS v FROM {source}
                EXCEPT SELECT {column} FROM lit WHERE dt = {dt})"""
        )
        self.make(
            table,
            f"SELECT DISTINCT x.s, l.o FROM {source} x JOIN lit l"
            f" ON l.dt = {dt} AND l.{column} = CAST(x.value AS {cast})",
        )

    # Types

    def type_set(self, kinds: Iterable[int]) -> int:
        """Give the number of a set of classes."""
        sets = self.numbers.type_sets
        return sets.setdefault(frozenset(kinds), len(sets))

    def type_nodes(self, wider: Callable[[frozenset[URIRef]], frozenset[URIRef]]) -> None:
        """Type every node but requests (``node``), and tell which facts bear on which request.

        Args:
            wider: gives what follows by the guidelines' axioms from the classes of a node.
        """
        trials = " UNION ".join(
            f"SELECT case_no, subject FROM {self.facts(name)}"
            for name in sorted(states_a_trial(self.knowledge))
        )
        tell_recent(self)
        self.make(
            "sort",
            f"""SELECT v.base + n.node AS node, v.base, n.form, n.concept,
                s.subject IS NOT NULL AS absent, t.subject IS NOT NULL AS trial,
                CASE WHEN n.form = 'fact' THEN COALESCE(r.value, 0) ELSE 0 END AS recent
            FROM said n JOIN view v ON v.case_no = n.case_no
            LEFT JOIN (
                SELECT case_no, subject FROM {self.facts("status")} WHERE object = 'core:Absent'
            ) s ON s.case_no = n.case_no AND s.subject = n.node
            LEFT JOIN ({trials}) t ON t.case_no = n.case_no AND t.subject = n.node
            LEFT JOIN recent r ON r.s = v.base + n.node
            WHERE n.form <> 'request'""",
        )
        of = {form.name: form.of for form in self.knowledge.case_format.values()}
        self.closed: list[frozenset[URIRef]] = []
        rows = []
        for form, concept, absent, trial, recent in self.run(
            "SELECT DISTINCT form, concept, absent, trial, recent FROM sort"
        ):
            name = None if concept is None else self.ids.terms[concept - 1]
            dated = frozenset(kind for most, kind in _RECENT if 0 < recent <= most)
            kinds = kinds_of(self.knowledge, of[form], name, absent, trial, dated)
            closed = wider(kinds.closed)
            known = kinds.known if absent else closed
            number = self.type_set(self.ids[k] for k in known)
            rows.append((form, concept, absent, trial, recent, number, len(self.closed)))
            self.closed.append(closed)
        load(
            self.sql, "sorts",
            {"form": "VARCHAR", "concept": "INTEGER", "absent": "BOOLEAN", "trial": "BOOLEAN",
             "recent": "BIGINT", "tset": "INTEGER", "closed": "INTEGER"},
            rows,
        )  # fmt: skip
        self.make(
            "node",
            """SELECT s.node, s.base, s.form, s.concept, s.absent, x.tset, x.closed FROM sort s
            JOIN sorts x ON x.form = s.form AND x.concept IS NOT DISTINCT FROM s.concept
                AND x.absent = s.absent AND x.trial = s.trial AND x.recent = s.recent""",
        )
        relate(self)

    def values(
        self, distinct: str, columns: Mapping[str, str], give: Callable[..., Iterable[Any]]
    ) -> None:
        """Make the table ``given``: what a function gives for each distinct row of a query."""
        load(
            self.sql, "given", columns,
            [(*row, value) for row in self.run(distinct) for value in give(*row)],
        )  # fmt: skip
