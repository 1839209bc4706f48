"""The guideline library: the list of topics, and one of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from rdflib import RDFS, SKOS, URIRef

from reasoner.authoring.topicpages import combined, shape_excerpt
from reasoner.guidelines import Criterion, Guideline, Recommendation
from reasoner.knowledge import Knowledge, Topic
from reasoner.rendering.words import VERIFIED
from reasoner.terms import local_name
from reasoner.web.keeping import keeping
from reasoner.web.pages.expectedcases import proofs
from reasoner.web.pages.shelf import shelf
from reasoner.web.pages.site import NotFoundError, Site

_PAUSE = 0.05
"""Seconds between topics that are made ready, for pages that are asked for meanwhile."""


@dataclass(frozen=True)
class Card:
    """A topic in the list.

    Attributes:
        attested: how many criteria there are of each attestation.
        unverified: how many criteria were not seen at their source.
        words: what it is found by.
        statements: the criteria, with the words that each is found by.
    """

    name: str
    guideline: Guideline
    recommendations: tuple[Recommendation, ...]
    stances: tuple[str, ...]
    criteria: int
    attested: Counter[str]
    unverified: int
    words: str
    statements: tuple[tuple[Criterion, str], ...]


def router(site: Site) -> APIRouter:
    """Give the routes of the library."""
    routes = APIRouter()

    @routes.get("/guidelines")
    def guidelines(request: Request) -> HTMLResponse:
        q = request.query_params.get("q", "")[:200].strip()
        wanted = q.casefold().split()
        cards = _cards(site.knowledge)
        found = [(card, hits) for card in cards if (hits := _hits(card, wanted)) is not None]
        by_guideline: dict[Guideline, list[tuple[Card, list[Criterion]]]] = {}
        for card, hits in found:
            by_guideline.setdefault(card.guideline, []).append((card, hits))
        attested: Counter[str] = Counter()
        for card in cards:
            attested.update(card.attested)
        return site.page(
            request, "guidelines.html.j2", q=q, groups=by_guideline, topics=len(cards),
            found=len(found), attested=attested.most_common(),
            criteria=sum(card.criteria for card in cards), verified=VERIFIED, name_of=_short_name,
        )  # fmt: skip

    @routes.get("/guidelines/{guideline}/{name}")
    def topic(request: Request, guideline: str, name: str) -> HTMLResponse:
        full = f"{guideline}/{name}"
        if full not in site.knowledge.sources.topics:
            raise NotFoundError("The library has no topic of this name.")
        count = None
        if site.settings.store is not None:
            count = dict(shelf(site).topics()).get(full, 0)
        return site.page(request, "topic.html.j2", count=count, **_topic(site.knowledge, full))

    return routes


def warm(knowledge: Knowledge) -> None:
    """Make ready what pages show, those of long topics first, and give way to whoever asks."""

    def length(topic: str) -> int:
        return sum(len(knowledge.sources.files[f]) for f in knowledge.sources.shapes_of(topic))

    with keeping():
        _cards(knowledge)
        _ = knowledge.readings
    for topic in sorted(knowledge.sources.topics, key=length, reverse=True):
        with keeping():
            _topic(knowledge, topic)
        time.sleep(_PAUSE)


def _short_name(guideline: Guideline) -> str:
    return str(guideline.iri).rpartition("/")[2]


def _hits(card: Card, wanted: list[str]) -> list[Criterion] | None:
    """Give the criteria that all words are in; none of them where the topic itself fits."""
    if not wanted or all(word in card.words for word in wanted):
        return []
    hits = [c for c, said in card.statements if all(word in said for word in wanted)]
    return hits or None


@lru_cache(maxsize=2)
def _cards(knowledge: Knowledge) -> tuple[Card, ...]:
    return tuple(_card(knowledge, topic) for topic in knowledge.topics)


def _card(knowledge: Knowledge, topic: Topic) -> Card:
    label = knowledge.concepts.label
    criteria = {c.iri: c for r in topic.recommendations for c in r.criteria}
    attested = Counter(label(c.attestation) for c in criteria.values())
    heads = " ".join(
        f"{r.label} {r.section} {_names(knowledge, r.treatment)}" for r in topic.recommendations
    )
    words = f"{topic.name} {heads}".casefold()
    return Card(
        topic.name,
        topic.recommendations[0].guideline,
        topic.recommendations,
        tuple(dict.fromkeys(label(r.stance) for r in topic.recommendations)),
        len(criteria),
        attested,
        sum(n for name, n in attested.items() if name not in VERIFIED),
        words,
        tuple((c, f"{words} {c.statement} {c.if_missing}".casefold()) for c in criteria.values()),
    )


def _names(knowledge: Knowledge, treatment: URIRef) -> str:
    kinds = [treatment, *knowledge.concepts.subclasses(treatment)]
    graph = knowledge.vocabulary
    return " ".join(
        str(n) for k in kinds for p in (RDFS.label, SKOS.altLabel) for n in graph.objects(k, p)
    )


@lru_cache(maxsize=512)
def _topic(knowledge: Knowledge, name: str) -> dict[str, Any]:
    """Give what the page of a topic shows."""
    topic = knowledge.topic(name)
    label = knowledge.concepts.label
    cases = proofs(name)
    criteria = {c.iri: c for r in topic.recommendations for c in r.criteria}
    return {
        "name": name,
        "title": topic.recommendations[0].label,
        "guideline": topic.recommendations[0].guideline,
        "recommendations": [
            {
                "of": r,
                "stance": label(r.stance),
                "treatment": label(r.treatment),
                "attestation": label(r.attestation),
                "verified": label(r.attestation) in VERIFIED,
                "needs": None if r.requires is None else combined(r.requires),
                "readings": knowledge.readings_of(r),
                "prevails": sorted(str(i).partition("/guideline/")[2] for i in r.prevails_over),
            }
            for r in topic.recommendations
        ],
        "criteria": [
            {
                "of": c,
                "attestation": label(c.attestation),
                "verified": label(c.attestation) in VERIFIED,
                "cited": _cited(knowledge, c),
                "shape": shape_excerpt(knowledge, name, c).strip(),
                "cases": list(_proving(name, c.number)),
            }
            for c in criteria.values()
        ],
        "cases": [case for case in cases if case.decision is not None],
    }


def _cited(knowledge: Knowledge, criterion: Criterion) -> str | None:
    if criterion.cited_from is None:
        return None
    document = knowledge.guidelines.get(criterion.cited_from)
    return local_name(criterion.cited_from) if document is None else document.title


_ORDER = ("Met", "PresumedMet", "NotMet", "NotDocumented", "NotApplicable")


def _proving(topic: str, number: str) -> Iterator[tuple[str, Any]]:
    """Give the cases that expect something of a criterion, with what; those that meet it first."""
    found = [(case.outcomes[number], case) for case in proofs(topic) if number in case.outcomes]
    yield from sorted(found, key=lambda pair: (_ORDER.index(pair[0]), pair[1].name))
