"""One case in every format is one case; a JSON-LD processor reads a case file as we do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml
from pyld import jsonld
from rdflib import RDF, BNode, URIRef

from reasoner import Case, InputError, Knowledge, Role, parse_case, read_case
from reasoner.adjudication import decide
from reasoner.case import CASE_BASE
from reasoner.casecheck import check_case
from reasoner.casereader import CONTEXT_IRI
from reasoner.rdf import Triple, canonical_hash, parse_triples, to_ntriples, to_oxigraph
from reasoner.shacl import validate
from reasoner.terms import CORE

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = sorted(ROOT.glob("tests/cases/**/*.yaml"))
FILES = sorted(
    {
        *ROOT.glob("docs/examples/**/*.yaml"),
        *{file.parent: file for file in LIBRARY}.values(),  # one of every topic
        *LIBRARY[::40],
    }
)
EXAMPLE = ROOT / "docs" / "examples" / "trigger-points.yaml"
CONTEXT = json.loads((ROOT / "ontology" / "case-context.jsonld").read_text("utf-8"))


def document(file: Path) -> dict[str, Any]:
    """Give a case file as it would be in JSON-LD; every value as it is written."""
    content = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
    for of_the_library in ("expect", "readings"):
        content.pop(of_the_library, None)
    for request in content["requests"]:
        for key in ("agents", "ingredients"):
            if key in request:
                given = request[key] if isinstance(request[key], list) else [request[key]]
                request[key] = [{"is": i} if isinstance(i, str) else i for i in given]
    return {"@context": CONTEXT_IRI, **content}


def in_yaml(content: dict[str, Any], knowledge: Knowledge) -> Case:
    data = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
    return parse_case(data, "case.yaml", knowledge)


def in_ntriples(triples: set[Triple], knowledge: Knowledge) -> Case:
    return parse_case(to_ntriples(triples), "case.nt", knowledge)


def by_pyld(content: dict[str, Any]) -> set[Triple]:
    def load(url: str, _options: object) -> dict[str, object]:
        assert url == CONTEXT_IRI, "nothing else is loaded"
        return {"contextUrl": None, "documentUrl": url, "document": CONTEXT}

    options = {"documentLoader": load, "base": CASE_BASE, "format": "application/n-quads"}
    return set(parse_triples(jsonld.to_rdf(content, options).encode(), ox.RdfFormat.N_QUADS))


def by_oxigraph(content: dict[str, Any]) -> set[Triple]:
    data = json.dumps({**content, **CONTEXT}).encode()
    return set(parse_triples(data, ox.RdfFormat.JSON_LD, base=CASE_BASE))


def unnormal(case: Case, content: dict[str, Any], knowledge: Knowledge) -> set[Triple]:
    """Take back what normalisation adds to the triples of a case file, as its page lists it."""
    given = {
        item["id"]: URIRef(CASE_BASE + item["id"])
        for key in ("records", "facts", "requests")
        for item in content.get(key, [])
        if "id" in item
    }
    names = {URIRef(f"{case.iri}#{name}"): iri for name, iri in given.items()}
    forms = {form.of for form in knowledge.case_format.values()}
    unstated = {
        fact
        for fact, item in zip(case.ordered(CORE.fact), content.get("facts", []), strict=True)
        if "status" not in item
    }

    def renamed(term: Any) -> Any:
        if term in names:
            return names[term]
        return BNode(term.split("#")[1]) if term.startswith(f"{case.iri}#") else term

    return {
        (renamed(s), p, renamed(o) if isinstance(o, URIRef) else o)
        for s, p, o in case.triples
        if p != CORE.position
        and not (p == RDF.type and o in forms)
        and not (p == CORE.status and s in unstated)
    }


def name_of(file: Path) -> str:
    return "/".join(file.with_suffix("").parts[-2:])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_processors_give_the_triples_of_the_yaml_reader(file: Path, knowledge: Knowledge) -> None:
    content = document(file)
    case = in_yaml(content, knowledge)
    expected = canonical_hash(unnormal(case, content, knowledge))
    assert canonical_hash(by_oxigraph(content)) == expected
    assert canonical_hash(by_pyld(content)) == expected


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_normalisation_gives_the_case_of_the_yaml_reader(file: Path, knowledge: Knowledge) -> None:
    content = document(file)
    case = in_yaml(content, knowledge)
    placed = json.loads(json.dumps(content))
    for key in ("records", "facts", "requests"):
        for position, item in enumerate(placed.get(key, []), start=1):
            item["core:position"] = position
    for request in placed["requests"]:
        for key in ("agents", "ingredients"):
            for position, item in enumerate(request.get(key, []), start=1):
                item["core:position"] = position
    read = parse_case(json.dumps(placed).encode(), "case.jsonld", knowledge)
    assert read.triples == case.triples
    assert read.hash == case.hash


@pytest.mark.parametrize("file", FILES[::7], ids=name_of)
def test_reading_what_was_read_changes_nothing(file: Path, knowledge: Knowledge) -> None:
    case = in_yaml(document(file), knowledge)
    assert in_ntriples(set(case.triples), knowledge).triples == case.triples


@pytest.mark.parametrize("file", FILES[::7], ids=name_of)
def test_both_engines_find_the_case_in_order(file: Path, knowledge: Knowledge) -> None:
    case = in_yaml(document(file), knowledge)
    check_case(case, knowledge)  # pyshifty
    assert validate(data=case.graph, shapes=knowledge.form_shapes("case")) == ()


# The same case in other formats


def with_blank_nodes(case: Case, seed: int) -> list[ox.Triple]:
    """Make blank every part of a case, relabel and shuffle."""
    shuffle = random.Random(seed)
    parts = sorted({s for s, _, _ in case.triples if s != case.iri})
    labels = [f"b{n}" for n in range(len(parts))]
    shuffle.shuffle(labels)
    blank = {part: ox.BlankNode(label) for part, label in zip(parts, labels, strict=True)}

    def term(value: Any) -> Any:
        return blank.get(value) or to_oxigraph(value)

    triples = [ox.Triple(term(s), term(p), term(o)) for s, p, o in sorted(case.triples)]
    shuffle.shuffle(triples)
    return triples


def written(case: Case) -> Iterator[tuple[str, bytes]]:
    """Write a case in every format, with names and without."""
    named = [ox.Triple(*map(to_oxigraph, triple)) for triple in sorted(case.triples)]
    graph = ox.NamedNode("https://example.org/graph")
    quads = [ox.Quad(t.subject, t.predicate, t.object, graph) for t in named]
    for suffix, format_, content in (
        ("ttl", ox.RdfFormat.TURTLE, named),
        ("nt", ox.RdfFormat.N_TRIPLES, named),
        ("rdf", ox.RdfFormat.RDF_XML, named),
        ("owl", ox.RdfFormat.RDF_XML, named[::-1]),
        ("jsonld", ox.RdfFormat.JSON_LD, named),
        ("trig", ox.RdfFormat.TRIG, quads),
        ("nq", ox.RdfFormat.N_QUADS, quads),
    ):
        yield f"named.{suffix}", ox.serialize(content, format=format_)
    for seed in (1, 2):
        blank = with_blank_nodes(case, seed)
        yield f"blank-{seed}.ttl", "".join(f"{triple} .\n" for triple in blank).encode()
        yield f"blank-{seed}.rdf", ox.serialize(blank, format=ox.RdfFormat.RDF_XML)


SOME = [EXAMPLE, *FILES[5::30]]


@pytest.mark.parametrize("file", SOME, ids=name_of)
def test_every_format_gives_the_same_decision(file: Path, knowledge: Knowledge) -> None:
    case = in_yaml(document(file), knowledge)
    expected = outcomes(case, knowledge)
    for name, data in written(case):
        other = parse_case(data, name, knowledge)
        assert outcomes(other, knowledge) == expected, name
        if name.startswith("named"):
            assert other.hash == case.hash, name


def outcomes(case: Case, knowledge: Knowledge) -> list[object]:
    """Give what was decided of each request and criterion, in the order of the case."""
    return [
        (
            decision.outcome,
            decision.basis,
            [(a.criterion.iri, a.outcome, a.presumed) for a in decision.assessments],
        )
        for decision in decide(case, knowledge, Role.IMR).items.values()
    ]


def test_blank_nodes_without_positions_are_named_by_what_they_state(knowledge: Knowledge) -> None:
    case = read_case(EXAMPLE, knowledge)
    hashes = set()
    for seed in range(6):
        triples = [t for t in with_blank_nodes(case, seed) if t.predicate.value != CORE.position]
        data = "".join(f"{triple} .\n" for triple in triples).encode()
        hashes.add(parse_case(data, "case.ttl", knowledge).hash)
    assert len(hashes) == 1


def test_yaml_names_the_published_context_or_none(knowledge: Knowledge) -> None:
    text = EXAMPLE.read_text("utf-8")
    plain = parse_case(text.encode(), "case.yaml", knowledge)
    marked = parse_case(f'"@context": {CONTEXT_IRI}\n{text}'.encode(), "case.yaml", knowledge)
    assert marked.triples == plain.triples


def test_misspelt_key_of_a_json_file_is_not_dropped(knowledge: Knowledge) -> None:
    """A JSON-LD processor drops what its context does not define; ours defines a vocabulary."""
    content = document(EXAMPLE)
    content["facts"][0]["regoin"] = content["facts"][0].pop("region")
    with pytest.raises(InputError, match=r"regoin.*Did you mean .region"):
        parse_case(json.dumps(content).encode(), "case.jsonld", knowledge)


def test_names_beside_the_case_are_its_fragments(knowledge: Knowledge) -> None:
    turtle = """
        @prefix clinical: <https://w3id.org/mtus/clinical#> .
        @prefix core: <https://w3id.org/mtus/core#> .
        <x> a core:Case ; core:record <pr2> ; core:request <#r> .
        <pr2> a core:OtherRecord . <#r> a clinical:TriggerPointInjection .
    """
    case = parse_case(turtle.encode(), "case.ttl", knowledge)
    assert case.ordered(CORE.record) == (URIRef(CASE_BASE + "x#pr2"),)
    assert case.requests == (URIRef(CASE_BASE + "x#r"),)


def test_id_of_a_record_cannot_hide_another_part(knowledge: Knowledge) -> None:
    text = """
        id: x
        worker: {age: 60}
        records: [{id: worker, type: OtherRecord}, {id: fact-1, type: OtherRecord}]
        facts: [{is: Pain, in: worker}]
        requests: [{treatment: TriggerPointInjection}]
    """
    case = parse_case(text.encode(), "case.yaml", knowledge)
    (worker,) = case.graph.objects(case.iri, CORE.worker)
    assert {worker, *case.ordered(CORE.fact)}.isdisjoint(case.ordered(CORE.record))
