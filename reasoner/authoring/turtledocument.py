"""What a Turtle file is made of, as its author wrote it: statements, comments, names of terms.

An RDF parser gives triples, and forgets the order of statements, comments and the spelling of
terms. ``read_document`` keeps them. It reads a file that an RDF parser has accepted: it knows the
layout of Turtle, not its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from reasoner.errors import InputError, Problem

_TOKEN = re.compile(
    r"""
    (?P<space>    \s+ )
  | (?P<comment>  \#[^\n]* )
  | (?P<literal>  \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
  | (?P<iri>      <[^<>"{}|^`\s]*> )
  | (?P<at>       @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<punct>    \^\^ | [;,.\[\]()] )
  | (?P<name>     (?: [^\s;,.\[\]()<>"'\#^@\\] | \\. | \.(?=[^\s;,\[\]()<>"'\#^@]) )+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int
    alone: bool
    gap: bool
    """Whether it is the first of its line, and whether a blank line stands before it."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What stands in parentheses, in its order."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank node with what is stated of it in brackets."""

    pairs: tuple[Pair, ...]


Term: TypeAlias = "str | Collection | Blank"


@dataclass(frozen=True, slots=True)
class Pair:
    """A predicate with its objects, and the comments that stand at it."""

    verb: str
    objects: tuple[Term, ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A statement, or comment lines that stand together.

    Attributes:
        gap: whether a blank line stands before it.
        comments: comment lines; those of a statement stand above it.
    """

    gap: bool
    comments: tuple[str, ...]
    subject: Term | None = None
    pairs: tuple[Pair, ...] = ()


@dataclass(slots=True)
class Document:
    """A file.

    Attributes:
        prefixes: the namespaces, by their prefixes with the colon.
        base: the base, in angle brackets.
        used: the prefixes that a name has.
        head: what stands above the prefixes.
        blocks: what stands below them.
    """

    prefixes: dict[str, str] = field(default_factory=dict)
    base: str | None = None
    used: set[str] = field(default_factory=set)
    head: list[Block] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def _tokens(text: str, file: str) -> Iterator[_Token]:
    line, place = 1, 0
    alone, gap = True, False
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise InputError([Problem("The layout does not provide for this.", file, line)])
        kind, value = match.lastgroup or "", match.group()
        breaks = value.count("\n")
        if kind == "space":
            alone, gap = alone or breaks > 0, gap or breaks > 1
        else:
            yield _Token(kind, value, line, alone, gap)
            # A comment ends before the break, which the space after it brings.
            alone = gap = False
        line += breaks
        place = match.end()


class _Parser:
    """Reads a file that an RDF parser has accepted; it knows the layout, not the meaning."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._tokens = list(_tokens(text, file))
        self._at = 0
        self._line = 1
        self._comments: list[_Token] = []
        self._document = Document()

    def document(self) -> Document:
        while True:
            self._top_comments()
            token = self._peek()
            if token is None:
                return self._document
            if token.text.lower() in ("@prefix", "@base", "prefix", "base"):
                self._directive()
            else:
                self._statement()

    # Tokens

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        """Give the next token that is no comment; comments on the way are kept."""
        while True:
            token = self._peek()
            if token is None:
                raise self._fail("The file ends within a statement.", self._line)
            self._at += 1
            self._line = token.line
            if token.kind != "comment":
                return token
            self._comments.append(token)

    def _ahead(self) -> str:
        """Give the text of the next token that is no comment, without taking it."""
        at = self._at
        while at < len(self._tokens) and self._tokens[at].kind == "comment":
            at += 1
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            raise self._fail(f"The layout expected {text} here.", token.line)

    def _fail(self, message: str, line: int) -> InputError:
        return InputError([Problem(message, self._file, line)])

    def _trailing(self) -> tuple[str, ...]:
        """Take a comment that stands at the end of the line."""
        token = self._peek()
        if token is None or token.kind != "comment" or token.alone:
            return ()
        self._at += 1
        return (token.text.rstrip(),)

    def _kept(self) -> tuple[str, ...]:
        kept = tuple(token.text.rstrip() for token in self._comments)
        self._comments.clear()
        return kept

    # Statements

    def _top_comments(self) -> None:
        lines: list[str] = []
        gap = False
        while (token := self._peek()) is not None and token.kind == "comment":
            if lines and token.gap:
                self._document.blocks.append(Block(gap, tuple(lines)))
                lines = []
            gap = token.gap if not lines else gap
            lines.append(token.text.rstrip())
            self._at += 1
        if lines:
            self._document.blocks.append(Block(gap, tuple(lines)))

    def _directive(self) -> None:
        first = self._next()
        document = self._document
        if not any(block.subject for block in document.blocks):
            document.head += document.blocks
            document.blocks = []
        if first.text.lower().lstrip("@") == "base":
            iri = self._next().text
            if document.base not in (None, iri) or any(b.subject for b in document.blocks):
                raise self._fail("A second base is not provided for.", first.line)
            document.base = iri
        else:
            prefix, iri = self._next().text, self._next().text
            if document.prefixes.setdefault(prefix, iri) != iri:
                raise self._fail(f"The prefix {prefix} stands for two namespaces.", first.line)
        if first.text.startswith("@"):
            self._expect(".")
        comments = (*self._kept(), *self._trailing())
        if comments:
            document.head.append(Block(False, comments))

    def _statement(self) -> None:
        first = self._peek()
        assert first is not None
        subject = self._term()
        above = self._kept()
        pairs = () if self._ahead() == "." else self._pairs(".")
        self._expect(".")
        comments = (*above, *self._kept(), *self._trailing())
        self._document.blocks.append(Block(first.gap, comments, subject, pairs))

    def _pairs(self, end: str) -> tuple[Pair, ...]:
        found: list[Pair] = []
        while self._ahead() != end:
            token = self._next()
            if token.text == ";":
                continue
            above = self._kept()
            verb = self._name(token)
            objects = [self._term()]
            while self._ahead() == ",":
                self._next()
                objects.append(self._term())
            within = self._kept()
            if self._ahead() == ";":
                self._next()
            comments = (*above, *within, *self._kept(), *self._trailing())
            found.append(Pair(verb, tuple(objects), comments))
        return tuple(found)

    def _term(self) -> Term:
        token = self._next()
        if token.text == "(":
            items = []
            while self._ahead() != ")":
                items.append(self._term())
            self._expect(")")
            return Collection(tuple(items))
        if token.text == "[":
            pairs = self._pairs("]")
            self._expect("]")
            return Blank(pairs)
        if token.kind == "literal":
            return token.text + self._annotation()
        if token.kind == "iri":
            return token.text
        if token.kind == "name":
            return self._name(token)
        raise self._fail(f"The layout does not provide for {token.text} here.", token.line)

    def _annotation(self) -> str:
        """Take the language or datatype of a literal."""
        following = self._peek()
        if following is not None and following.kind == "at":
            return self._next().text
        if following is not None and following.text == "^^":
            self._next()
            return "^^" + self._name(self._next())
        return ""

    def _name(self, token: _Token) -> str:
        prefix, colon, _ = token.text.partition(":")
        if token.kind == "name" and colon and prefix != "_":
            self._document.used.add(f"{prefix}:")
        return token.text


def read_document(text: str, file: str = "input") -> Document:
    """Read a Turtle file as its author wrote it.

    Args:
        text: a file that an RDF parser has accepted.
        file: what to call it in an error.

    Raises:
        InputError: if it uses what is not provided for; the line is given.
    """
    return _Parser(text, file).document()
