"""A graph to look things up in answers every pattern as rdflib's own graph does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import XSD, BNode, Graph, Literal, URIRef

from reasoner.authoring.lookupgraph import lookup_graph

SUBJECTS = (URIRef("urn:a"), URIRef("urn:b"), BNode("a"))
PREDICATES = (URIRef("urn:a"), URIRef("urn:p"))
# What looks alike and is not the same term.
OBJECTS = (
    *SUBJECTS,
    Literal("urn:a"),
    Literal("1", datatype=XSD.integer),
    Literal("01", datatype=XSD.integer),
    Literal("1", datatype=XSD.decimal),
    Literal("1", lang="en"),
)
triples = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(PREDICATES), st.sampled_from(OBJECTS))
)


@given(triples)
def test_every_pattern_is_answered_as_by_rdflib(stated):
    plain, lookup = Graph(), lookup_graph(stated)
    for triple in stated:
        plain.add(triple)
    assert len(lookup) == len(plain)
    for pattern in product((None, *SUBJECTS), (None, *PREDICATES), (None, *OBJECTS)):
        found = list(lookup.triples(pattern))
        assert len(found) == len(set(found))
        assert set(found) == set(plain.triples(pattern))
        assert (pattern in lookup) == (pattern in plain)


@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_change_is_refused(change):
    with pytest.raises(TypeError, match="not changed"):
        getattr(lookup_graph([]), change)((SUBJECTS[0], PREDICATES[0], OBJECTS[0]))
