"""One layout of Turtle for our files, so that a changed criterion is a two-line diff.

``format_turtle(text)`` keeps what the author decides: the order of statements, the blank lines
between them, how each term is written, and comments, which stand above the statement or predicate
that they were written at. The rest is fixed:

- prefixes first, sorted, and only those that are used;
- one predicate a line, indented by four spaces, in the order of ``PREDICATES`` and then of the
  alphabet; the first stands beside the subject;
- objects sorted, numbers in them by their value, each on a line of its own if there are several;
  types stay on one line;
- ``a`` for the type, `` ;`` and `` .`` at the end of a line, `` ,`` between objects;
- what is in brackets on one line as long as that fits in 120 columns, else one part a line.

What the file states stays the same: the RDFC-1.0 hashes before and after are compared.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache

import pyoxigraph as ox

from reasoner.authoring.turtledocument import (
    Block,
    Collection,
    Document,
    Pair,
    Term,
    read_document,
)
from reasoner.errors import EngineError, InputError, Problem
from reasoner.rdf import canonical_hash, parse_triples

WIDTH = 120
INDENT = "    "

_ORDER = """
    a core:criterion
    sh:targetClass sh:path
    sh:qualifiedValueShape sh:qualifiedMinCount sh:qualifiedMaxCount
    sh:name sh:description sh:order sh:minCount sh:maxCount
    sh:datatype sh:nodeKind sh:class sh:node sh:in sh:hasValue
    sh:minInclusive sh:minExclusive sh:maxInclusive sh:maxExclusive sh:minLength sh:maxLength
    sh:pattern sh:lessThanOrEquals sh:or sh:and sh:not sh:property
    sh:prefixes sh:select sh:sparql sh:message
    sh:alternativePath sh:inversePath sh:prefix sh:namespace sh:declare
    core:derivedFrom core:unitName core:valueOf core:kindOf core:onViolation

    owl:intersectionOf owl:unionOf owl:onProperty owl:someValuesFrom owl:hasValue
    rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range
    core:partOf core:factor core:aboveMg core:upToMg core:rank core:readingName
    rdfs:label skos:prefLabel skos:altLabel

    dcterms:title dcterms:description dcterms:creator dcterms:license dcterms:created
    dcterms:modified dcterms:source dcterms:bibliographicCitation dcterms:issued
    vann:preferredNamespacePrefix vann:preferredNamespaceUri
    owl:imports owl:versionIRI owl:versionInfo

    core:guideline core:treatment core:appliesTo core:prevailsOver core:stance
    core:operand core:atLeast core:exception
    core:searchStep core:inForceFrom core:inForceUntil core:supersedes core:silentOn
    core:notEncoded core:countedApart
    core:number core:section core:page core:noun core:attestation core:citedFrom
    core:statement core:ifMissing
    skos:definition owl:equivalentClass owl:propertyChainAxiom
    core:limits core:limit core:counts core:whenSilent core:ruledOutBy core:presumption
    core:curedBy core:requires core:ambiguity core:defaultReading core:alternative core:shape
    skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch
    rdfs:seeAlso rdfs:isDefinedBy
"""
PREDICATES = tuple(_ORDER.split())
"""The order of predicates within a statement; others follow in the order of the alphabet."""


def format_turtle(text: str, file: str = "input") -> str:
    """Lay out a Turtle file.

    Args:
        text: the file.
        file: what to call it in an error.

    Raises:
        InputError: if the file is no Turtle, or uses what this layout does not provide for; the
            line is given.
        EngineError: if the layout would change what the file states; nothing is given then.
    """
    before = _hash(text, file)
    document = read_document(text, file)
    laid_out = "".join(f"{line}\n" for line in _rendered(document))
    if _hash(laid_out, file) != before:
        raise EngineError(f"{file}: the layout would change what the file states; it is left alone")
    return laid_out


def _hash(text: str, file: str) -> str:
    try:
        return canonical_hash(parse_triples(text.encode(), ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        problem = Problem(f"The file is no Turtle: {error.msg}.", file, error.lineno)
        raise InputError([problem]) from error


# How it is laid out


def _rendered(document: Document) -> Iterator[str]:
    for place, block in enumerate(document.head):
        yield from ([""] if block.gap and place else [])
        yield from block.comments
    if document.head:
        yield ""
    if document.base is not None:
        yield f"@base {document.base} ."
    prefixes = {p: iri for p, iri in document.prefixes.items() if p in document.used}
    for prefix, iri in sorted(prefixes.items()):
        yield f"@prefix {prefix} {iri} ."
    begun = bool(prefixes or document.base)
    for block in document.blocks:
        if begun and (block.gap or block is document.blocks[0]):
            yield ""
        begun = True
        if block.subject is None:
            yield from block.comments
        else:
            yield from _statement_lines(block)


def _statement_lines(block: Block) -> Iterator[str]:
    assert block.subject is not None
    pairs = _ordered(block.pairs)
    yield from block.comments
    # No comment can stand above the first predicate, which stands beside the subject.
    yield from (comment for pair in pairs[:1] for comment in pair.comments)
    subject = _laid_out(block.subject, "", 0)
    if not pairs:
        yield from f"{subject} .".split("\n")
        return
    text = ""
    for place, pair in enumerate(pairs):
        if place:
            text += "".join(f"{INDENT}{comment}\n" for comment in pair.comments) + INDENT
        else:
            text += f"{subject} "
        column = len(text) - text.rfind("\n") - 1
        text += _pair_text(pair, INDENT, column) + (" .\n" if place == len(pairs) - 1 else " ;\n")
    yield from text.removesuffix("\n").split("\n")


def _pair_text(pair: Pair, indent: str, column: int) -> str:
    verb = "a" if pair.verb == "rdf:type" else pair.verb
    column += len(verb) + 1
    objects = sorted(pair.objects, key=_object_key)
    if verb == "a":
        return "a " + " , ".join(map(_inline, objects))
    if len(objects) == 1:
        return f"{verb} {_laid_out(objects[0], indent, column)}"
    further = indent + INDENT
    texts = [_laid_out(o, further if n else indent, len(further) if n else column)
             for n, o in enumerate(objects)]  # fmt: skip
    return f"{verb} " + f" ,\n{further}".join(texts)


def _laid_out(term: Term, indent: str, column: int) -> str:
    """Write a term that begins at a column; further lines of it are indented from ``indent``."""
    one_line = _inline(term)
    # Two columns are kept for what ends the line.
    if isinstance(term, str) or (column + len(one_line) + 2 <= WIDTH and "\n" not in one_line):
        return one_line
    inner = indent + INDENT
    if isinstance(term, Collection):
        items = [f"{inner}{_laid_out(item, inner, len(inner))}\n" for item in term.items]
        return "(\n" + "".join(items) + f"{indent})"
    pairs = [f"{inner}{_pair_text(pair, inner, len(inner))}" for pair in _ordered(term.pairs)]
    return "[\n" + " ;\n".join(pairs) + f"\n{indent}]"


def _inline(term: Term) -> str:
    if isinstance(term, str):
        return term
    if isinstance(term, Collection):
        return " ".join(("(", *map(_inline, term.items), ")"))
    if not term.pairs:
        return "[]"
    pairs = (
        f"{'a' if p.verb == 'rdf:type' else p.verb} "
        + " , ".join(map(_inline, sorted(p.objects, key=_object_key)))
        for p in _ordered(term.pairs)
    )
    return f"[ {' ; '.join(pairs)} ]"


def _ordered(pairs: tuple[Pair, ...]) -> list[Pair]:
    """Give predicates in their order, each once, with all its objects."""
    merged: dict[str, Pair] = {}
    for pair in pairs:
        verb = "a" if pair.verb == "rdf:type" else pair.verb
        before = merged.get(verb)
        objects = pair.objects if before is None else (*before.objects, *pair.objects)
        comments = pair.comments if before is None else (*before.comments, *pair.comments)
        unique = dict.fromkeys(o for o in objects if isinstance(o, str))
        composite = tuple(o for o in objects if not isinstance(o, str))
        merged[verb] = Pair(verb, (*unique, *composite), comments)
    return sorted(merged.values(), key=lambda pair: _verb_key(pair.verb))


_PLACES = {verb: place for place, verb in enumerate(PREDICATES)}


def _verb_key(verb: str) -> tuple[int, str]:
    return _PLACES.get(verb, len(_PLACES)), verb


def _object_key(term: Term) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """Sort names, then literals, then what is in brackets, which stays in the author's order."""
    if not isinstance(term, str):
        return 2, ()
    kind = 1 if term[0] in "\"'+-0123456789" else 0
    parts = re.split(r"(\d+)", term)
    return kind, tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


# Parts of a file


def excerpt(text: str, subjects: Container[str], file: str = "input") -> str:
    """Give the statements about some subjects, laid out, without prefixes and comments.

    Args:
        text: a Turtle file.
        subjects: the IRIs of the subjects wanted.
        file: what to call the file in an error.

    Raises:
        InputError: if the file uses what this layout does not provide for.
    """
    found: list[str] = []
    for iri, block in _blocks(text, file):
        if iri in subjects:
            pairs = tuple(Pair(pair.verb, pair.objects) for pair in block.pairs)
            found.extend(_statement_lines(Block(False, (), block.subject, pairs)))
    return "".join(f"{line}\n" for line in found)


@lru_cache(maxsize=4)
def _blocks(text: str, file: str) -> tuple[tuple[str, Block], ...]:
    """Read a file once for all the excerpts that are taken of it: what each name is said of."""
    document = read_document(text, file)
    return tuple(
        (_iri(block.subject, document), block)
        for block in document.blocks
        if isinstance(block.subject, str)
    )


def _iri(name: str, document: Document) -> str:
    if name.startswith("<"):
        return name[1:-1]
    prefix, _, local = name.partition(":")
    namespace = document.prefixes.get(f"{prefix}:", "<>")[1:-1]
    return namespace + re.sub(r"\\(.)", r"\1", local)
