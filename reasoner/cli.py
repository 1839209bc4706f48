"""The command line. Engines are imported by the commands that need them, not by ``--help``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli_authoring import authoring
from reasoner.cli_bench import coverage, mutate
from reasoner.cli_corpus import corpus, whatif
from reasoner.cli_export import register_exports
from reasoner.cli_guidelines import guidelines
from reasoner.cli_intake import intake
from reasoner.cli_letters import replay
from reasoner.cli_mcp import mcp
from reasoner.cli_query import queries
from reasoner.cli_release import export, register
from reasoner.cli_schema import schema
from reasoner.cli_serve import serve
from reasoner.cli_store import store as store_commands
from reasoner.errors import InputError, MtusError, Problem

if TYPE_CHECKING:
    from reasoner.case import Case
    from reasoner.determination import Determination
    from reasoner.knowledge import Knowledge

app = typer.Typer(
    name="mtus",
    help="Decide disputes over medical treatment by the MTUS, with reasons. "
    "Supports a physician reviewer; does not replace one.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(queries, name="query")


class Format(StrEnum):
    """The forms that a determination can be written in."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    LETTER = "letter"
    PDF = "pdf"
    JSON = "json"
    TURTLE = "turtle"
    JSONLD = "jsonld"


_ENDINGS = {
    Format.TEXT: "txt", Format.MARKDOWN: "md", Format.HTML: "html", Format.LETTER: "letter.txt",
    Format.PDF: "pdf", Format.JSON: "json", Format.TURTLE: "ttl", Format.JSONLD: "jsonld",
}  # fmt: skip


class DecidingRole(StrEnum):
    """Who decides."""

    IMR = "imr"
    UR = "ur"


Cases = Annotated[
    list[Path], typer.Argument(help="Case files: YAML, Turtle, JSON-LD, ...", metavar="CASE...")
]
RoleOption = Annotated[
    DecidingRole, typer.Option("--role", help="imr decides items as requested; ur may modify them.")
]
ReadingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reading", help="Take an ambiguous passage by this reading; may be given again."
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"mtus-reasoner {version('mtus-reasoner')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Decide disputes over medical treatment by the MTUS, with reasons."""


@app.command()
def determine(
    cases: Cases,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    role: RoleOption = DecidingRole.IMR,
    reading: ReadingOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write one file a case into this folder instead of printing."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store", help="Keep them in this store too: a folder, or a SPARQL endpoint."
        ),
    ] = None,
) -> None:
    """Decide every disputed item of each case, and give the determination with its reasons.

    Every case is read before any is decided; if one cannot be read, none is decided.
    """
    if format is Format.PDF and out is None:
        raise InputError([Problem("A PDF is not printed.", "--format", expected="--out FOLDER")])
    knowledge, read = _read(cases)
    keep = _keeper(store, read, stack := ExitStack())
    with stack:
        _determine_all(read, knowledge, role, reading, format, out, keep)


def _keeper(
    store: str | None, cases: list[Case], stack: ExitStack
) -> Callable[[Determination], None] | None:
    if store is None:
        return None
    from reasoner.store.graphs import case_graph
    from reasoner.store.loading import Loader, open_store

    loader = Loader(stack.enter_context(open_store(store)))
    loader.require_room(map(case_graph, cases))
    return loader.add_determination


def _determine_all(
    read: list[Case],
    knowledge: Knowledge,
    role: DecidingRole,
    reading: list[str] | None,
    format: Format,
    out: Path | None,
    keep: Callable[[Determination], None] | None,
) -> None:
    for number, case in enumerate(read, start=1):
        if out is not None and sys.stderr.isatty() and len(read) > 1:
            print(f"\r{number} of {len(read)}", end="", file=sys.stderr)
        determination = _adjudicate(case, knowledge, role, reading)
        if keep is not None:
            keep(determination)
        content = write(determination, format, one=len(read) == 1)
        if out is None:
            assert isinstance(content, str)
            sys.stdout.write(content if content.endswith("\n") else content + "\n")
        else:
            _write_whole(out, f"{case.identifier}.{_ENDINGS[format]}", content)


def _read(paths: list[Path]) -> tuple[Knowledge, list[Case]]:
    from reasoner.case import read_case
    from reasoner.knowledge import load_knowledge

    knowledge = load_knowledge()
    read: list[Case] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            read.append(read_case(path, knowledge))
        except InputError as error:
            problems.extend(error.problems)
    names: dict[str, str] = {}
    for case in read:
        if case.identifier in names:
            problems.append(
                Problem(
                    f"The case has the id {case.identifier}, as has {names[case.identifier]}.",
                    case.source,
                    key="id",
                    expected="an id of its own",
                )
            )
        names[case.identifier] = case.source
    if problems:
        raise InputError(problems)
    return knowledge, read


def _adjudicate(
    case: Case, knowledge: Knowledge, role: DecidingRole, reading: list[str] | None
) -> Determination:
    from reasoner.determination import adjudicate

    return adjudicate(case, knowledge, role=role.value, readings=reading or [])


def write(determination: Determination, format: Format, *, one: bool = True) -> str | bytes:
    """Write a determination in a format.

    Args:
        determination: the determination.
        format: the format.
        one: whether it stands alone; several in JSON take a line each.
    """
    if format in (Format.TURTLE, Format.JSONLD):
        from reasoner.provenance import to_triples
        from reasoner.serialization import to_jsonld, to_turtle

        triples = to_triples(determination)
        return to_turtle(triples) if format is Format.TURTLE else to_jsonld(triples)
    contract = determination.to_dict()
    if format is Format.JSON:
        return json.dumps(contract, ensure_ascii=False, indent=2 if one else None)
    from reasoner.rendering import render, render_pdf

    return render_pdf(contract) if format is Format.PDF else render(contract, format.value)


def _write_whole(folder: Path, name: str, content: str | bytes) -> None:
    """Write a file so that it is there in full or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{name}.part"
        data = content.encode() if isinstance(content, str) else content
        unfinished.write_bytes(data)
        unfinished.replace(folder / name)
    except OSError as error:
        raise MtusError(f"{folder / name} cannot be written: {error.strerror}") from error


@app.command()
def cure(cases: Cases, role: RoleOption = DecidingRole.IMR, reading: ReadingOption = None) -> None:
    """Give the smallest changes to the record or the request that would turn each decision."""
    knowledge, read = _read(cases)
    for case in read:
        contract = _adjudicate(case, knowledge, role, reading).to_dict()
        for item in contract["items"]:  # type: ignore[attr-defined]
            print(f"{contract['case']}: {item['label']}: {item['outcome']}")
            for number, found in enumerate(item["cure"], start=1):
                print(f"  {number}. It would be {found['resultingOutcome']} if:")
                for change in found["changes"]:
                    print(f"     - {change['text']}")
            if not item["cure"]:
                print(f"  {item['cureNote'] or 'There is nothing to turn.'}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A determination in JSON, Turtle or JSON-LD.")],
    case: Annotated[
        Path | None, typer.Option("--case", help="The case file; JSON needs it.")
    ] = None,
) -> None:
    """Derive a determination again from its case, and say what differs. Exit 1 if anything does."""
    from reasoner.knowledge import load_knowledge
    from reasoner.verification import verify as verify_file

    verification = verify_file(file, load_knowledge(), case=case)
    for difference in verification.differences:
        print(difference)
    if not verification.holds:
        raise typer.Exit(1)
    print(f"{file} follows from its case.")


@app.command()
def readings() -> None:
    """List the readings of ambiguous passages, with the one that is taken by default."""
    from reasoner.knowledge import load_knowledge

    for name, reading in load_knowledge().readings.items():
        print(f"{name}{' (default)' if reading.default else ''}\n    {reading.definition}")


# The rest stands in modules of its own; what comes last here comes last in the help.
app.add_typer(guidelines, name="guideline")
app.command()(intake)
app.command()(replay)
app.command()(schema)
app.add_typer(authoring)
app.add_typer(store_commands, name="store")
app.command()(serve)
app.command()(mcp)
app.command()(coverage)
app.command()(mutate)
app.add_typer(corpus, name="corpus")
app.command()(whatif)
register(app, guidelines)
register_exports(export)
