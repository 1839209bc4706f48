"""Random cases over everything that is encoded, written as case files so that they are lawful.

A case asks for an encoded treatment on a day of one of its editions, and documents facts of the
classes that the topic's shapes and definitions mention, mixed with a few of any other class.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from rdflib import URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from reasoner import Case, Knowledge, load_knowledge, parse_case
from reasoner.guidelines import Recommendation
from reasoner.terms import CORE, local_name

LATEST = date(2017, 10, 2)
FIRST = date(2009, 9, 1)


@cache
def knowledge() -> Knowledge:
    """Give the knowledge of this release, loaded once."""
    return load_knowledge()


@cache
def mentioned(treatment: URIRef) -> frozenset[URIRef]:
    """Give every class that a shape or a definition of a treatment's topics mentions."""
    concepts = knowledge().concepts
    found: set[URIRef] = set()
    for topic in knowledge().topics_about(concepts.ancestors[treatment]):
        for graph in (topic.graph, topic.shapes):
            found.update(o for o in graph.objects() if o in concepts.ancestors)  # type: ignore[misc]
    return frozenset(found - _STRUCTURE)


_STRUCTURE = frozenset(
    {CORE.Fact, CORE.PresentFact, CORE.AbsentFact, CORE.TreatmentTrial, CORE.Medication,
     CORE.TreatmentRequest, CORE.Ingredient, CORE.Documentable}
)  # fmt: skip


@cache
def documentable() -> tuple[URIRef, ...]:
    """Give every class that a fact can be."""
    return tuple(knowledge().concepts.subclasses(CORE.Documentable))


@cache
def relevant(treatment: URIRef) -> tuple[URIRef, ...]:
    """Give the classes of facts that a treatment's topics mention."""
    return tuple(sorted(mentioned(treatment) & set(documentable()))) or documentable()


@cache
def irrelevant(treatment: URIRef) -> tuple[URIRef, ...]:
    """Give the classes of facts that nothing of a treatment's topics mentions, at any height."""
    concepts, known = knowledge().concepts, mentioned(treatment)
    return tuple(
        c
        for c in documentable()
        if concepts.ancestors[c].isdisjoint(known) and not concepts.is_kind_of(c, treatment)
    )


@cache
def treatments() -> tuple[URIRef, ...]:
    """Give every treatment with a recommendation."""
    return tuple(sorted(knowledge().index.about))


@cache
def days(treatment: URIRef) -> tuple[date, ...]:
    """Give days on which a recommendation of a treatment is in force: early, and late."""
    found = set()
    for topic in knowledge().topics_about([treatment]):
        for recommendation in topic.recommendations:
            guideline = recommendation.guideline
            start, end = guideline.start or FIRST, guideline.end or LATEST
            found |= {max(start, FIRST), min(end, LATEST)}
    return tuple(sorted(found))


@cache
def _individuals(kind: URIRef) -> tuple[str, ...]:
    return tuple(local_name(i) for i in knowledge().concepts.individuals(kind))


@cache
def _asked_of(treatment: URIRef) -> tuple[str, ...]:
    """Give the keys of a request that the topic's shapes look at."""
    paths: set[URIRef] = set()
    for topic in knowledge().topics_about([treatment]):
        for head in topic.shapes.objects(None, SH.path):
            nodes = [head] if isinstance(head, URIRef) else Collection(topic.shapes, head)
            paths.update(node for node in nodes if isinstance(node, URIRef))
    keys = knowledge().case_format["request"].keys.values()
    base = {p: knowledge().vocabulary.value(p, CORE.derivedFrom) for p in paths}
    stated = paths | set(base.values())
    return tuple(sorted(k.name for k in keys if k.path in stated)) or ("quantity",)


QUANTITIES = {
    "time": (
        "1 day",
        "13 days",
        "2 weeks",
        "6 weeks",
        "3 months",
        "100 days",
        "7 months",
        "2 years",
    ),
    "percent": ("0 %", "20 %", "50 %", "51 %", "90 %"),
    "mass": ("5 mg", "10 mg", "100 mcg"),
    "dose": ("20 mg/day", "79 mg/day", "81 mg/day", "120 mg/day"),
    "rate": ("25 mcg/h", "75 mcg/h"),
}


def _value(key: Any, day: date) -> st.SearchStrategy[Any]:
    """Give values of one key that the reader accepts."""
    if key.kind == "quantity":
        return st.sampled_from(QUANTITIES[key.unit_kind])
    if key.kind == "individual":
        return st.sampled_from(_individuals(key.of))
    if key.kind == "date":
        return st.integers(0, 900).map(lambda back: (day - timedelta(days=back)).isoformat())
    if key.kind in ("integer", "decimal"):
        least, most = int(key.lowest or 0), int(key.highest or 100)
        return st.sampled_from([n for n in (0, 1, 2, 4, 5, 6, 12, 24, 100) if least <= n <= most])
    if key.kind == "boolean":
        return st.booleans()
    assert key.kind == "string", key
    return st.sampled_from(("C6", "L5", "as recorded"))


FACT_KEYS = (
    "region", "side", "by", "nerveRoot", "severity", "date", "onset", "duration", "outcome",
    "relief", "reliefDuration", "count", "strength", "timesADay", "dailyDose", "deliveryRate",
)  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, kinds: tuple[URIRef, ...], day: date, region: str | None) -> dict:
    """Make a fact of one of several kinds."""
    keys = knowledge().case_format["fact"].keys
    fact: dict[str, Any] = {"is": local_name(draw(st.sampled_from(kinds))), "in": "r1"}
    fact["status"] = draw(st.sampled_from(("present", "present", "absent")))
    chosen = draw(st.lists(st.sampled_from(FACT_KEYS), max_size=4, unique=True))
    for name in chosen:
        fact[name] = draw(_value(keys[name], day))
    if region is not None and "region" in fact and draw(st.booleans()):
        fact["region"] = region
    return fact


@dataclass(frozen=True)
class Drawn:
    """A case as drawn, with what it asks for."""

    content: dict[str, Any]
    treatment: URIRef
    day: date
    region: str | None

    def read(self, **changed: Any) -> Case:
        """Read the case, or one that differs in some keys."""
        data = json.dumps({**self.content, **changed}).encode()  # JSON is YAML
        return parse_case(data, "case.yaml", knowledge())

    def plus(self, fact: dict[str, Any]) -> Case:
        """Read the case with one more fact, which is last, so that no other is renamed."""
        return self.read(facts=[*self.content["facts"], fact])


@st.composite
def cases(draw: st.DrawFn, most_facts: int = 6) -> Drawn:
    """Make a case with one request."""
    treatment = draw(st.sampled_from(treatments()))
    day = draw(st.sampled_from(days(treatment)))
    region = draw(st.none() | st.sampled_from(_individuals(CORE.BodyRegion)))
    request: dict[str, Any] = {"id": "asked", "treatment": local_name(treatment)}
    if region is not None:
        request["region"] = region
    keys = knowledge().case_format["request"].keys
    for name in draw(st.lists(st.sampled_from(_asked_of(treatment)), max_size=4, unique=True)):
        key = keys[name]
        if key.kind == "form":
            drugs = [
                c for c in relevant(treatment) if knowledge().concepts.is_kind_of(c, CORE.Drug)
            ]
            if drugs:
                some = st.lists(st.sampled_from(drugs), min_size=1, max_size=3)
                request[name] = [{"is": local_name(drug)} for drug in draw(some)]
        elif name not in ("region", "dependsOn", "granted", "date"):
            request[name] = draw(_value(key, day))
    kinds = relevant(treatment)
    content = {
        "id": "drawn",
        "utilizationReview": {"date": day.isoformat(), "decision": "Denied"},
        "records": [{"id": "r1", "type": "ProgressReport", "date": day.isoformat()}],
        "facts": [
            *draw(st.lists(facts(kinds, day, region), max_size=most_facts)),
            *draw(st.lists(facts(documentable(), day, region), max_size=1)),
        ],
        "requests": [request],
    }
    if draw(st.booleans()):
        content["worker"] = {"age": draw(st.sampled_from((30, 64, 65, 66, 80)))}
    if draw(st.booleans()):
        injured = day - timedelta(days=draw(st.sampled_from((20, 100, 400, 3000))))
        content["injury"] = {"date": injured.isoformat()}
    return Drawn(content, treatment, day, region)


def governing(case: Case) -> Recommendation | None:
    """Give what governs the one request of a case."""
    from reasoner.adjudication import decide
    from reasoner.outcomes import Role

    (decision,) = decide(case, knowledge(), Role.IMR).items.values()
    return decision.recommendation
