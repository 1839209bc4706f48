"""How well letters are read and decided, against what was labelled by hand.

    python -m tests.intake.measure [--facts LETTER]

Prints how many items are placed as `treatments.csv` says, precision and recall of facts against
`annotations`, and how far decisions agree with the reviewers'. ``--facts`` lists what was
missed and what was wrong in one letter of the development half.

A fact is right if its concept is the annotated one (or one of those that the annotation allows),
its status is the same, and its regions overlap where both name some. A fact annotated as optional
counts neither way. The letters of `HELD_OUT` were not looked at while rules were written: for
them only totals are printed.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rdflib import URIRef

from reasoner.intake.facts import ReadFact
from reasoner.intake.letter import Letter, read_letter
from reasoner.intake.lexicon import Lexicon
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.terms import local_name

HERE = Path(__file__).resolve().parent
ANNOTATIONS = HERE / "annotations"
TREATMENTS = HERE / "treatments.csv"

DEVELOPMENT = frozenset(
    [
        "CM16-0219557",
        "CM16-0235869",
        "CM16-0238676",
        "CM16-0240524",
        "CM16-0247405",
        "CM17-0000846",
        "CM17-0003591",
        "CM17-0005177",
        "CM17-0009887",
        "CM17-0013587",
        "CM17-0015348",
        "CM17-0017734",
        "CM17-0019171",
    ]
)
HELD_OUT = frozenset(
    [
        "CM16-0230651",
        "CM16-0236969",
        "CM16-0239607",
        "CM16-0246487",
        "CM16-0248471",
        "CM17-0001749",
        "CM17-0004344",
        "CM17-0006287",
        "CM17-0010728",
        "CM17-0014320",
        "CM17-0016311",
        "CM17-0018054",
    ]
)


def letters_folder() -> Path | None:
    """Give the folder of the development letters, or None where this machine has none."""
    named = os.environ.get("MTUS_LETTERS")
    folder = Path(named) if named else HERE.parent.parent.parent / "shared" / "letters"
    return folder if folder.is_dir() and any(folder.glob("*.pdf")) else None


def letter_files() -> list[Path]:
    folder = letters_folder()
    return (
        []
        if folder is None
        else sorted(f for f in folder.iterdir() if f.suffix in (".pdf", ".txt"))
    )


@cache
def lexicon() -> Lexicon:
    return Lexicon(load_knowledge())


@cache
def letter(file: Path) -> Letter:
    return read_letter(file)


# Facts


@dataclass(frozen=True)
class Gold:
    """An annotated fact."""

    concepts: frozenset[URIRef]
    present: bool
    regions: frozenset[URIRef]
    optional: bool
    quote: str
    name: str


def gold_of(file: Path, knowledge: Knowledge) -> list[Gold]:
    content = yaml.safe_load(file.read_text("utf-8"))
    return [_gold(entry, knowledge, file) for entry in content.get("facts") or []]


def _gold(entry: dict[str, Any], knowledge: Knowledge, file: Path) -> Gold:
    return Gold(
        frozenset(
            _term(name, knowledge, file) for name in (entry["is"], *_listed(entry.get("also")))
        ),
        str(entry.get("status", "present")).lower() != "absent",
        frozenset(_term(name, knowledge, file) for name in _listed(entry.get("region"))),
        bool(entry.get("optional", False)),
        str(entry.get("quote", "")),
        str(entry["is"]),
    )


def _listed(value: Any) -> list[str]:
    return (
        []
        if value is None
        else [str(v) for v in value]
        if isinstance(value, list)
        else [str(value)]
    )


def _term(name: str, knowledge: Knowledge, file: Path) -> URIRef:
    term = knowledge.concepts.find(name)
    assert term is not None, f"{file.name}: {name} is not in the vocabulary"
    return term


def matches(fact: ReadFact, gold: Gold, knowledge: Knowledge, *, lenient: bool = False) -> bool:
    concepts = knowledge.concepts
    same = fact.concept in gold.concepts or (
        lenient
        and any(
            concepts.is_kind_of(fact.concept, c) or concepts.is_kind_of(c, fact.concept)
            for c in gold.concepts
        )
    )
    return (
        same
        and fact.present == gold.present
        and (
            not fact.regions
            or not gold.regions
            or any(concepts.overlap(a, b) for a in fact.regions for b in gold.regions)
        )
    )


@dataclass
class Score:
    """Counts of facts: read and right, annotated and found."""

    read: int = 0
    right: int = 0
    annotated: int = 0
    found: int = 0
    wrong: list[tuple[str, ReadFact]] = field(default_factory=list)
    missed: list[tuple[str, Gold]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.annotated if self.annotated else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.read}),"
            f" recall {self.recall:.3f} ({self.found} of {self.annotated})"
        )


def score_facts(
    read: Iterable[tuple[str, list[ReadFact], list[Gold]]],
    knowledge: Knowledge,
    *,
    lenient: bool = False,
) -> Score:
    score = Score()
    for name, facts, golds in read:
        needed = [gold for gold in golds if not gold.optional]
        spare = [gold for gold in golds if gold.optional]
        for fact in facts:
            if any(matches(fact, gold, knowledge, lenient=lenient) for gold in needed):
                score.read += 1
                score.right += 1
            elif not any(matches(fact, gold, knowledge, lenient=lenient) for gold in spare):
                score.read += 1
                score.wrong.append((name, fact))
        for gold in needed:
            score.annotated += 1
            if any(matches(fact, gold, knowledge, lenient=lenient) for fact in facts):
                score.found += 1
            else:
                score.missed.append((name, gold))
    return score


def annotated_letters(names: frozenset[str]) -> Iterator[tuple[str, list[ReadFact], list[Gold]]]:
    from reasoner.intake.facts import read_facts

    words = lexicon()
    for file in letter_files():
        annotation = ANNOTATIONS / f"{file.stem}.yaml"
        if file.stem in names and annotation.exists():
            text = letter(file)
            facts = read_facts(text.summary, words)
            yield file.stem, facts, gold_of(annotation, words.knowledge)


# Requests


def labelled_treatments() -> dict[tuple[str, int], frozenset[str]]:
    """Give the treatments that an item may be placed as, by letter and number."""
    if not TREATMENTS.exists():
        return {}
    with TREATMENTS.open(encoding="utf-8", newline="") as file:
        return {
            (row["letter"], int(row["n"])): frozenset(
                name
                for name in (row["treatment"], *(row.get("also") or "").replace(";", " ").split())
                if name
            )
            for row in csv.DictReader(file)
        }


def placed(treatment: URIRef | None, allowed: frozenset[str], knowledge: Knowledge) -> bool:
    """Tell whether a treatment is a labelled one, or a kind of one."""
    if treatment is None or local_name(treatment) == "UnplacedTreatment":
        return "UnplacedTreatment" in allowed or not allowed
    terms = [knowledge.concepts.find(name) for name in allowed]
    return any(t is not None and knowledge.concepts.is_kind_of(treatment, t) for t in terms)


def misplaced(files: Iterable[Path]) -> Iterator[tuple[str, int, str, str, frozenset[str]]]:
    """Give the items that are not placed as labelled."""
    from reasoner.intake.requests import read_request

    words, labels = lexicon(), labelled_treatments()
    for file in files:
        for item in letter(file).items:
            allowed = labels.get((file.stem, item.number))
            if allowed is None:
                continue
            treatment = read_request(item.original or item.request, words).treatment
            if not placed(treatment, allowed, words.knowledge):
                name = "none" if treatment is None else local_name(treatment)
                yield file.stem, item.number, item.request, name, allowed


# All of it


def main() -> None:
    from reasoner.intake.replay import replay_letter, summarize

    files = letter_files()
    if not files:
        sys.exit("No letters: set MTUS_LETTERS to their folder.")
    knowledge = lexicon().knowledge
    if "--facts" in sys.argv:
        show(sys.argv[sys.argv.index("--facts") + 1])
        return
    labels = labelled_treatments()
    wrong = list(misplaced(files))
    if labels:
        share = 1 - len(wrong) / len(labels)
        print(f"treatments placed: {len(labels) - len(wrong)} of {len(labels)} ({share:.1%})")
        for name, number, request, got, allowed in wrong:
            print(f"  {name}.{number} {request[:60]!r}: {got}, not {'/'.join(sorted(allowed))}")
    for title, names in (("development", DEVELOPMENT), ("held out", HELD_OUT)):
        read = list(annotated_letters(names))
        print(f"facts, {title}, {len(read)} letters: {score_facts(read, knowledge)}")
        print(
            f"  a broader or narrower concept let pass: {score_facts(read, knowledge, lenient=True)}"
        )
    items = [item for file in files for item in replay_letter(letter(file), knowledge, lexicon())]
    summary = summarize(items)
    print(
        f"items {summary['items']}, placed {summary['placed']}, decided {summary['decided']},"
        f" agree {summary['agree']} ({summary['agreement']:.1%}), balanced accuracy"
        f" {summary['balancedAccuracy']}, confusion {summary['confusion']}"
    )


def show(name: str) -> None:
    """Print what is wrong with the facts of a letter, or of all, of the development half."""
    names = DEVELOPMENT if name == "all" else frozenset({name}) & DEVELOPMENT
    score = score_facts(annotated_letters(names), lexicon().knowledge)
    print(score)
    for where, fact in score.wrong:
        regions = ",".join(map(local_name, fact.regions))
        print(
            f"WRONG {where} {local_name(fact.concept)} {fact.present} [{regions}] {fact.quote[:140]!r}"
        )
    for where, gold in score.missed:
        regions = ",".join(sorted(map(local_name, gold.regions)))
        print(f"MISSED {where} {gold.name} {gold.present} [{regions}] {gold.quote[:140]!r}")


if __name__ == "__main__":
    main()
