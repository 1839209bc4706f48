"""What a server is started with."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from reasoner.errors import InputError, Problem
from reasoner.store.asking import Limits
from reasoner.store.loading import is_url

_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is started with.

    Attributes:
        store: the folder of a store; None serves the guidelines alone.
        host: the address to listen at.
        port: the port to listen at.
        token: what a client has to show; None asks for nothing, which loopback alone allows.
        limits: how far a query may go.
        writable: whether updates are taken.
        cases: a folder of case files that pages may offer.
    """

    store: str | None = None
    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    writable: bool = False
    cases: Path | None = None


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_sound(settings: Settings) -> None:
    """Require settings that a server may be started with.

    Raises:
        InputError: if others could reach it without a token, the token is weak, or the store is
            no folder of a store.
    """
    problems = []
    if settings.token is None and not is_loopback(settings.host):
        problems.append(
            Problem(f"{settings.host} is reached from other machines.", "--host",
                    expected="--token, or MTUS_TOKEN in the environment")
        )  # fmt: skip
    if settings.token is not None and not re.fullmatch(rf"[!-~]{{{_SHORTEST},}}", settings.token):
        problems.append(
            Problem("The token will not do.", "--token",
                    expected=f"at least {_SHORTEST} printable ASCII characters without a space")
        )  # fmt: skip
    if settings.writable and settings.store is None:
        problems.append(Problem("There is nothing to write to.", "--writable", expected="--store"))
    if settings.store is not None and is_url(settings.store):
        problems.append(
            Problem("It is an endpoint already.", "--store", expected="a folder with a store")
        )
    elif settings.store is not None:
        from reasoner.store.embedded import require_form

        try:
            require_form(Path(settings.store))
        except InputError as error:
            problems.extend(error.problems)
    if settings.cases is not None and not settings.cases.is_dir():
        problems.append(Problem("There is no such folder.", str(settings.cases)))
    if problems:
        raise InputError(problems)
