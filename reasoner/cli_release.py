"""The commands of those who encode guidelines: lay out, look into, compare, format, export."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.errors import InputError, MtusError, Problem

if TYPE_CHECKING:
    from reasoner.knowledge import Knowledge

TopicArgument = Annotated[str, typer.Argument(help="A topic, as guideline/topic.", metavar="TOPIC")]
Tree = Annotated[
    Path | None,
    typer.Option("--in", help="A source tree with ontology and shapes; this release otherwise."),
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


def _knowledge(root: Path | None) -> Knowledge:
    from reasoner.knowledge import load_knowledge

    if root is None:
        return load_knowledge()
    _require_tree(root)
    return load_knowledge(root / "ontology", root / "shapes")


def _topic(name: str, knowledge: Knowledge) -> str:
    """Find a topic by its name, or by what follows the guideline if that is one topic's alone."""
    from reasoner.errors import nearest_word

    names = knowledge.sources.topics
    found = [n for n in names if name in (n, n.split("/")[1])]
    if len(found) == 1:
        return found[0]
    expected = "one of " + ", ".join(sorted(found)) if found else "one of mtus guideline list"
    raise InputError(
        [
            Problem(
                f"{name} is {'the name of several topics' if found else 'no topic'}.",
                "TOPIC",
                expected=expected,
                nearest=None if found else nearest_word(name, names),
            )
        ]
    )


def witness(
    topic: TopicArgument,
    criterion: Annotated[
        str | None, typer.Option("--criterion", help="The number of the one criterion wanted.")
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", help="Take an ambiguous passage by this reading."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write each case into a file of this folder.")
    ] = None,
    expect: Annotated[
        bool, typer.Option("--expect", help="Add what is expected, as cases of the library have.")
    ] = False,
    root: Tree = None,
) -> None:
    """Give the smallest case that meets a topic, and one short of each criterion.

    They are made from the shapes alone, and decided; nothing can be left out of one. A criterion
    that a record can contradict is contradicted, another is undocumented. Exit 1 if no case was
    found for the criterion wanted.
    """
    from reasoner.authoring.smallest import describe, name_of, smallest_cases, to_case_file

    knowledge = _knowledge(root).under(reading or [])
    name = _topic(topic, knowledge)
    recommendations = knowledge.topic(name).recommendations
    numbers = [c.number for r in recommendations for c in r.criteria]
    if criterion is not None and criterion not in numbers:
        raise InputError(
            [
                Problem(
                    f"{name} has no criterion {criterion}.",
                    "--criterion",
                    expected="one of " + ", ".join(dict.fromkeys(numbers)),
                )
            ]
        )
    if not numbers:
        print(f"{name} has no criteria: what the record says changes nothing.")
        return
    found = False
    for number, smallest in enumerate(smallest_cases(knowledge, name, number=criterion)):
        if smallest.draft is None:
            print(f"# {describe(smallest)}")
            continue
        text = to_case_file(smallest, knowledge, expect=expect)
        found = True
        if out is not None:
            _write(out / f"{name_of(smallest)}.yaml", text)
            print(f"wrote {out / name_of(smallest)}.yaml: {describe(smallest)}")
        else:
            print(f"{'---' + chr(10) if number else ''}{text}", end="", flush=True)
    if criterion is not None and not found:
        raise typer.Exit(1)


def format_turtle_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Turtle files; all of the source tree unless given.", metavar="FILE..."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is laid out otherwise.")
    ] = False,
    root: Annotated[
        Path, typer.Option("--in", help="The source tree: a folder with ontology and shapes.")
    ] = Path(),
) -> None:
    """Lay out Turtle in the one order that keeps diffs readable.

    What a file states is the same before and after, by its RDFC-1.0 hash. If one file is no
    Turtle, none is written.
    """
    from reasoner.authoring.turtlefiles import format_files, short_diff, turtle_files

    chosen = files or turtle_files(root)
    found = format_files(chosen)
    for file, (before, after) in found.items():
        if check:
            print(f"{file} is laid out otherwise:\n{short_diff(file, before, after)}")
        else:
            _write(file, after)
            print(f"wrote {file}")
    laid_out = len(chosen) - len(found)
    print(f"{laid_out} of {len(chosen)} files were laid out already.")
    if check and found:
        raise typer.Exit(1)


export = typer.Typer(help="Give the library in forms that others can use.", no_args_is_help=True)


@export.callback()
def _export() -> None:
    """Keep ``tests`` a command of its own, though it is the only one."""


class TestForm(StrEnum):
    """The forms that the tests of the library can be given in."""

    SHT = "sht"


@export.command("tests")
def export_tests(
    out: Annotated[Path, typer.Option("--out", help="The folder to write; empty or not there.")],
    to: Annotated[
        TestForm, typer.Option("--to", help="sht: tests of the W3C SHACL test suite's kind.")
    ] = TestForm.SHT,
    topic: Annotated[
        str | None, typer.Option("--topic", help="One topic alone, as guideline/topic or topic.")
    ] = None,
    cases: Annotated[Path, typer.Option("--cases", help="The cases, in a folder a topic.")] = Path(
        "tests/cases"
    ),
    root: Tree = None,
) -> None:
    """Write the cases of the library as tests that any SHACL engine can run.

    The data graph of a test is the case as classified, its shapes graph the criterion shapes, and
    what is expected is the report that pySHACL issues.
    """
    from reasoner.authoring.manifests import export_tests as write_tests

    del to  # there is one form so far
    shown = sys.stderr.isatty()

    def told(name: str) -> None:
        if shown:
            print(f"\r\033[K{name}", end="", file=sys.stderr, flush=True)

    count = write_tests(_knowledge(root), cases, out, topic=topic, told=told)
    if shown:
        print("\r\033[K", end="", file=sys.stderr)
    print(f"wrote {count} tests: {out / 'manifest.ttl'}")


class DiffFormat(StrEnum):
    """The forms that a difference can be written in."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A folder, or a git revision.")],
    new: Annotated[str, typer.Argument(metavar="B", help="A folder, or a git revision.")],
    cases: Annotated[
        Path | None, typer.Option("--cases", help="Decide the cases of this folder under both.")
    ] = None,
    format: Annotated[DiffFormat, typer.Option("--format", help="How to write it.")] = (
        DiffFormat.TEXT
    ),
    separate: Annotated[
        bool,
        typer.Option(
            "--separate/--no-separate", help="Look for the smallest case that shows each change."
        ),
    ] = True,
    root: Annotated[
        Path, typer.Option("--in", help="The source tree whose revisions are meant.")
    ] = Path(),
) -> None:
    """Compare two releases by meaning: what was added, dropped, tightened, loosened, reworded.

    A release is a folder that holds ontology and shapes, or a git revision of the source tree. For
    each criterion that changed, the smallest case that the two decide differently is looked for,
    over the values at its bounds, with what is not stated among them.
    """
    from reasoner.authoring.casediff import compare_cases
    from reasoner.authoring.diffreport import to_json, to_markdown, to_text
    from reasoner.authoring.releasediff import compare
    from reasoner.authoring.revisions import load_release

    before, after = load_release(old, root), load_release(new, root)
    difference = compare(before, after, separate=separate)
    decided = None if cases is None else compare_cases(before, after, cases)
    writers = {
        DiffFormat.TEXT: to_text,
        DiffFormat.JSON: to_json,
        DiffFormat.MARKDOWN: to_markdown,
    }
    print(writers[format](difference, decided).rstrip("\n"))


def _write(file: Path, text: str) -> None:
    """Write a file in full or not at all."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.part")
        unfinished.write_text(text, "utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise MtusError(f"{file} cannot be written: {error.strerror}") from error


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
    root: Annotated[
        Path, typer.Option("--in", help="The source tree: a folder with ontology and shapes.")
    ] = Path(),
) -> None:
    """Lay out the files of a new topic: what it says, how it is checked, two cases.

    What no option says is asked for. The files are proven before any is written: they load, their
    shapes are sound, and their cases are decided as they say.
    """
    from reasoner.authoring.newtopic import (
        SUPPORTING,
        check_topic,
        find_concept,
        lay_out,
        less_specific,
        parse_criterion,
        write_files,
    )
    from reasoner.authoring.topictext import Answers
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
    over = less_specific(topic, asked_for, knowledge)
    answers = Answers(
        topic, title, asked_for, section, page, stands, noun, known, criteria, date.today(), over
    )
    files = lay_out(answers, knowledge)
    write_files(files, root)
    print(f"{title}, as {document.label} has it:")
    for number, written in enumerate(criteria, start=1):
        sought = f"at most {written.most}"
        if written.concept is not None:
            sought = f"{local_name(written.concept)} {written.form}"
        print(f"    {number}. {written.statement} ({sought})")
    for iri in over:
        broader = str(iri).partition("/guideline/")[2].partition("#")[0]
        print(f"    It prevails over {broader}, being more specific.")
    for name in files:
        print(f"wrote {root / name}")


def register(app: typer.Typer, guidelines: typer.Typer) -> None:
    """Add the commands of this module to the command line.

    Args:
        app: the whole command line.
        guidelines: the commands of ``mtus guideline``.
    """
    guidelines.command("new")(new_guideline_topic)
    app.command("witness")(witness)
    app.command("diff")(diff)
    app.command("format")(format_turtle_files)
    app.add_typer(export, name="export")
