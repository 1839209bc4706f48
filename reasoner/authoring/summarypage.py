"""The page on the library: its topics, criteria, cases, how they are attested, and its mutants.

    python -m reasoner.authoring.summarypage [MUTATION.json]

writes ``docs/library.md`` into the source tree. What a mutation run found is taken from the file
that is given (``mtus mutate --format json --out MUTATION.json``), else from the page as it is; a
test holds the rest of the page to the library.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoner.authoring.coverage import criteria_of
from reasoner.authoring.expectedcases import files_of
from reasoner.authoring.mutation.report import explanation, percent
from reasoner.authoring.mutation.trial import EQUIVALENT, KILLED, REFUSED, SURVIVED
from reasoner.knowledge import Knowledge, load_knowledge

_ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = _ROOT / "docs" / "library.md"
CASES = _ROOT / "tests" / "cases"
MUTANTS = "## Mutants\n"
_MOST_SURVIVORS = 400


def page(knowledge: Knowledge, library: Path, mutants: str) -> str:
    """Write the page.

    Args:
        knowledge: this release, under its default readings.
        library: the folder of cases.
        mutants: the part on mutants, as ``mutants_of`` writes it.
    """
    return "\n".join(_library(knowledge, library)) + "\n\n" + mutants


def _library(knowledge: Knowledge, library: Path) -> Iterator[str]:
    files = Counter(str(Path(name).parent) for name in files_of(library))
    attested: Counter[str] = Counter()
    rows = []
    criteria_in_all = 0
    for topic in sorted(knowledge.sources.topics):
        criteria = [c for c, _, _ in criteria_of(knowledge, topic)]
        criteria_in_all += len(criteria)
        attested.update(knowledge.concepts.label(c.attestation) for c in criteria)
        recommendations = knowledge.topic(topic).recommendations
        stances = dict.fromkeys(knowledge.concepts.label(r.stance) for r in recommendations)
        rows.append(
            f"| {topic} | {len(recommendations)} | {', '.join(stances)} | {len(criteria)} "
            f"| {files[topic]} |"
        )
    yield "# The library"
    yield ""
    yield "<!-- Written by python -m reasoner.authoring.summarypage; do not edit. -->"
    yield ""
    yield (
        f"{len(rows)} topics with {criteria_in_all} criteria, those that only a reading brings "
        f"in included, and {sum(files.values())} cases that prove them. "
        "[The author's bench](authoring-bench.md) says how to read what follows."
    )
    yield ""
    yield "| how well criteria are attested | criteria |"
    yield "| --- | --- |"
    for label, count in sorted(attested.items(), key=lambda item: (-item[1], item[0])):
        yield f"| {label} | {count} |"
    yield ""
    yield "| topic | recommendations | stances | criteria | cases |"
    yield "| --- | --- | --- | --- | --- |"
    yield from rows


def mutants_of(found: Mapping[str, Any], topics: Iterable[str] = ()) -> str:
    """Write the part of the page on mutants.

    Args:
        found: the findings of a mutation run.
        topics: the topics of the library; those that were not run are named.
    """
    run = {topic["topic"] for topic in found["topics"]}
    return "\n".join(_mutants(found, sorted(set(topics) - run))) + "\n"


def _mutants(found: Mapping[str, Any], not_run: Sequence[str]) -> Iterator[str]:
    counts = found["counts"]
    yield MUTANTS
    yield (
        f"Of {counts.get(KILLED, 0) + counts.get(SURVIVED, 0)} slips that an author might make, "
        f"{counts.get(KILLED, 0)} are "
        f"noticed by a case and {counts.get(SURVIVED, 0)} are not: "
        f"{percent(found['killedShare'])} killed. {counts.get(REFUSED, 0)} more are refused when "
        f"the library is loaded, and {counts.get(EQUIVALENT, 0)} change nothing that a case could "
        f"notice. Found with release `{found['release'][:12]}`."
    )
    yield ""
    if not_run:
        yield f"Not run: {', '.join(not_run)}."
        yield ""
    yield "| topic | killed | survived | refused | equivalent | share |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for topic in found["topics"]:
        of = topic["counts"]
        if sum(of.values()):
            numbers = " | ".join(str(of[r]) for r in (KILLED, SURVIVED, REFUSED, EQUIVALENT))
            yield f"| {topic['topic']} | {numbers} | {percent(topic['killedShare'])} |"
    yield ""
    yield "### Survivors"
    yield ""
    survivors = [(t["topic"], s) for t in found["topics"] for s in t["survivors"]]
    by_why: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for topic, survivor in survivors:
        why = explanation(topic, survivor["mutant"]) or _NOT_YET
        by_why.setdefault(why, []).append((topic, survivor))
    yield "| survivors | why |"
    yield "| --- | --- |"
    for why, those in sorted(by_why.items(), key=lambda item: (item[0] == _NOT_YET, item[0])):
        yield f"| {len(those)} | {why} |"
    yield ""
    yield "| topic | slip | why |"
    yield "| --- | --- | --- |"
    for topic, survivor in survivors[:_MOST_SURVIVORS]:
        known = explanation(topic, survivor["mutant"])
        told = survivor["description"].replace("|", "\\|")
        yield f"| {topic} | {told} | {known or 'wanted: ' + survivor['hint']} |"
    if len(survivors) > _MOST_SURVIVORS:
        yield ""
        yield f"And {len(survivors) - _MOST_SURVIVORS} more, which `mtus mutate` lists."


_NOT_YET = "No case notices yet; a case could."


def kept(text: str) -> str:
    """Give the part on mutants of a page as it is."""
    _, heading, part = text.partition(MUTANTS)
    return heading + part if heading else MUTANTS + "\nNot run yet.\n"


def main(arguments: list[str]) -> None:
    """Write the page into the source tree."""
    if arguments:
        found = json.loads(Path(arguments[0]).read_text("utf-8"))
        part = mutants_of(found, load_knowledge().sources.topics)
    else:
        part = kept(PAGE.read_text("utf-8")) if PAGE.exists() else kept("")
    PAGE.write_text(page(load_knowledge(), CASES, part), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
