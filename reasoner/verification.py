"""Does a determination follow from its case? It is derived again, and compared.

A determination in RDF carries its case; one in JSON does not, and needs the case file beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import PROV
from rdflib.term import Node

from reasoner.case import CASE_BASE, MAX_BYTES, Case, read_case
from reasoner.contract import FORMAT
from reasoner.determination import Determination, adjudicate, engine_name
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.provenance import to_triples
from reasoner.rdf import Triple, canonical_hash, graph_of, iris, parse_triples
from reasoner.rdfcase import RDF_FORMATS
from reasoner.terms import CORE, local_name


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of deriving a determination again.

    Attributes:
        file: the determination, as the user named it.
        differences: what differs, each as a sentence; empty if nothing does.
    """

    file: str
    differences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the determination follows from its case, to the byte of its content."""
        return not self.differences


def verify(
    path: str | Path, knowledge: Knowledge, *, case: str | Path | None = None
) -> Verification:
    """Derive a determination again, and compare.

    Args:
        path: a determination in JSON, Turtle or JSON-LD.
        knowledge: the knowledge of this release.
        case: the case file; needed for JSON, and compared with what RDF carries.

    Raises:
        InputError: if the file is no determination, or the case is missing or cannot be read.
    """
    file = Path(path)
    try:
        if file.stat().st_size > 10 * MAX_BYTES:
            raise InputError([Problem("The file is too large for a determination.", str(file))])
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            [Problem(f"The file cannot be read: {error.strerror}.", str(file))]
        ) from error
    given = None if case is None else read_case(case, knowledge)
    if file.suffix.lower() in RDF_FORMATS:
        differences = _verify_rdf(data, file, knowledge, given)
    else:
        differences = _verify_json(data, file, knowledge, given)
    return Verification(str(file), tuple(differences))


def _made_otherwise(engine: object, release: object, knowledge: Knowledge) -> Iterator[str]:
    if engine != engine_name():
        yield f"It was made with {engine}; this is {engine_name()}."
    if release != knowledge.release:
        yield f"It was made with release {release}; this is {knowledge.release}."


def _verify_json(data: bytes, file: Path, knowledge: Knowledge, case: Case | None) -> Iterator[str]:
    try:
        stated = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(
            [Problem("The file is no JSON.", str(file), getattr(error, "lineno", None))]
        ) from error
    if not isinstance(stated, dict) or stated.get("format") != FORMAT:
        raise InputError(
            [Problem("The file is no determination.", str(file), key="format", expected=FORMAT)]
        )
    if case is None:
        raise InputError(
            [
                Problem(
                    "A determination in JSON does not hold its case.",
                    str(file),
                    expected="the case file as well: --case FILE",
                )
            ]
        )
    yield from _made_otherwise(stated.get("engine"), stated.get("release"), knowledge)
    if stated.get("caseHash") != case.hash:
        made_of = stated.get("caseHash")
        yield f"It was made of a case with the hash {made_of}; this case has {case.hash}."
    role, readings = stated.get("role"), stated.get("readings", [])
    again = _again(case, knowledge, role, readings, file)
    derived = json.loads(json.dumps(again.to_dict()))
    skip = {"id", "engine", "release", "caseHash"}
    yield from _differences(
        {k: v for k, v in stated.items() if k not in skip},
        {k: v for k, v in derived.items() if k not in skip},
        "",
    )


def _again(
    case: Case, knowledge: Knowledge, role: object, readings: object, file: Path
) -> Determination:
    if role not in ("imr", "ur") or not isinstance(readings, list):
        raise InputError(
            [
                Problem(
                    "The file does not say how it was made.", str(file), expected="role, readings"
                )
            ]
        )
    return adjudicate(case, knowledge, role=str(role), readings=[str(r) for r in readings])


def _differences(stated: Any, derived: Any, path: str) -> Iterator[str]:
    if isinstance(stated, dict) and isinstance(derived, dict):
        for key in sorted({*stated, *derived}):
            below = f"{path}.{key}" if path else key
            if key not in stated:
                yield f"{below} is missing."
            elif key not in derived:
                yield f"{below} does not belong there."
            else:
                yield from _differences(stated[key], derived[key], below)
    elif isinstance(stated, list) and isinstance(derived, list):
        if len(stated) != len(derived):
            yield f"{path} has {len(stated)} entries where {len(derived)} follow."
        for number, (one, other) in enumerate(zip(stated, derived, strict=False), start=1):
            yield from _differences(one, other, f"{path}[{number}]")
    elif stated != derived:
        yield f"{path} is {stated!r} where {derived!r} follows."


def _verify_rdf(data: bytes, file: Path, knowledge: Knowledge, case: Case | None) -> Iterator[str]:
    try:
        graph = graph_of(parse_triples(data, RDF_FORMATS[file.suffix.lower()]))
    except (SyntaxError, ValueError) as error:
        raise InputError(
            [Problem(f"{str(error).splitlines()[0]}.", str(file), getattr(error, "lineno", None))]
        ) from error
    nodes = [n for n in graph.subjects(RDF.type, CORE.Determination) if isinstance(n, URIRef)]
    if len(nodes) != 1:
        raise InputError(
            [Problem("The file is no determination.", str(file), expected="one core:Determination")]
        )
    node = nodes[0]
    embedded = _embedded_case(graph, node, file, knowledge)
    yield from _made_otherwise(
        str(graph.value(node, CORE.engineVersion)),
        str(graph.value(node, CORE.releaseHash)),
        knowledge,
    )
    if case is not None and case.hash != embedded.hash:
        carried = embedded.hash
        yield f"The case that it carries has the hash {carried}; the case file has {case.hash}."
    if str(graph.value(node, CORE.caseHash)) != embedded.hash:
        yield "The case that it carries is not the one that its hash names."
    role = str(graph.value(node, CORE.role))
    names = {reading.iri: name for name, reading in knowledge.readings.items()}
    activity = graph.value(node, PROV.wasGeneratedBy)
    chosen = [names[used] for used in iris(graph, activity, PROV.used) if used in names]
    again = _again(embedded, knowledge, role, chosen, file)
    expected = graph_of(to_triples(again))
    if canonical_hash(graph) == canonical_hash(expected):
        return
    if node != again.iri:
        yield f"It is named <{node}> where <{again.iri}> follows."
        graph, expected = _anonymous(graph, node), _anonymous(expected, again.iri)
    for triple in sorted(set(graph) - set(expected)):
        yield f"It states what does not follow: {_shown(triple)}."
    for triple in sorted(set(expected) - set(graph)):
        yield f"It lacks what follows: {_shown(triple)}."


def _anonymous(graph: Graph, node: URIRef) -> Graph:
    """Give the graph with one name for the determination, so that only content is compared."""

    def name(term: Node) -> Node:
        if isinstance(term, URIRef) and str(term).startswith(str(node)):
            return URIRef("urn:determination" + str(term)[len(str(node)) :])
        return term

    made_by = {CORE.engineVersion, CORE.releaseHash, PROV.wasAttributedTo, PROV.wasAssociatedWith}
    return graph_of(
        (name(s), p, name(o))
        for s, p, o in graph
        if p not in made_by and "/release/sha256/" not in f"{s} {o}" and "/software/" not in str(s)
    )


def _shown(triple: Triple) -> str:
    subject, predicate, value = triple
    shown = local_name(str(value)) if isinstance(value, URIRef) else f'"{value}"'
    return f"{str(subject).rsplit('/', 1)[-1]} {local_name(str(predicate))} {shown}"


def _embedded_case(graph: Graph, node: URIRef, file: Path, knowledge: Knowledge) -> Case:
    """Take the case out of a determination: what the keys of a case file can state of it."""
    iri = graph.value(node, CORE.determines)
    if not isinstance(iri, URIRef) or not str(iri).startswith(CASE_BASE):
        raise InputError([Problem("The determination names no case.", str(file))])
    stated = {key.path for form in knowledge.case_format.values() for key in form.keys.values()} | {
        CORE.position
    }
    kinds = set(knowledge.concepts.ancestors)
    triples = {
        (s, p, o)
        for s, p, o in graph
        if (s == iri or str(s).startswith(f"{iri}#"))
        and p in stated
        and (p != RDF.type or o in kinds)
    }
    case = Case(iri, str(iri).removeprefix(CASE_BASE), frozenset(triples), str(file))
    if not any(isinstance(o, (URIRef, Literal)) for _, _, o in triples) or not case.requests:
        raise InputError([Problem("The determination does not carry its case.", str(file))])
    return case
