"""Problem: whatever meets one criterion meets another that is required together with it.

Why: the weaker one decides nothing. Often it is a bound that was meant for another property, or a
class that was meant to be a narrower one. What decides nothing only while an alternative reading
is taken is no mistake: under the default readings it decides, and that is what it is there for.

Mend: drop the weaker criterion, or put its shape right. If the guideline states both, state the
weaker one where the stronger is not required.

Source: numeric bounds, counts, lists and classes compared by what each admits (W3C SHACL,
section 4); shapes that are written differently are not compared further.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from rdflib import URIRef

from reasoner.authoring.lint.base.canonical import Implication
from reasoner.authoring.lint.base.combinations import recommended
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import CriterionShape, criterion_shapes, presumed_met
from reasoner.authoring.lint.base.vocabulary import Vocabulary, vocabulary_of
from reasoner.terms import CORE, local_name

RULE = rule_name(__name__)
IS_ADVICE = True


def check(release: Release) -> Iterator[Finding]:
    """Find criteria that another of the same ``core:AllOf`` implies."""
    vocabulary = vocabulary_of(release)
    view = next(view for view in release.views if view.reading is None)
    shapes = {found.criterion: found for found in criterion_shapes(view.shapes)}
    implication = Implication(view.shapes, vocabulary)
    pairs = {
        pair
        for of in recommended(view.graph)
        for group in of.together
        for pair in permutations([c for c in group if c in shapes], 2)
    }
    for strong, weak in sorted(pairs):
        presumed = presumed_met(view.graph, strong) and not presumed_met(view.graph, weak)
        if not presumed and _makes_redundant(implication, vocabulary, shapes[strong], shapes[weak]):
            yield release.finding(
                RULE,
                weak,
                f"{shown(weak)} is met whenever {local_name(strong)} is.",
                "Drop it, or put its shape right.",
                predicate=CORE.shape,
            )


def _makes_redundant(
    implication: Implication, vocabulary: Vocabulary, strong: CriterionShape, weak: CriterionShape
) -> bool:
    if implication.says(strong.shape) == implication.says(weak.shape):
        return False  # equal: another rule's
    covers = all(_is_covered(vocabulary, target, strong.targets) for target in weak.targets)
    return covers and implication.holds(strong.shape, weak.shape)


def _is_covered(vocabulary: Vocabulary, target: URIRef, by: tuple[URIRef, ...]) -> bool:
    return any(vocabulary.is_kind_of(target, other) for other in by)
