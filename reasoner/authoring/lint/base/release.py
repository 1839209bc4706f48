"""A release as an author has it on disk: files, where they state what, and their graphs.

``read_release("path/to/checkout")`` reads everything that the rules look at. A file that is no
Turtle is kept with its error, and left out of the graphs; the rules go on with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

from rdflib import RDF, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding
from reasoner.authoring.lookupgraph import lookup_graph
from reasoner.authoring.turtlelines import Lines, scan
from reasoner.cachefolder import default_cache
from reasoner.errors import InputError, KnowledgeError, Problem
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple
from reasoner.sources import Sources, read_sources
from reasoner.terms import BASE, data_folder, local_name

GUIDELINES, CRITERIA, OVERLAYS = "ontology/guidelines/", "shapes/criteria/", "ontology/readings/"
PREFIXES = "shapes/prefixes.ttl"
VOCABULARIES = ("ontology/core.ttl", "ontology/clinical.ttl", "ontology/alignments.ttl")
RELEASED = "ontology/released.txt"


Progress: TypeAlias = Callable[[int, int], None]
"""Told how many cases are done, of how many."""


@dataclass(frozen=True)
class Malformed:
    """Why a file is no Turtle.

    Attributes:
        line: where the parser gave up.
    """

    message: str
    line: int | None


@dataclass(frozen=True, eq=False)
class Source:
    """A PDF of a guideline to check pages against.

    Attributes:
        path: the file.
        guideline: the guideline whose text it is, such as ``chronic-pain-2009``.
        offset: what to add to a printed page number for the page of the file, where the pages of
            the file do not show the numbers printed on them.
    """

    path: Path
    guideline: str
    offset: int | None = None


@dataclass(frozen=True, eq=False)
class View:
    """What the rules on shapes look at: the encoding as it stands, or under one reading.

    Attributes:
        reading: the name of the reading; None for the encoding as it stands.
        graph: what guidelines say, as far as the reading touches them.
        shapes: the criterion shapes, likewise.
    """

    reading: str | None
    graph: Graph = field(repr=False)
    shapes: Graph = field(repr=False)


@dataclass(frozen=True, eq=False)
class Release:
    """The files of a release, and what they state.

    Attributes:
        root: the folder that holds ``ontology`` and ``shapes``; findings name files from here.
        sources: the files; no more of them are read than the rules that are run ask for.
        malformed: the files that are no Turtle, with the reason.
        cases: the folder of cases, if there is one.
        cache: the folder that keeps what takes long to find out.
        source: a PDF to check pages against, if one is given.
        progress: told of what takes long.
    """

    root: Path
    sources: Sources = field(repr=False)
    malformed: Mapping[str, Malformed]
    cases: Path | None = None
    cache: Path = field(default_factory=default_cache)
    source: Source | None = None
    progress: Progress | None = None
    _lines: dict[str, Lines] = field(default_factory=dict, repr=False)

    # Files

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that are Turtle, in the order of their names."""
        return tuple(sorted(name for name in self.sources.files if name not in self.malformed))

    def triples(self, name: str) -> tuple[Triple, ...]:
        """Give what a file states; nothing if it is malformed."""
        return () if name in self.malformed else self.sources.triples(name)

    def lines(self, name: str) -> Lines:
        """Give where a file states what."""
        if name not in self._lines:
            self._lines[name] = scan(self.sources.files[name].decode("utf-8", errors="replace"))
        return self._lines[name]

    @cached_property
    def overlays(self) -> Mapping[str, str]:
        """The file of each reading that has an overlay, by the name of the reading."""
        return {_stem(name, OVERLAYS): name for name in self.files if name.startswith(OVERLAYS)}

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The topics, each as ``guideline/topic``, as far as what they say is Turtle."""
        return tuple(
            _stem(name, GUIDELINES)
            for name in self.files
            if name.startswith(GUIDELINES) and not name.endswith("/guideline.ttl")
        )

    def is_hidden(self, iri: str) -> bool:
        """Tell whether an IRI belongs to a malformed file, where it may well be defined."""
        return any(str(iri).startswith(_namespace(name)) for name in self.malformed)

    # Graphs

    @cached_property
    def guideline_files(self) -> tuple[str, ...]:
        """The files of vocabularies, readings, guideline documents and what guidelines say."""
        return tuple(
            name
            for name in self.files
            if name.startswith("ontology/") and not name.startswith(OVERLAYS)
        )

    @cached_property
    def shape_files(self) -> tuple[str, ...]:
        """The files of criterion shapes, with the prefixes of their queries."""
        return tuple(name for name in self.files if name.startswith(CRITERIA) or name == PREFIXES)

    @cached_property
    def graph(self) -> Graph:
        """Vocabularies, readings and guidelines, no overlay applied; not to be changed."""
        return self._graph(self.guideline_files)

    @cached_property
    def shapes(self) -> Graph:
        """The criterion shapes, no overlay applied; not to be changed."""
        return self._graph(self.shape_files)

    @cached_property
    def statements(self) -> Graph:
        """Everything that a file states, the overlays aside; not to be changed."""
        return self._graph(name for name in self.files if not name.startswith(OVERLAYS))

    def _graph(self, names: Iterable[str]) -> Graph:
        return lookup_graph(triple for name in names for triple in self.triples(name))

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The encoding as it stands, then the topics that each overlay touches, under it."""
        found = [View(None, self.graph, self.shapes)]
        for name, file in sorted(self.overlays.items()):
            overlay = self.triples(file)
            touched = {f for s, _, _ in overlay for f in self._stating.get(s, ())}
            graph = [n for n in self.guideline_files if _stem_of(n) in set(map(_stem_of, touched))]
            shapes = [n for n in self.shape_files if _stem_of(n) in set(map(_stem_of, touched))]
            found.append(
                View(
                    name,
                    lookup_graph(_overlaid([t for n in graph for t in self.triples(n)], overlay)),
                    lookup_graph(
                        _overlaid(
                            [t for n in (*shapes, PREFIXES) for t in self.triples(n)]
                            if PREFIXES in self.files
                            else [t for n in shapes for t in self.triples(n)],
                            overlay,
                        )
                    ),
                )
            )
        return tuple(found)

    @cached_property
    def knowledge(self) -> Knowledge:
        """The release as the stages have it, malformed files left out."""
        files = {n: self.sources.files[n] for n in self.files}
        return Knowledge(
            Sources(files, self.sources.release, self.sources._parsed), cache=self.cache
        )

    # Places

    @cached_property
    def _stating(self) -> Mapping[Node, tuple[str, ...]]:
        """The files that state something of a subject, overlays last."""
        found: dict[Node, dict[str, None]] = {}
        for name in sorted(self.files, key=lambda n: (n.startswith(OVERLAYS), n)):
            for subject, _, _ in self.triples(name):
                found.setdefault(subject, {})[name] = None
        return {subject: tuple(names) for subject, names in found.items()}

    def is_stated(self, subject: Node) -> bool:
        """Tell whether a file that is no overlay states something of a subject."""
        return any(not name.startswith(OVERLAYS) for name in self._stating.get(subject, ()))

    def file_of(self, subject: Node) -> str | None:
        """Give the file that states what a subject is; None if none does."""
        names = self._stating.get(subject, ())
        if not isinstance(subject, URIRef) or len(names) < 2:
            return names[0] if names else None
        typed = (n for n in names if (subject, RDF.type) in self.lines(n).predicates)
        return next(typed, names[0])

    def _named(self, subject: Node, predicate: URIRef | None) -> tuple[Node, URIRef | None]:
        """Give the IRI that a blank node hangs from, with the predicate that leads to it."""
        seen: set[Node] = set()
        while isinstance(subject, BNode) and subject not in seen:
            seen.add(subject)
            above = next(iter(self.statements.subject_predicates(subject)), None)
            if above is None:
                break
            subject, predicate = above[0], URIRef(str(above[1]))
        return subject, predicate

    def place(
        self, subject: Node, predicate: URIRef | None = None, *, reading: str | None = None
    ) -> tuple[str, int | None]:
        """Give the file and line of what is stated of a subject.

        Args:
            subject: an IRI, or a blank node that hangs from one.
            predicate: the statement that is meant; the subject itself if there is none such.
            reading: a reading under which it is so; its overlay is the place if it states it.
        """
        subject, predicate = self._named(subject, predicate)
        if not isinstance(subject, URIRef):
            return self.file_of(subject) or "", None
        overlay = self.overlays.get(reading or "")
        if overlay and (subject, predicate) in self.lines(overlay).predicates:
            return overlay, self.lines(overlay).of(subject, predicate)
        file = self.file_of(subject)
        if file is None:
            return "", None
        return file, self.lines(file).of(subject, predicate)

    def finding(
        self,
        rule: str,
        subject: Node,
        message: str,
        mend: str,
        *,
        predicate: URIRef | None = None,
        reading: str | None = None,
        nearest: str | None = None,
    ) -> Finding:
        """Make a finding about a subject, placed where the files state it."""
        file, line = self.place(subject, predicate, reading=reading)
        return Finding(file, line, rule, shown(subject), message, mend, nearest, reading)


def shown(node: Node | str) -> str:
    """Shorten an IRI of ours or of a standard for a reader; other terms stay as they are."""
    text = str(node)
    for base, prefix in _SHOWN.items():
        if text.startswith(base) and re.fullmatch(r"[\w.-]+", text.removeprefix(base)):
            return f"{prefix}:{text.removeprefix(base)}"
    return text.removeprefix(BASE) if isinstance(node, URIRef) else text


_SHOWN = {
    f"{BASE}core#": "core",
    f"{BASE}clinical#": "clinical",
    f"{BASE}reading/": "reading",
    "http://www.w3.org/ns/shacl#": "sh",
    "http://www.w3.org/2002/07/owl#": "owl",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2001/XMLSchema#": "xsd",
    "http://www.w3.org/2004/02/skos/core#": "skos",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/vocab/vann/": "vann",
}


def _stem(name: str, folder: str) -> str:
    return name.removeprefix(folder).removesuffix(".ttl")


def _stem_of(name: str) -> str:
    """Give the topic that a file of a guideline or of its shapes belongs to, or its own name."""
    for folder in (GUIDELINES, CRITERIA):
        if name.startswith(folder):
            return _stem(name, folder)
    return name


def _namespace(name: str) -> str:
    """Give the namespace of the IRIs that a file defines."""
    for folder, kind in ((GUIDELINES, "guideline/"), (CRITERIA, "shape/")):
        if name.startswith(folder):
            if name.endswith("/guideline.ttl"):
                return f"{BASE}guideline/{_stem(name, folder).removesuffix('/guideline')}"
            return f"{BASE}{kind}{_stem(name, folder)}#"
    if name == "ontology/readings.ttl":
        return f"{BASE}reading/"
    kind = "shape/" if name.startswith("shapes/") else ""
    return f"{BASE}{kind}{local_name(name).removesuffix('.ttl')}#"


def _overlaid(triples: list[Triple], overlay: tuple[Triple, ...]) -> Iterator[Triple]:
    """Apply an overlay as a reading does: its values replace those of the same property."""
    subjects = {s for s, _, _ in triples}
    stated = {(s, p) for s, p, _ in overlay if s in subjects}
    yield from (t for t in triples if (t[0], t[1]) not in stated)
    yield from (t for t in overlay if t[0] in subjects or isinstance(t[0], BNode))


def find_root(folder: Path | None) -> tuple[Traversable, Traversable, Path, Path | None]:
    """Give the folders of ontology and shapes, the root above them, and the folder of cases.

    Args:
        folder: a folder that holds ``ontology`` and ``shapes``; without one, the working folder
            if it is such a folder, else what ships with this release.

    Raises:
        InputError: if a folder is given that does not hold both.
    """
    root = folder if folder is not None else Path()
    if not all((root / part).is_dir() for part in ("ontology", "shapes")):
        if folder is not None:
            expected = "a folder that holds ontology and shapes"
            raise InputError([Problem("It is no release.", str(folder), expected=expected)])
        ontology = data_folder("ontology")
        return ontology, data_folder("shapes"), Path(str(ontology)).parent, None
    cases = (root / part for part in ("tests/cases", "cases"))
    return (
        root / "ontology",
        root / "shapes",
        root,
        next((path for path in cases if path.is_dir()), None),
    )


def read_release(
    folder: Path | None = None,
    *,
    cache: Path | None = None,
    source: Source | None = None,
    progress: Progress | None = None,
    before: Release | None = None,
) -> Release:
    """Read a release from a folder.

    Args:
        folder: where it is; see ``find_root``.
        cache: a cache folder in place of the user's.
        source: a PDF to check pages against.
        progress: told of what takes long.
        before: the release as it was; what did not change is not parsed again.

    Raises:
        InputError: if the folder holds no release.
    """
    ontology, shapes, root, cases = find_root(folder)
    try:
        sources = read_sources(ontology, shapes)
    except KnowledgeError as error:
        raise InputError(
            [Problem(f"{str(error)[0].upper()}{str(error)[1:]}.", str(root))]
        ) from error
    lines: dict[str, Lines] = {}
    if before is not None:
        same = {n for n, data in sources.files.items() if before.sources.files.get(n) == data}
        parsed = {n: t for n, t in before.sources._parsed.items() if n in same}
        lines = {n: found for n, found in before._lines.items() if n in same}
        sources = Sources(sources.files, sources.release, parsed)
    malformed: dict[str, Malformed] = {}
    for name in sources.files:
        try:
            sources.triples(name)
        except KnowledgeError as error:
            cause = error.__cause__
            message = cause.msg if isinstance(cause, SyntaxError) else str(error)
            malformed[name] = Malformed(message, getattr(cause, "lineno", None))
    return Release(
        root, sources, malformed, cases, cache or default_cache(), source, progress, lines
    )
