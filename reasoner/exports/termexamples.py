"""Examples of the terms of the ontology: how a case file writes one, and triples that use one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.caseformat import Form, Key
from reasoner.exports.rdfforms import PREFIXES, turtle_of
from reasoner.knowledge import Knowledge
from reasoner.quantities import units_of
from reasoner.rdf import from_oxigraph, graph_of, quads
from reasoner.terms import CORE, data_folder, local_name
from reasoner.wording import takes

_CASE = "trigger-points.yaml"
_TOPIC = "chronic-pain-2009/trigger-points"
_REVIEWER = {
    "licensedIn": "California",
    "certification": "Internal Medicine",
    "yearsInPractice": "12",
    "hoursAWeek": "30",
}
"""A reviewer is refused of whom less is known."""

_FEW = 5
"""How many triples an example has at most."""


@dataclass(frozen=True, slots=True)
class Example:
    """A term as it is used.

    Attributes:
        of: what the example is taken from.
        language: ``turtle`` or ``yaml``.
        text: the example, for reading.
        whole: the example with what a program needs to read it: its prefixes, or the rest of the
            case file.
    """

    of: str
    language: str
    text: str
    whole: str


def case_file_lines(term: URIRef, knowledge: Knowledge) -> Example | None:
    """Show how a case file writes a concept, a named value or a property; None if it cannot."""
    for form in _innermost_last(knowledge):
        for key in form.keys.values():
            if term == key.path and term != RDF.type and key.kind not in ("form", "reference"):
                return _lines(form, key, _value(key, knowledge), knowledge)
            if term in takes(key, knowledge):
                return _lines(form, key, local_name(term), knowledge)
    return None


def _innermost_last(knowledge: Knowledge) -> list[Form]:
    """Order forms so that what facts and requests say comes before who was hurt or reviewed."""
    first = ("request", "fact", "record", "ingredient")
    forms = knowledge.case_format
    return [*(forms[n] for n in first), *(f for n, f in forms.items() if n not in first)]


def _value(key: Key, knowledge: Knowledge) -> str:
    among = takes(key, knowledge)
    if among:
        return local_name(next(iter(among)))
    if key.kind == "quantity":
        return f"6 {units_of(key.unit_kind or '')[0]}"
    if key.kind in ("integer", "decimal"):
        return str(max(2, int(key.lowest or 0)))
    plain = {"date": "2014-01-01", "boolean": "true", "string": f'"{key.name}"'}
    return plain[key.kind]


def _lines(form: Form, key: Key, value: str, knowledge: Knowledge) -> Example:
    request = "requests:\n  - treatment: Acupuncture\n"
    if form.name in ("request", "fact"):
        kind, first = (
            ("requests", "treatment: Acupuncture")
            if form.name == "request"
            else ("facts", f"is: {_kind_for(key)}")
        )
        said = [first, f"{key.name}: {value}"] if key.kind != "class" else [f"{key.name}: {value}"]
        text = f"{kind}:\n  - " + "\n    ".join(said) + "\n"
    elif form.name == "record":
        kinds = [f"{key.name}: {value}"]
        said = kinds if key.kind == "class" else ["type: ProgressReport", *kinds]
        text = "records:\n  - " + "\n    ".join(["id: record-1", *said]) + "\n"
    elif form.name == "ingredient":
        said = [f"{key.name}: {value}"]
        said = said if key.kind == "class" else ["is: Lidocaine", *said]
        text = (
            "requests:\n  - treatment: TopicalAnalgesic\n    ingredients:\n      - "
            + "\n        ".join(said)
            + "\n"
        )
    else:
        outer = next(k for k in knowledge.case_format["case"].keys.values() if k.form == form.name)
        pairs = {key.name: value, **(_REVIEWER if form.name == "reviewer" else {})}
        text = f"{outer.name}:\n" + "".join(f"  {k}: {v}\n" for k, v in pairs.items())
    needed = "" if text.startswith("requests:") else request
    record = ""
    if text.startswith("facts:"):
        record = "records:\n  - {id: record-1, type: ProgressReport}\n"
        text += "    in: record-1\n"
    start = "injury: {date: 2010-01-01}\n"
    review = "utilizationReview: {date: 2014-01-01, decision: Denied}\n"
    whole = "".join(
        [
            "id: shown\n",
            "" if text.startswith("injury:") else start,
            "" if text.startswith("utilizationReview:") else review,
            record,
            text,
            needed,
        ]
    )
    return Example("a case file", "yaml", text, whole)


def _kind_for(key: Key) -> str:
    """Give a concept of which a fact can state a key."""
    trial = {CORE.outcome, CORE.relief, CORE.reliefDuration, CORE["count"]}
    drug = {CORE.strength, CORE.timesADay, CORE.dailyDose, CORE.deliveryRate}
    if key.path in trial:
        return "PhysicalTherapy"
    return "Morphine" if key.path in drug else "Tenderness"


@dataclass(frozen=True)
class Uses:
    """Triples by the terms that they name, those that show a term best first."""

    _parts: tuple[tuple[str, Graph], ...]

    def of(self, term: URIRef) -> Example | None:
        """Give a few triples about one thing that name a term; None if nothing does."""
        for name, graph in self._parts:
            for subject in _subjects(graph, term):
                triples = _few(graph, subject, term)
                text = _numbered(turtle_of((q.triple for q in quads(triples)), PREFIXES))
                shown = re.sub(r"(?m)^@prefix .*\n", "", text).strip() + "\n"
                return Example(name, "turtle", shown, text)
        return None


def uses(knowledge: Knowledge) -> Uses:
    """Gather what examples are taken from: a case, its determination, a topic, the ontology."""
    from reasoner.adjudication import decide
    from reasoner.case import parse_case
    from reasoner.determination import adjudicate
    from reasoner.outcomes import Role
    from reasoner.store.graphs import determination_graphs

    file = data_folder("docs/examples").joinpath(_CASE)
    case = parse_case(file.read_bytes(), _CASE, knowledge)
    stated, determined = determination_graphs(adjudicate(case, knowledge))
    classified = next(iter(decide(case, knowledge, Role.IMR).classified.values()))
    topic = knowledge.topic(_TOPIC)
    return Uses(
        (
            (f"the case {case.identifier}", _graph(stated.triples)),
            (f"the determination of {case.identifier}", _graph(determined.triples)),
            (f"{case.identifier}, classified", classified.graph),
            (_TOPIC, topic.graph),
            (f"the shapes of {_TOPIC}", topic.shapes),
            ("the guidelines", graph_of(t for topic in knowledge.topics for t in topic.graph)),
            ("the criterion shapes", knowledge.criteria_graph),
            ("the vocabulary", knowledge.vocabulary),
        )
    )


def _graph(triples: Iterable[ox.Triple]) -> Graph:
    return graph_of(
        (from_oxigraph(t.subject), from_oxigraph(t.predicate), from_oxigraph(t.object))
        for t in triples
        if not isinstance(t.subject, ox.Triple) and not isinstance(t.object, ox.Triple)
    )


def _subjects(graph: Graph, term: URIRef) -> Iterator[Node]:
    """Give what uses a term: as a property, as a type, as a value; not what declares it."""
    for pattern in ((None, term, None), (None, RDF.type, term), (None, None, term)):
        found = {s for s, _, _ in graph.triples(pattern) if s != term}
        named = sorted((s for s in found if isinstance(s, URIRef)), key=lambda s: (len(s), s))
        blank = (s for s in found if isinstance(s, BNode))
        yield from (*named, *sorted(blank, key=lambda s: _content(graph, s)))


def _content(graph: Graph, node: Node) -> list[str]:
    """Say what a blank node states: its own name differs from run to run."""
    said = graph.predicate_objects(node)
    return sorted(f"{p} {'' if isinstance(o, BNode) else o}" for p, o in said)


def _numbered(text: str) -> str:
    """Name blank nodes in the order in which they stand."""
    names: dict[str, str] = {}
    return re.sub(r"_:\w+", lambda m: names.setdefault(m[0], f"_:b{len(names) + 1}"), text)


def _few(graph: Graph, subject: Node, term: URIRef) -> list[tuple[Node, Node, Node]]:
    """Choose the triples that name the term, and some that say what their subject is."""

    def rank(triple: tuple[Node, Node, Node]) -> tuple[int, int, str]:
        _, predicate, value = triple
        named = 0 if term in (predicate, value) else 1 if predicate == RDF.type else 2
        return (named, len(str(value)), str(triple))

    about = [t for t in graph.triples((subject, None, None)) if not isinstance(t[2], BNode)]
    own = [t for t in graph.triples((subject, None, None)) if term in (t[1], t[2])][:2]
    others = [t for t in sorted(about, key=rank) if t not in own and _short(t[2])]
    return [*own, *others][:_FEW]


def _short(value: Node) -> bool:
    return not isinstance(value, Literal) or len(value) < 200


def asked_for(knowledge: Knowledge) -> Mapping[Node, tuple[str, ...]]:
    """Give the topics whose criterion shapes name each term."""
    found: dict[Node, set[str]] = {}
    for name in knowledge.sources.topics:
        for _, predicate, value in knowledge.topic(name).shapes:
            for term in (predicate, value, *_named_in_query(value)):
                if isinstance(term, URIRef):
                    found.setdefault(term, set()).add(name)
    return {term: tuple(sorted(names)) for term, names in found.items()}


def _named_in_query(value: Node) -> list[URIRef]:
    """Give the terms that a constraint in SPARQL names."""
    if not isinstance(value, Literal):
        return []
    return [
        URIRef(PREFIXES[prefix] + name)
        for prefix, name in re.findall(r"\b(core|clinical):(\w+)", str(value))
    ]
