"""A draft read back from a case file, with the comments that stand at its entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reasoner.casetree import Mapped, Scalar, Sequence, Tree
from reasoner.errors import InputError, Problem
from reasoner.intake.draft import MODELINE, Draft, Entry, Value
from reasoner.yamltree import parse_yaml

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_COMMENT = re.compile(r"(?:^|\s)#\s?(.*)$")
_NOT_PLACED = "Read and not placed:"


def read_draft(text: str, name: str) -> Draft:
    """Read a draft from the text of a YAML case file.

    Args:
        text: the case file; what the keys take is not checked.
        name: its name, for errors.

    Raises:
        InputError: if it is no YAML mapping.
    """
    tree, problems = parse_yaml(text, name)
    if problems or not isinstance(tree, Mapped):
        raise InputError(problems or [Problem("This is no case file.", name)])
    comments = _comments(text)
    reader = _Reader(tree, comments)
    return Draft(
        identifier=_text(tree.entries.get("id", (None, Scalar("case", None)))[1]),
        worker=reader.single("worker"),
        injury=reader.single("injury"),
        review=reader.single("utilizationReview"),
        records=reader.several("records"),
        facts=reader.several("facts"),
        requests=reader.several("requests"),
        notes=reader.top(),
        left_out=_left_out(text),
    )


def _comments(text: str) -> dict[int, str]:
    """Give the comment of each line that has one; quoted text holds none."""
    found: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _COMMENT.search(_QUOTED.sub(lambda m: "_" * len(m[0]), line))
        if match:
            found[number] = line[match.start(1) :].strip()
        elif not line.strip():
            found[number] = ""
    return found


def _left_out(text: str) -> tuple[str, ...]:
    _, mark, rest = text.rpartition(f"\n# {_NOT_PLACED}\n")
    return tuple(line[4:] for line in rest.splitlines() if line.startswith("# - ")) if mark else ()


class _Reader:
    def __init__(self, tree: Mapped, comments: dict[int, str]) -> None:
        self.tree = tree
        self.comments = comments

    def top(self) -> tuple[str, ...]:
        first = min((line or 1 for line, _ in self.tree.entries.values()), default=1)
        return tuple(
            note
            for line, note in sorted(self.comments.items())
            if line < first and note and f"# {note}" != MODELINE
        )

    def single(self, key: str) -> Entry | None:
        line, value = self.tree.entries.get(key, (None, None))
        if not isinstance(value, Mapped):
            return None
        return Entry(_keys(value), self._notes(line or 0, _last_line(value)))

    def several(self, key: str) -> tuple[Entry, ...]:
        _, value = self.tree.entries.get(key, (None, None))
        items = value.items if isinstance(value, Sequence) else (value,) if value else ()
        return tuple(
            Entry(_keys(item), self._notes(item.line or 0, _last_line(item)))
            for item in items
            if isinstance(item, Mapped)
        )

    def _notes(self, first: int, last: int) -> tuple[str, ...]:
        above: list[str] = []
        line = first - 1
        while self.comments.get(line):
            above.insert(0, self.comments[line])
            line -= 1
        beside = [self.comments[n] for n in range(first, last + 1) if self.comments.get(n)]
        return (*above, *beside)


def _last_line(tree: Tree) -> int:
    below: Iterator[Tree] = iter(())
    if isinstance(tree, Mapped):
        below = (value for _, value in tree.entries.values())
    elif isinstance(tree, Sequence):
        below = iter(tree.items)
    return max([tree.line or 0, *(_last_line(part) for part in below)])


def _keys(tree: Mapped) -> Mapping[str, Value]:
    return {key: _value(value) for key, (_, value) in tree.entries.items()}


def _value(tree: Tree) -> Value:
    if not isinstance(tree, Sequence):
        return _text(tree)
    if any(isinstance(item, Mapped) for item in tree.items):
        return tuple(
            {key: _text(value) for key, (_, value) in item.entries.items()}
            if isinstance(item, Mapped)
            else {"is": _text(item)}
            for item in tree.items
        )
    return tuple(_text(item) for item in tree.items)


def _text(tree: Tree) -> str:
    return tree.value or "" if isinstance(tree, Scalar) else ""
