"""Letters decided again: each item from header, request and summary alone, then compared.

The reviewer's outcome, citations and rationale are opened only once the item is decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.case import parse_case
from reasoner.contract import to_contract
from reasoner.determination import adjudicate
from reasoner.errors import InputError, MtusError
from reasoner.intake.casefile import to_case_file
from reasoner.intake.language import sentences
from reasoner.intake.letter import Letter, LetterItem, read_letter
from reasoner.intake.lexicon import Lexicon
from reasoner.knowledge import Knowledge
from reasoner.terms import CLINICAL, local_name

NO_TOPIC = "NoTopic"
"""The topic of an item whose treatment the vocabulary does not name."""


_TELLING = {"MedicallyNecessary": ("Met",)}


@dataclass(frozen=True, slots=True)
class UnreadLetter:
    """A letter that could not be read or decided, and why."""

    letter: str
    problem: str

    def to_dict(self) -> dict[str, str]:
        """Give it as part of a summary."""
        return {"letter": self.letter, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class ReplayedItem:
    """One item of a letter, as the reviewer and as we decided it.

    Attributes:
        topic: the topic of the library that governs it; where none does, its treatment, or
            ``NoTopic``.
        reviewer_reasons: the reviewer's rationale, a sentence each.
        reasons: the criteria that are not met or not documented, as we found them; of a treatment
            that is medically necessary, those that are met.
        facts: how many facts the case file states.
    """

    letter: str
    number: int
    request: str
    topic: str
    reviewer_outcome: str
    outcome: str
    decision: str
    reviewer_guidelines: tuple[str, ...]
    guideline: str | None
    reviewer_reasons: tuple[str, ...]
    reasons: tuple[str, ...]
    facts: int

    @property
    def agrees(self) -> bool | None:
        """Whether the outcomes are the same; None where we decide nothing."""
        return None if self.outcome == "Undetermined" else self.outcome == self.reviewer_outcome

    def to_dict(self) -> dict[str, Any]:
        """Give the item as a row of the table."""
        return {
            "letter": self.letter,
            "n": self.number,
            "request": self.request,
            "topic": self.topic,
            "reviewerOutcome": self.reviewer_outcome,
            "outcome": self.outcome,
            "agrees": self.agrees,
            "reviewerGuidelines": list(self.reviewer_guidelines),
            "guideline": self.guideline,
            "reviewerReasons": list(self.reviewer_reasons),
            "reasons": list(self.reasons),
            "facts": self.facts,
            "decision": self.decision,
        }


def replay_letters(
    paths: Iterable[Path], knowledge: Knowledge, lexicon: Lexicon
) -> Iterator[list[ReplayedItem] | UnreadLetter]:
    """Replay letters, one after another; one that cannot be read or decided stops no other."""
    for path in paths:
        try:
            yield replay_letter(read_letter(path), knowledge, lexicon)
        except MtusError as error:
            yield UnreadLetter(str(path), str(error))


def replay_letter(letter: Letter, knowledge: Knowledge, lexicon: Lexicon) -> list[ReplayedItem]:
    """Decide the items of a letter without its outcomes and rationales, then compare.

    Raises:
        InputError: if the case file made of the letter cannot be read.
    """
    try:
        contract = _decided(letter, knowledge, lexicon, one_region=False)
    except InputError:  # several regions that different recommendations govern
        contract = _decided(letter, knowledge, lexicon, one_region=True)
    return [
        _compare(letter, item, decided, len(contract["summary"]["facts"]))
        for item, decided in zip(letter.items, contract["items"], strict=True)
    ]


def _decided(
    letter: Letter, knowledge: Knowledge, lexicon: Lexicon, *, one_region: bool
) -> dict[str, Any]:
    text = to_case_file(letter, lexicon, one_region=one_region)
    case = parse_case(text.encode(), f"{letter.name}.yaml", knowledge)
    return to_contract(adjudicate(case, knowledge), cures=False)


def _topic(decided: dict[str, Any]) -> str:
    """Name the topic: ``.../guideline/chronic-pain-2009/trigger-points#recommendation``."""
    if decided["recommendation"] is not None:
        return re.split(r"[/#]", decided["recommendation"]["id"])[-2]
    treatment = str(decided["treatment"])
    if treatment == local_name(CLINICAL.UnplacedTreatment):
        return NO_TOPIC
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", treatment).lower()


def _compare(letter: Letter, item: LetterItem, decided: dict[str, Any], facts: int) -> ReplayedItem:
    recommendation = decided["recommendation"]
    return ReplayedItem(
        letter=letter.name,
        number=item.number,
        request=item.request,
        topic=_topic(decided),
        reviewer_outcome=item.outcome,
        outcome=decided["outcome"],
        decision=decided["decision"],
        reviewer_guidelines=tuple(c.text for c in item.reviewer),
        guideline=None
        if recommendation is None
        else f"{recommendation['guideline']}, {recommendation['section']}",
        reviewer_reasons=tuple(text for text, _ in sentences(item.rationale)),
        reasons=tuple(
            f"{c['number']} {c['outcome']}: {c['statement']}"
            for c in decided["criteria"]
            if c["outcome"] in _TELLING.get(decided["decision"], ("NotMet", "NotDocumented"))
        ),
        facts=facts,
    )


def summarize(items: Iterable[ReplayedItem], unread: Iterable[UnreadLetter] = ()) -> dict[str, Any]:
    """Count agreement: in all, balanced over the reviewers' outcomes, and by topic."""
    items = list(items)
    decided = [item for item in items if item.agrees is not None]
    confusion: dict[str, dict[str, int]] = {}
    by_topic: dict[str, dict[str, int]] = {}
    for item in items:
        row = confusion.setdefault(item.reviewer_outcome, {})
        row[item.outcome] = row.get(item.outcome, 0) + 1
        topic = by_topic.setdefault(item.topic, {"items": 0, "decided": 0, "agree": 0})
        topic["items"] += 1
        topic["decided"] += item.agrees is not None
        topic["agree"] += item.agrees is True
    shares = []
    for outcome in ("Upheld", "Overturned"):
        of = [item for item in decided if item.reviewer_outcome == outcome]
        if of:
            shares.append(sum(item.agrees is True for item in of) / len(of))
    return {
        "letters": len({item.letter for item in items}),
        "unread": [letter.to_dict() for letter in unread],
        "items": len(items),
        "placed": sum(item.topic != NO_TOPIC for item in items),
        "decided": len(decided),
        "agree": sum(item.agrees is True for item in decided),
        "agreement": _share(sum(item.agrees is True for item in decided), len(decided)),
        "balancedAccuracy": round(sum(shares) / len(shares), 4) if shares else None,
        "confusion": confusion,
        "byTopic": dict(sorted(by_topic.items())),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
