"""The query library: SPARQL over guidelines and determinations, each query with a header.

A query states its question, who asks it, what it reads, its parameters with their types and
defaults, and its columns. Parameters are bound as RDF terms, never pasted into the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from reasoner.errors import InputError, KnowledgeError, Problem, nearest_word
from reasoner.knowledge import Knowledge
from reasoner.rdfcase import RDF_FORMATS
from reasoner.store.names import release_name
from reasoner.terms import BASE, CORE, data_folder

if TYPE_CHECKING:
    from reasoner.store.graphs import NamedGraph

Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | None

_HEADER = re.compile(
    r"^# (Question|Asked by|Reads|Parameters|Columns|Reading the answer): (.*)$", re.M
)
_PARAMETER = re.compile(
    r'(\w+): (treatment|concept|guideline|release|string|date|integer) = ("[^"]*"|[^,]+)'
)
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query, with its type and default as the header writes them."""

    name: str
    type: str
    default: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the library.

    Attributes:
        reads: ``guidelines``, or ``determinations`` (which includes the guidelines).
        columns: the variables of the answer, in order.
    """

    name: str
    question: str
    asked_by: str
    reads: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    reading: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer; None where a column is unbound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def parse_query(name: str, text: str) -> Query:
    """Read a query and its header.

    Raises:
        KnowledgeError: if the header lacks a line.
    """
    header = dict(_HEADER.findall(text))
    for line in ("Question", "Asked by", "Reads", "Columns", "Reading the answer"):
        if line not in header:
            raise KnowledgeError(f"queries/{name}.rq has no line '# {line}: ...'")
    parameters = tuple(
        Parameter(n, t, d.strip().strip('"'))
        for n, t, d in _PARAMETER.findall(header.get("Parameters", ""))
    )
    return Query(
        name=name,
        question=header["Question"],
        asked_by=header["Asked by"],
        reads=header["Reads"],
        parameters=parameters,
        columns=tuple(c.strip() for c in header["Columns"].split(",")),
        reading=header["Reading the answer"],
        text=text,
    )


def load_queries() -> dict[str, Query]:
    """Read the query library, by name."""
    return {
        file.name.removesuffix(".rq"): parse_query(
            file.name.removesuffix(".rq"), file.read_text("utf-8")
        )
        for file in sorted(data_folder("queries").iterdir(), key=lambda f: f.name)
        if file.name.endswith(".rq")
    }


def find_query(name: str) -> Query:
    """Give a query of the library.

    Raises:
        InputError: if there is none of the name; the nearest is offered.
    """
    library = load_queries()
    if name not in library:
        raise InputError(
            [
                Problem(
                    f"{name} is no query of the library.",
                    expected="one of " + ", ".join(library),
                    nearest=nearest_word(name, library),
                )
            ]
        )
    return library[name]


def open_graph(knowledge: Knowledge, determinations: Path | None = None) -> ox.Store:
    """Gather the knowledge, and the determinations of a folder, in one store in memory.

    The graphs bear the names that they have in a store on disk: of the release, of each case and
    of each determination.

    Raises:
        InputError: if the folder is none, or a file in it is malformed, or its determination was
            made by another release.
    """
    from reasoner.store.graphs import case_terms, release_graph, split
    from reasoner.store.loading import read_lines

    store = ox.Store()
    release = release_graph(knowledge)
    _add(store, release)
    if determinations is None:
        return store
    if not determinations.is_dir():
        raise InputError([Problem("There is no such folder.", str(determinations))])
    problems: list[Problem] = []
    terms = case_terms(knowledge)
    for file in sorted(determinations.iterdir()):
        if file.suffix.lower() not in RDF_FORMATS:
            continue
        try:
            for graph in split(read_lines(file), str(file), terms):
                if graph.kind == "determination" and graph.derived_from[1] != release.name:
                    problems.append(
                        Problem("It was made by another release than this.", str(file),
                                expected="a determination of this release, or mtus store")
                    )  # fmt: skip
                _add(store, graph)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return store


def _add(store: ox.Store, graph: NamedGraph) -> None:
    name = ox.NamedNode(graph.name)
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in graph.triples)


def run_query(
    query: Query, store: ox.Store, knowledge: Knowledge, given: Mapping[str, str]
) -> Answer:
    """Run a query of the library.

    Args:
        query: the query.
        store: what ``open_graph`` gave.
        knowledge: what names the concepts.
        given: values of parameters, as text; the rest take their defaults.

    Raises:
        InputError: if a parameter is not known or its value is not of its type.
    """
    bound = bind(query, knowledge, given)
    solutions = store.query(bound.text)
    assert isinstance(solutions, ox.QuerySolutions)
    return bound.answer(
        Answer(tuple(v.value for v in solutions.variables), tuple(tuple(row) for row in solutions))
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """A query of the library with its parameters bound, to be asked anywhere.

    Attributes:
        text: the query, complete.
        values: the parameters, as terms.
    """

    query: Query
    text: str
    values: Mapping[str, ox.NamedNode | ox.Literal]

    def answer(self, given: Answer) -> Answer:
        """Put what was answered into the columns of the header."""
        place = {column: number for number, column in enumerate(given.columns)}
        return Answer(
            self.query.columns,
            tuple(
                tuple(
                    row[place[c]] if c in place else self.values.get(c) for c in self.query.columns
                )
                for row in given.rows
            ),
        )


def bind(query: Query, knowledge: Knowledge, given: Mapping[str, str]) -> Bound:
    """Bind the parameters of a query.

    Args:
        query: the query.
        knowledge: what names the concepts.
        given: values of parameters, as text; the rest take their defaults.

    Raises:
        InputError: if a parameter is not known or its value is not of its type.
    """
    known = {p.name: p for p in query.parameters}
    problems = [
        Problem(
            f"{query.name} has no parameter {name}.",
            key=name,
            expected="one of " + ", ".join(known) if known else "no parameter",
            nearest=nearest_word(name, known),
        )
        for name in given
        if name not in known
    ]
    bound: dict[str, ox.NamedNode | ox.Literal] = {}
    for parameter in query.parameters:
        term = _term(parameter, given.get(parameter.name, parameter.default), knowledge, problems)
        if term is not None:
            bound[parameter.name] = term
    if problems:
        raise InputError(problems)
    return Bound(query, _bind(query.text, bound), bound)


def _bind(text: str, bound: Mapping[str, ox.NamedNode | ox.Literal]) -> str:
    """Bind parameters at the head of a query's pattern, and of each SELECT within it.

    The terms are written by Oxigraph, which escapes them; its own substitution reaches only
    variables that a query selects.
    """
    values = "".join(f"VALUES ?{name} {{ {term} }} " for name, term in bound.items())
    return re.sub(r"\bWHERE\s*\{", lambda match: match.group(0) + " " + values, text)


def _term(
    parameter: Parameter, text: str, knowledge: Knowledge, problems: list[Problem]
) -> ox.NamedNode | ox.Literal | None:
    def wrong(expected: str, nearest: str | None = None) -> None:
        problems.append(
            Problem(f"{text} will not do.", key=parameter.name, expected=expected, nearest=nearest)
        )

    if parameter.type == "treatment":
        concept = knowledge.concepts.find(text)
        among = knowledge.concepts.subclasses(CORE.Treatment)
        if concept not in among:
            wrong("a treatment", knowledge.concepts.nearest(text, among))
            return None
        return ox.NamedNode(str(concept))
    if parameter.type == "concept":
        concept = knowledge.concepts.find(text)
        if concept is None:
            near = knowledge.concepts.nearest(text, list(knowledge.concepts.ancestors))
            wrong("a concept of the clinical vocabulary", near)
            return None
        return ox.NamedNode(str(concept))
    if parameter.type == "release":
        if text != "current" and not re.fullmatch(r"[0-9a-f]{64}", text):
            wrong("current, or the 64 digits of a release")
            return None
        return ox.NamedNode(release_name(knowledge.release if text == "current" else text))
    if parameter.type == "guideline":
        iri = f"{BASE}guideline/{text}"
        names = [str(g).removeprefix(f"{BASE}guideline/") for g in knowledge.guidelines]
        if text not in names:
            wrong("one of " + ", ".join(sorted(names)), nearest_word(text, names))
            return None
        return ox.NamedNode(iri)
    if parameter.type == "date":
        try:
            return ox.Literal(
                date.fromisoformat(text).isoformat(), datatype=ox.NamedNode(_XSD + "date")
            )
        except ValueError:
            wrong("a date such as 2014-08-19")
            return None
    if parameter.type == "integer":
        if not re.fullmatch(r"-?\d{1,12}", text):
            wrong("a whole number")
            return None
        return ox.Literal(text, datatype=ox.NamedNode(_XSD + "integer"))
    return ox.Literal(text)


def shorten(value: Value) -> str:
    """Write a value for a table: IRIs of ours by what follows the namespace, literals as text."""
    if value is None:
        return ""
    if isinstance(value, ox.NamedNode):
        text = value.value
        for start in (f"{BASE}core#", f"{BASE}clinical#", BASE):
            if text.startswith(start):
                return text.removeprefix(start)
        return text
    return value.value


def as_table(answer: Answer) -> Iterable[tuple[str, ...]]:
    """Give the rows of an answer as text."""
    return (tuple(shorten(value) for value in row) for row in answer.rows)
