"""The scanner of Turtle gives the line of every statement, and agrees with the parser on what."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, URIRef

from reasoner.authoring.turtlelines import scan
from reasoner.rdf import parse_triples

FILES = sorted(str(p) for folder in ("ontology", "shapes") for p in Path(folder).rglob("*.ttl"))
EX = "http://example.org/"


def test_it_finds_every_subject_and_predicate_that_the_parser_finds():
    for file in FILES:
        data = Path(file).read_bytes()
        try:
            stated = list(parse_triples(data, ox.RdfFormat.TURTLE))
        except SyntaxError:
            continue
        lines = scan(data.decode())
        named = [t for t in stated if isinstance(t[0], URIRef)]
        assert set(lines.subjects) == {s for s, _, _ in named}, file
        assert set(lines.predicates) == {(s, p) for s, p, _ in named}, file
        lists = {RDF.first, RDF.rest, RDF.nil}
        terms = {t for triple in stated for t in triple if isinstance(t, URIRef)} - lists
        assert terms <= set(lines.mentions), file


def at(text: str, subject: str, predicate: str | None = None) -> int | None:
    return scan(f"@prefix : <{EX}> .\n{text}").of(
        URIRef(EX + subject), None if predicate is None else URIRef(EX + predicate)
    )


def test_a_predicate_has_the_line_on_which_it_begins():
    text = ":a :p 1 ;\n  :q 2 , 3 ;\n\n  :r\n 4 .\n:b :q 5 ."
    assert [at(text, "a", p) for p in "pqr"] == [2, 3, 5]
    assert at(text, "b", "q") == 7


def test_a_predicate_that_is_not_stated_gives_the_line_of_the_subject():
    assert at("\n:a :p 1 .", "a", "q") == 3


def test_a_subject_that_is_not_there_has_no_line():
    assert at(":a :p 1 .", "b") is None


@pytest.mark.parametrize(
    "text",
    [
        '""":x :y :z .\n:x :y """',
        "'''it's :x .\n'''",
        '":x \\" :y ; . # "',
        "( :x [ :q :y ; :r ( 1 2 ) ] )",
        "[ :q :x ; :r [ :s :y ] ]",
        "1.5",
        ":x\\,y.z",
        '"x"@en-GB',
        f"<{EX}x#y;z>",
        '"1"^^:type',
    ],
)
def test_what_stands_inside_a_value_is_no_statement(text: str):
    lines = scan(f"@prefix : <{EX}> .\n:a :p {text} ; # :x :y ; .\n  :then 1 .\n:next :p 1 .")
    assert set(lines.subjects) == {URIRef(EX + "a"), URIRef(EX + "next")}
    assert (URIRef(EX + "a"), URIRef(EX + "then")) in lines.predicates
    assert lines.of(URIRef(EX + "next")) == 4 + text.count("\n")


def test_a_blank_subject_is_passed_over():
    text = f"@prefix : <{EX}> .\n[ :p :x ] :q 1 ; :r 2 .\n[] :q 1 .\n_:b :q 2 .\n:a :p 1 ."
    assert set(scan(text).subjects) == {URIRef(EX + "a")}


def test_prefixes_and_base_are_read_in_either_style():
    lines = scan(f"BASE <{EX}>\nPREFIX e: <{EX}e#>\n@prefix f: <f#> .\ne:a a f:B .\n<g> f:p <h> .")
    assert lines.prefixes == {"e": (f"{EX}e#", 2), "f": (f"{EX}f#", 3)}
    assert lines.subjects == {URIRef(f"{EX}e#a"): 4, URIRef(f"{EX}g"): 5}
    assert (URIRef(f"{EX}e#a"), RDF.type) in lines.predicates


def test_every_mention_of_a_name_has_its_line():
    lines = scan(f"@prefix : <{EX}> .\n:a :p :b , :b .\n:b :p :a .")
    assert lines.mentions[URIRef(EX + "b")] == (2, 2, 3)
    assert lines.mention(URIRef(EX + "b"), since=3) == 3
    assert lines.mention(URIRef(EX + "c")) is None


@pytest.mark.parametrize(
    "text", ["", "@prefix", ":a :b", '"""', "] ) . ;", "<", "\x00", "@prefix : <x"]
)
def test_what_is_no_turtle_raises_nothing(text: str):
    scan(text)
