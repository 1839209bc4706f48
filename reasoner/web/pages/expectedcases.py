"""The cases of the library, as a page of a topic sets them side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from reasoner.terms import data_folder
from reasoner.web.pages.site import NotFoundError

_NAME = re.compile(r"[a-z0-9-]+/[a-z0-9-]+/[A-Za-z0-9._-]+")
_LARGEST = 200_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Proof:
    """A case of the library, with what it expects of a request.

    Attributes:
        name: of the file, without its ending.
        shows: what the case is there to show.
        decision: what it expects; None if nothing.
        outcomes: the outcome that it expects of each criterion, by number.
    """

    name: str
    shows: str
    decision: str | None
    readings: tuple[str, ...]
    outcomes: Mapping[str, str]


def folder() -> Path | None:
    """Give the folder of the library's cases: beside the package in a source tree, or inside it."""
    shipped = Path(str(data_folder("cases")))
    beside = Path(__file__).resolve().parents[3] / "tests" / "cases"
    return next((place for place in (shipped, beside) if place.is_dir()), None)


@lru_cache(maxsize=512)
def proofs(topic: str) -> tuple[Proof, ...]:
    """Give the cases of a topic, in the order of their names."""
    library = folder()
    if library is None:
        return ()
    found = []
    for file in sorted((library / topic).glob("*.yaml")):
        text = file.read_text("utf-8")
        content = yaml.load(text, Loader=_Loader)
        expected: dict[str, Any] = dict(content.get("expect") or {})
        readings = [*(content.get("readings") or ()), *(expected.pop("readings", None) or ())]
        shows = text.partition("\n")[0].lstrip("# ") if text.startswith("#") else ""
        for of_request in expected.values():
            if of_request.get("governedBy", topic) == topic:
                outcomes = of_request.get("criteria") or {}
                found.append(
                    Proof(file.stem, shows, of_request.get("decision"), tuple(sorted(readings)),
                          {str(n): str(o) for n, o in outcomes.items()})
                )  # fmt: skip
    return tuple(found)


def library_text(name: str) -> str:
    """Give a case of the library as a case file, without what is expected of it.

    Args:
        name: ``guideline/topic/case``; an empty name gives an empty text.

    Raises:
        NotFoundError: if the library has none of the name.
    """
    if not name:
        return ""
    library = folder()
    file = None if library is None else library / f"{name}.yaml"
    if _NAME.fullmatch(name) is None or ".." in name or file is None or not file.is_file():
        raise NotFoundError("The library has no case of this name.")
    kept: list[str] = []
    inside = False
    for line in file.read_text("utf-8")[:_LARGEST].splitlines():
        if line[:1].strip() and not line.startswith("#"):
            inside = re.match(r"(expect|readings)\s*:", line) is not None
        if not inside:
            kept.append(line)
    return "\n".join(kept) + "\n"
