"""A determination in the form of the issued letters, as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Template

from reasoner.labels import listing
from reasoner.rendering import words
from reasoner.rendering.cleaning import clean
from reasoner.rendering.environment import environment

WIDTH = 80
"""How many columns a line of the plain letter takes at most."""

_PARAGRAPH = 420
"""After how many characters the rationale starts a new paragraph at the next sentence."""

Json = Mapping[str, Any]


def render_letter(contract: Json) -> str:
    """Render a determination in the form of an issued letter."""
    return _template().render(letter(contract))


def letter(contract: Json) -> dict[str, Any]:
    """Lay out a determination as a letter: what the plain letter and the PDF both print.

    Returns:
        A JSON value: title, outcome, head and sections. A section is a heading with blocks,
        each with a ``kind``: ``paragraph`` (text), ``labelled`` (label, text), ``list``
        (items), ``item`` (heading, outcome), ``names`` (rows of label and text) or ``blank``
        (text; what a person is to complete).
    """
    of = clean(contract)
    imr = of["role"] == "imr"
    process = "IMR final determination" if imr else "utilization review decision"
    summary = of["summary"]
    review = summary["utilizationReview"] or {"date": None}
    head = [
        ("Case number", of["case"]),
        ("Date of injury", words.day(summary["injuryDate"])),
        ("UR decision date", words.day(review["date"]) if imr else None),
        ("Outcome", words.outcome(of["outcome"])),
    ]
    return {
        "title": f"{'Determination' if imr else 'Decision'} of case {of['case']}",
        "proceeding": words.PROCEEDINGS[of["role"]],
        "outcome": words.outcome(of["outcome"]),
        "engine": of["engine"],
        "head": [[label, text] for label, text in head if text],
        "sections": [
            {"heading": f"How the {process} was made", "blocks": list(_how(of))},
            {"heading": "Clinical case summary", "blocks": list(_summary(summary, imr=imr))},
            {
                "heading": f"{'IMR issues' if imr else 'Issues'}, decisions and rationales",
                "blocks": list(_decisions(of, imr=imr)),
            },
        ],
    }


def _paragraph(text: str) -> dict[str, Any]:
    return {"kind": "paragraph", "text": text}


def _labelled(label: str, text: str) -> dict[str, Any]:
    return {"kind": "labelled", "label": label, "text": text}


def _how(of: Json) -> Iterator[dict[str, Any]]:
    yield _paragraph(
        f"This document was prepared by software, {of['engine']}, from the facts recorded in the"
        " case file and from guidelines and criteria that are encoded as data. " + words.SUPPORT
    )
    yield {
        "kind": "names",
        "rows": [
            ["Case hash", of["caseHash"]],
            ["Release", of["release"]],
            ["Determination", of["id"].rsplit("/", 1)[-1]],
            *([["Readings", ", ".join(of["readings"])]] if of["readings"] else []),
        ],
    }
    reviewer = of["summary"]["reviewer"]
    if reviewer is None:
        yield {
            "kind": "blank",
            "text": "[Reviewer\u2019s statement, to be completed by the reviewing physician:"
            " affiliations, active clinical practice, state(s) of licensure, certification(s) and"
            " specialty.]",
        }
        return
    yield from _reviewer(reviewer)


def _reviewer(reviewer: Json) -> Iterator[dict[str, Any]]:
    """State of the reviewer what the case file gives, and nothing more."""
    told = []
    if reviewer["affiliatedWith"]:
        told.append(
            "The expert reviewer has an affiliation with"
            f" {listing(f'the {party}' for party in reviewer['affiliatedWith'])}."
        )
    practice = []
    if reviewer["yearsInPractice"] is not None:
        years = reviewer["yearsInPractice"]
        practice.append(
            f"has been in active clinical practice for {years} year{'' if years == '1' else 's'}"
        )
    if reviewer["hoursAWeek"] is not None:
        practice.append(
            f"is currently working {reviewer['hoursAWeek']} hours a week in active practice"
        )
    if practice:
        told.append(f"The expert reviewer {listing(practice)}.")
    if told:
        yield _paragraph(" ".join(told))
    credentials = [
        ["State(s) of licensure", ", ".join(reviewer["licensedIn"])],
        ["Certification(s)/specialty", ", ".join(reviewer["certification"])],
    ]
    if any(text for _, text in credentials):
        yield _paragraph("The expert reviewer has the following credentials:")
        yield {"kind": "names", "rows": [row for row in credentials if row[1]]}


def _summary(summary: Json, *, imr: bool) -> Iterator[dict[str, Any]]:
    yield _paragraph(
        "The following summary was put together from the facts recorded in the case file:"
    )
    about = [words.worker(summary), words.review(summary) if imr else None]
    if any(about):
        yield _paragraph(" ".join(text for text in about if text))
    labels = {record["id"]: record["label"] for record in summary["records"]}
    for records, group in groupby(_by_record(summary["facts"]), key=lambda f: f["records"]):
        where = listing(_with_article(labels.get(iri, words.last_part(iri))) for iri in records)
        told = "; ".join(words.fact(fact) for fact in group)
        yield _paragraph(f"Per {where}: {told}." if where else f"{words.capital(told)}.")
    cited = {record for fact in summary["facts"] for record in fact["records"]}
    others = [r["label"] for r in summary["records"] if r["id"] not in cited]
    if others:
        yield _paragraph(f"Also in the case file: {listing(others)}.")


def _by_record(facts: list[Json]) -> list[Json]:
    """Bring facts of one record together, records in the order in which they first come up."""
    order = list(dict.fromkeys(tuple(fact["records"]) for fact in facts))
    return sorted(facts, key=lambda fact: order.index(tuple(fact["records"])))


def _with_article(record: str) -> str:
    return record if record[:1].isupper() else f"the {record}"


def _decisions(of: Json, *, imr: bool) -> Iterator[dict[str, Any]]:
    yield _paragraph(
        "The determination is based on decisions for the disputed items/services set forth below:"
        if imr
        else "The decisions on the requested items/services are set forth below:"
    )
    for item in of["items"]:
        yield {
            "kind": "item",
            "heading": words.capital(item["label"]),
            "outcome": words.outcome(item["outcome"]),
        }
        yield from _item(item, of, imr=imr)


def _item(item: Json, of: Json, *, imr: bool) -> Iterator[dict[str, Any]]:
    if imr:
        review = of["summary"]["utilizationReview"]
        cited = "; ".join(review["guidelines"]) if review else ""
        yield _labelled(
            "Claims Administrator guideline",
            f"Decision based on {cited.rstrip('.')}." if cited else "Not stated in the case file.",
        )
    yield _labelled("Reviewer guideline" if imr else "Guideline", _guideline(item, of))
    disputed = words.dispute(item)
    if disputed:
        yield _labelled("Quantity", disputed)
    first, *further = _paragraphs([sentence["text"] for sentence in item["rationale"]])
    yield _labelled("Decision rationale", first)
    yield from map(_paragraph, further)
    if item["cure"]:
        yield _labelled("What would turn the decision", words.ways(item))
        for number, cure in enumerate(item["cure"], 1):
            introduction = words.way(cure, number, len(item["cure"]))
            if introduction:
                yield _paragraph(introduction)
            yield {"kind": "list", "items": words.changes(cure)}
    elif item["cureNote"]:
        yield _labelled("What would turn the decision", item["cureNote"])
    if item["notEvaluated"]:
        yield _labelled("Considered, not governing", "")
        yield {"kind": "list", "items": [words.passed_over(n) for n in item["notEvaluated"]]}
    source = words.next_source(item)
    if source:
        yield _labelled("Next source to search", words.capital(f"{source}."))


def _guideline(item: Json, of: Json) -> str:
    if item["dependsOn"] is not None:
        parent = next((i["label"] for i in of["items"] if i["request"] == item["dependsOn"]), None)
        on = f"\u201c{parent}\u201d" if parent else "the request that it depends on"
        return f"None of its own; the item goes with {on}."
    if item["recommendation"] is None:
        return "Nothing that is encoded governs the item."
    unsure = words.caveat(item["recommendation"]["confidence"])
    return f"Decision based on {words.citation(item['recommendation'])}." + (
        f" As encoded: {unsure}." if unsure else ""
    )


def _paragraphs(sentences: list[str]) -> list[str]:
    """Gather sentences to paragraphs of a readable length."""
    paragraphs = [""]
    for sentence in sentences:
        if len(paragraphs[-1]) + len(sentence) > _PARAGRAPH and paragraphs[-1]:
            paragraphs.append("")
        paragraphs[-1] = f"{paragraphs[-1]} {sentence}".lstrip()
    return paragraphs


def _wrap(text: str, mark: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_on_hyphens=False,
    )


def _columns(rows: list[list[str]]) -> str:
    """Write labels and texts below one another, the texts in one column."""
    column = max(len(label) for label, _ in rows) + 2
    return "\n".join(_wrap(text, f"{label + ':':<{column}}") for label, text in rows)


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(wrap=_wrap, columns=_columns)
    return made.get_template("letter.txt.j2")
