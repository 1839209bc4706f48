"""The ontology as pages: an entry for every term, with examples and who asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from reasoner.exports.folders import require_new, write_folder
from reasoner.exports.rdfforms import PREFIXES
from reasoner.exports.termexamples import Example, asked_for, case_file_lines, uses
from reasoner.knowledge import Knowledge
from reasoner.terms import BASE, CLINICAL, CORE, local_name

_GROUPS: tuple[tuple[URIRef, str], ...] = (
    (OWL.Class, "Classes"),
    (OWL.ObjectProperty, "Properties that lead to things"),
    (OWL.DatatypeProperty, "Properties that lead to values"),
    (OWL.AnnotationProperty, "Annotation properties"),
    (OWL.NamedIndividual, "Named values"),
)
_CLINICAL_GROUPS: tuple[tuple[URIRef, str], ...] = (
    (CORE.Finding, "Findings"),
    (CORE.Diagnosis, "Diagnoses"),
    (CORE.FunctionalStatus, "Functional status"),
    (CORE.Circumstance, "Circumstances"),
    (CORE.Drug, "Drugs"),
    (CORE.Treatment, "Treatments, tests and equipment"),
    (CORE.BodyRegion, "Body regions"),
)
_REST = "Other terms"
_PROPERTIES: tuple[tuple[URIRef, str, bool], ...] = (
    (RDF.type, "is a", False),
    (RDFS.subClassOf, "is a kind of", False),
    (RDFS.subClassOf, "has the kinds", True),
    (RDFS.subPropertyOf, "is narrower than", False),
    (RDFS.subPropertyOf, "is wider than", True),
    (OWL.equivalentClass, "is the same as", False),
    (OWL.inverseOf, "is the inverse of", False),
    (RDFS.domain, "leads from", False),
    (RDFS.range, "leads to", False),
    (RDFS.domain, "has the properties", True),
    (RDFS.range, "is reached by", True),
    (RDF.type, "has the values", True),
    (CORE.derivedFrom, "is derived from", False),
    (CORE.partOf, "is part of", False),
    (CORE.partOf, "has the parts", True),
    (SKOS.altLabel, "in records", False),
    (SKOS.exactMatch, "matches exactly", False),
    (SKOS.closeMatch, "matches closely", False),
    (SKOS.broadMatch, "matches the wider", False),
    (SKOS.narrowMatch, "matches the narrower", False),
    (RDFS.seeAlso, "see also", False),
    (DCTERMS.bibliographicCitation, "citation", False),
    (CORE.searchStep, "search step", False),
    (CORE.inForceFrom, "in force from", False),
    (CORE.inForceUntil, "in force until", False),
    (CORE.supersedes, "supersedes", False),
    (CORE.attestation, "attested as", False),
)
"""What is said of a term: a property, the words for it, and whether it is read backwards."""

_HIDDEN = {OWL.Class, OWL.NamedIndividual, OWL.ObjectProperty, OWL.DatatypeProperty,
           OWL.AnnotationProperty, OWL.Thing}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A word, and where it leads; None if nowhere."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A term as its entry shows it.

    Attributes:
        iri, anchor, label, definition: of the term.
        kind: what kind of term it is.
        group: the heading that it stands under.
        said: what is said of it, each with its words.
        examples: how it is used.
        topics: the topics whose criteria ask for it.
    """

    iri: str
    anchor: str
    label: str
    kind: str
    group: str
    definition: str
    said: tuple[tuple[str, tuple[Link, ...]], ...]
    examples: tuple[Example, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True)
class _Page:
    """One page: the file's name, its title and description, its Turtle, and its groups of terms."""

    name: str
    title: str
    description: str
    files: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Term, ...]], ...]

    @cached_property
    def count(self) -> int:
        return sum(len(terms) for _, terms in self.groups)


def write_pages(knowledge: Knowledge, folder: Path) -> int:
    """Write the pages of the ontology, and give the number of terms.

    Args:
        knowledge: the release.
        folder: a folder that is empty or not there yet.

    Raises:
        InputError: if the folder holds something.
        MtusError: if it cannot be written.
    """
    require_new(folder)
    terms = terms_of(knowledge)
    write_folder(folder, pages(knowledge, terms))
    return len(terms)


def pages(knowledge: Knowledge, terms: Sequence[Term], home: str | None = None) -> dict[str, bytes]:
    """Give every file of the pages, by its name.

    Args:
        knowledge: the release.
        terms: the terms of the ontology.
        home: where the site starts that the pages are part of; None if they stand alone.
    """
    made = _environment()
    laid = _laid_out(knowledge, terms)
    given = {"release": knowledge.release, "pages": laid, "home": home}
    files = {"index.html": made.get_template("ontologyindex.html.j2").render(given)}
    for page in laid:
        files[f"{page.name}.html"] = made.get_template("ontology.html.j2").render(given, page=page)
    told = {name: text.encode() for name, text in files.items()}
    loader = made.loader
    assert loader is not None
    for name in ("ontology.css", "ontology.js"):
        told[name] = loader.get_source(made, name)[0].encode()
    for name in ("core", "clinical", "alignments", "readings"):
        told[f"{name}.ttl"] = knowledge.sources.files[f"ontology/{name}.ttl"]
    return told


def terms_of(knowledge: Knowledge) -> list[Term]:
    """Give every term of the vocabularies, guideline document and reading, in order of IRIs."""
    graph = knowledge.vocabulary
    declared = {
        s: kind
        for kind, _ in reversed(_GROUPS)
        for s in graph.subjects(RDF.type, kind)
        if isinstance(s, URIRef) and s.startswith(BASE)
    }
    for kind in (CORE.Guideline, CORE.Reading):
        declared |= {s: kind for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}
    examples, topics = uses(knowledge), asked_for(knowledge)
    found = []
    for term, kind in sorted(declared.items()):
        shown = (case_file_lines(term, knowledge), examples.of(term))
        found.append(
            Term(
                iri=str(term),
                anchor=_anchor(term),
                label=_text(graph, term, SKOS.prefLabel, RDFS.label) or local_name(term),
                kind=_text(graph, kind, RDFS.label) or _KIND_WORDS[kind],
                group=_group(term, kind, knowledge),
                definition=_text(graph, term, SKOS.definition, DCTERMS.title),
                said=tuple(_said(graph, term, declared)),
                examples=tuple(example for example in shown if example is not None),
                topics=topics.get(term, ()),
            )
        )
    return found


_KIND_WORDS = {
    OWL.Class: "class", OWL.ObjectProperty: "object property", OWL.NamedIndividual: "named value",
    OWL.DatatypeProperty: "datatype property", OWL.AnnotationProperty: "annotation property",
}  # fmt: skip


def _laid_out(knowledge: Knowledge, terms: Sequence[Term]) -> list[_Page]:
    graph = knowledge.vocabulary
    found = []
    for name, namespace, groups in (
        ("core", str(CORE), [words for _, words in _GROUPS]),
        ("clinical", str(CLINICAL), [*(words for _, words in _CLINICAL_GROUPS), _REST]),
        ("guidelines", "", ["Guideline documents", "Readings of ambiguous passages"]),
    ):
        header = URIRef(f"{BASE}{name}")
        own = [t for t in terms if (t.iri.startswith(namespace) if namespace else "#" not in t.iri)]
        grouped = tuple((g, tuple(t for t in own if t.group == g)) for g in groups)
        found.append(
            _Page(
                name,
                _text(graph, header, DCTERMS.title) or "Guideline documents and readings",
                _text(graph, header, DCTERMS.description)
                or "The documents that the Medical Treatment Utilization Schedule is made of, in "
                "their editions, and the ways in which ambiguous passages of theirs can be taken.",
                (f"{name}.ttl",) if namespace else ("readings.ttl",),
                tuple((g, ts) for g, ts in grouped if ts),
            )
        )
    return found


def _group(term: URIRef, kind: URIRef, knowledge: Knowledge) -> str:
    if kind == CORE.Guideline:
        return "Guideline documents"
    if kind == CORE.Reading:
        return "Readings of ambiguous passages"
    if term in CORE:
        return dict(_GROUPS)[kind]
    concepts = knowledge.concepts
    above = concepts.ancestors.get(term) or concepts.kinds.get(term, frozenset())
    return next((words for top, words in _CLINICAL_GROUPS if top in above), _REST)


def _said(
    graph: Graph, term: URIRef, declared: Mapping[URIRef, URIRef]
) -> Iterator[tuple[str, tuple[Link, ...]]]:
    for predicate, words, backwards in _PROPERTIES:
        values = graph.subjects(predicate, term) if backwards else graph.objects(term, predicate)
        links = sorted(
            {_link(graph, v, declared) for v in values if v not in _HIDDEN and v != term},
            key=lambda link: link.text.casefold(),
        )
        if links and not (predicate == RDF.type and backwards and len(links) > 200):
            yield words, tuple(links)
    characteristics = [
        Link(local_name(t)) for t in graph.objects(term, RDF.type)
        if str(t).startswith(str(OWL)) and t not in _HIDDEN
    ]  # fmt: skip
    if (term, OWL.propertyChainAxiom, None) in graph:
        for chain in graph.objects(term, OWL.propertyChainAxiom):
            steps = [_link(graph, step, declared) for step in Collection(graph, chain)]
            yield "follows from the chain", tuple(steps)
    if characteristics:
        yield "characteristics", tuple(characteristics)


def _link(graph: Graph, value: Node, declared: Mapping[URIRef, URIRef]) -> Link:
    if isinstance(value, Literal):
        return Link(str(value))
    if isinstance(value, BNode):
        return Link(_expression(graph, value))
    iri = URIRef(str(value))
    if iri in declared:
        return Link(_curie(iri), f"{_page_of(iri)}#{_anchor(iri)}")
    return Link(_curie(iri), str(iri) if str(iri).startswith("https://") else None)


def _expression(graph: Graph, node: Node) -> str:
    """Write a class expression in the manner of Manchester syntax."""
    if not isinstance(node, BNode):
        return _curie(URIRef(str(node)))
    for predicate, word in ((OWL.intersectionOf, " and "), (OWL.unionOf, " or ")):
        listed = graph.value(node, predicate)
        if listed is not None:
            return word.join(_expression(graph, part) for part in Collection(graph, listed))
    on = graph.value(node, OWL.onProperty)
    for predicate, word in (
        (OWL.hasValue, "value"), (OWL.someValuesFrom, "some"), (OWL.allValuesFrom, "only"),
    ):  # fmt: skip
        value = graph.value(node, predicate)
        if on is not None and value is not None:
            told = str(value) if isinstance(value, Literal) else _expression(graph, value)
            return f"({_curie(URIRef(str(on)))} {word} {told})"
    return "an unnamed class"


def _curie(iri: URIRef) -> str:
    for prefix, base in PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{iri.removeprefix(base)}"
    return str(iri).removeprefix(f"{BASE}guideline/").removeprefix(f"{BASE}reading/")


def _anchor(iri: URIRef) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


def _page_of(iri: URIRef) -> str:
    if iri.startswith(str(CORE)):
        return "core.html"
    return "clinical.html" if iri.startswith(str(CLINICAL)) else "guidelines.html"


def _text(graph: Graph, term: URIRef, *predicates: URIRef) -> str:
    return next((str(v) for p in predicates for v in graph.objects(term, p)), "")


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reasoner.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    return made
