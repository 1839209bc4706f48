"""The page on where decisions agree with the reviewers', and why where they do not.

    python -m tests.intake.agreement            writes docs/agreement.md
    python -m tests.intake.agreement --list     prints the disagreements, with both sides' reasons

`disagreements.csv` holds what a person found of each disagreement: one of `CLASSES`, and why.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from reasoner.intake.replay import NO_TOPIC, ReplayedItem, replay_letter, summarize

from .measure import HELD_OUT, HERE, letter, letter_files, lexicon

PAGE = HERE.parent.parent / "docs" / "agreement.md"
TABLE = HERE / "disagreements.csv"

CLASSES = {
    "not-in-summary": "The reviewer decided on a fact that the summary does not hold.",
    "missed": "The summary holds the fact, and we did not read it.",
    "encoding": "We read what is there, and the encoding decides it otherwise than its guideline.",
    "reviewer": "The reviewer departed from the guideline, or decided by another.",
}


def replayed() -> list[ReplayedItem]:
    words = lexicon()
    return [
        item
        for file in letter_files()
        for item in replay_letter(letter(file), words.knowledge, words)
    ]


def disagreements(items: Iterable[ReplayedItem]) -> list[ReplayedItem]:
    return [item for item in items if item.agrees is False]


def classified(table: Path = TABLE) -> dict[tuple[str, int], tuple[str, str]]:
    """Give the class of each disagreement, and why, by letter and number."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert row["class"] in CLASSES, f"{row['letter']}.{row['n']}: {row['class']} is no class"
    return {(row["letter"], int(row["n"])): (row["class"], row["why"]) for row in rows}


def page(items: list[ReplayedItem]) -> str:
    return "\n".join(_lines(items, classified())) + "\n"


def _lines(
    items: list[ReplayedItem], found: dict[tuple[str, int], tuple[str, str]]
) -> Iterator[str]:
    summary = summarize(items)
    confusion = summary["confusion"]
    yield from (
        "# Agreement",
        "",
        "This page is made by `python -m tests.intake.agreement`, from the development letters and",
        "`tests/intake/disagreements.csv`. Each disputed item was decided from header, request and",
        "clinical case summary alone, then compared with the reviewer's outcome.",
        "",
        f"{summary['letters']} letters, {summary['items']} items; {summary['placed']} are placed in a"
        f" topic, {summary['decided']} are governed by something encoded. On"
        f" {summary['agree']} of these ({summary['agreement']:.1%}) our outcome is the reviewer's;"
        f" balanced over Upheld and Overturned, {summary['balancedAccuracy']:.2f}.",
        "",
        "| reviewer | ours: Upheld | ours: Overturned | ours: undetermined |",
        "| --- | --- | --- | --- |",
    )
    for outcome in ("Upheld", "Overturned"):
        row = confusion.get(outcome, {})
        counts = " | ".join(str(row.get(o, 0)) for o in ("Upheld", "Overturned", "Undetermined"))
        yield f"| {outcome} | {counts} |"
    yield from (
        "",
        "Always saying Upheld would agree in"
        f" {sum(confusion.get('Upheld', {}).get(o, 0) for o in ('Upheld', 'Overturned')) / summary['decided']:.1%}"
        " of the decided items and score 0.50 balanced.",
        "",
        "## By topic",
        "",
        "| topic | items | decided | agree |",
        "| --- | --- | --- | --- |",
    )
    for topic, counts in sorted(summary["byTopic"].items(), key=lambda e: (-e[1]["items"], e[0])):
        name = "not placed" if topic == NO_TOPIC else topic
        yield f"| {name} | {counts['items']} | {counts['decided']} | {counts['agree']} |"
    differing = disagreements(items)
    counts_by_class = Counter(
        found[item.letter, item.number][0]
        for item in differing
        if (item.letter, item.number) in found
    )
    yield from (
        "",
        "## Where we disagree",
        "",
        "Each disagreement was looked at and put in one class.",
        "",
        "| class | what it means | items |",
        "| --- | --- | --- |",
    )
    for name, meaning in CLASSES.items():
        yield f"| {name} | {meaning} | {counts_by_class.get(name, 0)} |"
    yield from (
        "",
        "| item | request | topic | reviewer | ours | class | why |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    for item in differing:
        name, why = found.get((item.letter, item.number), ("not looked at", ""))
        request = item.request.replace("|", "/")[:80]
        yield (
            f"| {item.letter}.{item.number} | {request} | {item.topic} | {item.reviewer_outcome}"
            f" | {item.outcome} | {name} | {why.replace('|', '/')} |"
        )


def main() -> None:
    if not letter_files():
        sys.exit("No letters: set MTUS_LETTERS to their folder.")
    items = replayed()
    if "--list" in sys.argv:
        for item in disagreements(items):
            held = " (held out)" if item.letter in HELD_OUT else ""
            print(f"{item.letter}.{item.number}{held} {item.request}\n  reviewer {item.reviewer_outcome},"
                  f" ours {item.outcome} by {item.guideline}")  # fmt: skip
            print(*(f"    {reason}" for reason in item.reasons), sep="\n")
            print(*(f"    > {reason}" for reason in item.reviewer_reasons), sep="\n")
        return
    PAGE.write_text(page(items), "utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
