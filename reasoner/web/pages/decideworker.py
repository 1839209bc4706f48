"""The process that decides cases for the pages: ``python -m reasoner.web.pages.decideworker``.

It reads jobs as lines of JSON and answers each with a line. A case can take long to decide, and
engines cannot be stopped; so this process is what is stopped, and another takes its place. While
no job waits, it makes criteria ready that later jobs may need.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import pyoxigraph as ox
from rdflib import URIRef

from reasoner.adjudication import decide
from reasoner.case import Case, parse_case
from reasoner.contract import to_contract
from reasoner.determination import Determination, adjudicate
from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.outcomes import Role
from reasoner.rdf import parse_triples
from reasoner.store.names import CASES
from reasoner.terms import CORE
from reasoner.web.keeping import keeping

MAX_REQUESTS, MAX_FACTS = 50, 500
"""What a case may have that is decided while a browser waits."""


def main() -> None:
    """Answer jobs until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever an engine prints is no answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with keeping():
        knowledge = load_knowledge()
        _ = knowledge.readings
    for line in _jobs(knowledge):
        job = json.loads(line)
        try:
            told = _JOBS[job["do"]](job, knowledge)
        except InputError as error:
            told = {"problems": [asdict(problem) for problem in error.problems]}
        except MtusError as error:
            told = {"error": str(error)}
        except Exception as error:
            # The message may hold what a case says; where it happened does not.
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            where = " < ".join(f"{f.name} ({f.filename}:{f.lineno})" for f in reversed(frames))
            told = {"failed": f"{type(error).__name__} at {where}"}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _jobs(knowledge: Knowledge) -> Iterator[str]:
    """Give jobs as they come, until there are no more."""
    for recommendation in knowledge.recommendations:
        while select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            yield line
        if recommendation.criteria:
            with keeping(), suppress(MtusError):  # whoever needs it is told
                knowledge.shapes_of(recommendation)
    yield from sys.stdin


def _given(job: dict[str, Any], knowledge: Knowledge) -> Determination:
    data = job["text"].encode("utf-8", "surrogateescape")
    case = parse_case(data, job["name"], knowledge)
    for what, many, most in (
        ("requests", len(case.requests), MAX_REQUESTS),
        ("facts", len(case.ordered(CORE.fact)), MAX_FACTS),
    ):
        if many > most:
            raise InputError(
                [Problem(f"The case has {many:,} {what}.", job["name"], key=what,
                         expected=f"at most {most} here; mtus determine takes more")]
            )  # fmt: skip
    try:
        knowledge.under(job["readings"])
    except InputError as error:
        raise InputError([replace(p, file="the readings") for p in error.problems]) from error
    return adjudicate(case, knowledge, role=job["role"], readings=job["readings"])


def _try(job: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Decide a case file."""
    return {"contract": to_contract(_given(job, knowledge))}


def _keep(job: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Decide a case file, and write the determination to a store."""
    from reasoner.store.loading import Loader, open_store

    determination = _given(job, knowledge)
    to_contract(determination)  # finds the cures before the store is held
    with open_store(job["store"], new=False) as store:
        Loader(store).add_determination(determination)
    return {"iri": str(determination.iri)}


def _case(job: dict[str, Any]) -> Case:
    triples = parse_triples(job["case"].encode(), ox.RdfFormat.N_TRIPLES)
    return Case(URIRef(CASES + job["id"]), job["id"], frozenset(triples), "the store")


def _again(job: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Derive a determination again; cures are found where the store has none."""
    again = adjudicate(_case(job), knowledge, role=job["role"], readings=job["readings"])
    contract = to_contract(again, cures=False)
    for number, item in enumerate(contract["items"]):
        if number + 1 not in job["cured"]:
            item["cureNote"] = again.items[number].cures.note
    return {"contract": contract}


def _under(job: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Decide a case with one parameter of a shape set."""
    decided = decide(_case(job), _changed(knowledge, job["setting"]), Role.IMR)
    return {"outcomes": [decision.outcome.value for decision in decided.items.values()]}


@lru_cache(maxsize=4)
def _changed(knowledge: Knowledge, setting: str) -> Knowledge:
    from reasoner.corpus.reform import with_setting

    return with_setting(knowledge, setting)


_JOBS = {"try": _try, "keep": _keep, "again": _again, "under": _under}

if __name__ == "__main__":
    main()
