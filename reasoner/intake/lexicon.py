"""The ontology as a lexicon: where a text names a concept, by its labels.

Words are matched whole, letter case aside, in the plural as well; where labels overlap, the
longest wins. What the ontology does not name is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rdflib import RDFS, Literal, URIRef
from rdflib.namespace import SKOS

from reasoner.knowledge import Knowledge
from reasoner.terms import CORE

_BREAK = re.compile(r"[,;:()]|(?<!\b[Nn]o)\.\s")
"""What no name goes across."""
_CAPITALS = frozenset(
    {("sad",), ("idea",), ("pt",), ("ot",), ("asa",), ("php",), ("soma",), ("lb",), ("gym",)}
    - {("soma",), ("gym",)}
)
"""Abbreviations that are words, or mean something else, in small letters."""

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[%#/&+-]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a text names a concept.

    Attributes:
        start, end: the characters of the text.
        words: how many words the label has.
        spanned: how many the text has for them: "tear of the left meniscus" has a side in it.
    """

    concept: URIRef
    start: int
    end: int
    words: int
    spanned: int


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Split a text into words and signs, lower case, each with its place."""
    return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(text.lower())]


def _forms(word: str) -> Iterable[str]:
    """Give a word, and what it could be the plural of."""
    yield word
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        if word.endswith("es"):
            yield word[:-2]


_FILLING = frozenset(
    {"the", "left", "right", "bilateral", "both", "his", "her", "unspecified", "lt", "rt"}
)


def _same(word: str, expected: str) -> bool:
    return word == expected or not set(_forms(word)).isdisjoint(_forms(expected))


def _along(
    words: list[tuple[str, int, int]], place: int, label: tuple[str, ...]
) -> list[tuple[str, int, int]]:
    """Give the words of a text that say a label from a place on, a side or article let pass."""
    here: list[tuple[str, int, int]] = []
    for expected in label:
        while (
            here
            and place < len(words)
            and words[place][0] in _FILLING
            and words[place][0] != expected
        ):
            here.append(words[place])
            place += 1
        if place >= len(words) or not _same(words[place][0], expected):
            return []
        here.append(words[place])
        place += 1
    return here


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Labels of concepts, ready to be found in a text."""

    knowledge: Knowledge

    @cached_property
    def entries(self) -> dict[str, list[tuple[tuple[str, ...], URIRef]]]:
        """The labels by their first word: the words of each, and its concept."""
        found: dict[str, list[tuple[tuple[str, ...], URIRef]]] = {}
        graph, concepts = self.knowledge.vocabulary, self.knowledge.concepts
        known = {*concepts.ancestors, *concepts.kinds}
        for predicate in (SKOS.prefLabel, SKOS.altLabel, RDFS.label):
            for subject, label in graph.subject_objects(predicate):
                if not isinstance(subject, URIRef) or subject not in known:
                    continue
                if not isinstance(label, Literal) or subject in CORE:
                    continue
                words = tuple(word for word, _, _ in tokens(str(label)))
                if words:
                    for first in _forms(words[0]):
                        found.setdefault(first, []).append((words, subject))
        return {
            first: sorted(set(labels), key=lambda entry: (-len(entry[0]), entry))
            for first, labels in found.items()
        }

    def mentions(self, text: str, kinds: Iterable[URIRef]) -> list[Mention]:
        """Find where a text names a concept of some kinds, in the order of the text.

        Args:
            text: the text.
            kinds: classes; a concept counts if it is a subclass or an individual of one.
        """
        wanted = self._of(frozenset(kinds))
        words = tokens(text)
        found: list[Mention] = []
        place = 0
        while place < len(words):
            mention = self._at(text, words, place, wanted)
            if mention is None:
                place += 1
                continue
            found.append(mention)
            place += mention.spanned
        return found

    def _at(
        self,
        text: str,
        words: list[tuple[str, int, int]],
        place: int,
        wanted: frozenset[URIRef],
    ) -> Mention | None:
        best: Mention | None = None
        for first in _forms(words[place][0]):
            for label, concept in self.entries.get(first, ()):
                if concept not in wanted or (best is not None and len(label) <= best.words):
                    continue
                here = _along(words, place, label)
                if (
                    here
                    and not _BREAK.search(text, here[0][1], here[-1][2])
                    and not (label in _CAPITALS and text[here[0][1] : here[-1][2]].islower())
                ):
                    best = Mention(concept, here[0][1], here[-1][2], len(label), len(here))
        return best

    def _of(self, kinds: frozenset[URIRef]) -> frozenset[URIRef]:
        concepts = self.knowledge.concepts
        return frozenset(
            term
            for table in (concepts.ancestors, concepts.kinds)
            for term, above in table.items()
            if above & kinds and term not in kinds
        )
