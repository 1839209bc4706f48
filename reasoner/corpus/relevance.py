"""Which facts bear on which request; ``reasoner.derivation`` says what that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reasoner.corpus.schema import MOST_NODES
from reasoner.corpus.vectors import Array, distinct, np, places, ranges
from reasoner.terms import CORE

if TYPE_CHECKING:
    from reasoner.corpus.store import Store


@dataclass(frozen=True)
class Bearing:
    """Every pair of a request and a fact of its view, in ascending order.

    Attributes:
        subjects: the nodes of ``Store.requests``.
        objects: the nodes of ``Store.things``.
        requests: the places of the requests among those.
        facts: the places of the facts among those.
        relevant: whether the fact is about a place and a side that the request may be about.
        same: whether it is about what is asked for.
        absent: whether it is absent.
        withheld: whether it is the absence of a kind of what is asked for, and not of all of it.
    """

    subjects: Array
    objects: Array
    requests: Array
    facts: Array
    relevant: Array
    same: Array
    absent: Array
    withheld: Array

    def pairs(self, name: str) -> tuple[Array, Array]:
        """Give the subjects and objects of a property that relevance is told by."""
        rows = np.flatnonzero(RELEVANCE[name](self))
        return self.subjects[self.requests[rows]], self.objects[self.facts[rows]]

    def closing(self, name: str) -> tuple[Array, Array]:
        """Give the pairs of such a property that classes of requests are told from, by place."""
        rows = np.flatnonzero(CLOSING[name](self))
        return self.requests[rows], self.facts[rows]


_Told = Callable[[Bearing], Array]

RELEVANCE: Mapping[str, _Told] = {
    "relevantFact": lambda b: b.relevant,
    "presentFact": lambda b: b.relevant & ~b.absent,
    "absentFact": lambda b: b.relevant & b.absent,
    "priorTreatment": lambda b: b.relevant & b.same & ~b.absent,
    "claimTreatment": lambda b: b.same & ~b.absent,
}
"""The properties that relevance is told by."""

CLOSING: Mapping[str, _Told] = {
    **RELEVANCE,
    "relevantFact": lambda b: b.relevant & ~b.withheld,
    "absentFact": lambda b: b.relevant & b.absent & ~b.withheld,
}
"""The same as classes of requests are told from them."""


def relate(store: Store) -> Bearing:
    """Tell which facts bear on which request."""
    asked, things = store.requests, store.things
    stated = np.flatnonzero(things.facts)
    facts = things.nodes[stated]
    bases = asked.nodes - asked.nodes % MOST_NODES
    requests, at = ranges(np.searchsorted(facts, bases), np.searchsorted(facts, bases + MOST_NODES))
    sets, elsewhere = _places(store)
    about, others = sets(asked.nodes)[requests], sets(facts)[at]
    left, right = _sides(store, asked.nodes)
    other_left, other_right = _sides(store, facts)
    apart = (left[requests] & other_right[at]) | (right[requests] & other_left[at])
    concepts, kinds = asked.concepts[requests], things.concepts[stated][at]
    same = _narrower(store)[kinds, concepts]
    absent = things.absent[stated][at]
    return Bearing(
        asked.nodes, things.nodes, requests, stated[at], ~elsewhere[about, others] & ~apart, same,
        absent, absent & same & (kinds != concepts),
    )  # fmt: skip


def _narrower(store: Store) -> Array:
    """Tell, by the numbers of two concepts, whether the first is the second or a kind of it."""
    ancestors = store.knowledge.concepts.ancestors
    pairs = [(store.ids[k], store.ids[a]) for k, above in ancestors.items() for a in above]
    found = np.zeros((len(store.ids.terms) + 1,) * 2, dtype=bool)
    found[tuple(np.array(pairs, dtype=np.int64).T)] = True
    return found


def _sides(store: Store, nodes: Array) -> tuple[Array, Array]:
    """Tell of which nodes the left alone is stated, and of which the right alone."""
    subjects, sides = store.pairs("side")
    on = [
        places(nodes, distinct(subjects[sides == store.ids[side]]))[1]
        for side in (CORE.Left, CORE.Right)
    ]
    return on[0] & ~on[1], on[1] & ~on[0]


def _places(store: Store) -> tuple[Callable[[Array], Array], Array]:
    """Number the sets of regions of nodes, from 1.

    Returns:
        What gives the number of each node's set, 0 where no region is stated; and, by the numbers
        of two sets, whether they are of different places.
    """
    subjects, regions = store.pairs("region")
    nodes, first, many = np.unique(subjects, return_index=True, return_counts=True)
    sets: dict[frozenset[int], int] = {}
    numbers = np.zeros(len(nodes), dtype=np.int64)
    alone = regions[first]
    for region in distinct(alone[many == 1]).tolist():
        number = sets.setdefault(frozenset([region]), len(sets) + 1)
        numbers[(many == 1) & (alone == region)] = number
    for place in np.flatnonzero(many > 1).tolist():
        several = frozenset(regions[first[place] : first[place] + many[place]].tolist())
        numbers[place] = sets.setdefault(several, len(sets) + 1)

    def number_of(wanted: Array) -> Array:
        at, known = places(wanted, nodes)
        return np.where(known, numbers[at], 0) if len(nodes) else np.zeros(len(wanted), dtype=int)

    return number_of, _elsewhere(store, list(sets))


def _elsewhere(store: Store, sets: list[frozenset[int]]) -> Array:
    concepts = store.knowledge.concepts
    regions = sorted(frozenset().union(*sets))
    at = {region: place for place, region in enumerate(regions)}
    wholes = {
        r: {store.ids[w] for w in concepts.wholes.get(store.ids.terms[r - 1], ())} | {r}
        for r in regions
    }
    part = np.zeros((len(regions), len(regions)), dtype=np.float32)
    for region, above in wholes.items():
        part[at[region], [at[w] for w in above if w in at]] = 1
    held = np.zeros((len(sets) + 1, len(regions)), dtype=np.float32)
    for number, several in enumerate(sets, 1):
        held[number, [at[r] for r in several]] = 1
    meets = held @ np.maximum(part, part.T) @ held.T > 0
    meets[0, :] = meets[:, 0] = True  # what is stated of no place may be of any
    found: Array = ~meets
    return found
