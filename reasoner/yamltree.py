"""YAML as a tree that remembers its lines, read within bounds.

Only what a case file needs: mappings, sequences and plain scalars. Anchors, aliases, tags and
several documents are refused, so that a small file cannot stand for a huge one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from reasoner.errors import InputError, Problem

MAX_DEPTH = 12
"""How deep a case file may nest; the deepest key of the format stands at 4."""
MAX_NODES = 200_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value, as written; None where nothing is."""

    value: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping; for each key, the line of the key and the value."""

    entries: Mapping[str, tuple[int, Tree]]
    line: int


Tree: TypeAlias = Scalar | Sequence | Mapped

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def parse_yaml(text: str, file: str) -> Tree:
    """Parse a YAML document.

    Raises:
        InputError: if it is malformed, empty, too deep, too large, or uses what is refused.
    """

    def fail(message: str, line: int | None) -> InputError:
        return InputError([Problem(message, file=file, line=line)])

    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    stack: list[tuple[str, int, list[Tree]]] = []
    root: list[Tree] = []
    nodes = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise fail("Anchors and aliases are not read.", line)
            if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
                raise fail(f"The tag {event.tag} is not read.", line)
            if isinstance(event, yaml.DocumentStartEvent) and root:
                raise fail("A case file holds one document.", line)
            nodes += isinstance(event, yaml.NodeEvent)
            if nodes > MAX_NODES:
                raise fail(f"A case file holds at most {MAX_NODES} values.", line)
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if len(stack) >= MAX_DEPTH:
                    raise fail(f"A case file nests at most {MAX_DEPTH} deep.", line)
                stack.append(
                    ("map" if isinstance(event, yaml.MappingStartEvent) else "list", line, [])
                )
                continue
            done: Tree
            if isinstance(event, yaml.ScalarEvent):
                plain = event.style is None and event.value in _NULLS
                done = Scalar(None if plain else event.value, line)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                kind, start, parts = stack.pop()
                done = (
                    Sequence(tuple(parts), start)
                    if kind == "list"
                    else _mapped(parts, start, file)
                )
            else:
                continue
            (stack[-1][2] if stack else root).append(done)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "The file is no YAML"
        raise fail(f"{str(what)[:1].upper()}{str(what)[1:]}.", mark and mark.line + 1) from error
    if not root or (isinstance(root[0], Scalar) and root[0].value is None):
        raise fail("The file is empty.", None)
    return root[0]


def _mapped(parts: list[Tree], line: int, file: str) -> Mapped:
    entries: dict[str, tuple[int, Tree]] = {}
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if not isinstance(key, Scalar) or key.value is None:
            raise InputError([Problem("A key has to be a word.", file=file, line=key.line)])
        if key.value in entries:
            raise InputError(
                [
                    Problem(
                        f"The key stands here a second time, after line {entries[key.value][0]}.",
                        file=file,
                        line=key.line,
                        key=key.value,
                    )
                ]
            )
        entries[key.value] = (key.line, value)
    return Mapped(entries, line)
