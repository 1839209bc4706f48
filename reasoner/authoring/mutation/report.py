"""What a mutation run found: the share killed, and each survivor with what would kill it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reasoner.authoring.mutation.mutant import GUIDELINE, Mutant
from reasoner.authoring.mutation.run import TopicRun
from reasoner.authoring.mutation.trial import EQUIVALENT, KILLED, REFUSED, SURVIVED
from reasoner.authoring.turtlelines import scan
from reasoner.knowledge import Knowledge

FORMAT = "mtus.mutation/1"


@dataclass(frozen=True)
class Explained:
    """Why some survivors are none of the library's gaps.

    Attributes:
        topic, mutant: patterns, as of file names, of the topics and mutants concerned.
        why: the explanation.
    """

    topic: str
    mutant: str
    why: str


@cache
def explanations() -> tuple[Explained, ...]:
    """Read the explanations of survivors that no case can kill."""
    text = files("reasoner.authoring.mutation").joinpath("explained.yaml").read_text("utf-8")
    return tuple(Explained(e["topic"], e["mutant"], e["why"]) for e in yaml.safe_load(text) or ())


def explanation(topic: str, key: str) -> str | None:
    """Give why no case can kill a mutant, where that is known."""
    return next(
        (
            e.why
            for e in explanations()
            if fnmatchcase(topic, e.topic) and fnmatchcase(key, e.mutant)
        ),
        None,
    )


def contract(knowledge: Knowledge, runs: Iterable[TopicRun]) -> dict[str, Any]:
    """Give the findings of a run as JSON values.

    Args:
        knowledge: the release that was run.
        runs: what was found, topic by topic.
    """
    topics = [_of_topic(knowledge, run) for run in runs]
    total: Counter[str] = Counter()
    for topic in topics:
        total.update(topic["counts"])
    return {
        "format": FORMAT,
        "release": knowledge.release,
        "counts": dict(total),
        "killedShare": share(total),
        "topics": topics,
    }


def share(counts: Mapping[str, int]) -> float | None:
    """Give the share that was killed of the mutants that were tried."""
    tried = counts.get(KILLED, 0) + counts.get(SURVIVED, 0)
    return round(counts.get(KILLED, 0) / tried, 4) if tried else None


def _of_topic(knowledge: Knowledge, run: TopicRun) -> dict[str, Any]:
    counts = Counter(dict.fromkeys((KILLED, SURVIVED, REFUSED, EQUIVALENT), 0))
    counts.update(run.verdicts[m.key].result for m in run.mutants)
    return {
        "topic": run.topic,
        "cases": run.cases,
        "counts": dict(counts),
        "killedShare": share(counts),
        "leftOut": list(run.wrong),
        "survivors": [
            {
                "mutant": m.key,
                "operator": m.operator,
                "description": m.description,
                "file": file_of(knowledge, m),
                "line": line_of(knowledge, m),
                "hint": m.hint,
                "explained": explanation(run.topic, m.key),
            }
            for m in run.with_result(SURVIVED)
        ],
    }


def file_of(knowledge: Knowledge, mutant: Mutant) -> str:
    """Give the file that a mutant is a slip in."""
    if mutant.part == GUIDELINE:
        return knowledge.sources.guideline_of(mutant.topic)
    return knowledge.sources.shapes_of(mutant.topic)[0]


def line_of(knowledge: Knowledge, mutant: Mutant) -> int | None:
    """Give the line on which a mutant is a slip; None where a reading's overlay states it."""
    text = knowledge.sources.files[file_of(knowledge, mutant)].decode("utf-8")
    return _lines(text).of(mutant.subject, mutant.predicate)


_lines = cache(scan)


def as_text(found: Mapping[str, Any], console: Console) -> None:
    """Print the findings of a run.

    Args:
        found: what ``contract`` gave.
        console: where to.
    """
    table = Table(title="Mutants", title_justify="left")
    table.add_column("topic", overflow="fold")
    for heading in ("cases", "killed", "survived", "refused", "equivalent", "share"):
        table.add_column(heading, justify="right")
    for topic in (*found["topics"], {"topic": "all", "cases": "", **found}):
        counts = topic["counts"]
        table.add_row(
            escape(topic["topic"]),
            str(topic["cases"]),
            *(str(counts.get(r, 0)) for r in (KILLED, SURVIVED, REFUSED, EQUIVALENT)),
            percent(topic["killedShare"]),
        )
    console.print(table)
    for line in survivors_as_text(found):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def survivors_as_text(found: Mapping[str, Any]) -> Iterator[str]:
    """Give each survivor in words, with its place and the case that would kill it."""
    for topic in found["topics"]:
        for name in topic["leftOut"]:
            yield f"{name} is not decided as it says, and was left out."
        for survivor in topic["survivors"]:
            place = survivor["file"] + (f":{survivor['line']}" if survivor["line"] else "")
            yield f"{place}: {survivor['operator']}"
            yield f"    {survivor['description']}"
            if survivor["explained"]:
                yield f"    No case can notice: {survivor['explained']}"
            else:
                yield f"    It would be noticed by {survivor['hint']}."


def percent(of: float | None) -> str:
    """Write a share as a percentage."""
    return "" if of is None else f"{100 * of:.1f} %"


def as_json(found: Mapping[str, Any]) -> str:
    """Write the findings of a run as JSON."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
