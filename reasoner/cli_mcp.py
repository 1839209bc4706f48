"""The command that gives language models the reasoner as tools."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.cli_query import MemoryOption
from reasoner.errors import MissingExtraError


def mcp(
    store: Annotated[
        str | None, typer.Option("--store", help="A store that queries are asked of.")
    ] = None,
    time: Annotated[
        float, typer.Option("--time", min=0.01, help="Seconds after which a query is stopped.")
    ] = 10,
    memory: MemoryOption = 2000,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Rows that an answer may have.")] = 200,
) -> None:
    """Serve the reasoner to a language model, by the Model Context Protocol on standard input."""
    try:
        from reasoner.modelcontext.server import create_server
    except ImportError as error:
        raise MissingExtraError("mtus mcp", "mcp") from error
    from reasoner.modelcontext.calls import Tools
    from reasoner.store.asking import Limits, place_of

    if store is not None:
        with place_of(store):
            pass  # a store that is not there is told now, not with the first query
    create_server(Tools(store, Limits(time, memory, rows))).run("stdio")
