"""The commands that look into the guideline library."""

from __future__ import annotations

from typing import Annotated

import typer

guidelines = typer.Typer(help="Look into the guideline library.", no_args_is_help=True)


@guidelines.command("list")
def list_guidelines() -> None:
    """List guidelines and topics, with their criteria and how well they are attested."""
    from collections import Counter

    from reasoner.knowledge import load_knowledge
    from reasoner.rationale import pages

    knowledge = load_knowledge()
    attested: Counter[str] = Counter()
    criteria = 0
    shown: str | None = None
    for topic in knowledge.topics:
        guideline, name = topic.name.split("/")
        if guideline != shown:
            document = next(iter(topic.recommendations)).guideline
            until = f"to {document.end}" if document.end else "and on"
            print(f"{document.title} ({guideline}), from {document.start} {until}")
            shown = guideline
        found = {c.iri: c for r in topic.recommendations for c in r.criteria}
        criteria += len(found)
        attested.update(knowledge.concepts.label(c.attestation) for c in found.values())
        where = ", ".join(dict.fromkeys(pages(r.page) for r in topic.recommendations))
        stances = dict.fromkeys(knowledge.concepts.label(r.stance) for r in topic.recommendations)
        counted = f"{len(found):>3} {'criterion' if len(found) == 1 else 'criteria':<9}"
        print(f"    {name:<36} {counted}  {', '.join(stances)}; {where}")
    print(f"\n{len(knowledge.topics)} topics, {criteria} criteria. How well criteria are attested:")
    for label, count in attested.most_common():
        print(f"    {count:>4}  {label}")


@guidelines.command("show")
def show_guideline(
    topic: Annotated[str, typer.Argument(help="A topic, as guideline/topic or topic.")],
) -> None:
    """Show what a guideline says of a topic: recommendations, criteria, pages, confidence."""
    from reasoner.guidelinesearch import topics_named
    from reasoner.knowledge import load_knowledge
    from reasoner.rationale import pages

    knowledge = load_knowledge()
    for name in topics_named(topic, knowledge):
        for recommendation in knowledge.topic(name).recommendations:
            print(f"{recommendation.label} ({name})")
            print(f"    {recommendation.guideline.title}")
            print(
                f"    section {recommendation.section}, {pages(recommendation.page)};"
                f" {knowledge.concepts.label(recommendation.stance)}"
            )
            for criterion in recommendation.criteria:
                confidence = knowledge.concepts.label(criterion.attestation)
                print(f"    {criterion.number:>4}  {criterion.statement}")
                print(f"          {pages(criterion.page)}; {confidence}")
            for reading in knowledge.readings_of(recommendation):
                print(f"    read as {reading.label}: {reading.definition}")


@guidelines.command("search")
def search_guidelines(
    words: Annotated[list[str], typer.Argument(help="Words that all have to occur.")],
) -> None:
    """Search statements, labels, sections and the names of treatments for words."""
    from reasoner.guidelinesearch import search
    from reasoner.knowledge import load_knowledge

    found = 0
    for hit in search(words, load_knowledge()):
        found += 1
        if hit.criterion is None:
            print(f"{hit.topic}: {hit.recommendation.label}")
        else:
            print(f"{hit.topic} {hit.criterion.number}: {hit.criterion.statement}")
    print(f"{found} found.")
