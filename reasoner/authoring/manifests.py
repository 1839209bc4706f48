"""The cases of the library as tests of the W3C SHACL test suite's kind, which any engine can run.

Each case becomes an ``sht:Validate``: its data graph is the case as classified, its shapes graph
the criterion shapes of its topic, and the expected report that of pySHACL, messages aside. As in
the W3C suite, a test is a file that is its own data graph; the shapes of a topic are a file that
its tests share, and every folder has a manifest that includes those below.

Source: https://w3c.github.io/data-shapes/data-shapes-test-suite/, section 4 (the test format).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from rdflib import SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.case import parse_case
from reasoner.classification import ClassifiedCase, classify
from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.paths import Path as PropertyPath
from reasoner.paths import parse_path
from reasoner.rdf import canonical_triples, from_oxigraph, graph_of, to_oxigraph
from reasoner.shacl import Shapes, check_shapes, report
from reasoner.terms import BASE

_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_PREFIXES = {
    "clinical": f"{BASE}clinical#",
    "core": f"{BASE}core#",
    "mf": _MF,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": str(SH),
    "sht": "http://www.w3.org/ns/shacl-test#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_DATATYPE = re.compile(r'\^\^<([^<>"]*)>$')


@dataclass(frozen=True, eq=False)
class LibraryTest:
    """A case of the library as a test.

    Attributes:
        name: its name within its topic.
        topic: ``guideline/topic``.
        readings: the readings under which it is validated.
        label: what it shows, in the words of the case file.
    """

    name: str
    topic: str
    readings: tuple[str, ...]
    label: str
    classified: ClassifiedCase
    shapes: Shapes


def export_tests(
    knowledge: Knowledge,
    cases: Path,
    out: Path,
    *,
    topic: str | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the cases of the library as W3C tests.

    Args:
        knowledge: the release.
        cases: the folder of cases, ``guideline/topic/*.yaml`` below it.
        out: the folder to write; it may not be there yet, or has to be empty.
        topic: the one topic wanted; all if None.
        told: is told each topic before it is done.

    Returns:
        How many tests were written.

    Raises:
        InputError: if a case cannot be read, or the folder holds something.
        MtusError: if the folder cannot be written; it is there in full or not at all.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError([Problem(f"{out} is there already.", "--out", expected="an empty folder")])
    unfinished = out.with_name(f".{out.name}.part")
    count = 0
    try:
        written: dict[str, list[str]] = {}
        for name in _topics_with_cases(cases, knowledge, topic):
            told(name)
            files = topic_files(name, knowledge, cases)
            for file, text in files.items():
                target = unfinished / name / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
            count += sum(not f.startswith("shapes") and f != "manifest.ttl" for f in files)
            guideline, below = name.split("/")
            written.setdefault(guideline, []).append(f"{below}/manifest.ttl")
        for guideline, manifests in written.items():
            (unfinished / guideline / "manifest.ttl").write_text(manifest(manifests), "utf-8")
        top = manifest(f"{guideline}/manifest.ttl" for guideline in written)
        (unfinished / "manifest.ttl").write_text(top, "utf-8")
        if out.exists():
            out.rmdir()
        unfinished.rename(out)
    except OSError as error:
        raise MtusError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return count


def _topics_with_cases(cases: Path, knowledge: Knowledge, topic: str | None) -> list[str]:
    found = sorted(
        {f"{file.parent.parent.name}/{file.parent.name}" for file in cases.glob("*/*/*.yaml")}
        & set(knowledge.sources.topics)
    )
    if topic is not None:
        found = [name for name in found if topic in (name, name.split("/")[1])]
    if not found:
        what = "a topic" if topic is None else topic
        raise InputError([Problem(f"{cases} holds no case of {what}.", "--cases")])
    return found


def topic_files(topic: str, knowledge: Knowledge, cases: Path) -> dict[str, str]:
    """Give the files of a topic by their names: tests, the shapes they share, the manifest."""
    files: dict[str, str] = {}
    for test in topic_tests(topic, knowledge, cases):
        shapes_file = "-".join(("shapes", *test.readings)) + ".ttl"
        if shapes_file not in files:
            files[shapes_file] = _shapes_text(test)
        files[f"{test.name}.ttl"] = _test_text(test, shapes_file)
    files["manifest.ttl"] = manifest(f for f in files if not f.startswith("shapes"))
    return files


def topic_tests(topic: str, knowledge: Knowledge, cases: Path) -> Iterator[LibraryTest]:
    """Give the tests of a topic: one a case, and one more for each further day of requests."""
    for file in sorted((cases / topic).glob("*.yaml")):
        text = file.read_text("utf-8")
        content = yaml.safe_load(text)
        expected = content.pop("expect", None) or {}
        readings = [*(content.pop("readings", None) or ()), *(expected.get("readings") or ())]
        under = _under(knowledge, tuple(sorted(readings)))
        shapes = _shapes_of(under, topic)
        if shapes is None:
            continue  # what is not supported has no criteria
        data = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
        case = parse_case(data, str(file), under)
        label = text.partition("\n")[0].lstrip("# ") if text.startswith("#") else file.stem
        days: dict[date | None, None] = dict.fromkeys(map(case.request_date, case.requests))
        for number, day in enumerate(days):
            yield LibraryTest(
                name=file.stem + (f"-{number + 1}" if number else ""),
                topic=topic,
                readings=under.chosen,
                label=label,
                classified=classify(case, under, day),
                shapes=shapes,
            )


@lru_cache(maxsize=64)
def _under(knowledge: Knowledge, readings: tuple[str, ...]) -> Knowledge:
    return knowledge.under(readings)


@lru_cache(maxsize=64)
def _shapes_of(knowledge: Knowledge, topic: str) -> Shapes | None:
    """Give the shapes of all recommendations of a topic together."""
    graphs = [
        knowledge.shapes_of(recommendation)[0].graph
        for recommendation in knowledge.topic(topic).recommendations
        if recommendation.criteria
    ]
    if not graphs:
        return None
    return check_shapes(graph_of(triple for graph in graphs for triple in graph), topic)


def manifest(included: Iterable[str]) -> str:
    """Write a manifest that includes others."""
    lines = [f"@prefix mf: <{_MF}> .", "", "<> a mf:Manifest"]
    lines += [f"    mf:include <{file}>" for file in sorted(included)]
    return "\n".join(lines[:2]) + "\n" + " ;\n".join(lines[2:]) + " .\n"


# Turtle


@dataclass(frozen=True)
class _Turtle:
    """Writes Turtle with the prefixes of a topic, and of a case."""

    prefixes: Mapping[str, str]

    @classmethod
    def of(cls, topic: str, case: URIRef | None = None) -> _Turtle:
        own = {"g": f"{BASE}guideline/{topic}#", "shape": f"{BASE}shape/{topic}#"}
        if case is not None:
            own["case"] = f"{case}#"
        return cls(dict(sorted({**_PREFIXES, **own}.items())))

    def head(self) -> Iterator[str]:
        for prefix, namespace in self.prefixes.items():
            yield f"@prefix {prefix}: <{namespace}> .\n"
        yield "\n"

    def term(self, node: Node) -> str:
        if isinstance(node, URIRef):
            for prefix, namespace in self.prefixes.items():
                if node.startswith(namespace) and _LOCAL.fullmatch(node[len(namespace) :]):
                    return f"{prefix}:{node[len(namespace) :]}"
            return f"<{node}>"
        text = str(to_oxigraph(node))
        if isinstance(node, Literal):
            return _DATATYPE.sub(lambda match: f"^^{self.term(URIRef(match[1]))}", text)
        return text

    def graph(self, graph: Graph) -> Iterator[str]:
        """Write a graph a subject at a time, sorted, so that the same graph gives the same text."""
        subjects: dict[str, dict[str, list[str]]] = {}
        for triple in canonical_triples(graph):
            subject, predicate, value = (
                self.term(from_oxigraph(term))  # type: ignore[arg-type]  # there are no triple terms
                for term in (triple.subject, triple.predicate, triple.object)
            )
            verb = "a" if predicate == "rdf:type" else predicate
            subjects.setdefault(subject, {}).setdefault(verb, []).append(value)
        for subject, stated in sorted(subjects.items()):
            pairs = (f"{verb} {' , '.join(values)}" for verb, values in sorted(stated.items()))
            yield f"{subject} " + " ;\n    ".join(pairs) + " .\n"

    def path(self, path: PropertyPath) -> str:
        if isinstance(path, URIRef):
            return self.term(path)
        form, parts = path
        inner = " ".join(self.path(part) for part in parts)
        if form == "sequence":
            return f"( {inner} )"
        if form == "inverse":
            return f"[ sh:inversePath {inner} ]"
        return f"[ sh:alternativePath ( {inner} ) ]"


def _shapes_text(test: LibraryTest) -> str:
    turtle = _Turtle.of(test.topic)
    return "".join((*turtle.head(), *turtle.graph(test.shapes.graph)))


def _test_text(test: LibraryTest, shapes_file: str) -> str:
    turtle = _Turtle.of(test.topic, test.classified.case.iri)
    results = [
        f"        sh:result [\n{chr(10).join(lines)}\n        ]" for lines in _results(test, turtle)
    ]
    stated = " ;\n".join([f"        sh:conforms {'false' if results else 'true'}", *results])
    return f"""{"".join(turtle.head())}<> a mf:Manifest ;
    mf:entries ( <{test.name}> ) .

<{test.name}> a sht:Validate ;
    rdfs:label {turtle.term(Literal(f"{test.topic}: {test.label}"))} ;
    mf:action [
        sht:dataGraph <> ;
        sht:shapesGraph <{shapes_file}>
    ] ;
    mf:result [
        a sh:ValidationReport ;
{stated}
    ] ;
    mf:status sht:approved .

{"".join(turtle.graph(test.classified.graph))}"""


_OF_RESULT = (
    SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape, SH.value,
)  # fmt: skip


def _results(test: LibraryTest, turtle: _Turtle) -> list[list[str]]:
    """Give the results that pySHACL issues, each as lines of Turtle, sorted."""
    given = report(data=test.classified.graph, shapes=test.shapes)
    found = []
    for result in given.objects(None, SH.result):
        stated = ["a sh:ValidationResult"]
        for predicate in _OF_RESULT:
            values = given.objects(result, predicate)
            stated += [f"{turtle.term(predicate)} {turtle.term(value)}" for value in values]
        path = given.value(result, SH.resultPath)
        if path is not None:
            stated.append(f"sh:resultPath {turtle.path(parse_path(given, path))}")
        *others, last = stated
        found.append([*(f"            {text} ;" for text in others), f"            {last}"])
    return sorted(found)
