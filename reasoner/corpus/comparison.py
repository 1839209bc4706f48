"""What a reform changes of a population, as a value: flips, and how many by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reasoner.corpus.reform import Reform
from reasoner.corpus.sampling import CONFIDENCE, Sample, cases_with, items_of
from reasoner.outcomes import Basis

FORMAT = "mtus.whatif/1"
FLIPS = {
    "case_no": "BIGINT", "case_id": "VARCHAR", "source": "VARCHAR", "request": "VARCHAR",
    "treatment": "VARCHAR", "region": "VARCHAR", "month": "VARCHAR", "topic": "VARCHAR",
    "before": "VARCHAR", "after": "VARCHAR", "necessity_before": "VARCHAR",
    "necessity_after": "VARCHAR", "rests_on": "VARCHAR", "criteria": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What a reform changes.

    Attributes:
        cases: how many cases the population has.
        read: how many of them were looked at: all of them, or a sample.
        decided: how many of these the reform can touch, and were decided.
        items: how many items these have.
        flips: a row for each item that flips, by the columns of ``FLIPS``.
        revised: how many items keep their outcome, and not their necessity.
        refused: how many cases were left out, either not to be read or not to be decided.
        sample: the sample that was asked for, if one was.
    """

    reform: Reform
    cases: int
    read: int
    decided: int
    items: int
    flips: tuple[dict[str, Any], ...]
    revised: int
    refused: int = 0
    sample: Sample | None = None

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the flips, by what a reader asks about."""
        by: dict[str, Counter[str]] = {
            name: Counter() for name in ("direction", "rests_on", "topic", "region", "month",
                                         "criterion")
        }  # fmt: skip
        for flip in self.flips:
            by["direction"][direction(flip)] += 1
            for name in ("rests_on", "topic", "region", "month"):
                by[name][flip[name] or "none stated"] += 1
            for criterion in (flip["criteria"] or "").split(", "):
                by["criterion"][criterion or "none of its own"] += 1
        return {
            name: dict(
                sorted(c.items(), key=lambda kv: (kv[0] if name == "month" else -kv[1], kv[0]))
            )
            for name, c in by.items()
        }

    def estimates(self) -> dict[str, Any] | None:
        """Give what the sample says of the population; None if all of it was decided."""
        if self.sample is None:
            return None
        by_case: Counter[int] = Counter(flip["case_no"] for flip in self.flips)
        ways: dict[str, set[int]] = {}
        for flip in self.flips:
            ways.setdefault(direction(flip), set()).add(flip["case_no"])
        items = items_of(list(by_case.values()), self.read, self.cases)

        def cases(seen: int) -> dict[str, Any]:
            return cases_with(seen, self.read, self.cases).to_dict()

        return {
            "drawn": self.read,
            "of": self.cases,
            "seed": self.sample.seed,
            "confidence": CONFIDENCE,
            "casesWithAFlip": cases(len(by_case)),
            "casesByDirection": {way: cases(len(ways[way])) for way in sorted(ways)},
            "itemsThatFlip": None if items is None else items.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the summary as JSON has it."""
        return {
            "format": FORMAT,
            "reform": self.reform.to_dict(),
            "cases": self.cases,
            "casesRead": self.read,
            "casesDecided": self.decided,
            "itemsDecided": self.items,
            "refused": self.refused,
            "flips": len(self.flips),
            "revised": self.revised,
            "by": self.counts(),
            "sample": self.estimates(),
        }


def direction(flip: Mapping[str, Any]) -> str:
    """Say which way an item flips."""
    return f"{flip['before']} to {flip['after']}"


def rest(flips: list[dict[str, Any]]) -> None:
    """Tell for each flip whether it rests on silence or on facts.

    A flip that a request owes to the one it depends on rests on what that one's flip rests on.
    """
    by_request = {(f["case_no"], f["request"]): f for f in flips}

    def silent(flip: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> bool:
        if Basis.NOT_ESTABLISHED in (flip["basis_before"], flip["basis_after"]):
            return True
        if flip["presumed"]:
            return True
        above = by_request.get((flip["case_no"], flip["parent"]))
        if above is None or above["request"] in seen:
            return False
        return silent(above, seen | {flip["request"]})

    found = ["silence" if silent(flip) else "facts" for flip in flips]
    for flip, word in zip(flips, found, strict=True):
        flip["rests_on"] = word
