"""Every case file of the repository, and systematic variants of a case.

A variant differs from its case in one respect: a fact left out, its status turned, a number moved
past a bound, a date by a season, an outcome of a treatment, a phase. They need not make sense; an
engine has to agree with another on them all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from rdflib import RDF, Literal, URIRef

from reasoner.case import Case, parse_case
from reasoner.errors import InputError
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.rdf import Triple
from reasoner.terms import CORE

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")

FOLDERS = (ROOT / "docs" / "examples", ROOT / "tests" / "cases")


@cache
def knowledge_under(readings: tuple[str, ...] = ()) -> Knowledge:
    """Give the knowledge of this release under readings, loaded once."""
    return knowledge_under().under(readings) if readings else load_knowledge()


@dataclass(frozen=True)
class CaseFile:
    """A case as read, with the readings that its file asks for."""

    name: str
    case: Case
    readings: tuple[str, ...]

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge under the readings of the file."""
        return knowledge_under(self.readings)


def spread(items: Sequence[T], most: int) -> Sequence[T]:
    """Give at most so many of items, evenly spread, the first among them."""
    return items[:: -(-len(items) // most)] if items else items


@cache
def case_files(most: int) -> tuple[CaseFile, ...]:
    """Read YAML cases of the examples and of the library: of each folder at most so many."""
    by_folder: dict[Path, list[Path]] = {}
    for folder in FOLDERS:
        for file in sorted(folder.rglob("*.yaml")):
            by_folder.setdefault(file.parent, []).append(file)
    return tuple(
        read for files in by_folder.values() for file in spread(files, most) for read in _read(file)
    )


@cache
def _read(file: Path) -> tuple[CaseFile, ...]:
    """Read a case file without what it expects; nothing if it is a bad file, kept as such."""
    content = yaml.safe_load(file.read_text("utf-8"))
    if not isinstance(content, dict) or "requests" not in content:
        return ()
    expected = content.pop("expect", {})
    readings = tuple(sorted((*content.pop("readings", ()), *expected.get("readings", ()))))
    data = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
    name = str(file.relative_to(ROOT))
    try:
        return (CaseFile(name, parse_case(data, name, knowledge_under(readings)), readings),)
    except InputError:
        return ()


def variants(case: Case) -> Iterator[tuple[str, Case]]:
    """Give a case and its variants, each with what was changed."""
    yield "as it is", case
    for fact in case.ordered(CORE.fact):
        short = str(fact).rsplit("#", 1)[-1]
        yield f"without {short}", _changed(case, lambda t, f=fact: None if f in (t[0], t[2]) else t)
        yield f"{short} with its status turned", _changed(case, _turned(fact))
    for subject, predicate, value in sorted(case.triples):
        short = f"{str(subject).rsplit('#', 1)[-1]} {str(predicate).rsplit('#', 1)[-1]}"
        old = (subject, predicate, value)
        for new in _other_values(predicate, value):
            yield f"{short}: {value} to {new}", _changed(case, _swapped(old, new))
        if predicate in _OPTIONAL:
            yield f"{short} left out", _changed(case, _swapped(old, None))
    for request in case.requests:
        if case.term(request, CORE.phase) is None:
            for phase in (CORE.Initial, CORE.Continuing):
                triples = case.triples | {(request, CORE.phase, phase)}
                short = str(phase).rsplit("#", 1)[-1]
                yield f"with the phase {short}", replace(case, triples=triples)


_OPTIONAL = frozenset(
    CORE[name]
    for name in ("region", "side", "method", "outcome", "duration", "date", "quantity", "agent")
)
_OUTCOMES = (CORE.Failed, CORE.Improved, CORE.Intolerable, CORE.NotStated)


def _other_values(predicate: URIRef, value: object) -> Iterator[URIRef | Literal]:
    if predicate == CORE.position:
        return
    if predicate == CORE.outcome:
        yield from (outcome for outcome in _OUTCOMES if outcome != value)
    if not isinstance(value, Literal):
        return
    if value.datatype == CORE.Quantity:
        number, unit = re.fullmatch(r"\s*([\d.]+)(.*)", str(value)).groups()  # type: ignore[union-attr]
        for factor in (0.25, 4):
            yield Literal(f"{float(number) * factor:g}{unit}", datatype=CORE.Quantity)
    elif isinstance(value.value, bool):
        yield Literal(not value.value)
    elif isinstance(value.value, int):
        yield from (Literal(n) for n in (value.value - 1, value.value + 1, 97) if n >= 0)
    elif hasattr(value.value, "isoformat"):
        yield from (Literal(value.value + timedelta(days=days)) for days in (-90, 90))


def _changed(case: Case, change) -> Case:
    triples = (change(t) for t in case.triples)
    return replace(case, triples=frozenset(t for t in triples if t is not None))


def _swapped(old: Triple, new: URIRef | Literal | None):
    return lambda t: t if t != old else None if new is None else (t[0], t[1], new)


def _turned(fact: URIRef):
    turned = {CORE.Present: CORE.Absent, CORE.Absent: CORE.Present}
    return lambda t: (t[0], t[1], turned[t[2]]) if t[0] == fact and t[1] == CORE.status else t


def named_nodes(case: Case) -> frozenset[URIRef]:
    """Give every node that a case describes."""
    return frozenset(URIRef(s) for s, p, _ in case.triples if p == RDF.type)
