"""Problem: a bound is of another kind than the values of its path.

Why: a number does not compare with a date or a text, and nothing compares with a quantity as
stated ("3 months"). Each value would be a violation, and the determination stops rather than
take an unreadable value for a contradiction.

Mend: write the bound in the property's datatype; for a quantity, name the property that gives it
as a number in the unit of the guideline (``core:durationWeeks``).

Source: W3C SHACL, section 4.3; W3C SPARQL 1.1 Query, section 17.3 (operator mapping).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, Literal, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, View, shown
from reasoner.authoring.lint.base.shapes import last_steps, path_of
from reasoner.authoring.lint.base.vocabulary import Vocabulary, datatype_of, family, vocabulary_of
from reasoner.terms import CORE, local_name

RULE = rule_name(__name__)
_BOUNDS = (SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive)


def check(release: Release) -> Iterator[Finding]:
    """Find bounds, datatypes and listed literals that no value of their path compares with."""
    vocabulary = vocabulary_of(release)
    for view in release.views:
        for shape in sorted(set(view.shapes.subjects(SH.path, None)), key=str):
            path = path_of(view.shapes, shape)
            if path is None or not isinstance(shape, URIRef):
                continue
            for prop, inverse in last_steps(path):
                if not inverse and prop in vocabulary.ranges:
                    yield from _of_path(release, vocabulary, view, shape, prop)


def _of_path(
    release: Release, vocabulary: Vocabulary, view: View, shape: URIRef, prop: URIRef
) -> Iterator[Finding]:
    for parameter, datatype in _asked(view, shape):
        ranges = vocabulary.ranges[prop]
        if prop in vocabulary.data_properties:
            if parameter == SH.datatype and datatype in ranges:
                continue
            fits = parameter != SH.datatype and any(family(r) == family(datatype) for r in ranges)
            if fits and CORE.Quantity not in ranges:
                continue
            kind = ", ".join(sorted(shown(r) for r in ranges))
        else:
            kind = "things, not literals"
        better = [local_name(p) for p in vocabulary.comparable.get(prop, ())]
        yield release.finding(
            RULE,
            shape,
            f"{shown(parameter)} is of {shown(datatype)}; the values of {shown(prop)} are {kind}.",
            f"Compare one of core:{', core:'.join(better)}."
            if better
            else "Write the bound in the property's datatype, or name another property.",
            predicate=parameter,
            reading=view.reading,
        )


def _asked(view: View, shape: URIRef) -> Iterator[tuple[URIRef, URIRef]]:
    """Give the parameters of a property shape that compare values, with their datatypes."""
    for parameter in _BOUNDS:
        for bound in view.shapes.objects(shape, parameter):
            if isinstance(bound, Literal):
                yield parameter, datatype_of(bound)
    for datatype in view.shapes.objects(shape, SH.datatype):
        if isinstance(datatype, URIRef):
            yield SH.datatype, datatype
    for head in view.shapes.objects(shape, SH["in"]):
        for value in view.shapes.items(head):
            if isinstance(value, Literal):
                yield SH["in"], datatype_of(value)
