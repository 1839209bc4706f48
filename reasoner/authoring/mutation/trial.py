"""Try a mutant on the cases of its topic: does one of them decide otherwise than it says?

Slips touch shapes and combinations only, so a case is classified once and never again. Of the
criteria, those are assessed anew that a mutant touches, on what of the case their shapes can see;
the others keep the outcome that they had. The first case that notices ends the trial.

pyshifty, several times as fast, only says which cases to ask: a mutant is killed if both engines
have a case decide otherwise, and survives if both have none.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from reasoner.assessment import Assessment, assess, outcome_of
from reasoner.authoring.decidedcases import Observed
from reasoner.authoring.expectedcases import (
    differences,
    read_library_case,
    shown,
    under,
)
from reasoner.authoring.mutation.mutant import GUIDELINE, Mutant, encoding_of
from reasoner.authoring.mutation.parsedqueries import use_parsed_queries
from reasoner.authoring.mutation.prepared import (
    PreparedCase,
    Setting,
    only,
    terms_named,
    without_results,
)
from reasoner.decision import ItemDecision, decide_item, in_order_of_dependence
from reasoner.errors import EngineError, KnowledgeError
from reasoner.guidelines import Criterion, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome, Role
from reasoner.terms import CORE, local_name

KILLED, SURVIVED, REFUSED, EQUIVALENT = "killed", "survived", "refused", "equivalent"


@dataclass(frozen=True)
class Verdict:
    """How a mutant fared.

    Attributes:
        result: ``killed``, ``survived``, ``refused`` at load, or ``equivalent`` by construction.
        by: the case that noticed it, or why it was not tried.
        tried: how many cases were asked.
    """

    result: str
    by: str = ""
    tried: int = 0


def _named_by(part: Recommendation, shapes: Graph) -> frozenset[URIRef] | None:
    named = terms_named(shapes)
    if named is None:
        return None
    ruled_out = {c.ruled_out_by for c in part.criteria if c.ruled_out_by is not None}
    return named | ruled_out | {c.target for c in part.criteria}


class Trials:
    """The cases of one topic, ready for its mutants.

    Args:
        knowledge: this release, under its default readings.
        topic: ``guideline/topic``.
        library: the folder of the library.
        observed: what each case of the topic gave.
    """

    def __init__(
        self, knowledge: Knowledge, topic: str, library: Path, observed: Mapping[str, Observed]
    ) -> None:
        use_parsed_queries()
        self.topic = topic
        self._settings: dict[tuple[str, ...], Setting] = {}
        self.cases: list[PreparedCase] = []
        self._setting(knowledge, ())
        for name, seen in sorted(observed.items()):
            if seen.wrong or not any(item.topic == topic for item in seen.items):
                continue
            case = read_library_case(library, name, knowledge)
            self.cases.append(PreparedCase(case, seen, self._setting(knowledge, case.readings)))

    def _setting(self, knowledge: Knowledge, readings: tuple[str, ...]) -> Setting:
        if readings not in self._settings:
            chosen = under(knowledge, readings)
            self._settings[readings] = Setting(chosen, encoding_of(chosen, self.topic))
        return self._settings[readings]

    def run(self, mutant: Mutant) -> Verdict:
        """Try a mutant."""
        if mutant.equivalent is not None:
            return Verdict(EQUIVALENT, mutant.equivalent)
        tried = 0
        for setting in self._settings.values():
            if not setting.encoding.holds(mutant):
                continue
            with setting.encoding.applied(mutant):
                try:
                    changed = Changed(setting, mutant)
                except KnowledgeError as error:
                    return Verdict(REFUSED, str(error), tried)
                in_order = self._in_order(setting, changed)
                asked = set()
                for prepared in in_order:
                    tried += 1
                    if changed.seems_noticed_by(prepared):
                        asked.add(prepared)
                        if changed.noticed_by(prepared):
                            return Verdict(KILLED, prepared.case.name, tried)
                for prepared in in_order:
                    if prepared not in asked and changed.noticed_by(prepared):
                        return Verdict(KILLED, prepared.case.name, tried)
        return Verdict(SURVIVED, "", tried)

    def _in_order(self, setting: Setting, changed: Changed) -> list[PreparedCase]:
        """Put those cases first that say something of what is changed, and of little else."""
        return sorted(
            (p for p in self.cases if p.setting is setting),
            key=lambda p: (not p.stated & changed.numbers, len(p.stated), p.case.name),
        )


_Assess = Callable[[PreparedCase, URIRef, Recommendation], dict[URIRef, Assessment]]


class Changed:
    """A mutant applied under a setting, and what it changes.

    Raises:
        KnowledgeError: if the mutant is refused when it is loaded.
    """

    def __init__(self, setting: Setting, mutant: Mutant) -> None:
        self._setting = setting
        self._mutant = mutant
        encoding = setting.encoding
        recompiled = mutant.part == GUIDELINE or mutant.predicate == SH.targetClass
        self._recommendations = {
            r.iri: r for r in (setting.recompiled() if recompiled else encoding.recommendations)
        }
        touched = mutant.touched
        self._affected = frozenset(
            c.iri
            for c in encoding.criteria
            if (c.iri in touched and mutant.predicate != CORE.limit)
            or (encoding.reach[c.iri] & touched)
        )
        self.numbers = frozenset(c.number for c in encoding.criteria if c.iri in self._affected)
        # A threshold or a limit changes what is decided though no outcome changes.
        self._decides = mutant.part == GUIDELINE or mutant.operator == "bound-by-one"
        self._knowledge = setting.with_recommendations(self._recommendations.values())
        if not any(c.limits for c in encoding.criteria if c.iri in self._affected):
            # To decide takes the bounds of quantity limits, which this leaves as they are.
            for iri in self._recommendations:
                shapes = setting.shapes_of(iri)
                if shapes is not None:
                    self._knowledge._shapes[iri] = shapes
        self._parts = {
            iri: part
            for iri, recommendation in self._recommendations.items()
            if (part := self._part(recommendation)) is not None
        }
        self._assessing = setting.with_recommendations(self._parts.values())
        self._named = {
            iri: _named_by(part, self._assessing.shapes_of(part)[0].graph)
            for iri, part in self._parts.items()
        }
        # Cases that look the same to the shapes are assessed once.
        self._assessed: dict[tuple[URIRef, str], dict[URIRef, Assessment]] = {}

    def _part(self, recommendation: Recommendation) -> Recommendation | None:
        """Give a recommendation that requires the affected criteria only, to assess them by."""
        criteria = tuple(c for c in recommendation.criteria if c.iri in self._affected)
        if not criteria:
            return None
        return only(recommendation, criteria)

    def noticed_by(self, prepared: PreparedCase) -> bool:
        """Tell whether a case decides otherwise than it says, by both engines."""
        return self._noticed(prepared, self._assess)

    def seems_noticed_by(self, prepared: PreparedCase) -> bool:
        """Tell whether a case decides otherwise than it says, by pyshifty alone."""
        return self._noticed(prepared, self._glance)

    def _noticed(self, prepared: PreparedCase, assess: _Assess) -> bool:
        assessed: dict[URIRef, tuple[Assessment, ...]] = {}
        differs = self._decides
        for request, governing in prepared.governed(self._setting.encoding.topic).items():
            recommendation = self._recommendations[governing.iri]
            before = prepared.outcomes[local_name(request)]
            try:
                part = self._parts.get(governing.iri)
                new = {} if part is None else assess(prepared, request, part)
            except EngineError:
                return True  # nothing is decided, which is not what the case says
            differs |= any(shown(a) != before[str(iri)] for iri, a in new.items())
            assessed[request] = tuple(
                new[c.iri] if c.iri in new else prepared.as_before(request, c)
                for c in recommendation.criteria
            )
        return differs and self._decided_otherwise(prepared, assessed)

    def _assess(
        self, prepared: PreparedCase, request: URIRef, part: Recommendation
    ) -> dict[URIRef, Assessment]:
        """Assess the criteria that a slip touches, by both engines."""
        view = prepared.view(request, self._named[part.iri])
        key = (part.iri, view.key)
        if key not in self._assessed:
            assessed = assess(view.classified, self._assessing, part)[request]
            self._assessed[key] = {a.criterion.iri: a for a in assessed}
        return self._assessed[key]

    def _glance(
        self, prepared: PreparedCase, request: URIRef, part: Recommendation
    ) -> dict[URIRef, Assessment]:
        """Assess by pyshifty's results alone, as far as they tell: what was met stays borne out."""
        shapes, examiner = self._assessing.shapes_of(part)
        data = prepared.data(request, self._named[part.iri])
        found: dict[Node | None, set[Outcome]] = {}
        for result in examiner.results(data):
            if result.focus == request:
                of = shapes.graph.value(result.shape, CORE.criterion)
                found.setdefault(of, set()).add(outcome_of(shapes, result))
        types = prepared.classified[request].types(request)
        before = prepared.outcomes[local_name(request)]
        return {
            c.iri: _glanced(c, types, found.get(c.iri, set()), before[str(c.iri)])
            for c in part.criteria
        }

    def _decided_otherwise(
        self, prepared: PreparedCase, assessed: Mapping[URIRef, tuple[Assessment, ...]]
    ) -> bool:
        items: dict[URIRef, ItemDecision] = {}
        of_case = prepared.case.case
        for request in in_order_of_dependence(of_case, of_case.requests):
            selection = prepared.selections[request]
            assessments = assessed.get(request)
            if selection.governing is not None and assessments is not None:
                governing = self._recommendations[selection.governing.iri]
                selection = replace(selection, governing=governing)
            elif selection.governing is not None:
                assessments = tuple(
                    prepared.as_before(request, c) for c in selection.governing.criteria
                )
            try:
                items[request] = decide_item(
                    prepared.classified[request],
                    self._knowledge,
                    selection,
                    assessments or (),
                    items,
                    Role.IMR,
                )
            except EngineError:
                return True
        by_name = {local_name(r): item for r, item in items.items()}
        return any(
            True
            for name, expected in prepared.case.expected.items()
            for _ in differences(name, expected, by_name[name])
        )


def _glanced(
    criterion: Criterion, types: Container[URIRef], violated: set[Outcome], before: str
) -> Assessment:
    if criterion.target not in types:
        return without_results(criterion, Outcome.NOT_APPLICABLE.value)
    if Outcome.NOT_MET in violated:
        return without_results(criterion, Outcome.NOT_MET.value)
    if violated:
        silent = "PresumedMet" if criterion.presumed_met else Outcome.NOT_DOCUMENTED.value
        return without_results(criterion, silent)
    return without_results(criterion, before if before in _BORNE_OUT else Outcome.MET.value)


_BORNE_OUT = ("PresumedMet", Outcome.MET.value, Outcome.NOT_DOCUMENTED.value)
"""What a criterion can come to without a violation."""
