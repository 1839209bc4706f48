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
_LOOKED_BACK = 200
"""How much of a part is read again with the next: what stands before a name can negate it."""
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
    for start, end, sure in _parts(text):
        for fact in read_facts(text[start:end], lexicon):
            if fact.start + start < sure:
                continue
            moved = replace(fact, start=fact.start + start, end=fact.end + start)
            key = (fact.concept, fact.present, fact.regions, fact.side, fact.attributes)
            found.setdefault(key, moved)
    return list(found.values())


def _parts(text: str) -> Iterator[tuple[int, int, int]]:
    """Give the parts of a text that are read one by one, and from where on each is to be believed."""
    begun = end = 0
    for sentence, start in sentences(text):
        stop = start + len(sentence)
        if len(sentence) > _LONGEST_SENTENCE:
            if end > begun:
                yield begun, end, begun
            yield from _cut(text, start, stop)
            begun = end = stop
        elif stop - begun > _TOGETHER:
            yield begun, end, begun
            begun, end = start, stop
        else:
            end = stop
    if end > begun:
        yield begun, end, begun


def _cut(text: str, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    sure = start
    while stop - start > _LONGEST_SENTENCE:
        cut = _between_words(text, start + _LONGEST_SENTENCE // 2, start + _LONGEST_SENTENCE)
        yield start, cut, sure
        start = _between_words(text, cut - _LOOKED_BACK, cut - _LOOKED_BACK // 2)
        sure = cut - _LOOKED_BACK // 4
    yield start, stop, sure


def _between_words(text: str, first: int, last: int) -> int:
    found = text.rfind(" ", first, last)
    return found if found > 0 else last
