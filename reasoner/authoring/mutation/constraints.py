"""Slips in a constraint: a bound, a count, a concept, a path, what a violation means."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rdflib import RDF, RDFS, SH, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.mutation.mutant import (
    Encoding,
    Mutant,
    members,
    property_name,
    property_shapes,
    steps_of_path,
)
from reasoner.guidelines import Criterion
from reasoner.rdf import iris
from reasoner.terms import CORE, local_name

_WORDS = {
    SH.minInclusive: "at least",
    SH.maxInclusive: "at most",
    SH.minExclusive: "more than",
    SH.maxExclusive: "less than",
}
_OTHER_BOUND = {
    SH.minInclusive: SH.minExclusive,
    SH.minExclusive: SH.minInclusive,
    SH.maxInclusive: SH.maxExclusive,
    SH.maxExclusive: SH.maxInclusive,
}
# Of a bound and its mutant, which of the two one accepts and the other does not.
_SEPARATING = {
    SH.minInclusive: min,
    SH.maxInclusive: max,
    SH.minExclusive: max,
    SH.maxExclusive: min,
}


def number_of(literal: Node | None) -> Decimal | None:
    """Give the number that a literal stands for, or None."""
    value = literal.value if isinstance(literal, Literal) else None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float)):
        return None
    return Decimal(str(value))


def one_step(number: Decimal) -> Decimal:
    """Give the smallest amount in which a number is stated: 1 for 50.0, 0.1 for 2.5."""
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a bound is finite"
    return Decimal(1).scaleb(min(exponent, 0))


def changed_number(literal: Literal, number: Decimal) -> Literal:
    """Give a literal of the same kind with another number."""
    text = str(int(number)) if number == number.to_integral() else format(number.normalize(), "f")
    if "." in str(literal) and "." not in text:
        text += ".0"
    return Literal(text, datatype=literal.datatype)


def bounds(encoding: Encoding) -> Iterator[Mutant]:
    """A bound off by one step, or with its own value on the wrong side."""
    for shape in encoding.shape_nodes:
        for predicate, word in _WORDS.items():
            bound = encoding.shapes.value(shape, predicate)
            number = number_of(bound)
            if number is None or not isinstance(bound, Literal):
                continue
            about = property_name(encoding, shape)
            for sign in (1, -1):
                other = number + sign * one_step(number)
                if other < 0:
                    continue
                new = changed_number(bound, other)
                yield encoding.of_shape(
                    "bound-by-one",
                    shape,
                    predicate,
                    f"{about} {word} {new} instead of {bound}",
                    f"where {about} is exactly {_SEPARATING[predicate](number, other)}",
                    [(shape, predicate, bound)],
                    [(shape, predicate, new)],
                    "up" if sign > 0 else "down",
                )
            flipped = _OTHER_BOUND[predicate]
            yield encoding.of_shape(
                "bound-strictness",
                shape,
                predicate,
                f"{about} {_WORDS[flipped]} {bound} instead of {word} {bound}",
                f"where {about} is exactly {bound}",
                [(shape, predicate, bound)],
                [(shape, flipped, bound)],
            )


_COUNTS = {
    SH.minCount: "at least",
    SH.maxCount: "at most",
    SH.qualifiedMinCount: "at least",
    SH.qualifiedMaxCount: "at most",
}
_LOWER = (SH.minCount, SH.qualifiedMinCount)


def counts(encoding: Encoding) -> Iterator[Mutant]:
    """A count off by one."""
    for shape in encoding.shape_nodes:
        for predicate, word in _COUNTS.items():
            stated = encoding.shapes.value(shape, predicate)
            number = number_of(stated)
            if number is None or not isinstance(stated, Literal):
                continue
            about = counted(encoding, shape)
            for sign in (1, -1):
                other = number + sign
                if other < 0:
                    continue
                lower = predicate in _LOWER
                yield encoding.of_shape(
                    "count-by-one",
                    shape,
                    predicate,
                    f"{word} {other} of {about} instead of {stated}",
                    f"with {min(number, other) if lower else max(number, other)} of {about}",
                    [(shape, predicate, stated)],
                    [(shape, predicate, changed_number(stated, other))],
                    "up" if sign > 0 else "down",
                    _needless_count(encoding, shape, predicate) if lower and other == 0 else None,
                )


def counted(encoding: Encoding, shape: URIRef) -> str:
    """Say what a property shape counts: values of a property, or those of a shape."""
    qualified = encoding.shapes.value(shape, SH.qualifiedValueShape)
    about = property_name(encoding, shape)
    return f"{about} ({local_name(str(qualified))})" if qualified is not None else about


def _needless_count(encoding: Encoding, shape: URIRef, predicate: URIRef) -> str | None:
    """Say why no case can notice that a lower count of one is gone, where none can.

    A value that must be there is demanded twice over where ``sh:hasValue`` stands beside the
    count. And a criterion that nothing bears out is undocumented with or without a result: the
    count of its only shape that can bear it out adds nothing.
    """
    if predicate == SH.minCount and (shape, SH.hasValue, None) in encoding.shapes:
        return "the value that must be there is demanded beside the count"
    owners = encoding.roots.get(shape, ())
    if not owners or (shape, CORE.onViolation, CORE.NotMet) in encoding.shapes:
        return None
    for criterion in owners:
        own = property_shapes(encoding, criterion)
        if shape not in own or any(
            other != shape and _can_bear_out(encoding, other) for other in own
        ):
            return None
        if any((s, SH.property, shape) in encoding.shapes for s in _others(encoding, criterion)):
            return None
    return "a criterion that nothing bears out is undocumented, with the count or without it"


def _others(encoding: Encoding, criterion: Criterion) -> list[URIRef]:
    """Give the named shapes of a criterion beside its root."""
    reached = encoding.reach[criterion.iri]
    return [n for n in reached if isinstance(n, URIRef) and n != criterion.shape]


def _can_bear_out(encoding: Encoding, shape: URIRef) -> bool:
    """Tell whether values that a property shape examined can make a criterion met."""
    shapes = encoding.shapes
    if (shape, SH.qualifiedValueShape, None) in shapes:
        return (shape, SH.qualifiedMinCount, None) in shapes
    return (shape, SH.sparql, None) not in shapes or (shape, SH.minCount, None) in shapes


def concepts(encoding: Encoding) -> Iterator[Mutant]:
    """A concept that is not the one meant: the class above, or one beside it."""
    for shape in encoding.shape_nodes:
        for value in iris(encoding.shapes, shape, SH["class"]):
            for kind, other in (
                ("parent", _parent(encoding, value)),
                ("sibling", _sibling_class(encoding, value)),
            ):
                if other is None:
                    continue
                yield encoding.of_shape(
                    "wrong-concept",
                    shape,
                    SH["class"],
                    f"{encoding.label(other)} instead of {encoding.label(value)}",
                    f"where {encoding.label(other)} is documented and "
                    f"{encoding.label(value)} is not, or the other way about",
                    [(shape, SH["class"], value)],
                    [(shape, SH["class"], other)],
                    f"{local_name(value)}:{kind}",
                )
        for place, value in _named_values(encoding, shape):
            other = _sibling_individual(encoding, value, shape)
            if other is None:
                continue
            yield encoding.of_shape(
                "wrong-concept",
                shape,
                SH.hasValue if place == shape else SH["in"],
                f"{encoding.label(other)} instead of {encoding.label(value)}",
                f"where {property_name(encoding, shape)} is {encoding.label(value)}",
                [(place, SH.hasValue if place == shape else RDF.first, value)],
                [(place, SH.hasValue if place == shape else RDF.first, other)],
                local_name(value),
            )


def _named_values(encoding: Encoding, shape: URIRef) -> Iterator[tuple[Node, URIRef]]:
    for value in iris(encoding.shapes, shape, SH.hasValue):
        yield shape, value
    for head in encoding.shapes.objects(shape, SH["in"]):
        for place, member in members(encoding.shapes, head):
            if isinstance(member, URIRef):
                yield place, member


def _parent(encoding: Encoding, kind: URIRef) -> URIRef | None:
    above = iris(encoding.vocabulary, kind, RDFS.subClassOf)
    return above[0] if above else None


def _next_of(others: list[URIRef], one: URIRef) -> URIRef | None:
    """Give the next of a sorted list after one, the first after the last."""
    return next((o for o in others if o > one), others[0] if others else None)


def _sibling_class(encoding: Encoding, kind: URIRef) -> URIRef | None:
    parent = _parent(encoding, kind)
    if parent is None:
        return None
    beside = set(encoding.vocabulary.subjects(RDFS.subClassOf, parent))
    return _next_of(
        sorted(
            c
            for c in beside
            if isinstance(c, URIRef)
            and not encoding.concepts.is_kind_of(c, kind)
            and not encoding.concepts.is_kind_of(kind, c)
        ),
        kind,
    )


def _sibling_individual(encoding: Encoding, value: URIRef, shape: URIRef) -> URIRef | None:
    listed = {v for _, v in _named_values(encoding, shape)}
    kinds = [
        k for k in iris(encoding.vocabulary, value, RDF.type) if k in encoding.concepts.ancestors
    ]
    beside = {i for k in kinds for i in encoding.vocabulary.subjects(RDF.type, k)}
    return _next_of(sorted(i for i in beside if isinstance(i, URIRef) and i not in listed), value)


_STATUS = {CORE.presentFact: CORE.absentFact, CORE.absentFact: CORE.presentFact}


def paths(encoding: Encoding) -> Iterator[Mutant]:
    """Present for absent, or a quantity in another unit."""
    for shape in encoding.shape_nodes:
        for number, triple in enumerate(steps_of_path(encoding.shapes, shape)):
            step = triple[2]
            assert isinstance(step, URIRef), "a step of a path is a property"
            if step in _STATUS:
                yield encoding.of_shape(
                    "status-swapped",
                    shape,
                    SH.path,
                    f"{encoding.label(_STATUS[step])} instead of {encoding.label(step)}",
                    f"where {counted(encoding, shape)} is documented with the other status",
                    [triple],
                    [(triple[0], triple[1], _STATUS[step])],
                    str(number),
                )
            for other in _units_beside(encoding, step):
                yield encoding.of_shape(
                    "unit-swapped",
                    shape,
                    SH.path,
                    f"in {_unit(encoding, other)}s instead of {_unit(encoding, step)}s",
                    "whose duration is on different sides of the bound in the two units",
                    [triple],
                    [(triple[0], triple[1], other)],
                    f"{number}:{local_name(other)}",
                )


_UNITS = ("day", "week", "month", "year")


def _unit(encoding: Encoding, derived: URIRef) -> str:
    return str(encoding.vocabulary.value(derived, CORE.unitName))


def _units_beside(encoding: Encoding, derived: URIRef) -> list[URIRef]:
    """Give the properties that state the same in the next finer and the next coarser unit."""
    base = encoding.vocabulary.value(derived, CORE.derivedFrom)
    unit = _unit(encoding, derived)
    if base is None or unit not in _UNITS:
        return []
    near = {_UNITS.index(unit) - 1, _UNITS.index(unit) + 1}
    beside = [
        o for o in encoding.vocabulary.subjects(CORE.derivedFrom, base) if isinstance(o, URIRef)
    ]
    return sorted(
        o for o in beside if (of := _unit(encoding, o)) in _UNITS and _UNITS.index(of) in near
    )


def violations(encoding: Encoding) -> Iterator[Mutant]:
    """A contradiction taken for silence, or silence for a contradiction."""
    turned = {CORE.NotMet: CORE.NotDocumented, CORE.NotDocumented: CORE.NotMet}
    own = {s for criterion in encoding.criteria for s in property_shapes(encoding, criterion)}
    for shape in sorted(own):
        declared = encoding.shapes.value(shape, CORE.onViolation)
        if isinstance(declared, URIRef) and declared in turned:
            yield encoding.of_shape(
                "violation-flipped",
                shape,
                CORE.onViolation,
                f"a violation means {encoding.label(turned[declared])} "
                f"instead of {encoding.label(declared)}",
                f"that violates {local_name(shape)} and expects {local_name(declared)}",
                [(shape, CORE.onViolation, declared)],
                [(shape, CORE.onViolation, turned[declared])],
            )
