"""Issued letters into a store: the case that each states, the reviewer's outcomes, and ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from reasoner.case import Case, parse_case
from reasoner.determination import adjudicate
from reasoner.errors import InputError, Problem
from reasoner.intake.casefile import to_case_file
from reasoner.intake.letter import Letter, read_letter
from reasoner.intake.lexicon import Lexicon
from reasoner.knowledge import Knowledge
from reasoner.store.graphs import NamedGraph, content_hash, determination_graphs, lines_of
from reasoner.store.loading import Loader
from reasoner.store.names import LETTERS
from reasoner.terms import CORE

_PROV = "http://www.w3.org/ns/prov#"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_DESCRIPTION = ox.NamedNode("http://purl.org/dc/terms/description")


def add_letters(loader: Loader, files: Sequence[Path], knowledge: Knowledge) -> None:
    """Decide the cases of letters again, and write each with what its reviewer decided.

    Raises:
        InputError: if a letter cannot be read; nothing is written then.
    """
    lexicon = Lexicon(knowledge)
    units: list[list[NamedGraph]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            letter = read_letter(file)
            case = _case_of(letter, knowledge, lexicon)
            case_graph, ours = determination_graphs(adjudicate(case, knowledge))
            units.append([case_graph, letter_graph(letter, case), ours])
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    loader.require_room(graph for unit in units for graph in unit)
    loader.add_release(knowledge)
    for unit in units:
        loader.add(unit)


def _case_of(letter: Letter, knowledge: Knowledge, lexicon: Lexicon) -> Case:
    try:
        text = to_case_file(letter, lexicon, one_region=False)
        return parse_case(text.encode(), f"{letter.name}.yaml", knowledge)
    except InputError:  # several regions that different recommendations govern
        text = to_case_file(letter, lexicon, one_region=True)
        return parse_case(text.encode(), f"{letter.name}.yaml", knowledge)


def letter_graph(letter: Letter, case: Case) -> NamedGraph:
    """Give what a reviewer decided in a letter as a graph.

    It is a PROV entity attributed to a person, and no ``core:Determination``: that is a decision
    which follows from a case.
    """
    name = f"{LETTERS}{case.identifier}"
    lines = lines_of(_letter(letter, case, name))
    return NamedGraph(name, "letter", content_hash(lines), lines, (str(case.iri),))


def _letter(letter: Letter, case: Case, name: str) -> Iterator[ox.Triple]:
    node, reviewer = ox.NamedNode(name), ox.NamedNode(f"{name}#reviewer")
    yield ox.Triple(node, _TYPE, ox.NamedNode(f"{_PROV}Entity"))
    yield ox.Triple(node, _core("determines"), ox.NamedNode(str(case.iri)))
    yield ox.Triple(node, _core("role"), ox.Literal("imr"))
    yield ox.Triple(node, ox.NamedNode(f"{_PROV}wasAttributedTo"), reviewer)
    yield ox.Triple(reviewer, _TYPE, ox.NamedNode(f"{_PROV}Person"))
    for item, request in zip(letter.items, case.requests, strict=True):
        at = ox.NamedNode(f"{name}#item-{item.number}")
        yield ox.Triple(node, _core("itemDecision"), at)
        yield ox.Triple(at, _core("order"), ox.Literal(item.number))
        yield ox.Triple(at, _core("decides"), ox.NamedNode(str(request)))
        yield ox.Triple(at, _core("itemOutcome"), ox.NamedNode(str(CORE[item.outcome])))
        for citation in item.reviewer:
            yield ox.Triple(at, _core("citedGuideline"), ox.Literal(citation.text))
        yield ox.Triple(at, _DESCRIPTION, ox.Literal(item.rationale))


def _core(name: str) -> ox.NamedNode:
    return ox.NamedNode(str(CORE[name]))
