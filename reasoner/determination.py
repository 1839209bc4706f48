"""Stage 7, record: the determination as a value, named by what it was made from.

The same case, release, role and readings give the same determination, to the byte: it holds no
clock, no place and no order but that of the case file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version

from rdflib import URIRef

from reasoner.adjudication import decide
from reasoner.case import Case
from reasoner.classification import ClassifiedCase
from reasoner.cure import Cures, find_cures
from reasoner.decision import ItemDecision, case_outcome
from reasoner.knowledge import Knowledge
from reasoner.outcomes import ItemOutcome, Role
from reasoner.rationale import Sentence, explain
from reasoner.terms import BASE


@dataclass(frozen=True)
class Item:
    """One request, decided and explained.

    Attributes:
        classified: the case that the decision was made on.
        rationale: sentences with their sources.
    """

    decision: ItemDecision
    classified: ClassifiedCase
    rationale: tuple[Sentence, ...]
    _knowledge: Knowledge = field(repr=False)
    _role: Role = field(repr=False)

    @cached_property
    def cures(self) -> Cures:
        """What would turn the decision; found when first asked for, each by deciding again."""
        return find_cures(self.classified, self._knowledge, self.decision, self._role)


@dataclass(frozen=True)
class Determination:
    """The decision on every request of a case, with its rationale.

    Attributes:
        items: in the order of the case file.
        engine: name and version of the software.
    """

    case: Case
    knowledge: Knowledge = field(repr=False)
    role: Role
    items: tuple[Item, ...] = field(repr=False)
    outcome: ItemOutcome
    engine: str

    @cached_property
    def iri(self) -> URIRef:
        """The name of the determination: a hash of what it was made from."""
        made_from = "\n".join(
            (
                self.case.hash,
                self.knowledge.release,
                self.role.value,
                *self.knowledge.chosen,
                self.engine,
            )
        )
        return URIRef(f"{BASE}determination/{hashlib.sha256(made_from.encode()).hexdigest()}")

    def to_dict(self) -> dict[str, object]:
        """Give the determination in the form of the JSON contract, ``mtus.determination/1``."""
        from reasoner.contract import to_contract

        return to_contract(self)

    def _repr_html_(self) -> str:
        """Show the determination in a notebook."""
        from reasoner.rendering import render

        return render(self.to_dict(), "html-fragment")


def adjudicate(
    case: Case,
    knowledge: Knowledge,
    *,
    role: Role | str = Role.IMR,
    readings: Iterable[str] = (),
) -> Determination:
    """Decide and explain every request of a case.

    Args:
        case: a case that ``read_case`` gave.
        knowledge: what ``load_knowledge`` gave.
        role: ``imr`` decides items as requested, ``ur`` may modify them.
        readings: names of alternative readings to take.

    Raises:
        InputError: if a reading is not known.
        EngineError: if an engine fails, or two disagree.
        KnowledgeError: if the knowledge does not hang together.
    """
    role = Role(role)
    knowledge = knowledge.under(readings)
    decided = decide(case, knowledge, role)
    items = tuple(
        Item(
            decision,
            decided.classified[request],
            explain(decided.classified[request], knowledge, decision),
            knowledge,
            role,
        )
        for request, decision in decided.items.items()
    )
    outcome = case_outcome((item.decision.outcome for item in items), role)
    return Determination(case, knowledge, role, items, outcome, engine_name())


@cache
def engine_name() -> str:
    """Give the name and version of this software."""
    return f"mtus-reasoner {version('mtus-reasoner')}"
