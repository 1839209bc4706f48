"""Names from our vocabularies and from the standards, as closed namespaces.

A closed namespace knows its terms: ``CORE.Criterion`` is an IRI, ``CORE.Citerion`` raises
at once. Our own are read from the Turtle that defines them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NewType

from rdflib import URIRef

from reasoner.errors import KnowledgeError, nearest_word

BASE = "https://w3id.org/mtus/"
"""The namespace under which every name of ours stands; set here and nowhere else."""

Sha256 = NewType("Sha256", str)
"""A SHA-256 digest in lower-case hexadecimal."""


def data_folder(name: str) -> Traversable:
    """Give the folder of data files (``ontology``, ``shapes`` or ``queries``) that ships with us.

    In a source tree the folders stand beside the package, in an installed wheel inside it.
    """
    shipped = files("reasoner").joinpath("data", name)
    return shipped if shipped.is_dir() else Path(__file__).resolve().parent.parent / name


class ClosedNamespace:
    """A namespace that raises on a term it does not define.

    Args:
        base: the namespace IRI.
        terms: the local names it defines.
    """

    def __init__(self, base: str, terms: frozenset[str]) -> None:
        self._base = base
        self._terms = terms

    def __getattr__(self, name: str) -> URIRef:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> URIRef:
        if name not in self._terms:
            hint = nearest_word(name, self._terms)
            raise KnowledgeError(
                f"{self._base}{name} is not defined" + (f"; did you mean {hint}?" if hint else "")
            )
        return URIRef(self._base + name)

    def __contains__(self, iri: object) -> bool:
        text = str(iri)
        return text.startswith(self._base) and text[len(self._base) :] in self._terms

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._terms))

    def __str__(self) -> str:
        return self._base


def _own(name: str) -> ClosedNamespace:
    source = data_folder("ontology").joinpath(f"{name}.ttl").read_text("utf-8")
    terms = re.findall(rf"^{name}:([\w-]+) a ", source, flags=re.MULTILINE)
    return ClosedNamespace(f"{BASE}{name}#", frozenset(terms))


CORE = _own("core")
CLINICAL = _own("clinical")


@cache
def local_name(iri: str) -> str:
    """Give what follows the last ``#`` or ``/`` of an IRI."""
    return re.split(r"[#/]", str(iri))[-1]
