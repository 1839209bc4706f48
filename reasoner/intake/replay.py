"""Letters decided again: each item from header, request and summary alone, then compared.

The reviewer's outcome, citations and rationale are opened only once the item is decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reasoner.case import parse_case
from reasoner.contract import to_contract
from reasoner.determination import adjudicate
from reasoner.intake.casefile import to_case_file
from reasoner.intake.letter import Letter, LetterItem
from reasoner.intake.lexicon import Lexicon
from reasoner.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class ReplayedItem:
    """One item of a letter, as the reviewer and as we decided it."""

    letter: str
    number: int
    request: str
    topic: str | None
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


def replay_letter(letter: Letter, knowledge: Knowledge, lexicon: Lexicon) -> list[ReplayedItem]:
    """Decide the items of a letter without its outcomes and rationales, then compare.

    Raises:
        InputError: if the case file made of the letter cannot be read.
    """
    text = to_case_file(letter, lexicon)
    case = parse_case(text.encode(), f"{letter.name}.yaml", knowledge)
    contract = to_contract(adjudicate(case, knowledge), cures=False)
    return [
        _compare(letter, item, decided, len(contract["summary"]["facts"]))
        for item, decided in zip(letter.items, contract["items"], strict=True)
    ]


def _compare(letter: Letter, item: LetterItem, decided: dict[str, Any], facts: int) -> ReplayedItem:
    recommendation = decided["recommendation"]
    treatment = decided["treatment"]
    return ReplayedItem(
        letter=letter.name,
        number=item.number,
        request=item.request,
        topic=None if treatment == "UnplacedTreatment" else treatment,
        reviewer_outcome=item.outcome,
        outcome=decided["outcome"],
        decision=decided["decision"],
        reviewer_guidelines=tuple(c.text for c in item.reviewer),
        guideline=None
        if recommendation is None
        else f"{recommendation['guideline']}, {recommendation['section']}",
        reviewer_reasons=(item.rationale,),
        reasons=tuple(
            f"{c['number']} {c['outcome']}: {c['statement']}"
            for c in decided["criteria"]
            if c["outcome"] in ("NotMet", "NotDocumented")
        ),
        facts=facts,
    )


def summarize(items: Iterable[ReplayedItem]) -> dict[str, Any]:
    """Count agreement: in all, balanced over the reviewers' outcomes, and by treatment."""
    items = list(items)
    decided = [item for item in items if item.agrees is not None]
    confusion: dict[str, dict[str, int]] = {}
    by_topic: dict[str, dict[str, int]] = {}
    for item in items:
        row = confusion.setdefault(item.reviewer_outcome, {})
        row[item.outcome] = row.get(item.outcome, 0) + 1
        topic = by_topic.setdefault(
            item.topic or "not placed", {"items": 0, "decided": 0, "agree": 0}
        )
        topic["items"] += 1
        topic["decided"] += item.agrees is not None
        topic["agree"] += item.agrees is True
    shares = []
    for outcome in ("Upheld", "Overturned"):
        of = [item for item in decided if item.reviewer_outcome == outcome]
        if of:
            shares.append(sum(item.agrees is True for item in of) / len(of))
    return {
        "items": len(items),
        "placed": sum(item.topic is not None for item in items),
        "decided": len(decided),
        "agree": sum(item.agrees is True for item in decided),
        "agreement": _share(sum(item.agrees is True for item in decided), len(decided)),
        "balancedAccuracy": round(sum(shares) / len(shares), 4) if shares else None,
        "confusion": confusion,
        "byTopic": dict(sorted(by_topic.items())),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
