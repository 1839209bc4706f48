"""Cases in RDF: Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML, parsed without a network."""

from __future__ import annotations

import json
import re
from collections import Counter

import pyoxigraph as ox
from rdflib import OWL, RDF, BNode, Literal, URIRef

from reasoner.case import CASE_BASE, Case
from reasoner.errors import InputError, Problem, nearest_word
from reasoner.knowledge import Knowledge
from reasoner.quantities import parse_quantity
from reasoner.rdf import Triple, canonical_triples, from_oxigraph, parse_triples
from reasoner.terms import BASE, CLINICAL, CORE, data_folder, local_name

RDF_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}

CONTEXT_IRI = BASE + "context/case.jsonld"
"""The published JSON-LD context of a case file, read from this package, never fetched."""

MAX_TRIPLES = 100_000
MAX_BLANK = 500
_OWN = str(BASE)


def read_rdf_case(data: bytes, file: str, format: ox.RdfFormat, knowledge: Knowledge) -> Case:
    """Read a case from RDF.

    Blank nodes get names from their RDFC-1.0 labels, so that a name does not depend on how
    the file labels or orders them.

    Raises:
        InputError: with every problem; a syntax error with its line, another with its node
            and property, since RDF keeps no lines.
    """
    triples = _parse(data, file, format)
    cases = sorted({s for s, p, o in triples if p == RDF.type and o == CORE.Case})
    if len(cases) != 1:
        raise InputError(
            [Problem(f"The file describes {len(cases)} cases.", file, expected="one core:Case")]
        )
    iri = cases[0]
    if not isinstance(iri, URIRef) or not str(iri).startswith(CASE_BASE):
        raise InputError(
            [Problem("The case has no name of its own.", file, expected=f"an IRI under {CASE_BASE}")]
        )
    problems = list(_problems(triples, file, knowledge))
    if problems:
        raise InputError(problems)
    return Case(iri, str(iri).removeprefix(CASE_BASE), frozenset(_named(triples, str(iri))), file)


def _parse(data: bytes, file: str, format: ox.RdfFormat) -> set[Triple]:
    if format == ox.RdfFormat.JSON_LD:
        data = _with_local_context(data, file)
    if format == ox.RdfFormat.RDF_XML and re.search(rb"<!(DOCTYPE|ENTITY)", data):
        raise InputError([Problem("A document type declaration is not read.", file)])
    triples: set[Triple] = set()
    try:
        for triple in parse_triples(data, format, base=CASE_BASE):
            triples.add(triple)
            if len(triples) > MAX_TRIPLES:
                raise InputError([Problem(f"The file holds over {MAX_TRIPLES} triples.", file)])
    except (SyntaxError, ValueError, OSError) as error:
        text = str(error).split("\n")[0]
        raise InputError(
            [Problem(f"{text}.", file, getattr(error, "lineno", None))]
        ) from error
    return triples


def _with_local_context(data: bytes, file: str) -> bytes:
    """Put our own context where a file names it, and refuse any other that would be fetched."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(
            [Problem("The file is no JSON.", file, getattr(error, "lineno", None))]
        ) from error
    context = document.get("@context") if isinstance(document, dict) else None
    if context == CONTEXT_IRI:
        own = json.loads(data_folder("ontology").joinpath("case-context.jsonld").read_bytes())
        return json.dumps({**document, "@context": own["@context"]}).encode()
    remote = [c for c in (context if isinstance(context, list) else [context]) if isinstance(c, str)]
    if remote:
        raise InputError(
            [
                Problem(
                    f"The context {remote[0]} would have to be fetched; nothing is.",
                    file,
                    key="@context",
                    expected=f"a context in the file, or {CONTEXT_IRI}",
                )
            ]
        )
    return data


def _problems(triples: set[Triple], file: str, knowledge: Knowledge):  # type: ignore[no-untyped-def]
    properties = {
        key.path for form in knowledge.case_format.values() for key in form.keys.values()
    } | {CORE.position, RDF.type}
    kinds = {
        key.path: key.unit_kind
        for form in knowledge.case_format.values()
        for key in form.keys.values()
        if key.unit_kind
    }
    own = [*CORE, *CLINICAL]
    for subject, predicate, value in sorted(triples):
        place = f"<{subject}> <{predicate}>"
        if predicate == OWL.imports:
            yield Problem(f"{place}: Nothing is imported.", file, key="owl:imports")
        elif predicate not in properties:
            yield Problem(
                f"<{subject}> has a property that a case does not have.", file,
                key=str(predicate), nearest=nearest_word(
                    local_name(str(predicate)), [local_name(str(p)) for p in properties]
                ),
            )  # fmt: skip
        elif isinstance(value, Literal) and (
            value.ill_typed or (value.datatype is not None and value.value is None
                                and value.datatype != CORE.Quantity)
        ):  # fmt: skip
            yield Problem(
                f"{place}: {value} is no {local_name(str(value.datatype))}.", file,
                key=local_name(str(predicate)),
            )  # fmt: skip
        elif predicate in kinds and parse_quantity(str(value), kinds[predicate] or "") is None:
            yield Problem(
                f"{place}: {value} is no {kinds[predicate]} with its unit.", file,
                key=local_name(str(predicate)),
            )  # fmt: skip
        elif isinstance(value, URIRef) and not (
            value in CORE or value in CLINICAL or str(value).startswith(CASE_BASE)
        ):
            yield Problem(
                f"{place}: <{value}> is not known.", file, key=local_name(str(predicate)),
                nearest=nearest_word(local_name(str(value)), own),
            )  # fmt: skip
    blank = {t for triple in triples for t in triple if isinstance(t, BNode)}
    if len(blank) > MAX_BLANK:
        yield Problem(f"The file holds over {MAX_BLANK} blank nodes.", file)
    uses = Counter(o for _, _, o in triples if isinstance(o, BNode))
    if any(count > 1 for count in uses.values()) or any(
        isinstance(s, BNode) and s not in uses for s in blank
    ):
        # Blank nodes in a tree are named in linear time; tangled ones can take for ever.
        yield Problem("A blank node is used twice, or by nothing.", file, expected="an IRI for it")


def _named(triples: set[Triple], case: str) -> set[Triple]:
    """Give blank nodes IRIs under the case, by their canonical labels."""

    def name(term: ox.NamedNode | ox.BlankNode | ox.Literal):  # type: ignore[no-untyped-def]
        if isinstance(term, ox.BlankNode):
            return URIRef(f"{case}#{term.value}")
        return from_oxigraph(term)

    return {
        (name(t.subject), name(t.predicate), name(t.object))  # type: ignore[arg-type]
        for t in canonical_triples(triples)
    }
