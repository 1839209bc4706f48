"""The commands of the query library, and of queries in files."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from reasoner.errors import InputError, MtusError, Problem

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from reasoner.knowledge import Knowledge
    from reasoner.queries import Answer, Query
    from reasoner.store.asking import Limits, Place


class _QueryGroup(TyperGroup):
    """The commands; a file of SPARQL in the place of one is asked."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take ``mtus query FILE.rq`` for ``mtus query file FILE.rq``."""
        if args and args[0] not in self.commands and args[0].endswith((".rq", ".sparql")):
            return super().resolve_command(ctx, ["file", *args])
        return super().resolve_command(ctx, args)


queries = typer.Typer(
    help="Ask the query library, or a file of SPARQL: mtus query FILE.rq.",
    no_args_is_help=True,
    cls=_QueryGroup,
)


class TableFormat(StrEnum):
    """The forms that an answer can be written in."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    CHART = "chart"


DeterminationsOption = Annotated[
    Path | None,
    typer.Option("--determinations", help="A folder of determinations in Turtle or JSON-LD."),
]
StoreOption = Annotated[
    str | None, typer.Option("--store", help="A store: a folder, or the URL of an endpoint.")
]
FormatOption = Annotated[TableFormat, typer.Option("--format", help="How to write it.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write here instead of printing; Parquet needs it.")
]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help="A parameter, as name=value.")
]
TimeOption = Annotated[
    float, typer.Option("--time", min=0.01, help="Seconds after which it is stopped.")
]
MemoryOption = Annotated[
    int, typer.Option("--memory", min=10, help="Megabytes that it may take beside the data.")
]
RowsOption = Annotated[int, typer.Option("--rows", min=1, help="Rows that it may have.")]


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
    param: ParamOption = None,
    determinations: DeterminationsOption = None,
    store: StoreOption = None,
    format: FormatOption = TableFormat.TABLE,
    out: OutOption = None,
    time: TimeOption = 60,
    memory: MemoryOption = 2000,
    rows: RowsOption = 100_000,
) -> None:
    """Ask a query of the library: of a store, or of guidelines and a folder of determinations."""
    from reasoner.queries import bind, find_query
    from reasoner.store.asking import Limits, ask

    query = find_query(name)
    given = _parameters(param or [])
    if query.reads == "determinations" and determinations is None and store is None:
        raise InputError(
            [
                Problem(
                    f"{name} asks about determinations.",
                    "--determinations",
                    expected="a folder, or --store STORE",
                )
            ]
        )
    _require_one(determinations, store, format, out)
    knowledge = _knowledge()
    bound = bind(query, knowledge, given)
    limits = Limits(time, memory, rows)
    with _place(store, determinations, knowledge) as place:
        if store is not None and (release := bound.values.get("release")) is not None:
            _require_release(place, release.value, limits)
        answer = bound.answer(ask(place, bound.text, limits, name=name))
    _write(answer, format, out, query)


@queries.command("file", hidden=True)
def ask_file(
    file: Annotated[Path, typer.Argument(help="A file of SPARQL.", metavar="FILE.rq")],
    param: ParamOption = None,
    determinations: DeterminationsOption = None,
    store: StoreOption = None,
    format: FormatOption = TableFormat.TABLE,
    out: OutOption = None,
    time: TimeOption = 60,
    memory: MemoryOption = 2000,
    rows: RowsOption = 100_000,
) -> None:
    """Ask the query in a file; its parameters are those of its header, if it has one."""
    from reasoner.queries import bind, parse_query
    from reasoner.store.asking import Limits, ask

    text = _read(file)
    _require_one(determinations, store, format, out)
    knowledge = _knowledge()
    limits = Limits(time, memory, rows)
    given = _parameters(param or [])
    query = parse_query(file.stem, text) if "# Question:" in text else None
    if query is None and given:
        raise InputError(
            [
                Problem(
                    "The query states no parameters.",
                    str(file),
                    expected="a header, as queries have",
                )
            ]
        )
    bound = None if query is None else bind(query, knowledge, given)
    with _place(store, determinations, knowledge) as place:
        answer = ask(place, text if bound is None else bound.text, limits, name=str(file))
    _write(answer if bound is None else bound.answer(answer), format, out, query)


def _knowledge() -> Knowledge:
    from reasoner.knowledge import load_knowledge

    return load_knowledge()


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > 1_000_000:
            raise InputError(
                [Problem("The query is too long.", str(file), expected="at most 1 MB")]
            )
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not in UTF-8"
        raise InputError([Problem(f"The file cannot be read: {why}.", str(file))]) from error


def _require_one(
    determinations: Path | None, store: str | None, format: TableFormat, out: Path | None
) -> None:
    if determinations is not None and store is not None:
        raise InputError(
            [Problem("One place is asked.", "--store", expected="no --determinations")]
        )
    if format is TableFormat.PARQUET and out is None:
        raise InputError(
            [Problem("Parquet is not printed.", "--format", expected="--out FILE beside it")]
        )


def _place(
    store: str | None, determinations: Path | None, knowledge: Knowledge
) -> AbstractContextManager[Place]:
    from reasoner.queries import open_graph
    from reasoner.store.asking import place_of, place_of_quads

    if store is not None:
        return place_of(store)
    return place_of_quads(open_graph(knowledge, determinations))


def _require_release(place: Place, release: str, limits: Limits) -> None:
    from reasoner.store.asking import ask

    held = ask(place, f"ASK {{ GRAPH <{release}> {{ ?s ?p ?o }} }}", limits, name="the release")
    if held.rows[0][0] is None or held.rows[0][0].value != "true":
        raise InputError(
            [
                Problem(
                    "The store does not hold this release; what it holds, mtus store status says.",
                    "--param release",
                    expected="the digits of one that it holds, or mtus store load STORE",
                )
            ]
        )


def _parameters(texts: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError([Problem(f"{text} names no value.", "--param", expected="name=value")])
        given[name.strip()] = value.strip()
    return given


def _write(answer: Answer, format: TableFormat, out: Path | None, query: Query | None) -> None:
    from reasoner.answers import to_chart, to_csv, to_json, write_parquet

    if format is TableFormat.PARQUET:
        assert out is not None
        write_parquet(answer, out)
        return
    if format is TableFormat.TABLE:
        if out is not None:
            raise InputError(
                [Problem("A table is printed.", "--format", expected="csv, json, ...")]
            )
        _print_table(answer, query)
        return
    text = {TableFormat.CSV: to_csv, TableFormat.JSON: to_json, TableFormat.CHART: to_chart}[
        format
    ](answer)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        unfinished = out.with_name(f".{out.name}.part")
        unfinished.write_text(text, "utf-8")
        unfinished.replace(out)
    except OSError as error:
        raise MtusError(f"{out} cannot be written: {error.strerror}") from error


def _print_table(answer: Answer, query: Query | None) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from reasoner.queries import as_table

    title = None if query is None else query.question
    table = Table(*answer.columns, title=title, title_justify="left")
    for row in as_table(answer):
        table.add_row(*(escape(cell) for cell in row))
    Console(soft_wrap=False).print(table)
    count = len(answer.rows)
    reading = "" if query is None else f" {query.reading}"
    print(f"{count} {'row' if count == 1 else 'rows'}.{reading}")
