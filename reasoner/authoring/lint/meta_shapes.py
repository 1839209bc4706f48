"""Problem: the encoding of a guideline lacks something that every encoding holds.

Why: what a recommendation or a criterion has to state, and in which form, is what the engine and
the rationale read. What is missing is missed when a case is decided, or never.

Mend: state what the message asks for. The shapes of guidelines are in ``shapes/guideline.ttl``.

Source: ``shapes/guideline.ttl``, run as any SHACL shapes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, View, shown
from reasoner.errors import KnowledgeError
from reasoner.evidence import prepare
from reasoner.rdf import Triple, graph_of, to_ntriples
from reasoner.shacl import Result, check_shapes
from reasoner.terms import local_name

RULE = rule_name(__name__)
META_SHAPES = "shapes/guideline.ttl"

# Rules of their own say these, with more about how to mend it.
_ELSEWHERE = frozenset({"recommendation-page", "criterion-page", "criterion-shape"})


def check(release: Release) -> Iterator[Finding]:
    """Validate what guidelines say against the shapes of guidelines."""
    if META_SHAPES not in release.files:
        return
    shapes = graph_of(release.triples(META_SHAPES))
    try:
        examiner = prepare(check_shapes(shapes, META_SHAPES))
    except KnowledgeError as error:
        yield Finding(META_SHAPES, None, RULE, META_SHAPES, f"{error}.", "Put the shapes right.")
        return
    for view in release.views:
        about = _changed(release, view)
        for result in examiner.results(to_ntriples(_data(release, view))):
            if about is not None and result.focus not in about:
                continue
            path = shapes.value(result.shape, SH.path, any=True)
            missing = result.component == SH.MinCountConstraintComponent
            if missing and local_name(result.shape) in _ELSEWHERE:
                continue
            yield release.finding(
                RULE,
                result.focus,
                _message(shapes, result, path),
                f"See {shown(result.shape)} in {META_SHAPES}.",
                predicate=path if isinstance(path, URIRef) else None,
                reading=view.reading,
            )


def _changed(release: Release, view: View) -> set[Node] | None:
    """Give the subjects that a reading changes; None where it is all of them."""
    if view.reading is None:
        return None
    return {s for s, _, _ in release.triples(release.overlays[view.reading])}


def _data(release: Release, view: View) -> Iterable[Triple]:
    """Give what is validated: all of it, and under a reading what its overlay changes."""
    about = _changed(release, view)
    if about is None:
        yield from release.graph
        return
    for subject in about:
        for triple in view.graph.triples((subject, None, None)):
            yield triple
            for kind in release.graph.objects(triple[2], RDF.type):
                yield (triple[2], RDF.type, kind)


def _message(shapes: Graph, result: Result, path: Node | None) -> str:
    """Say what a result means; the shape's own message comes first, if it has one."""
    stated = shapes.value(result.shape, SH.message, any=True)
    if stated is not None:
        return str(stated)
    name = local_name(str(result.component)).removesuffix("ConstraintComponent")
    parameter = URIRef(f"{SH}{name[0].lower()}{name[1:]}")
    wanted = shapes.value(result.shape, parameter, any=True)
    of = shown(path) if path is not None else "It"
    value = f" {shown(result.term)}" if result.term is not None else ""
    texts = {
        "MinCount": f"{of} is missing.",
        "MaxCount": f"{of} is stated more than once; {wanted} is the most.",
        "MinLength": f"{of} is empty.",
        "Pattern": f"{of} is{value}, which does not match {wanted}.",
        "Class": f"{of} is{value}, which is no {shown(wanted or '')}.",
        "Datatype": f"{of} is{value}, which is no {shown(wanted or '')}.",
        "NodeKind": f"{of} is{value}, and has to be a name (an IRI).",
        "LessThanOrEquals": f"{of}{value} is after {shown(wanted or '')}.",
    }
    return texts.get(name, f"{of}{value} violates {shown(parameter)}.")
