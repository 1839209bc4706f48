"""The commands that look into the guideline library."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.errors import InputError, Problem

guidelines = typer.Typer(help="Look into the guideline library.", no_args_is_help=True)


@guidelines.command("list")
def list_guidelines() -> None:
    """List guidelines and topics, with their criteria and how well they are attested."""
    from collections import Counter

    from reasoner.knowledge import load_knowledge
    from reasoner.terms import local_name

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
        pages = ", ".join(dict.fromkeys(r.page for r in topic.recommendations))
        stances = ", ".join(dict.fromkeys(local_name(r.stance) for r in topic.recommendations))
        print(f"    {name:<36} {len(found):>3} criteria  {stances}  p. {pages}")
    print(f"\n{len(knowledge.topics)} topics, {criteria} criteria. How well criteria are attested:")
    for label, count in attested.most_common():
        print(f"    {count:>4}  {label}")


@guidelines.command("show")
def show_guideline(
    topic: Annotated[str, typer.Argument(help="A topic, as guideline/topic or topic.")],
) -> None:
    """Show what a guideline says of a topic: recommendations, criteria, pages, confidence."""
    from reasoner.errors import nearest_word
    from reasoner.knowledge import load_knowledge

    knowledge = load_knowledge()
    names = knowledge.sources.topics
    found = [n for n in names if topic in (n, n.split("/")[1])]
    if not found:
        raise InputError(
            [
                Problem(
                    f"{topic} is no topic of the library.",
                    expected="one that mtus guideline list gives",
                    nearest=nearest_word(topic, [*names, *(n.split("/")[1] for n in names)]),
                )
            ]
        )
    for name in found:
        for recommendation in knowledge.topic(name).recommendations:
            print(f"{recommendation.label} ({name})")
            print(f"    {recommendation.guideline.title}")
            print(
                f"    section {recommendation.section}, page {recommendation.page};"
                f" {knowledge.concepts.label(recommendation.stance)}"
            )
            for criterion in recommendation.criteria:
                confidence = knowledge.concepts.label(criterion.attestation)
                print(f"    {criterion.number:>4}  {criterion.statement}")
                print(f"          page {criterion.page}; {confidence}")
            for reading in knowledge.readings_of(recommendation):
                print(f"    read as {reading.label}: {reading.definition}")


@guidelines.command("search")
def search_guidelines(
    words: Annotated[list[str], typer.Argument(help="Words that all have to occur.")],
) -> None:
    """Search statements, labels and sections for words."""
    from reasoner.knowledge import load_knowledge

    wanted = [word.casefold() for word in words]
    found = 0
    for topic in load_knowledge().topics:
        for recommendation in topic.recommendations:
            head = f"{recommendation.label} {recommendation.section} {topic.name}"
            for criterion in recommendation.criteria:
                text = f"{head} {criterion.statement} {criterion.if_missing}".casefold()
                if all(word in text for word in wanted):
                    found += 1
                    print(f"{topic.name} {criterion.number}: {criterion.statement}")
            if not recommendation.criteria and all(word in head.casefold() for word in wanted):
                found += 1
                print(f"{topic.name}: {recommendation.label}")
    print(f"{found} found.")
