"""The Turtle files of a release: their bytes, their hash, and each parsed when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

import pyoxigraph as ox

from reasoner.errors import KnowledgeError
from reasoner.rdf import Triple, parse_triples
from reasoner.terms import Sha256

_VOCABULARY = ("ontology/core.ttl", "ontology/clinical.ttl", "ontology/alignments.ttl")
_TOPICS, _SHAPES, _OVERLAYS = "ontology/guidelines/", "shapes/criteria/", "ontology/readings/"
_DOCUMENT = "guideline.ttl"


@dataclass(frozen=True, eq=False)
class Sources:
    """The files of a release.

    Attributes:
        files: the bytes of each Turtle file, by its path from the root of the release.
        release: the SHA-256 of paths and bytes together.
    """

    files: Mapping[str, bytes] = field(repr=False)
    release: Sha256
    _parsed: dict[str, tuple[Triple, ...]] = field(default_factory=dict, repr=False)

    def triples(self, *names: str) -> tuple[Triple, ...]:
        """Give the triples of files, one after the other.

        Raises:
            KnowledgeError: if a file is no Turtle; the file and line are named.
        """
        found: list[Triple] = []
        for name in names:
            if name not in self._parsed:
                try:
                    parsed = tuple(parse_triples(self.files[name], ox.RdfFormat.TURTLE))
                except SyntaxError as error:
                    raise KnowledgeError(f"{name}: {error}") from error
                self._parsed[name] = parsed
            found.extend(self._parsed[name])
        return tuple(found)

    @property
    def vocabulary(self) -> list[str]:
        """The files of the vocabularies, guideline documents and readings' descriptions."""
        documents = [
            name
            for name in self.files
            if name.startswith(_TOPICS) and name.endswith("/" + _DOCUMENT)
        ]
        present = [name for name in _VOCABULARY if name in self.files]
        readings = [name for name in self.files if name == "ontology/readings.ttl"]
        return [*present, *documents, *readings]

    @property
    def topics(self) -> list[str]:
        """The topics, each as ``guideline/topic``."""
        return [
            name.removeprefix(_TOPICS).removesuffix(".ttl")
            for name in self.files
            if name.startswith(_TOPICS) and not name.endswith("/" + _DOCUMENT)
        ]

    @property
    def overlays(self) -> list[str]:
        """The names of readings that have an overlay."""
        return [
            name.removeprefix(_OVERLAYS).removesuffix(".ttl")
            for name in self.files
            if name.startswith(_OVERLAYS)
        ]

    def guideline_of(self, topic: str) -> str:
        """Give the file that says what a topic's guideline says."""
        return f"{_TOPICS}{topic}.ttl"

    def shapes_of(self, topic: str) -> list[str]:
        """Give the files of a topic's criterion shapes; none if it has no criteria."""
        name = f"{_SHAPES}{topic}.ttl"
        return [name, "shapes/prefixes.ttl"] if name in self.files else []

    def overlay(self, reading: str) -> tuple[Triple, ...]:
        """Give what the overlay of a reading states."""
        return self.triples(f"{_OVERLAYS}{reading}.ttl")

    def form(self, name: str) -> tuple[Triple, ...]:
        """Give the shapes of cases, guidelines, determinations or reviewers."""
        return self.triples(f"shapes/{name}.ttl")


def _turtle_files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _turtle_files(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(".ttl"):
            yield path + entry.name, entry.read_bytes()


def read_sources(ontology: Traversable, shapes: Traversable) -> Sources:
    """Read the Turtle files of a release.

    Raises:
        KnowledgeError: if there are none.
    """
    files = dict((*_turtle_files(ontology, "ontology/"), *_turtle_files(shapes, "shapes/")))
    if not all(name in files for name in ("ontology/core.ttl", "shapes/case.ttl")):
        raise KnowledgeError("no ontology and shapes were found: core.ttl and case.ttl are missing")
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return Sources(files, Sha256(digest.hexdigest()))
