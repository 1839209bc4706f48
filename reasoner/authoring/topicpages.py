"""A page a topic: what the guideline says, the shape that checks it, the cases that prove it.

    python -m reasoner.authoring.topicpages [--check]

writes ``docs/guidelines/<guideline>/<topic>.md`` and an index into the source tree, and takes away
pages of topics that are gone. ``--check`` writes nothing, and exits with 1 if a page is not as it
would be written. Pages are made from the files alone; nothing is decided.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDFS, SKOS
from rdflib.term import Node

from reasoner.authoring.turtleformat import excerpt
from reasoner.guidelines import Criterion, Operand, Reading, Recommendation
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.labels import listing
from reasoner.rdf import iris
from reasoner.terms import BASE, CORE, local_name

FOLDER = "docs/guidelines"
ROOT = Path(__file__).resolve().parents[2]
_MADE = "<!-- Made by `python -m reasoner.authoring.topicpages` from the files of the topic. -->"


@dataclass(frozen=True, slots=True)
class _ExpectedCase:
    """A case of the library, with what it expects of each criterion of its topic.

    Attributes:
        decision: what it expects of the request; None if nothing.
        outcomes: the outcome that it expects of each criterion, by number.
    """

    name: str
    shows: str
    decision: str | None
    outcomes: Mapping[str, str]
    readings: tuple[str, ...]


def pages(knowledge: Knowledge, root: Path = ROOT) -> dict[str, str]:
    """Give every page by its path from the root of the source tree."""
    names = sorted(knowledge.sources.topics)
    found = {path_of(name): page(knowledge, name, root) for name in names}
    found[f"{FOLDER}/index.md"] = index(knowledge)
    return found


def path_of(topic: str) -> str:
    """Give the path of a topic's page."""
    return f"{FOLDER}/{topic}.md"


def page(knowledge: Knowledge, name: str, root: Path = ROOT) -> str:
    """Make the page of a topic."""
    topic = knowledge.topic(name)
    cases = list(_cases(root / "tests" / "cases" / name, name))
    first = topic.recommendations[0]
    parts = [_MADE, f"# {first.label} ({name})"]
    for recommendation in topic.recommendations:
        parts += _recommendation(knowledge, recommendation, several=len(topic.recommendations) > 1)
    readings = _readings(knowledge, name)
    if readings:
        parts += ["## How it is read", *readings]
    shown: set[URIRef] = set()
    for recommendation in topic.recommendations:
        for criterion in recommendation.criteria:
            if criterion.iri not in shown:
                shown.add(criterion.iri)
                parts += _criterion(knowledge, name, criterion, cases)
    whole = [case for case in cases if case.decision is not None]
    if whole:
        parts += ["## Cases", _case_table(whole)]
    return "\n\n".join(parts) + "\n"


def _recommendation(
    knowledge: Knowledge, recommendation: Recommendation, *, several: bool
) -> Iterator[str]:
    label = knowledge.concepts.label
    document = recommendation.guideline
    yield f"## {recommendation.label}" if several else "## What it says"
    yield (
        f"{document.title}, section {recommendation.section}, page {recommendation.page}:"
        f" **{label(recommendation.stance)}** for {label(recommendation.treatment)}."
        f" The content is: {label(recommendation.attestation)}."
    )
    displaced = [str(iri).removeprefix(BASE + "guideline/") for iri in recommendation.prevails_over]
    if displaced:
        yield f"It prevails over {listing(f'`{iri}`' for iri in sorted(displaced))}."
    if recommendation.requires is None:
        yield "It names no criteria: what the record says does not make the treatment necessary."
        return
    rows = ["| criterion | statement | page | confidence |", "| --- | --- | --- | --- |"]
    rows += [
        f"| [{c.number}](#criterion-{c.number}) | {_cell(c.statement)} | {_cell(c.page)} |"
        f" {label(c.attestation)} |"
        for c in recommendation.criteria
    ]
    yield "\n".join(rows)
    yield "What has to be met: " + combined(recommendation.requires) + "."


def combined(operand: Operand) -> str:
    """Say in words how criteria are combined."""
    if isinstance(operand, Criterion):
        return operand.number
    below = [combined(o) if isinstance(o, Criterion) else f"({combined(o)})"
             for o in operand.operands]  # fmt: skip
    if operand.kind == "AnyOf":
        return "any of " + listing(below, "or") if len(below) > 1 else below[0]
    if operand.kind == "AtLeast":
        return f"at least {operand.threshold} of {listing(below)}"
    text = "all of " + listing(below) if len(below) > 1 else below[0]
    if operand.exception is not None:
        exception = operand.exception
        lifted = combined(exception)
        text += f", unless {lifted if isinstance(exception, Criterion) else f'({lifted})'}"
    return text


def _readings(knowledge: Knowledge, name: str) -> list[str]:
    """Give the ambiguities of a topic, with the readings of each."""
    graph = knowledge.topic(name).graph
    by_iri: dict[URIRef, Reading] = {r.iri: r for r in knowledge.readings.values()}
    found = []
    for subject in sorted(set(graph.subjects(CORE.defaultReading)), key=str):
        lines = [_ambiguity(graph, subject)]
        for predicate, word in ((CORE.defaultReading, "default"), (CORE.alternative, "or")):
            lines += [
                f"- {word}: `{by_iri[iri].name}`. {by_iri[iri].definition}"
                for iri in iris(graph, subject, predicate)
                if iri in by_iri
            ]
        found.append("\n".join([lines[0], "", *lines[1:]]))
    return found


def _ambiguity(graph: Graph, subject: Node) -> str:
    label = str(graph.value(subject, RDFS.label) or local_name(str(subject)))
    definition = graph.value(subject, SKOS.definition) or ""
    return f"**{label[:1].upper()}{label[1:]}.** {definition}".rstrip()


def _criterion(
    knowledge: Knowledge, name: str, criterion: Criterion, cases: list[_ExpectedCase]
) -> Iterator[str]:
    yield f"## Criterion {criterion.number}"
    yield criterion.statement
    section = f", section {criterion.section}" if criterion.section else ""
    notes = [f"Page: {criterion.page}{section}"]
    if criterion.cited_from is not None:
        notes.append(f"cited from {local_name(criterion.cited_from)}")
    notes.append(knowledge.concepts.label(criterion.attestation))
    yield "; ".join(notes) + f". Told as missing: {criterion.if_missing}."
    if criterion.presumption is not None:
        yield f"Presumption: {criterion.presumption}"
    shape = shape_excerpt(knowledge, name, criterion)
    if shape:
        yield f"```turtle\n{shape.rstrip()}\n```"
    proving = [(case, case.outcomes[criterion.number]) for case in cases
               if criterion.number in case.outcomes]  # fmt: skip
    if not proving:
        yield "No case of the library names it."
        return
    rows = ["| case | shows | outcome |", "| --- | --- | --- |"]
    order = sorted(proving, key=lambda pair: (_OUTCOMES.index(pair[1]), pair[0].name))
    rows += [f"| `{case.name}` | {_cell(case.shows)} | {outcome} |" for case, outcome in order]
    yield "\n".join(rows)


_OUTCOMES = ("Met", "PresumedMet", "NotMet", "NotDocumented", "NotApplicable")


def shape_excerpt(knowledge: Knowledge, name: str, criterion: Criterion) -> str:
    """Give what the shapes file states of a criterion's shape, and of the facts it looks for."""
    files = knowledge.sources.shapes_of(name)
    if not files:
        return ""
    shapes = knowledge.topic(name).shapes
    wanted: list[str] = []
    frontier: list[Node] = [criterion.shape]
    while frontier:
        node = frontier.pop()
        if str(node) in wanted or str(node) == _PREFIXES:
            continue
        wanted.append(str(node))
        for _, value in shapes.predicate_objects(node):
            if isinstance(value, BNode) or (value, None, None) in shapes:
                frontier.append(value)
    text = knowledge.sources.files[files[0]].decode("utf-8")
    return excerpt(text, frozenset(wanted), files[0])


_PREFIXES = f"{BASE}shape/prefixes"


def _case_table(cases: list[_ExpectedCase]) -> str:
    rows = ["| case | shows | decision | reading |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{case.name}` | {_cell(case.shows)} | {case.decision} | {', '.join(case.readings)} |"
        for case in cases
    ]
    return "\n".join(rows)


def _cases(folder: Path, topic: str) -> Iterator[_ExpectedCase]:
    """Read what the cases of a topic expect, request by request."""
    for file in sorted(folder.glob("*.yaml")):
        text = file.read_text("utf-8")
        content = yaml.safe_load(text)
        expected: dict[str, Any] = dict(content.get("expect") or {})
        readings = [*(content.get("readings") or ()), *(expected.pop("readings", None) or ())]
        shows = text.partition("\n")[0].lstrip("# ") if text.startswith("#") else ""
        requests = [e for e in expected.values() if e.get("governedBy", topic) == topic]
        for number, of_request in enumerate(requests, start=1):
            yield _ExpectedCase(
                name=file.stem + (f", request {number}" if len(requests) > 1 else ""),
                shows=shows,
                decision=of_request.get("decision"),
                outcomes={str(n): o for n, o in (of_request.get("criteria") or {}).items()},
                readings=tuple(sorted(readings)),
            )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def index(knowledge: Knowledge) -> str:
    """Make the page that lists all topics, guideline by guideline."""
    parts = [
        _MADE,
        "# The guideline library",
        "What each guideline says of each treatment, the shapes that check it and the cases that"
        " prove it, topic by topic. `mtus guideline search` looks for words.",
    ]
    of_guideline: dict[str, list[str]] = {}
    for name in sorted(knowledge.sources.topics):
        of_guideline.setdefault(name.split("/")[0], []).append(name)
    for guideline, names in of_guideline.items():
        document = knowledge.guidelines[URIRef(f"{BASE}guideline/{guideline}")]
        until = f"to {document.end}" if document.end else "and on"
        parts.append(f"## {document.title}")
        parts.append(f"In force for requests from {document.start or 'the first'} {until}.")
        rows = [
            "| topic | treatment | stance | page | criteria |",
            "| --- | --- | --- | --- | --- |",
        ]
        rows += [row for name in names for row in _index_rows(knowledge, name)]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


_INDEX_HEAD = (
    "| topic | treatment | stance | page | criteria |",
    "| --- | --- | --- | --- | --- |",
)


def _index_rows(knowledge: Knowledge, name: str) -> Iterator[str]:
    label = knowledge.concepts.label
    for recommendation in knowledge.topic(name).recommendations:
        yield (
            f"| [{_cell(recommendation.label)}]({name}.md) | {label(recommendation.treatment)} |"
            f" {label(recommendation.stance)} | {_cell(recommendation.page)} |"
            f" {len(recommendation.criteria)} |"
        )


@lru_cache(maxsize=1)
def _knowledge() -> Knowledge:
    return load_knowledge()


def stale(root: Path = ROOT) -> list[str]:
    """Give the pages that are not as they would be written, those of no topic included."""
    wanted = pages(_knowledge(), root)
    present = {str(f.relative_to(root)) for f in (root / FOLDER).rglob("*.md")}
    return sorted(
        {name for name, text in wanted.items() if _read(root / name) != text}
        | (present - set(wanted))
    )


def _read(file: Path) -> str | None:
    return file.read_text("utf-8") if file.exists() else None


def main(arguments: list[str]) -> int:
    """Write every page into the source tree, or check that they are as they would be written."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m reasoner.authoring.topicpages [--check]", file=sys.stderr)
        return 2
    if arguments:
        found = stale()
        for name in found:
            print(f"{name} is not as it would be written")
        return 1 if found else 0
    wanted = pages(_knowledge())
    for name, text in wanted.items():
        file = ROOT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    for file in sorted((ROOT / FOLDER).rglob("*.md")):
        if str(file.relative_to(ROOT)) not in wanted:
            file.unlink()
    print(f"wrote {len(wanted)} pages below {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
