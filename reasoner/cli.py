"""The command line. Engines are imported by the commands that need them, not by ``--help``."""

from __future__ import annotations

import csv
import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli_authoring import authoring
from reasoner.cli_bench import coverage, mutate
from reasoner.cli_corpus import corpus
from reasoner.cli_guidelines import guidelines
from reasoner.cli_intake import intake
from reasoner.cli_letters import replay
from reasoner.cli_release import register
from reasoner.cli_schema import schema
from reasoner.errors import InputError, MtusError, Problem

if TYPE_CHECKING:
    from reasoner.case import Case
    from reasoner.determination import Determination
    from reasoner.knowledge import Knowledge
    from reasoner.queries import Query

app = typer.Typer(
    name="mtus",
    help="Decide disputes over medical treatment by the MTUS, with reasons. "
    "Supports a physician reviewer; does not replace one.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
queries = typer.Typer(help="Ask the query library.", no_args_is_help=True)
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


class TableFormat(StrEnum):
    """The forms that an answer can be written in."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


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
) -> None:
    """Decide every disputed item of each case, and give the determination with its reasons.

    Every case is read before any is decided; if one cannot be read, none is decided.
    """
    if format is Format.PDF and out is None:
        raise InputError([Problem("A PDF is not printed.", "--format", expected="--out FOLDER")])
    knowledge, read = _read(cases)
    for number, case in enumerate(read, start=1):
        if out is not None and sys.stderr.isatty() and len(read) > 1:
            print(f"\r{number} of {len(read)}", end="", file=sys.stderr)
        content = write(_adjudicate(case, knowledge, role, reading), format, one=len(read) == 1)
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


@queries.command("list")
def list_queries() -> None:
    """List the queries of the library, with their questions."""
    from reasoner.queries import load_queries

    for name, query in load_queries().items():
        print(f"{name}\n    {query.question}")


@queries.command("show")
def show_query(name: Annotated[str, typer.Argument(help="The name of a query.")]) -> None:
    """Show a query with its header."""
    from reasoner.queries import find_query

    print(find_query(name).text, end="")


@queries.command("run")
def run(
    name: Annotated[str, typer.Argument(help="The name of a query.")],
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A parameter, as name=value.")
    ] = None,
    determinations: Annotated[
        Path | None,
        typer.Option("--determinations", help="A folder of determinations in Turtle or JSON-LD."),
    ] = None,
    format: Annotated[
        TableFormat, typer.Option("--format", help="How to write it.")
    ] = TableFormat.TABLE,
) -> None:
    """Ask a query of the library, over the guidelines and a folder of determinations."""
    from reasoner.knowledge import load_knowledge
    from reasoner.queries import as_table, find_query, open_graph, run_query

    query = find_query(name)
    given = _parameters(param or [])
    if query.reads == "determinations" and determinations is None:
        raise InputError(
            [Problem(f"{name} asks about determinations.", "--determinations", expected="a folder")]
        )
    knowledge = load_knowledge()
    answer = run_query(query, open_graph(knowledge, determinations), knowledge, given)
    _print_table(query, list(as_table(answer)), format)


def _parameters(texts: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError([Problem(f"{text} names no value.", "--param", expected="name=value")])
        given[name.strip()] = value.strip()
    return given


def _print_table(query: Query, rows: list[tuple[str, ...]], format: TableFormat) -> None:
    if format is TableFormat.JSON:
        print(
            json.dumps([dict(zip(query.columns, row, strict=True)) for row in rows],
                       indent=2, ensure_ascii=False)
        )  # fmt: skip
    elif format is TableFormat.CSV:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(query.columns)
        writer.writerows(rows)
        print(stream.getvalue(), end="")
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*query.columns, title=query.question, title_justify="left")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        Console(soft_wrap=False).print(table)
        print(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}. {query.reading}")


# The rest stands in modules of its own; what comes last here comes last in the help.
app.add_typer(guidelines, name="guideline")
app.command()(intake)
app.command()(replay)
app.command()(schema)
app.add_typer(authoring)
app.command()(coverage)
app.command()(mutate)
app.add_typer(corpus, name="corpus")
register(app, guidelines)
