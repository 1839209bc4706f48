"""A case file in the making: entries with what was taken for granted, written as YAML.

Whatever is read, from a letter, a FHIR Bundle or a folder, becomes a draft; a person corrects it
as a file or on the review page. ``read_draft`` gives back what ``write_draft`` wrote, comments
included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | tuple[str, ...] | tuple[Mapping[str, str], ...]"
"""What a key holds: one value, several, or (agents, ingredients) several with keys of their own."""

TEXTS = frozenset(
    [
        "quote",
        "wording",
        "title",
        "occupation",
        "guideline",
        "page",
        "nerveRoot",
        "sex",
        "licensedIn",
        "certification",
    ]
)
"""Keys that take text; it is put in quotes, so that YAML takes it for nothing else."""

MODELINE = "# yaml-language-server: $schema=case.schema.json"
SCHEMA_FILE = "case.schema.json"

_LONGEST = {"quote": 1000, "wording": 2000, "title": 500, "guideline": 500}
_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9._-]*"  # a name or an id
    r"|\d{4}-\d{2}-\d{2}"  # a date
    r"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?: (?:%|[A-Za-z]+(?:/[A-Za-z]+)?))?"  # a number, with its unit
)
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n", "null"])
# What YAML or XML cannot carry, or would take for the end of a line.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a case file: a record, a fact, a request, the worker, ...

    Attributes:
        keys: what it states, in the order of the file.
        notes: what was taken for granted, or is not certain; comments above it.
    """

    keys: Mapping[str, Value]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A case file in the making.

    Attributes:
        notes: comments at the top.
        left_out: what was read and could not be placed; comments at the end.
    """

    identifier: str
    notes: tuple[str, ...] = ()
    worker: Entry | None = None
    injury: Entry | None = None
    review: Entry | None = None
    records: tuple[Entry, ...] = ()
    facts: tuple[Entry, ...] = ()
    requests: tuple[Entry, ...] = ()
    left_out: tuple[str, ...] = field(default=())


def clean(text: str, *, most: int = 1000) -> str:
    """Put a text on one line, without what a case file cannot carry, and cut it."""
    one_line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return one_line if len(one_line) <= most else one_line[: most - 3].rstrip() + "..."


def identifier_of(name: str, *, otherwise: str = "case") -> str:
    """Make an id of a name: what an id cannot hold becomes a dash."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:100] or otherwise


def write_draft(draft: Draft, *, modeline: bool = False) -> str:
    """Write a draft as a YAML case file.

    Args:
        draft: the draft.
        modeline: whether to name the JSON Schema beside the file, for editors.
    """
    return "\n".join([*([MODELINE] if modeline else []), *_lines(draft), ""])


def _lines(draft: Draft) -> Iterator[str]:
    singles = (draft.worker, draft.injury, draft.review)
    yield from _comments(draft.notes, "")
    for entry in singles:
        if entry is not None and not entry.keys:  # nothing to stand above
            yield from _comments(entry.notes, "")
    yield f"id: {_scalar('id', draft.identifier)}"
    for name, entry in (
        ("worker", draft.worker),
        ("injury", draft.injury),
        ("utilizationReview", draft.review),
    ):
        if entry is None or not entry.keys:
            continue
        yield from _comments(entry.notes, "")
        yield f"{name}:"
        for key, value in entry.keys.items():
            yield f"  {key}: {_value(key, value)}"
    for name, entries in (
        ("records", draft.records),
        ("facts", draft.facts),
        ("requests", draft.requests),
    ):
        if entries:
            yield f"{name}:"
        for entry in entries:
            yield from _comments(entry.notes, "  ")
            for place, (key, value) in enumerate(entry.keys.items()):
                yield f"  {' ' if place else '-'} {key}: {_value(key, value)}"
    if draft.left_out:
        yield "# Read and not placed:"
        yield from _comments(draft.left_out, "", mark="# - ")


def _comments(notes: tuple[str, ...], indent: str, mark: str = "# ") -> Iterator[str]:
    for note in notes:
        yield f"{indent}{mark}{clean(note, most=400)}"


def _value(key: str, value: Value) -> str:
    if isinstance(value, str):
        return _scalar(key, value)
    parts = [
        _scalar(key, part)
        if isinstance(part, str)
        else "{" + ", ".join(f"{k}: {_scalar(k, v)}" for k, v in part.items()) + "}"
        for part in value
    ]
    if len(parts) == 1 and isinstance(value[0], str):
        return parts[0]
    return "[" + ", ".join(parts) + "]"


def _scalar(key: str, text: str) -> str:
    text = clean(text, most=_LONGEST.get(key, 1000))
    quoted = key in TEXTS and not (key == "sex" and text.isalpha())
    if not quoted and text == "true":
        return text if key == "contrast" else '"true"'
    if not quoted and text == "false":
        return text if key == "contrast" else '"false"'
    if not quoted and _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
