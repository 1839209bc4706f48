"""A population in one file: N-Quads or TriG in which each named graph is a case.

Cases are read by queries over the whole file (``reasoner/corpus/normalform.py``). What
these do not take is read case by case, as a case file is: the same checks, the same refusals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib import RDF

from reasoner.case import MAX_BYTES
from reasoner.casecheck import check_case
from reasoner.corpus.engine import Connection, arrow_table, connect, explained, own_folder, text
from reasoner.corpus.normalform import NormalForm
from reasoner.corpus.schema import CASES, NODES, REFUSED, Rows, part_name, properties
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.processes import in_processes
from reasoner.rdfcase import read_rdf_case
from reasoner.rdfguard import one_line
from reasoner.sources import Sources
from reasoner.terms import CORE
from reasoner.topicindex import TopicIndex
from reasoner.wholefile import new_file

FORMATS = {".nq": ox.RdfFormat.N_QUADS, ".trig": ox.RdfFormat.TRIG}
"""The formats that a population can have, by ending."""
_EXPECTED = "a named graph for each case"
_WORTH_PROCESSES = 200
"""Cases to read one by one from which on other processes, which have to begin, save time."""

_IRI = r"""'<[^\x00-\x20<>"{}|^`\\]*>'"""
_DESCRIBED = re.compile(
    rf"<{re.escape(RDF.type)}>\s+<{re.escape(CORE.Case)}>\s+(<[^<>\s]*>)".encode()
)
_LARGE = 2_500_000_000
"""Bytes from which on what a file holds is put on disk, in order; below, DuckDB sees to it."""


def holds_many(file: Path) -> bool:
    """Tell whether a file holds a population: more than one graph that describes a case.

    Of a file that is larger than a case can be, nothing else is assumed. A file that cannot be
    read holds none; reading it as a case tells why.
    """
    format_ = FORMATS.get(file.suffix.lower())
    try:
        if format_ is None or not file.is_file():
            return False
        if file.stat().st_size > MAX_BYTES:
            return True
        content = file.read_bytes()
        if format_ == ox.RdfFormat.N_QUADS:  # a population with a line that is spoilt is one, too
            return len(set(_DESCRIBED.findall(content))) > 1
        is_a, case = ox.NamedNode(str(RDF.type)), ox.NamedNode(str(CORE.Case))
        quads = ox.parse(content, format=format_)
        found = {q.graph_name for q in quads if q.predicate == is_a and q.object == case}
    except (OSError, SyntaxError, ValueError):
        return False
    return len(found) > 1


class Quads:
    """A population of one file, ready to be written as tables.

    Use it in a ``with`` statement: what it holds on disk is gone at its end.

    Args:
        file: the file.
        knowledge: the keys and concepts.
        jobs: how many threads and processes read.
        memory: how much memory DuckDB may take.

    Raises:
        InputError: if the file is malformed, or has a triple outside of every named graph.
    """

    def __init__(
        self, file: Path, knowledge: Knowledge, jobs: int, memory: str | None = None
    ) -> None:
        self._file = file
        self._knowledge = knowledge
        self._jobs = jobs
        self._folder = own_folder()
        self.sql: Connection = connect(memory, jobs)
        try:
            with explained(f"{file} cannot be read"):
                self._load()
            ((self.cases,),) = self.sql.execute("SELECT count(*) FROM graph").fetchall()
            self._normal = NormalForm(self.sql, knowledge)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Quads:
        """Give it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what it holds."""
        self.sql.close()
        self._folder.cleanup()

    def _load(self) -> None:
        """Make ``graph`` and ``quad``, as ``NormalForm`` wants them."""
        source = self._lines(self._file)
        if not self._is_plain(source):
            source = self._lines(self._written_anew())
            if not self._is_plain(source):
                raise self._fail("The file holds what no case can.")
        place, kind = "", "TEMP TABLE"
        if self._file.stat().st_size > _LARGE:
            self.sql.execute(f"ATTACH {text(self._folder.name + '/quads.duckdb')} AS disk")
            place, kind = "disk.", "TABLE"
        own = "WHEN starts_with({0}, base) THEN substr({0}, length(g), length({0}) - length(g))"
        # It is not known how many lines there are, and they would be taken for the smaller side.
        self.sql.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
        self.sql.execute(
            f"CREATE {kind} {place}found AS SELECT c,"
            f" CASE WHEN s = g THEN '' {own.format('s')} ELSE s END AS s, p,"
            f" CASE {own.format('o')} ELSE o END AS o FROM (SELECT c, s, p, g, base,"
            "  substr(line, length(s) + length(p) + 3,"
            "   length(line) - length(s) - length(p) - length(g) - 5) AS o"
            f" FROM ({source}) JOIN graph USING (g))"
        )
        self.sql.execute("RESET disabled_optimizers")
        # Parts are taken out of it by the numbers of cases, from disk quickly where these ascend.
        if place:
            self.sql.execute(f"CREATE TABLE {place}sorted AS FROM {place}found ORDER BY c")
        name = "sorted" if place else "found"
        self.sql.execute(f"CREATE TEMP VIEW quad AS FROM {place}{name}")

    def _lines(self, file: Path) -> str:
        """Give the query for the lines of a file, with the terms that stand apart in them."""
        return (
            "SELECT line, split_part(line, ' ', 1) AS s, split_part(line, ' ', 2) AS p,"
            f" split_part(line, ' ', -2) AS g FROM read_csv({text(str(file))},"
            " columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '',"
            " header = false, auto_detect = false, new_line = '\\n',"
            f" max_line_size = {2 * MAX_BYTES})"
        )

    def _is_plain(self, source: str) -> bool:
        """Make ``graph``, and tell whether every line is as writers of N-Quads write it.

        What stands between predicate and graph is looked at later.
        """
        import duckdb

        try:
            self.sql.execute(
                "CREATE OR REPLACE TEMP TABLE graph AS"
                " SELECT *, g[:-2] || '#' AS base, row_number() OVER (ORDER BY g) - 1 AS c FROM ("
                "  SELECT g, count(*) FILTER (NOT coalesce("
                "   (starts_with(s, '<') AND s[-1] = '>' OR starts_with(s, '_:'))"
                "   AND starts_with(p, '<') AND p[-1] = '>' AND ends_with(line, '> .')"
                "   AND length(s) + length(p) + length(g) + 6 <= length(line), FALSE)"
                f"  ) AS others FROM ({source}) GROUP BY g)"
            )
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return False  # no UTF-8, or a line too long: the parser tells
        ((others,),) = self.sql.execute(
            "SELECT count(*) FROM graph WHERE others > 0"
            f" OR NOT coalesce(regexp_full_match(g, {_IRI}), FALSE)"
        ).fetchall()
        return bool(others == 0)

    def _written_anew(self) -> Path:
        """Write the quads of a file as a writer of N-Quads does.

        Raises:
            InputError: if it is malformed, or has a triple outside of every named graph.
        """
        path = Path(self._folder.name) / "plain.nq"
        format_ = FORMATS[self._file.suffix.lower()]
        try:
            with self._file.open("rb") as stream, path.open("w", encoding="utf-8") as out:
                for quad in ox.parse(stream, format=format_):
                    if not isinstance(quad.graph_name, ox.NamedNode):
                        raise self._fail(f"A triple about {quad.subject} is in no named graph.")
                    out.write(f"{quad} .\n")
        except SyntaxError as error:
            what = f"The file is malformed: {one_line(error.msg)}."
            raise InputError([Problem(what, str(self._file), error.lineno)]) from error
        except (OSError, ValueError) as error:
            raise self._fail(f"The file cannot be read: {one_line(str(error))}.") from error
        return path

    def _fail(self, message: str) -> InputError:
        return InputError([Problem(message, str(self._file), expected=_EXPECTED)])

    def write(self, first: int, end: int, folder: Path, part: int, number: int) -> tuple[int, int]:
        """Write the cases from a number on, to another, as a part of tables.

        Args:
            first: the first case, by its place in the file.
            end: what comes after the last.
            folder: the tables.
            part: the number of the part.
            number: the number of the first case of the file.

        Returns:
            How many cases the part has, and how many of the file are refused in it.

        Raises:
            MtusError: if a table cannot be written.
        """
        with explained(f"{self._file} cannot be read"):
            self._normal.find(first, end)
            others = self._read_others(number)
            known = properties(self._knowledge)
            stated = {
                name
                for (name,) in self.sql.execute(
                    "SELECT DISTINCT prop FROM said JOIN key USING (key)"
                    " UNION ALL SELECT 'position'"
                ).fetchall()
            } | set(others.facts)
        for name, query in self._normal.facts.items():
            if name in stated:
                self._copy(
                    query, known[name].columns, others.facts.get(name, ()),
                    folder / "facts" / name / part_name(part), number,
                )  # fmt: skip
        name = part_name(part)
        self._copy(self._normal.nodes, NODES, others.nodes, folder / "nodes" / name, number)
        if others.refused:
            nothing = "SELECT NULL AS source, NULL AS why WHERE FALSE"
            self._copy(nothing, REFUSED, others.refused, folder / "refused" / name)
        cases = (
            f"SELECT case_no, id, {text(str(self._file) + ' ')} || g AS source"
            f" FROM ({self._normal.identifiers})"
        )
        self._copy(cases, CASES, others.cases, folder / "cases" / name, number)  # makes it whole
        return end - first - len(others.refused), len(others.refused)

    def _read_others(self, number: int) -> Rows:
        """Read the cases that are not in normal form, each by itself."""
        whole = (
            "(CASE WHEN {0} = '' THEN g WHEN starts_with({0}, '#') THEN g[:-2] || {0} || '>'"
            " ELSE {0} END)"
        )
        asked = self.sql.execute(
            f"SELECT c, g, string_agg({whole.format('s')} || ' ' || p || ' ' ||"
            f" {whole.format('o')} || ' .', chr(10)) FROM part SEMI JOIN odd USING (c)"
            " JOIN graph USING (c) GROUP BY c, g ORDER BY c"
        ).fetchall()
        tasks = [(number + c, f"{self._file} {g}", triples) for c, g, triples in asked]
        gathered = Rows()
        for rows in _read_all(tasks, self._knowledge, self._jobs):
            gathered.extend(rows)
        return gathered

    def _copy(
        self,
        query: str,
        columns: Mapping[str, str],
        others: Iterable[tuple[Any, ...]],
        path: Path,
        number: int | None = None,
    ) -> None:
        """Write rows of a query, and others, as a Parquet file, whole or not at all."""
        names = ", ".join(columns)
        moved = names
        if number is not None:
            moved = names.replace("case_no", f"case_no + {number} AS case_no", 1)
        self.sql.register("others", arrow_table(columns, list(others)))
        try:
            with explained(f"{path} cannot be written"), new_file(path) as unfinished:
                self.sql.execute(
                    f"COPY (SELECT {moved} FROM ({query}) UNION ALL SELECT {names} FROM others"
                    f" ORDER BY {names}) TO {text(str(unfinished))}"
                    " (FORMAT parquet, COMPRESSION zstd)"
                )
        finally:
            self.sql.unregister("others")


_Task = tuple[int, str, str]
"""The number of a case, its source, and what is said of it in N-Triples."""
_KNOWLEDGE: list[Knowledge] = []


def _read_all(tasks: list[_Task], knowledge: Knowledge, jobs: int) -> Iterable[Rows]:
    if jobs <= 1 or len(tasks) < _WORTH_PROCESSES:
        _KNOWLEDGE[:] = [knowledge]
        yield from map(_read, tasks)
        return
    # Begun afresh: the threads of the database do not survive a fork.
    sources = Sources(knowledge.sources.files, knowledge.sources.release)
    given = (sources, knowledge.cache, knowledge.chosen, knowledge.index)
    read: Callable[[_Task], Rows] = _read
    with in_processes(read, tasks, jobs, _begin, given, together=20, shared=False) as rows:
        yield from rows


def _begin(
    sources: Sources, cache: Path | None, chosen: tuple[str, ...], index: TopicIndex
) -> None:
    _KNOWLEDGE[:] = [Knowledge(sources, cache, chosen, index)]


def _read(task: _Task) -> Rows:
    """Read one case into rows; what is wrong with it becomes a row as well."""
    (knowledge,) = _KNOWLEDGE
    number, source, triples = task
    rows = Rows()
    try:
        if len(triples) > MAX_BYTES:
            raise InputError([Problem(f"The case has over {MAX_BYTES / 1e6:,.0f} MB.", source)])
        case = read_rdf_case(triples, source, ox.RdfFormat.N_TRIPLES, knowledge)
        check_case(case, knowledge)
        rows.add(number, case, knowledge)
    except InputError as error:
        rows.refused.append((source, str(error)))
    return rows
