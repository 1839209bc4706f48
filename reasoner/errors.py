"""What can go wrong, as values.

    MtusError
    |-- InputError            what was handed in cannot be used; holds every Problem found
    |-- KnowledgeError        an ontology, guideline or shapes file of ours is at fault
    |-- EngineError           an engine failed, or two engines disagree
    `-- MissingExtraError     an optional part is not installed

An error says what to do about it. The command line prints it without a traceback and
exits with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST_SHOWN = 60
_LONGEST_WORD = 100


class MtusError(Exception):
    """The root of every error that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes:
        message: what is wrong, as a sentence without its place.
        file: the file, as the user named it.
        line: the line, from 1; None where the format keeps none (RDF).
        key: the key or predicate concerned.
        expected: what would have been right.
        nearest: the nearest known word, where one is near.
        node: the thing concerned, by its id, where the format keeps no lines.
    """

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    expected: str | None = None
    nearest: str | None = None
    node: str | None = None

    def __str__(self) -> str:
        place = self.file or "input"
        if self.line is not None:
            place += f":{self.line}"
        text = f"{place}: "
        for part in (self.node, self.key):
            if part is not None:
                text += f"{part}: "
        text += self.message
        if self.expected is not None:
            text += f" Expected {self.expected}."
        if self.nearest is not None:
            text += f' Did you mean "{self.nearest}"?'
        return text


class InputError(MtusError):
    """An input that cannot be used. Nothing of it has been adjudicated.

    Attributes:
        problems: everything found wrong, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file or "", p.line or 0)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class KnowledgeError(MtusError):
    """An ontology, guideline or shapes file of this release is at fault."""


class EngineError(MtusError):
    """An engine failed, or two engines disagree; nothing is decided."""


class MissingExtraError(MtusError):
    """An optional part of the package is not installed.

    Args:
        part: what was asked for.
        extra: the extra that brings it.
    """

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part} needs the extra '{extra}': pip install 'mtus-reasoner[{extra}]'")


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """Give the known word nearest to a word, letter case aside, or None if none is near."""
    if len(word) > _LONGEST_WORD:
        return None
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    matches = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def shown(text: str, *, most: int = _LONGEST_SHOWN) -> str:
    """Quote a text from an input for a message: short, on one line, safe on a terminal."""
    short = text if len(text) <= most else text[: most - 3] + "..."
    printable = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
    return '"' + "".join(printable) + '"'
