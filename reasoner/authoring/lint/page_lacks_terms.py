"""Problem: the page that a criterion cites does not carry what the criterion is about.

Why: a page that does not say it makes the citation of every decision that rests on it wrong. Most
often the page is that of another edition, or of the file and not the printed one.

Mend: look the page up, and correct ``core:page``; or correct the number or the concept that the
page does not have. The rule is a heuristic: it compares numbers, the names of the concepts that
the shape asks for, and the longer words of the statement, which is a paraphrase.

Source: run only with ``--source FILE.pdf``. The text of the guideline is read and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rdflib import RDFS, SH, SKOS, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, Source, shown
from reasoner.authoring.lint.base.shapes import CriterionShape, criterion_shapes, reachable
from reasoner.rdf import iris
from reasoner.terms import CORE

RULE = rule_name(__name__)
IS_ADVICE = True

_PAGES = re.compile(r"\d+(?:\s*[-\u2013]\s*\d+)?(?:\s*,\s*\d+(?:\s*[-\u2013]\s*\d+)?)*")
_PRINTED = re.compile(r"(?:page\s+)?(\d{1,4})(?:\s+of\s+\d+)?", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_COMMON = frozenset(
    {
        "about", "above", "after", "again", "against", "along", "among", "another", "asked",
        "because", "before", "being", "below", "between", "cannot", "documented", "during",
        "earlier", "either", "every", "given", "least", "neither", "nothing", "other", "record",
        "request", "requested", "shown", "stated", "their", "there", "these", "those", "through",
        "treatment", "under", "until", "where", "which", "while", "whose", "within", "without",
        "would",
    }
)  # fmt: skip
_SHORTEST = 5
_ENOUGH = 0.5
"""The share of a statement's words that a page has to carry, for a paraphrase to be of it."""


@dataclass(frozen=True)
class _Book:
    """The pages of a source, as the words on each."""

    pages: Mapping[int, frozenset[str]]
    everything: frozenset[str]

    def words(self, cited: str) -> frozenset[str] | None:
        """Give the words of the pages that are cited; of the whole book where none is by number."""
        if not _PAGES.fullmatch(cited.strip()):
            return self.everything
        found = [self.pages[n] for n in _numbers_of(cited) if n in self.pages]
        return frozenset().union(*found) if found else None


def check(release: Release) -> Iterator[Finding]:
    """Find criteria of the source's guideline whose terms are not on the pages that they cite."""
    if release.source is None:
        return
    book = _read(release.source)
    shapes = {found.criterion: found for found in criterion_shapes(release.shapes)}
    for criterion, pages in _cited(release, release.source.guideline):
        words = book.words(pages)
        if words is None:
            yield release.finding(
                RULE,
                criterion,
                f"The source has no page {pages}.",
                "Correct core:page, or give the offset of printed pages with --offset.",
                predicate=CORE.page,
            )
            continue
        missing = list(_missing(release, criterion, shapes.get(criterion), words))
        if missing:
            yield release.finding(
                RULE,
                criterion,
                f"Page {pages} does not carry: {', '.join(missing)}.",
                "Look the page up; correct core:page, or what the page does not have.",
                predicate=CORE.page,
            )


def _cited(release: Release, guideline: str) -> Iterator[tuple[URIRef, str]]:
    """Give the criteria that cite a guideline, with the pages that they name."""
    graph = release.graph
    for criterion in sorted(set(graph.subjects(CORE.statement, None)), key=str):
        pages = graph.value(criterion, CORE.page, any=True)
        if not isinstance(criterion, URIRef) or pages is None:
            continue
        documents = [str(d) for d in iris(graph, criterion, CORE.citedFrom)]
        cited = documents[0] if documents else criterion.split("#")[0].rsplit("/", 1)[0]
        if cited.rsplit("/", 1)[-1] == guideline:
            yield criterion, str(pages)


def _read(source: Source) -> _Book:
    from reasoner.intake.pdftext import read_lines

    lines: dict[int, list[str]] = {}
    for line in read_lines(source.path):
        lines.setdefault(line.page, []).append(line.text)
    words = {page: _words(" ".join(texts)) for page, texts in lines.items()}
    everything = frozenset().union(*words.values())
    if source.offset is not None:
        return _Book({page - source.offset: found for page, found in words.items()}, everything)
    printed = {
        page: number
        for page, texts in lines.items()
        if (number := _printed_number(texts)) is not None
    }
    if 2 * len(printed) >= len(lines) and len(set(printed.values())) == len(printed):
        return _Book({printed[page]: words[page] for page in printed}, everything)
    return _Book(words, everything)


def _printed_number(texts: list[str]) -> int | None:
    """Give the page number that a page shows: alone on one of its first or last lines."""
    stated = [t.strip() for t in texts if t.strip()]
    for text in (*reversed(stated[-2:]), *stated[:2]):
        if match := _PRINTED.fullmatch(text):
            return int(match.group(1))
    return None


def _numbers_of(cited: str) -> Iterator[int]:
    for part in cited.split(","):
        bounds = [int(n) for n in re.findall(r"\d+", part)]
        yield from range(bounds[0], bounds[-1] + 1)


def _words(text: str) -> frozenset[str]:
    """Give the words of a text, number words as digits, endings left out."""
    found = _WORD.findall(text.casefold())
    return frozenset(_NUMBERS.get(word, _stem(word)) for word in found)


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "es", "ed", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _missing(
    release: Release, criterion: URIRef, of: CriterionShape | None, words: frozenset[str]
) -> Iterator[str]:
    statement = str(release.graph.value(criterion, CORE.statement, any=True) or "")
    stated = _WORD.findall(statement.casefold())
    for word in dict.fromkeys(stated):
        number = _NUMBERS.get(word, word)
        if number[0].isdigit() and number not in ("0", "1") and number not in words:
            yield word
    if of is not None:
        for shape in reachable(release.shapes, of.shape):
            for concept in iris(release.shapes, shape, SH["class"]):
                names = _names(release, concept)
                if names and not any(_words(name) <= words for name in names):
                    yield f'"{names[0]}"'
    long = {w for w in stated if len(w) >= _SHORTEST and w not in _COMMON | set(_NUMBERS)}
    absent = sorted(w for w in long if _stem(w) not in words)
    if long and len(absent) > _ENOUGH * len(long):
        yield from (f"{word!r}" for word in absent)


def _names(release: Release, concept: URIRef) -> list[str]:
    """Give the names of a concept, its label first."""
    graph = release.graph
    labels = sorted(str(o) for o in graph.objects(concept, RDFS.label))
    return [
        *labels,
        *sorted(str(o) for o in graph.objects(concept, SKOS.altLabel)),
        *([] if labels else [shown(concept)]),
    ]
