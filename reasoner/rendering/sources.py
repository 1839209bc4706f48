"""What the sources of a sentence are, in words, found in the contract that names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reasoner.labels import listing
from reasoner.rendering.words import citation, last_part


@dataclass(frozen=True, slots=True)
class Source:
    """A source of a sentence.

    Attributes:
        label: what it is, in words.
        anchor: where it stands in the rendering; None if it does not.
    """

    iri: str
    label: str
    anchor: str | None


class Sources:
    """The sources that sentences of one item can name.

    Args:
        contract: the determination.
        number: the item, from 1.
    """

    def __init__(self, contract: Mapping[str, Any], number: int) -> None:
        self._known: dict[str, tuple[str, str | None]] = {}
        self._criteria: dict[str, str] = {}
        self._shapes: dict[str, str] = {}
        summary, item = contract["summary"], contract["items"][number - 1]
        for place, record in enumerate(summary["records"], 1):
            self._known[record["id"]] = (record["label"], f"record-{place}")
        for place, fact in enumerate(summary["facts"], 1):
            self._known[fact["fact"]] = (fact["label"], f"fact-{place}")
        for place, other in enumerate(contract["items"], 1):
            self._known[other["request"]] = (f"the request: {other['label']}", f"item-{place}")
        recommendation = item["recommendation"]
        if recommendation is not None:
            self._known[recommendation["id"]] = (citation(recommendation), None)
            # A recommendation is named below its topic, and a topic below its guideline.
            self._known[recommendation["id"].rpartition("/")[0]] = (recommendation["title"], None)
        for place, criterion in enumerate(item["criteria"], 1):
            anchor = f"item-{number}-criterion-{place}"
            label = f"criterion {criterion['number']}"
            self._known[criterion["id"]] = (label, anchor)
            self._known[criterion["shape"]] = (f"shape of {label}", anchor)
            self._criteria[criterion["id"]] = criterion["number"]
            self._shapes[criterion["shape"]] = criterion["id"]
        for passed in item["notEvaluated"]:
            self._known[passed["recommendation"]] = (
                f"{passed['label']}, {passed['guideline']}",
                None,
            )

    def of(self, iris: Iterable[str]) -> list[Source]:
        """Give sources by their IRIs, in order."""
        return [Source(iri, *self._known.get(iri, (_unknown(iri), None))) for iri in iris]

    def in_words(self, iris: Iterable[str]) -> str:
        """Name sources in a line; criteria together, with their shapes."""
        named = list(iris)
        numbers = [self._criteria[iri] for iri in named if iri in self._criteria]
        parts = []
        if numbers:
            noun, its = ("criterion", "its shape") if len(numbers) == 1 else ("criteria", "shapes")
            shaped = any(iri in self._shapes for iri in named)
            parts.append(f"{noun} {listing(numbers)}" + (f" with {its}" if shaped else ""))
        parts += [
            source.label
            for source in self.of(named)
            if source.iri not in self._criteria and self._shapes.get(source.iri) not in named
        ]
        return "; ".join(dict.fromkeys(parts))


def _unknown(iri: str) -> str:
    """Name a source that the contract has no label for: the last parts of its IRI."""
    if "/guideline/" in iri:
        kind = "passage" if "#" in iri else "guideline"
    else:
        kind = "reading" if "/reading/" in iri else "source"
    return f"{kind} {last_part(iri)}"
