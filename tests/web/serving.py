"""A server in a process of its own, as a user starts it."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys

import httpx


class Server:
    """A server that runs.

    Attributes:
        url: where, without a slash at the end.
        process: the process.
    """

    def __init__(self, url: str, process: subprocess.Popen[str], log) -> None:
        self.url = url
        self.process = process
        self._log = log

    def log(self) -> str:
        """Give what it has said on its error output."""
        self._log.seek(0)
        return self._log.read()

    def get(self, path: str, **more) -> httpx.Response:
        return httpx.get(self.url + path, timeout=60, **more)

    def ask(self, query: str, accept: str = "application/sparql-results+json", **more):
        """Ask a query by POST."""
        headers = {"Accept": accept, **more.pop("headers", {})}
        return httpx.post(
            f"{self.url}/sparql", data={"query": query, **more}, headers=headers, timeout=60
        )

    def update(self, text: str) -> httpx.Response:
        return httpx.post(f"{self.url}/sparql", data={"update": text}, timeout=60)

    def still_answers(self) -> bool:
        """Tell whether it still does what it is for."""
        return self.process.poll() is None and self.ask("ASK {}").json()["boolean"] is True


@contextlib.contextmanager
def serving(tmp_path, *arguments, environment=None, file_size=None, wait=None):
    """Start ``mtus serve`` at a free port, and stop it with an interrupt.

    Args:
        tmp_path: where its log goes.
        arguments: of the command.
        environment: variables beside those that there are.
        file_size: bytes that a file may have which it writes.
        wait: seconds for which a query waits while others are answered.
    """
    start = ["-m", "reasoner"]
    if wait is not None:
        setting = f"import reasoner.web.serving as s; s.WAIT = {wait}"
        start = ["-c", f"{setting}; from reasoner.__main__ import main; main()"]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    with (tmp_path / "server.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *start, "serve", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **(environment or {})},
            preexec_fn=limited if file_size else None,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip().rstrip("/")
            server = Server(url, process, log)
            assert url.startswith("http"), server.log()
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            finally:
                process.kill()
                process.stdout.close()


def make_store(folder, quads: str = "") -> str:
    """Make a small store, of quads of its own."""
    from reasoner.store.embedded import writing
    from reasoner.store.journal import Commit

    with writing(folder) as store:
        store.commit(Commit((), quads.encode()))
    return str(folder)
