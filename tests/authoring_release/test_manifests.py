"""`mtus export tests --to sht` gives tests that engines of different descent pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, URIRef

from reasoner.authoring.manifests import topic_files
from reasoner.rdf import graph_of, parse_triples, to_ntriples
from reasoner.shacl import Result, check_shapes, results_of
from tests import topbraid
from tests.conformance import suite
from tests.conformance.suite import ConformanceTest, comparable

# Topics with sequence, inverse and alternative paths, SPARQL, sums, readings and qualified counts.
SAMPLE = [
    "chronic-pain-2009/trigger-points",
    "odg-as-quoted/preoperative-ancillaries",
    "odg-as-quoted/hearing-aid",
]
_MF, _SHT = suite._MF, suite._SHT


@pytest.fixture(scope="module")
def exported(tmp_path_factory, knowledge) -> Path:
    """Give a folder with the tests of the sample, as the command writes them."""
    from reasoner.authoring.manifests import export_tests

    out = tmp_path_factory.mktemp("export")
    for topic in SAMPLE:
        export_tests(knowledge, Path("tests/cases"), out / topic.replace("/", "-"), topic=topic)
    return out


def read(file: Path) -> Graph:
    return graph_of(parse_triples(file.read_bytes(), ox.RdfFormat.TURTLE, base=file.as_uri()))


def read_tests(manifest: Path) -> Iterator[ConformanceTest]:
    """Follow a manifest as a harness of the W3C suite does."""
    graph, here = read(manifest), URIRef(manifest.as_uri())
    for included in sorted(graph.objects(here, _MF["include"])):
        yield from read_tests(Path(str(included).removeprefix("file://")))
    for entries in graph.objects(here, _MF.entries):
        for entry in graph.items(entries):
            assert (entry, RDF.type, _SHT.Validate) in graph
            action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
            data, shapes = (
                read(Path(str(graph.value(action, p)).removeprefix("file://")))
                for p in (_SHT.dataGraph, _SHT.shapesGraph)
            )
            yield ConformanceTest(str(entry), data, shapes, comparable(graph, result))


@pytest.fixture(scope="module")
def found(exported) -> list[ConformanceTest]:
    return [t for folder in sorted(exported.iterdir()) for t in read_tests(folder / "manifest.ttl")]


def test_every_case_is_a_test(found):
    cases = [f for topic in SAMPLE for f in Path("tests/cases", topic).glob("*.yaml")]
    assert len(found) >= len(cases) > 50
    assert sum(len(list(t.expected.objects(None, SH.result))) for t in found) > 100


def test_pyshacl_passes(found):
    assert [t.name for t in found if not suite.passes(t, suite.by_pyshacl)] == []


def test_pyshifty_passes(found):
    """Its paths are left aside, as in the W3C suite: it names those that are no predicate."""
    failed = [t.name for t in found if not suite.passes(t, suite.by_pyshifty, paths=False)]
    assert failed == []


def expected_results(test: ConformanceTest) -> set[Result]:
    return set(results_of(test.expected))


def test_topbraid_passes(found):
    shapes, jobs = {}, []
    for test in found:
        text = to_ntriples(test.shapes)
        name = str(hash(text))
        shapes[name] = text
        jobs.append((name, to_ntriples(test.data)))
    failed = [
        test.name
        for test, results in zip(found, topbraid.reports(shapes, jobs), strict=True)
        if _by_value(results) != _by_value(expected_results(test))
    ]
    assert failed == []


def _by_value(results) -> set[tuple[object, ...]]:
    """Give results so that the decimals 180 and 180.0, which a query computed, are one."""
    return {(r.focus, r.shape, r.component, _value(r.term)) for r in results}


def _value(term: object) -> object:
    number = getattr(term, "value", None)
    return Decimal(number).normalize() if isinstance(number, (int, Decimal)) else term


def test_shapes_are_complete_by_themselves(exported):
    for file in exported.rglob("shapes*.ttl"):
        check_shapes(read(file), file.name)


def test_readings_have_shapes_of_their_own(exported):
    folder = exported / SAMPLE[0].replace("/", "-") / SAMPLE[0]
    names = {f.name for f in folder.glob("shapes*.ttl")}
    assert {"shapes.ttl", "shapes-lower-end-of-range.ttl"} <= names
    limits = [re.search(r"sh:maxInclusive \"(\d)\"", (folder / name).read_text())[1]
              for name in ("shapes.ttl", "shapes-lower-end-of-range.ttl")]  # fmt: skip
    assert limits == ["4", "3"]


def test_the_same_release_gives_the_same_files(exported, knowledge):
    topic = SAMPLE[2]
    folder = exported / topic.replace("/", "-") / topic
    files = topic_files(topic, knowledge, Path("tests/cases"))
    assert {f.name: f.read_text() for f in folder.iterdir()} == files


def test_command_writes_a_folder_whole(run_export, tmp_path):
    done = run_export("--out", str(tmp_path / "out"), "--topic", "hearing-aid")
    assert done.code == 0, done.out
    cases = len(list(Path("tests/cases/odg-as-quoted/hearing-aid").glob("*.yaml")))
    assert f"wrote {cases} tests" in done.out
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
    found = list(read_tests(tmp_path / "out" / "manifest.ttl"))
    assert len(found) == cases


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topic", "no-such-topic"], "holds no case of no-such-topic"),
        (["--cases", "docs"], "holds no case of a topic"),
        (["--to", "junit"], "'junit' is not"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(run_export, tmp_path, arguments, said):
    done = run_export("--out", str(tmp_path / "out"), *arguments)
    assert done.code == 2
    assert said in done.out
    assert list(tmp_path.iterdir()) == []


def test_folder_that_holds_something_is_left_alone(run_export, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = run_export("--out", str(tmp_path), "--topic", "hearing-aid")
    assert done.code == 2
    assert "is there already" in done.out
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def run_export(run):
    return lambda *arguments: run("export_tests", *arguments)
