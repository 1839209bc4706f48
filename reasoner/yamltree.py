"""YAML as a tree that remembers its lines, read within bounds.

Only what a case file needs: mappings, sequences and plain scalars. Anchors, aliases, tags and
several documents are refused, so that a small file cannot stand for a huge one. Scalars are
kept as written: no word turns into a truth value, and no number into another.
"""

from __future__ import annotations

import yaml

from reasoner.casetree import Mapped, Scalar, Sequence, Tree
from reasoner.errors import InputError, Problem, shown

MAX_DEPTH = 12
"""How deep a case file may nest; the deepest key of the format stands at 4."""
MAX_NODES = 60_000
"""How many keys, values, lists and mappings a case file may hold: twice what a case may."""
MAX_PROBLEMS = 200
"""How many problems of one file are gathered before reading stops."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def parse_yaml(text: str, file: str) -> tuple[Tree, list[Problem]]:
    """Parse a YAML document.

    Returns:
        The tree, and the keys that stand in it a second time or are no words; of a key that
        is repeated, the first stands in the tree.

    Raises:
        InputError: if it is malformed, empty, too deep, too large, or uses what is refused.
    """
    reader = _Events(file)
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else None
        raise reader.fail("This character cannot stand in a YAML file.", line) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or "it cannot be parsed")
        line = mark.line + 1 if mark is not None else None
        if "nesting depth" in what:  # libyaml has a bound of its own, far beyond ours
            raise reader.too_deep(line) from error
        raise reader.fail(f"The YAML is malformed: {what}.", line) from error
    if reader.refused:
        raise InputError(reader.refused)
    if not reader.root or (isinstance(reader.root[0], Scalar) and reader.root[0].value is None):
        raise reader.fail("The file is empty.", None)
    return reader.root[0], reader.problems


class _Events:
    """Builds the tree from the events of the parser."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: list[Tree] = []
        self.problems: list[Problem] = []
        self.refused: list[Problem] = []
        self._stack: list[tuple[type[Mapped] | type[Sequence], int, list[Tree]]] = []
        self._nodes = 0

    def fail(self, message: str, line: int | None) -> InputError:
        return InputError([*self.refused, *self.problems, Problem(message, self.file, line)])

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line = 1 if mark is None else mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent) and self.root:
            raise self.fail("A second document begins here; a case file holds one.", line)
        if isinstance(event, yaml.NodeEvent):
            self._bounds(event, line)
        if isinstance(event, yaml.MappingStartEvent):
            self._stack.append((Mapped, line, []))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._stack.append((Sequence, line, []))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            kind, start, parts = self._stack.pop()
            whole = self._mapped(parts, start) if kind is Mapped else Sequence(tuple(parts), start)
            self._add(whole)
        elif isinstance(event, yaml.ScalarEvent):
            plain = not event.style  # the C parser gives an empty string, the other None
            missing = plain and event.value in _NULLS
            self._add(Scalar(None if missing else event.value, line, plain))
        elif isinstance(event, yaml.AliasEvent):
            self._add(Scalar(None, line))

    def _add(self, tree: Tree) -> None:
        (self._stack[-1][2] if self._stack else self.root).append(tree)

    def _bounds(self, event: yaml.NodeEvent, line: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self.fail(f"A case file holds at most {MAX_NODES:,} values.", line)
        if len(self._stack) >= MAX_DEPTH:
            raise self.too_deep(line)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(f"The alias *{event.anchor} is not read; write the value out.", line)
        elif event.anchor is not None:
            self._refuse(f"The anchor &{event.anchor} is not read; write the value out.", line)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(f"The tag {shown(tag)} is not read; leave it out.", line)

    def too_deep(self, line: int | None) -> InputError:
        """Say that a file nests too deep."""
        return self.fail(f"This nests deeper than {MAX_DEPTH} levels.", line)

    def _refuse(self, message: str, line: int) -> None:
        self.refused.append(Problem(message, self.file, line))
        if len(self.refused) >= MAX_PROBLEMS:
            raise InputError(self.refused)

    def _mapped(self, parts: list[Tree], line: int) -> Mapped:
        entries: dict[str, tuple[int | None, Tree]] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Scalar) or key.value is None:
                self.problems.append(
                    Problem("This is not a key.", self.file, key.line, expected="a word")
                )
            elif key.value in entries:
                self.problems.append(
                    Problem(
                        f"This key already stands in line {entries[key.value][0]}.",
                        self.file,
                        key.line,
                        shown(key.value)[1:-1],
                        expected="each key once",
                    )
                )
            else:
                entries[key.value] = (key.line, value)
            if len(self.problems) >= MAX_PROBLEMS:
                raise InputError(self.problems)
        return Mapped(entries, line)
