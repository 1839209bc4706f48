"""On which line a Turtle file states something; parsers of RDF keep no lines.

A scanner, not a parser: it knows strings, comments, IRIs, brackets and prefixes, and nothing of
what is legal. Of a file that is not Turtle it gives what it can make out, and it never raises.

Source: W3C RDF 1.1 Turtle, section 6.5 (the grammar's terminals).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from rdflib import RDF, URIRef

_TOKEN = re.compile(
    r"""
    (?P<skip>     \s+ | \#[^\n]* )
  | (?P<literal>  \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
  | (?P<iri>      <[^<>"{}|^`\s]*> )
  | (?P<at>       @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<punct>    \^\^ | [;,.\[\]()] )
  | (?P<name>     (?: [^\s;,.\[\]()<>"'\#^@\\] | \\. | \.(?=[^\s;,.\[\]()<>"'\#^@]) )+ )
  | (?P<other>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Lines:
    """Where a Turtle file states what; lines count from 1.

    Attributes:
        prefixes: the namespace of each prefix, with the line that declares it.
        subjects: the line on which the first statement about a subject begins.
        predicates: the line on which a subject's statements with a predicate begin.
        mentions: every line on which an IRI stands, in whatever place.
    """

    prefixes: Mapping[str, tuple[str, int]]
    subjects: Mapping[URIRef, int]
    predicates: Mapping[tuple[URIRef, URIRef], int]
    mentions: Mapping[URIRef, tuple[int, ...]]

    def of(self, subject: URIRef, predicate: URIRef | None = None) -> int | None:
        """Give the line of a subject's predicate, or of the subject if it has none such."""
        if predicate is not None and (subject, predicate) in self.predicates:
            return self.predicates[subject, predicate]
        return self.subjects.get(subject)

    def mention(self, iri: URIRef, *, since: int = 1) -> int | None:
        """Give the first line from a line on that mentions an IRI; None if none does."""
        return next((line for line in self.mentions.get(iri, ()) if line >= since), None)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "other", match.group()
        if kind != "skip":
            yield _Token(kind, value, line)
        line += value.count("\n")


def scan(text: str) -> Lines:
    """Scan a Turtle file."""
    return _Scan().run(text)


class _Scan:
    """The state of one scan: prefixes so far, and the statement that is open."""

    def __init__(self) -> None:
        self._base = ""
        self._prefixes: dict[str, tuple[str, int]] = {}
        self._subjects: dict[URIRef, int] = {}
        self._predicates: dict[tuple[URIRef, URIRef], int] = {}
        self._mentions: dict[URIRef, list[int]] = {}

    def run(self, text: str) -> Lines:
        statement: list[_Token] = []
        for token in _tokens(text):
            if token.text == "." and token.kind == "punct":
                self._statement(statement)
                statement = []
            else:
                statement.append(token)
                if self._is_sparql_directive(statement):
                    self._directive(statement)
                    statement = []
        self._statement(statement)
        return Lines(
            self._prefixes,
            self._subjects,
            self._predicates,
            {iri: tuple(lines) for iri, lines in self._mentions.items()},
        )

    @staticmethod
    def _is_sparql_directive(statement: list[_Token]) -> bool:
        """Tell whether ``PREFIX`` or ``BASE`` is complete: neither ends in a full stop."""
        if statement[-1].kind != "iri" or statement[0].kind != "name":
            return False
        return (statement[0].text.upper(), len(statement)) in (("PREFIX", 3), ("BASE", 2))

    def _directive(self, statement: list[_Token]) -> None:
        *_, last = statement
        namespace = self._absolute(last.text.strip("<>"))
        if statement[0].text.lstrip("@").lower() == "base":
            self._base = namespace
        elif len(statement) > 2:
            self._prefixes[statement[1].text.removesuffix(":")] = (namespace, statement[0].line)

    def _statement(self, statement: list[_Token]) -> None:
        if not statement:
            return
        if statement[0].text in ("@prefix", "@base"):
            self._directive(statement)
            return
        subject: URIRef | None = None
        depth, at_subject, at_predicate = 0, True, False
        for token in statement:
            if token.kind == "punct":
                if token.text in "[(":
                    depth += 1
                elif token.text in "])":
                    depth -= 1
                at_predicate = depth == 0 and (
                    token.text == ";" or (at_subject and token.text in "])")
                )
                at_subject = at_subject and depth > 0
                continue
            iri = self._iri(token)
            if iri is not None:
                self._mentions.setdefault(iri, []).append(token.line)
            if depth:
                continue
            if at_subject:
                subject = iri
                if subject is not None:
                    self._subjects.setdefault(subject, token.line)
                at_subject, at_predicate = False, True
            elif at_predicate:
                if subject is not None and iri is not None:
                    self._predicates.setdefault((subject, iri), token.line)
                at_predicate = False

    def _absolute(self, iri: str) -> str:
        if not self._base or _SCHEME.match(iri):
            return iri
        # Joining drops an empty fragment, in which many namespaces end.
        return urljoin(self._base, iri.removesuffix("#")) + ("#" if iri.endswith("#") else "")

    def _iri(self, token: _Token) -> URIRef | None:
        if token.kind == "iri":
            return URIRef(self._absolute(token.text[1:-1]))
        if token.kind != "name":
            return None
        if token.text == "a":
            return RDF.type
        prefix, colon, local = token.text.partition(":")
        if not colon or prefix not in self._prefixes:
            return None
        return URIRef(self._prefixes[prefix][0] + _ESCAPE.sub(r"\1", local))
