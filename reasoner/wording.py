"""Which concepts a key takes, and which of them someone may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rdflib import RDFS, URIRef
from rdflib.namespace import SKOS

from reasoner.caseformat import Key
from reasoner.knowledge import Knowledge
from reasoner.terms import local_name

_LONGEST = 100


@lru_cache(maxsize=256)
def takes(key: Key, knowledge: Knowledge) -> Mapping[URIRef, None]:
    """Give the concepts that a key takes, in alphabetical order; none if it takes others."""
    if key.of is None or key.kind not in ("individual", "class"):
        return {}
    concepts = knowledge.concepts
    below = concepts.individuals if key.kind == "individual" else concepts.subclasses
    return dict.fromkeys(below(key.of))


def _simple(words: str) -> str:
    """Fold what people vary: letter case, hyphens, ``LowBack`` for ``low back``; drop a prefix."""
    name = re.sub(r".*[:#]|^<.*/", "", words)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", apart.casefold()))


@lru_cache(maxsize=8)
def _words(knowledge: Knowledge) -> Mapping[str, tuple[URIRef, ...]]:
    """Give the concepts that each name, label and alternative label stands for."""
    found: dict[str, set[URIRef]] = {}
    concepts = knowledge.concepts
    for term in (*concepts.ancestors, *concepts.kinds):
        found.setdefault(_simple(local_name(term)), set()).add(term)
    for predicate in (RDFS.label, SKOS.altLabel):
        for named, word in knowledge.vocabulary.subject_objects(predicate):
            if named in concepts.ancestors or named in concepts.kinds:
                found.setdefault(_simple(str(word)), set()).add(URIRef(str(named)))
    return {word: tuple(sorted(terms)) for word, terms in found.items()}


def meant(words: str, among: Iterable[URIRef], knowledge: Knowledge) -> str | None:
    """Give the name of the concept that words are most likely to mean.

    Args:
        words: what was written, such as ``neck`` or ``Tendernes``.
        among: the concepts that could stand there.
        knowledge: the vocabularies.

    Returns:
        The local name of a concept that the words name, or nearly name; None if there is none.
    """
    if len(words) > _LONGEST:
        return None
    allowed = frozenset(among)
    index = {
        word: [term for term in terms if term in allowed]
        for word, terms in _words(knowledge).items()
        if not allowed.isdisjoint(terms)
    }
    simple = _simple(words)
    near = [simple] if simple in index else difflib.get_close_matches(simple, sorted(index), 1, 0.7)
    return local_name(index[near[0]][0]) if near else None
