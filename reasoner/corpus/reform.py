"""A reform as a value: what it changes of a release, as a patch with a name of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import SH, Graph, Literal, URIRef

from reasoner.errors import InputError, Problem, nearest_word
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple, canonical_triples, to_ntriples
from reasoner.sources import Sources
from reasoner.terms import BASE, CORE, Sha256, local_name

_GUIDELINES, _CRITERIA = "ontology/guidelines/", "shapes/criteria/"


@dataclass(frozen=True)
class Reform:
    """What changes of a release.

    Attributes:
        base: the hash of the release that it changes.
        deleted, added: N-Triples of each, sorted, by file.
        title, citation: what it is called, and where it is proposed.
        after: the changed release.
    """

    base: Sha256
    deleted: Mapping[str, tuple[str, ...]]
    added: Mapping[str, tuple[str, ...]]
    title: str
    citation: str | None
    after: Knowledge

    @property
    def patch(self) -> str:
        """The patch, in RDF Patch."""
        lines = [f'H base "{self.base}" .', "TX ."]
        for mark, by_file in (("D", self.deleted), ("A", self.added)):
            for file in sorted(by_file):
                lines += [f"{mark} {triple} ." for triple in by_file[file]]
        return "\n".join([*lines, "TC ."]) + "\n"

    @property
    def iri(self) -> str:
        """Its name: the hash of the patch, which holds the hash of the release."""
        return f"{BASE}reform/{hashlib.sha256(self.patch.encode()).hexdigest()}"

    @property
    def files(self) -> frozenset[str]:
        """The files of the release that it changes."""
        return frozenset(self.deleted) | frozenset(self.added)

    def topics(self) -> frozenset[str] | None:
        """Give the topics that it changes; None if it changes what all of them rest on."""
        found = set()
        for file in self.files:
            for start in (_GUIDELINES, _CRITERIA):
                if file.startswith(start) and not file.endswith("/guideline.ttl"):
                    found.add(file.removeprefix(start).removesuffix(".ttl"))
                    break
            else:
                return None
        return frozenset(found)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "format": "mtus.reform/1",
            "id": self.iri,
            "title": self.title,
            "citation": self.citation,
            "base": self.base,
            "release": self.after.release,
            "deleted": sum(map(len, self.deleted.values())),
            "added": sum(map(len, self.added.values())),
            "files": sorted(self.files),
        }


def between(before: Knowledge, after: Knowledge, title: str, citation: str | None = None) -> Reform:
    """Make the reform that leads from one release to another."""
    deleted: dict[str, tuple[str, ...]] = {}
    added: dict[str, tuple[str, ...]] = {}
    ours, theirs = before.sources.files, after.sources.files
    for file in sorted({*ours, *theirs}):
        if ours.get(file) == theirs.get(file):
            continue
        old = _lines(before.sources, file) if file in ours else set()
        new = _lines(after.sources, file) if file in theirs else set()
        if old - new:
            deleted[file] = tuple(sorted(old - new))
        if new - old:
            added[file] = tuple(sorted(new - old))
    return Reform(before.release, deleted, added, title, citation, after)


def _lines(sources: Sources, file: str) -> set[str]:
    return {str(t) for t in canonical_triples(sources.triples(file))}


def with_files(base: Knowledge, files: Mapping[str, bytes]) -> Knowledge:
    """Give a release with some files replaced."""
    changed = {**base.sources.files, **files}
    digest = hashlib.sha256()
    for name, data in sorted(changed.items()):
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    sources = Sources(changed, Sha256(digest.hexdigest()))
    # Which topic is about what stands in the guidelines, not in the shapes.
    index = base.index if all(name.startswith("shapes/") for name in files) else None
    return Knowledge(sources, base.cache, base.chosen, index)


def with_shapes(base: Knowledge, folder: Path) -> Knowledge:
    """Give a release with the criterion shapes of a folder: a copy of ``shapes``, edited.

    Raises:
        InputError: if the folder holds no shapes.
    """
    found = {"shapes/" + str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.ttl")}
    if "shapes/case.ttl" not in found:
        raise InputError([Problem("The folder holds no case.ttl.", str(folder),
                                  expected="an edited copy of shapes")])  # fmt: skip
    return with_files(base, found)


def with_setting(base: Knowledge, setting: str) -> Knowledge:
    """Give a release with one parameter set, such as ``topic#criterion-5.maxInclusive=6``.

    Raises:
        InputError: if it names no topic, criterion or parameter, or more than one.
    """

    def refuse(message: str, expected: str | None = None, nearest: str | None = None) -> InputError:
        return InputError([Problem(message, "--set", expected=expected, nearest=nearest)])

    place, equals, value = setting.partition("=")
    topic_name, hash_, rest = place.partition("#")
    name, dot, parameter = rest.rpartition(".")
    if not (equals and hash_ and dot):
        raise refuse(f"{setting} sets nothing.", "topic#criterion-5.maxInclusive=6")
    topics = [t for t in base.sources.topics if topic_name in (t, t.split("/")[1])]
    if len(topics) != 1:
        known = [*base.sources.topics, *(t.split("/")[1] for t in base.sources.topics)]
        raise refuse(
            f"{topic_name} is no topic." if not topics else f"{topic_name} is several topics.",
            "one of " + ", ".join(topics) if topics else "guideline/topic",
            None if topics else nearest_word(topic_name, known),
        )
    shapes = base.topic(topics[0]).shapes
    criterion = URIRef(f"{BASE}guideline/{topics[0]}#{name}")
    shape = URIRef(f"{BASE}shape/{topics[0]}#{name}")
    parameters = {local_name(str(p)) for p in shapes.predicates() if str(p).startswith(str(SH))}
    if parameter not in parameters:
        near = nearest_word(parameter, parameters)
        raise refuse(f"sh:{parameter} is no parameter here.", None, near)
    predicate = URIRef(f"{SH}{parameter}")
    direct = list(shapes.objects(shape, predicate))
    subjects = (
        [shape]
        if direct
        else sorted(s for s in _of_criterion(shapes, criterion, shape)
                    if (s, predicate, None) in shapes)
    )  # fmt: skip
    if len(subjects) != 1:
        named = ", ".join(f"{local_name(str(s))}.{parameter}" for s in subjects)
        raise refuse(
            f"{name} has {'no' if not subjects else 'several'} sh:{parameter}.",
            f"one of {named}" if subjects else "a criterion, or a shape of it",
        )
    (old,) = shapes.objects(subjects[0], predicate)
    if not isinstance(old, Literal):
        raise refuse(f"sh:{parameter} of {name} is no number.", "a parameter that takes a number")
    new = Literal(value, datatype=old.datatype)
    if new.ill_typed or new.value is None:
        raise refuse(f"{value} is no {local_name(str(old.datatype))}.")
    (file,) = (f for f in base.sources.shapes_of(topics[0]) if f != "shapes/prefixes.ttl")
    changed: list[Triple] = [
        (s, p, new) if (s, p) == (subjects[0], predicate) else (s, p, o)
        for s, p, o in base.sources.triples(file)
    ]
    return with_files(base, {file: to_ntriples(changed)})


def _of_criterion(shapes: Graph, criterion: URIRef, shape: URIRef) -> Iterable[URIRef]:
    """Give the shapes of a criterion, and those that they are made of."""
    found = {shape, *(s for s in shapes.subjects(CORE.criterion, criterion))}
    frontier = list(found)
    while frontier:
        node = frontier.pop()
        for predicate in (SH.property, SH.qualifiedValueShape, SH.node, SH["not"]):
            for below in shapes.objects(node, predicate):
                if below not in found:
                    found.add(below)
                    frontier.append(below)
    return {URIRef(str(s)) for s in found if isinstance(s, URIRef)}


def to_json(value: Mapping[str, Any]) -> str:
    """Write JSON as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
