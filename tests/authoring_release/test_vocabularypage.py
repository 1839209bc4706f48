"""The reference of the vocabulary is made from the ontology."""

from __future__ import annotations

from reasoner.authoring.vocabularypage import PAGE, page
from reasoner.terms import BASE, CORE, local_name


def test_page_is_that_of_the_ontology(knowledge):
    made = page(knowledge)
    assert PAGE.read_text("utf-8") == made, "run: python -m reasoner.authoring.vocabularypage"


def test_every_concept_is_on_it_once(knowledge):
    lines = page(knowledge).partition("## Findings")[2].splitlines()
    concepts = [c for c in knowledge.concepts.subclasses(CORE.Documentable)
                if c.startswith(f"{BASE}clinical#")]  # fmt: skip
    named = [line.split("`")[1] for line in lines if line.startswith(("| `", "| &emsp;"))]
    assert len(concepts) > 500
    assert not {local_name(c) for c in concepts} - set(named)
    assert len(named) == len(set(named))
    (naproxen,) = (line for line in lines if line.startswith("| &emsp;`Naproxen`"))
    assert "Naprosyn" in naproxen
