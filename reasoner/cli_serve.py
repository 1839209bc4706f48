"""The command that serves a store and the guidelines."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli_query import MemoryOption, RowsOption, TimeOption
from reasoner.errors import MissingExtraError, MtusError

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(
    store: Annotated[
        str | None, typer.Option("--store", help="The folder of a store; the guidelines if none.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", envvar="MTUS_TOKEN", show_envvar=True, help="What a client has to show."
        ),
    ] = None,
    writable: Annotated[bool, typer.Option("--writable", help="Take updates too.")] = False,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="A folder of case files to offer.")
    ] = None,
    time: TimeOption = 60,
    memory: MemoryOption = 2000,
    rows: RowsOption = 100_000,
) -> None:
    """Serve a store: SPARQL for other tools, pages for people. Stops with an interrupt."""
    try:
        from reasoner.web.app import create_app
    except ImportError as error:
        raise MissingExtraError("mtus serve", "web") from error
    from reasoner.store.asking import Limits
    from reasoner.web.settings import Settings

    limits = Limits(time, memory, rows)
    settings = Settings(store, host, port, token, limits, writable, cases)
    _run(create_app(settings), host, port)


def _run(app: FastAPI, host: str, port: int) -> None:
    import logging

    import uvicorn

    class Server(uvicorn.Server):
        """Says where it is once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and sockets:
                shown = f"[{host}]" if ":" in host else host
                print(f"http://{shown}:{sockets[0].getsockname()[1]}/", flush=True)

    # No access log: what is asked may name a patient.
    config = uvicorn.Config(
        app, host, port, access_log=False, log_level="warning", server_header=False,
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    # What keeps the server from starting is said once, by whoever called.
    logging.getLogger("uvicorn.error").addFilter(lambda _: app.state.failure is None)
    bound = _bind(host, port)
    with contextlib.suppress(SystemExit):  # uvicorn's, where the server did not start
        Server(config).run(sockets=[bound])
    if app.state.failure is not None:
        raise app.state.failure


def _bind(host: str, port: int) -> socket.socket:
    """Take an address.

    Raises:
        MtusError: if it cannot be had.
    """
    try:
        (family, kind, _, _, address), *_ = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # With the protocol named, asyncio sends small answers at once (TCP_NODELAY); else they wait
        # for an acknowledgement, 40 ms each.
        bound = socket.socket(family, kind, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.set_inheritable(False)
    except OSError as error:
        raise MtusError(f"{host} port {port} cannot be listened at: {error.strerror}") from error
    return bound
