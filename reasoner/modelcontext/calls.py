"""What a language model may ask of the reasoner: plain functions from text to plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from rdflib import SKOS, URIRef

from reasoner.errors import InputError, Problem, nearest_word
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.store.asking import Limits
from reasoner.terms import data_folder, local_name

_CASE = "case"
"""What the case file is called in messages; a model has no name for it."""
_MOST = 30
"""How many concepts a search gives at most."""


class Tools:
    """The tools, over one release.

    Args:
        store: the store that queries are asked of; None if there is none.
        limits: how far a query may go.
    """

    def __init__(self, store: str | None, limits: Limits | None = None) -> None:
        self._store = store
        self._limits = limits or Limits(seconds=10.0, megabytes=2000, rows=200)

    @cached_property
    def knowledge(self) -> Knowledge:
        """This release, read when it is first asked for."""
        return load_knowledge()

    def case_format(self) -> dict[str, Any]:
        """Give the keys of a case file, and a whole example."""
        from reasoner.casedocs import takes_in_words, times_in_words

        forms = {}
        for name, form in self.knowledge.case_format.items():
            keys = [
                {
                    "key": key.name,
                    "takes": takes_in_words(key, self.knowledge),
                    "howOften": times_in_words(key),
                    "meaning": key.description,
                }
                for key in form.keys.values()
            ]
            if form.takes_id:
                own = {"key": "id", "takes": "an id", "howOften": "at most one",
                       "meaning": f"A name for {form.label}."}  # fmt: skip
                keys.insert(0, own)
            forms[name] = {"label": form.label, "keys": keys}
        example = data_folder("docs/examples").joinpath("trigger-points.yaml")
        return {"forms": forms, "example": example.read_text("utf-8")}

    def find_concepts(self, words: str, kind: str | None) -> dict[str, Any]:
        """Find concepts whose names, labels or definitions hold all words, the nearest first.

        Raises:
            InputError: if the kind is none.
        """
        concepts, graph = self.knowledge.concepts, self.knowledge.vocabulary
        among = sorted([*concepts.ancestors, *concepts.kinds])
        if kind is not None:
            top = concepts.find(kind)
            if top is None or top not in concepts.ancestors:
                raise InputError(
                    [
                        Problem(
                            f"{kind} is no kind of concept.",
                            "kind",
                            expected="a class, such as Finding, Diagnosis, Treatment or BodyRegion",
                            nearest=nearest_word(kind, map(local_name, concepts.ancestors)),
                        )
                    ]
                )
            among = [*concepts.subclasses(top), *concepts.individuals(top)]
        wanted = re.findall(r"\w+", words.casefold())
        found: list[tuple[int, int, URIRef]] = []
        for term in among:
            labels = [concepts.label(term), *map(str, graph.objects(term, SKOS.altLabel))]
            named = " ".join([local_name(term), *labels]).casefold()
            meaning = str(graph.value(term, SKOS.definition) or "")
            if all(word in f"{named} {meaning.casefold()}" for word in wanted):
                nearest = any(label.casefold() == words.casefold().strip() for label in labels)
                in_name = all(word in named for word in wanted)
                found.append((0 if nearest else 1 if in_name else 2, len(named), term))
        shown = [
            {
                "name": local_name(term),
                "label": concepts.label(term),
                "meaning": str(graph.value(term, SKOS.definition) or ""),
                "inRecords": sorted(map(str, graph.objects(term, SKOS.altLabel))),
            }
            for _, _, term in sorted(found)[:_MOST]
        ]
        return {"concepts": shown, "found": len(found)}

    def determine(self, case: str, role: str, readings: Sequence[str]) -> dict[str, Any]:
        """Decide a case, and give the determination as the contract has it.

        Raises:
            InputError: if the case file or a reading is mistaken.
        """
        from reasoner.case import parse_case
        from reasoner.determination import adjudicate

        read = parse_case(case.encode(), _CASE, self.knowledge)
        decided = adjudicate(read, self.knowledge, role=role, readings=list(readings))
        return decided.to_dict()

    def explain(
        self, case: str, role: str, readings: Sequence[str], request: int, criterion: str | None
    ) -> dict[str, Any]:
        """Say why a request is decided as it is; of one criterion, with its shape.

        Raises:
            InputError: if the case file or a reading is mistaken, or there is no such request or
                criterion.
        """
        from reasoner.rendering.sources import Sources

        contract = self.determine(case, role, readings)
        item = _item(contract, request)
        criteria = [dict(c) for c in item["criteria"]]
        if criterion is not None:
            criteria = [self._checked(c) for c in criteria if c["number"] == criterion]
            if not criteria:
                numbers = [c["number"] for c in item["criteria"]]
                raise InputError(
                    [
                        Problem(
                            f"There is no criterion {criterion} for {item['label']}.",
                            "criterion",
                            expected=", ".join(numbers) or "none: no criterion was assessed",
                        )
                    ]
                )
        sources = Sources(contract, request)
        shown = ("label", "requestDate", "decision", "basis", "outcome", "recommendation",
                 "readings", "notEvaluated", "nextSource")  # fmt: skip
        return {
            **{key: item[key] for key in shown},
            "criteria": criteria,
            "rationale": [
                {
                    "text": s["text"],
                    "sources": [source.label for source in sources.of(s["sources"])],
                }
                for s in item["rationale"]
            ],
        }

    def _checked(self, criterion: Mapping[str, Any]) -> dict[str, Any]:
        """Add to a criterion the shape that checks it, as the release has it."""
        from reasoner.authoring.topicpages import shape_excerpt

        iri = URIRef(criterion["id"])
        for recommendation in self.knowledge.recommendations:
            for own in recommendation.criteria:
                if own.iri == iri:
                    topic = str(recommendation.iri).partition("/guideline/")[2].partition("#")[0]
                    return {**criterion, "checkedBy": shape_excerpt(self.knowledge, topic, own)}
        raise AssertionError(f"{iri} was assessed, and is in no recommendation")

    def cure(self, case: str, role: str, readings: Sequence[str], request: int) -> dict[str, Any]:
        """Say what in the record would turn the decision on a request.

        Raises:
            InputError: if the case file or a reading is mistaken, or there is no such request.
        """
        item = _item(self.determine(case, role, readings), request)
        return {
            "label": item["label"],
            "outcome": item["outcome"],
            "ways": item["cure"],
            "note": item["cureNote"],
        }

    def search_guidelines(self, words: str) -> dict[str, Any]:
        """Find topics and criteria in which all words occur."""
        from reasoner.guidelinesearch import search

        found = [
            {
                "topic": hit.topic,
                "recommendation": hit.recommendation.label,
                "criterion": None if hit.criterion is None else hit.criterion.number,
                "statement": None if hit.criterion is None else hit.criterion.statement,
            }
            for hit in search(words.split(), self.knowledge)
        ]
        return {"found": found[:200], "count": len(found)}

    def show_guideline(self, topic: str) -> dict[str, Any]:
        """Give what the guideline says of a topic.

        Raises:
            InputError: if there is no such topic.
        """
        from reasoner.guidelinesearch import topics_named
        from reasoner.rationale import pages

        label = self.knowledge.concepts.label
        shown = []
        for name in topics_named(topic, self.knowledge):
            for one in self.knowledge.topic(name).recommendations:
                shown.append(
                    {
                        "topic": name,
                        "recommendation": one.label,
                        "guideline": one.guideline.title,
                        "inForceFrom": one.guideline.start and one.guideline.start.isoformat(),
                        "inForceUntil": one.guideline.end and one.guideline.end.isoformat(),
                        "section": one.section,
                        "page": pages(one.page),
                        "stance": label(one.stance),
                        "confidence": label(one.attestation),
                        "criteria": [
                            {
                                "number": criterion.number,
                                "statement": criterion.statement,
                                "page": pages(criterion.page),
                                "confidence": label(criterion.attestation),
                            }
                            for criterion in one.criteria
                        ],
                        "readings": [
                            {"name": r.name, "label": r.label, "definition": r.definition,
                             "default": r.default}
                            for r in self.knowledge.readings_of(one)
                        ],
                    }
                )  # fmt: skip
        return {"recommendations": shown}

    def list_queries(self) -> dict[str, Any]:
        """Give the query library."""
        from reasoner.queries import load_queries

        return {
            "queries": [
                {
                    "name": name,
                    "question": query.question,
                    "parameters": [
                        {"name": p.name, "type": p.type, "default": p.default}
                        for p in query.parameters
                    ],
                    "columns": list(query.columns),
                    "readingTheAnswer": query.reading,
                }
                for name, query in load_queries().items()
            ]
        }

    def query(self, query: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Ask a query of the library by its name, or one in SPARQL.

        Raises:
            InputError: if there is no store or no such query, or the query is mistaken.
            MtusError: if it goes beyond a limit.
        """
        from reasoner.queries import bind, find_query
        from reasoner.store.asking import ask, place_of

        if self._store is None:
            raise InputError(
                [Problem("No store is there to ask.", expected="mtus mcp --store STORE")]
            )
        if re.fullmatch(r"[a-z0-9-]+", query):
            bound = bind(find_query(query), self.knowledge, parameters)
            with place_of(self._store) as place:
                answer = bound.answer(ask(place, bound.text, self._limits, name=query))
        else:
            if parameters:
                raise InputError(
                    [Problem("SPARQL has no parameters.", "parameters", expected="none")]
                )
            with place_of(self._store) as place:
                answer = ask(place, query, self._limits)
        rows = [
            {
                column: None if value is None else value.value
                for column, value in zip(answer.columns, row, strict=True)
            }
            for row in answer.rows
        ]
        return {"columns": list(answer.columns), "rows": rows}


def _item(contract: Mapping[str, Any], request: int) -> dict[str, Any]:
    items = contract["items"]
    if 1 <= request <= len(items):
        item: dict[str, Any] = items[request - 1]
        return item
    count = f"{len(items)} request" + ("" if len(items) == 1 else "s")
    raise InputError(
        [Problem(f"The case has {count}.", "request", expected=f"a number from 1 to {len(items)}")]
    )
