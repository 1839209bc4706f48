"""Facts of a document of any length, in time that grows with its length alone.

What reads a sentence takes time by the square of it, and a text without full stops is one
sentence. So sentences beyond any that a physician writes are cut, between words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reasoner.intake.facts import ReadFact, read_facts
from reasoner.intake.language import sentences
from reasoner.intake.lexicon import Lexicon

_LONGEST_SENTENCE = 1_000
_TOGETHER = 20_000
"""How many characters are read at a time, where sentences end."""


def read_document(text: str, lexicon: Lexicon) -> list[ReadFact]:
    """Read the facts of a document, in the order of the text.

    Args:
        text: the document.
        lexicon: what names findings, diagnoses, treatments and regions.

    Returns:
        The facts; what is said twice in the same way stands once.
    """
    found: dict[tuple[object, ...], ReadFact] = {}
    for start, end in _parts(text):
        for fact in read_facts(text[start:end], lexicon):
            moved = replace(fact, start=fact.start + start, end=fact.end + start)
            key = (fact.concept, fact.present, fact.regions, fact.side, fact.attributes)
            found.setdefault(key, moved)
    return list(found.values())


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Give the parts of a text that are read one by one."""
    begun = end = 0
    for sentence, start in sentences(text):
        stop = start + len(sentence)
        if len(sentence) > _LONGEST_SENTENCE:
            if end > begun:
                yield begun, end
            yield from _cut(text, start, stop)
            begun = end = stop
        elif stop - begun > _TOGETHER:
            yield begun, end
            begun, end = start, stop
        else:
            end = stop
    if end > begun:
        yield begun, end


def _cut(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    while stop - start > _LONGEST_SENTENCE:
        cut = text.rfind(" ", start + _LONGEST_SENTENCE // 2, start + _LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + _LONGEST_SENTENCE
        yield start, cut
        start = cut
    yield start, stop
