"""The commands of those who encode guidelines: lay out, look into, compare, format, export."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from reasoner.errors import InputError, Problem

TopicArgument = Annotated[str, typer.Argument(help="A topic, as guideline/topic.", metavar="TOPIC")]
Tree = Annotated[
    Path,
    typer.Option("--in", help="The source tree: the folder that holds ontology and shapes."),
]


def _require_tree(root: Path) -> None:
    for name in ("ontology", "shapes"):
        if not (root / name).is_dir():
            raise InputError(
                [
                    Problem(
                        f"{root} holds no folder {name}.",
                        "--in",
                        expected="a source tree, with ontology and shapes",
                    )
                ]
            )


def new_guideline_topic(
    topic: TopicArgument,
    title: Annotated[str | None, typer.Option("--title", help="The heading of the topic.")] = None,
    treatment: Annotated[
        str | None, typer.Option("--treatment", help="The treatment, by its name in clinical.ttl.")
    ] = None,
    section: Annotated[
        str | None, typer.Option("--section", help="The section of the guideline.")
    ] = None,
    page: Annotated[str | None, typer.Option("--page", help="The page of the guideline.")] = None,
    stance: Annotated[
        str | None,
        typer.Option("--stance", help="Recommended, Option, NotRecommended or UnderStudy."),
    ] = None,
    noun: Annotated[
        str | None, typer.Option("--noun", help="What one unit is called: visit, injection, unit.")
    ] = None,
    attestation: Annotated[
        str | None,
        typer.Option("--attestation", help="How the content is known: PublishedSource, ..."),
    ] = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option(
            "--criterion",
            help='A statement, or "STATEMENT = Concept", "= no Concept", "= Treatment failed",'
            ' "= at most NUMBER"; may be given again.',
        ),
    ] = None,
    root: Tree = Path(),
) -> None:
    """Lay out the files of a new topic: what it says, how it is checked, two cases.

    What no option says is asked for. The files are proven before any is written: they load, their
    shapes are sound, and their cases are decided as they say.
    """
    from reasoner.authoring.newtopic import (
        SUPPORTING,
        Answers,
        check_topic,
        find_concept,
        lay_out,
        parse_criterion,
        write_files,
    )
    from reasoner.knowledge import load_knowledge
    from reasoner.terms import CORE, local_name

    _require_tree(root)
    knowledge = load_knowledge(root / "ontology", root / "shapes")
    document = check_topic(topic, root, knowledge)
    title = title or typer.prompt("Title", default=topic.split("/")[1].replace("-", " ").title())
    treatment = treatment or typer.prompt("Treatment (its name in clinical.ttl)")
    asked_for = find_concept(treatment, CORE.Treatment, "--treatment", knowledge)
    section = section or typer.prompt("Section of the guideline", default=title)
    page = page or typer.prompt("Page")
    stance = stance or typer.prompt("Stance", default="Recommended")
    stands = find_concept(stance, CORE.Stance, "--stance", knowledge)
    noun = noun or typer.prompt("One unit of it is a", default="unit")
    attestation = attestation or typer.prompt(
        "How the content is known (" + ", ".join(
            local_name(a) for a in knowledge.concepts.individuals(CORE.Attestation)
        ) + ")"
    )  # fmt: skip
    known = find_concept(attestation, CORE.Attestation, "--attestation", knowledge)
    statements = list(criterion or [])
    if criterion is None and local_name(stands) in SUPPORTING:
        while statement := typer.prompt(
            f"Criterion {len(statements) + 1} (empty to end)", default="", show_default=False
        ):
            statements.append(statement)
    criteria = tuple(parse_criterion(statement, knowledge) for statement in statements)
    answers = Answers(
        topic, title, asked_for, section, page, stands, noun, known, criteria, date.today()
    )
    files = lay_out(answers, knowledge)
    write_files(files, root)
    print(f"{title}, as {document.label} has it:")
    for number, written in enumerate(criteria, start=1):
        sought = f"at most {written.most}"
        if written.concept is not None:
            sought = f"{local_name(written.concept)} {written.form}"
        print(f"    {number}. {written.statement} ({sought})")
    for name in files:
        print(f"wrote {root / name}")
