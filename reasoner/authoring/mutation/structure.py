"""Slips in how things combine: all for any, a conjunct or exception lost, a target, a silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rdflib import RDF, RDFS, SH, Literal, URIRef

from reasoner.authoring.mutation.constraints import changed_number, number_of, one_step
from reasoner.authoring.mutation.mutant import Encoding, Mutant, members, without
from reasoner.decision import bound_of
from reasoner.guidelines import Combination, Criterion
from reasoner.rdf import Triple, iris
from reasoner.terms import CORE, local_name

_WORD = {"AllOf": "all", "AnyOf": "any"}
_OTHER = {"AllOf": "AnyOf", "AnyOf": "AllOf"}
_ONE_OPERAND = "of one thing, all and any are the same"
_BOUND_OF_SHAPE = "what is supported is counted up to the bound of the shape, which it has"


def _named(operand: Criterion | Combination) -> str:
    if isinstance(operand, Criterion):
        return f"criterion {operand.number} ({operand.statement.rstrip('.')})"
    return local_name(operand.iri)


def _listed(combination: Combination) -> str:
    numbers = [c.number for c in combination.criteria()]
    return f"{local_name(combination.iri)} (criteria {', '.join(numbers)})"


def combinations(encoding: Encoding) -> Iterator[Mutant]:
    """All for any, a threshold off by one, an operand or an exception lost."""
    for combination in encoding.combinations:
        iri, kind, operands = combination.iri, combination.kind, combination.operands
        if kind in _OTHER:
            yield encoding.of_guideline(
                "all-any",
                iri,
                RDF.type,
                f"{_listed(combination)}: {_WORD[_OTHER[kind]]} instead of {_WORD[kind]}",
                "in which one of them is met and another is not, and nothing else is wanting",
                [(iri, RDF.type, CORE[kind])],
                [(iri, RDF.type, CORE[_OTHER[kind]])],
                equivalent=_ONE_OPERAND if len(operands) == 1 else None,
            )
        if kind == "AtLeast":
            yield from _thresholds(encoding, combination)
        if kind == "Unless":
            assert combination.exception is not None
            yield encoding.of_guideline(
                "exception-dropped",
                iri,
                CORE.exception,
                f"{_listed(combination)}: the exception {_named(combination.exception)} is lost",
                "in which only the exception is met",
                [
                    (iri, RDF.type, CORE.Unless),
                    (iri, CORE.exception, combination.exception.iri),
                ],
                [(iri, RDF.type, CORE.AllOf)],
            )
        for operand in operands if len(operands) > 1 else ():
            yield encoding.of_guideline(
                "operand-dropped",
                iri,
                CORE.operand,
                f"{local_name(iri)}: {_named(operand)} is lost",
                "that this alone decides",
                [(iri, CORE.operand, operand.iri)],
                [],
                local_name(operand.iri),
            )


def _thresholds(encoding: Encoding, combination: Combination) -> Iterator[Mutant]:
    stated = encoding.guideline.value(combination.iri, CORE.atLeast)
    if not isinstance(stated, Literal):
        return
    for other in (combination.threshold + 1, combination.threshold - 1):
        if 1 <= other <= len(combination.operands):
            yield encoding.of_guideline(
                "threshold-by-one",
                combination.iri,
                CORE.atLeast,
                f"{_listed(combination)}: at least {other} instead of {stated}",
                f"in which exactly {min(other, combination.threshold)} of them are met",
                [(combination.iri, CORE.atLeast, stated)],
                [(combination.iri, CORE.atLeast, Literal(str(other), datatype=stated.datatype))],
                str(other),
            )


def criteria(encoding: Encoding) -> Iterator[Mutant]:
    """Silence that counts as met, or no longer does; a stated limit off by one."""
    for criterion in encoding.criteria:
        of = f"Criterion {criterion.number} ({criterion.statement.rstrip('.')})"
        presumed: Triple = (criterion.iri, CORE.whenSilent, CORE.PresumedMet)
        declared = list(encoding.guideline.triples((criterion.iri, CORE.whenSilent, None)))
        yield encoding.of_guideline(
            "silence-flipped",
            criterion.iri,
            CORE.whenSilent,
            f"{of}: silence counts as "
            + ("undocumented instead of met" if criterion.presumed_met else "met"),
            "whose record is silent on this and on nothing else",
            declared,
            [] if criterion.presumed_met else [presumed],
        )
        from_shape = bound_of(replace(criterion, limit=None), encoding.shapes) is not None
        limit = encoding.guideline.value(criterion.iri, CORE.limit)
        number = number_of(limit)
        if number is None or not isinstance(limit, Literal):
            continue
        for sign in (1, -1):
            new = changed_number(limit, number + sign * one_step(number))
            yield encoding.of_guideline(
                "limit-by-one",
                criterion.iri,
                CORE.limit,
                f"{of}: what is supported is counted up to {new} instead of {limit}",
                "that asks for more than the limit and expects how many are supported",
                [(criterion.iri, CORE.limit, limit)],
                [(criterion.iri, CORE.limit, new)],
                "up" if sign > 0 else "down",
                _BOUND_OF_SHAPE if from_shape else None,
            )


def targets(encoding: Encoding) -> Iterator[Mutant]:
    """A criterion asked of the wrong requests: of repeats for all, of firsts for repeats."""
    used = {c.target for c in encoding.criteria}
    used |= {c.ruled_out_by for c in encoding.criteria if c.ruled_out_by is not None}
    used |= {r.applies_to for r in encoding.recommendations}
    above = {c: set(iris(encoding.guideline, c, RDFS.subClassOf)) for c in used}
    for criterion in encoding.criteria:
        target = criterion.target
        for other in _easily_taken_for(target, above):
            yield encoding.of_shape(
                "target-swapped",
                criterion.shape,
                SH.targetClass,
                f"asked of each {_request(encoding, other)} "
                f"instead of each {_request(encoding, target)}",
                "of a request that is one and not the other",
                [(criterion.shape, SH.targetClass, target)],
                [(criterion.shape, SH.targetClass, other)],
                local_name(other),
            )


def _easily_taken_for(target: URIRef, above: dict[URIRef, set[URIRef]]) -> list[URIRef]:
    """Give the classes of requests above and below a target, and one beside it."""
    others = sorted(set(above) - {target})
    near = [o for o in others if o in above[target] or target in above[o]]
    beside = [o for o in others if o not in near and above[o] & above[target]]
    following = [o for o in beside if o > target] or beside
    return sorted([*near, *following[:1]])


def _request(encoding: Encoding, kind: URIRef) -> str:
    label = encoding.guideline.value(kind, RDFS.label)
    return str(label) if label is not None else encoding.label(kind)


def parts(encoding: Encoding) -> Iterator[Mutant]:
    """A property shape lost, alternatives taken for conjuncts, a negation lost."""
    graph = encoding.shapes
    turned = {SH["or"]: SH["and"], SH["and"]: SH["or"]}
    words = {SH["or"]: "any", SH["and"]: "all"}
    for shape in encoding.shape_nodes:
        for part in iris(graph, shape, SH.property):
            yield encoding.of_shape(
                "property-dropped",
                shape,
                SH.property,
                f"{local_name(part)} is lost",
                f"that only {local_name(part)} rules out or bears out",
                [(shape, SH.property, part)],
                [],
                local_name(part),
            )
        for predicate, other in turned.items():
            for head in graph.objects(shape, predicate):
                holder = (shape, predicate, head)
                places = list(members(graph, head))
                names = ", ".join(local_name(str(m)) for _, m in places)
                yield encoding.of_shape(
                    "all-any",
                    shape,
                    predicate,
                    f"{words[other]} of {names} instead of {words[predicate]}",
                    "with something that is one of them and not another",
                    [holder],
                    [(shape, other, head)],
                    equivalent=_ONE_OPERAND if len(places) == 1 else None,
                )
                for place, member in places if len(places) > 1 else ():
                    removed, added = without(graph, holder, place)
                    yield encoding.of_shape(
                        "operand-dropped",
                        shape,
                        predicate,
                        f"{local_name(str(member))} is lost from {words[predicate]} of {names}",
                        f"with something that is only {local_name(str(member))}",
                        removed,
                        added,
                        local_name(str(member)),
                    )
        for negated in iris(graph, shape, SH["not"]):
            yield encoding.of_shape(
                "negation-dropped",
                shape,
                SH["not"],
                f"{local_name(negated)} instead of not {local_name(negated)}",
                f"with something that is {local_name(negated)}",
                [(shape, SH["not"], negated)],
                [(shape, SH.node, negated)],
                local_name(negated),
            )
