"""What the page of one determination shows, made from the JSON contract alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reasoner.rendering import words
from reasoner.rendering.cleaning import clean
from reasoner.rendering.sources import Sources
from reasoner.web.pages.why import COLUMNS, why

PREFIX = "d-"


@dataclass(frozen=True, slots=True)
class Use:
    """A criterion that a quote counts for or against."""

    item: int
    number: str
    anchor: str
    supports: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A fact in the words of the record that documents it."""

    page: str | None
    text: str | None
    label: str
    anchor: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A record with what is quoted of it, in the order of its pages."""

    anchor: str
    label: str
    title: str | None
    quotes: tuple[Quote, ...]


def shown(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the template of a determination takes."""
    cleaned = clean(contract)
    numbers = range(1, len(cleaned["items"]) + 1)
    return {
        **cleaned,
        "top": 1,
        "prefix": PREFIX,
        "sources": [Sources(cleaned, n) for n in numbers],
        "graphs": [why(cleaned, n, PREFIX) for n in numbers],
        "columns": COLUMNS,
        "places": places(cleaned),
        "hash": cleaned["id"].rpartition("/")[2],
    }


def places(contract: Mapping[str, Any]) -> list[Place]:
    """Give the records, each with its quotes and what they count for."""
    uses: dict[str, list[Use]] = {}
    for number, item in enumerate(contract["items"], 1):
        for place, criterion in enumerate(item["criteria"], 1):
            for evidence in criterion["evidence"]:
                anchor = f"{PREFIX}item-{number}-criterion-{place}"
                use = Use(number, criterion["number"], anchor, evidence["supports"])
                found = uses.setdefault(evidence["fact"], [])
                if use not in found:
                    found.append(use)
    facts = contract["summary"]["facts"]
    return [
        Place(
            f"{PREFIX}place-{n}",
            words.capital(record["label"]),
            record["title"],
            tuple(
                sorted(
                    (
                        Quote(f["page"], f["quote"], words.capital(f["label"]),
                              f"{PREFIX}fact-{at}", tuple(uses.get(f["fact"], ())))
                        for at, f in enumerate(facts, 1)
                        if record["id"] in f["records"]
                    ),
                    key=lambda quote: _page_key(quote.page),
                )
            ),
        )
        for n, record in enumerate(contract["summary"]["records"], 1)
    ]  # fmt: skip


def _page_key(page: str | None) -> tuple[int, str]:
    digits = "".join(ch for ch in (page or "") if ch.isdigit())[:9]
    return (int(digits) if digits else 0, page or "")
