"""Cases of the library as tables, and what is decided of them, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reasoner.adjudication import decide
from reasoner.case import Case
from reasoner.corpus.determine import Population
from reasoner.corpus.schema import Rows
from reasoner.corpus.tables import finish, write_part
from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.terms import local_name

Decisions = Mapping[tuple[str, str], tuple[Any, ...]]
"""For each item: recommendation, necessity, basis, outcome, limit, amount, parent, criteria."""


CASE = """
id: tpi-{n}
injury: {{date: 2013-01-10}}
utilizationReview: {{date: 2014-09-10, decision: Denied}}
records: [{{id: r, type: ProgressReport, date: 2014-08-19}}]
facts:
  - {{is: Pain, region: LumbarRegion, duration: 6 months, in: r}}
  - {{is: MyofascialPainSyndrome, region: LumbarRegion, in: r}}
  - {{is: TriggerPoint, region: LumbarRegion, in: r}}
  - {{is: TwitchResponse, region: LumbarRegion, in: r}}
  - {{is: ReferredPain, region: LumbarRegion, in: r}}
  - {{is: StretchingExercise, outcome: Failed, in: r}}
  - {{is: PhysicalTherapy, outcome: Failed, in: r}}
  - {{is: NSAID, outcome: Failed, in: r}}
  - {{is: MuscleRelaxant, outcome: Failed, in: r}}
  - {{is: Radiculopathy, status: absent, in: r}}
requests:
  - {{id: q, treatment: TriggerPointInjection, region: LumbarRegion, quantity: {n}, agents: [Lidocaine]}}
  - {{id: d, treatment: SurgicalAssistant, dependsOn: q}}
"""
"""A case of one topic, which takes little to decide, with any number of injections asked for."""


def write_cases(cases: Iterable[Case], folder: Path, knowledge: Knowledge) -> None:
    rows = Rows()
    many = 0
    for number, case in enumerate(cases):
        rows.add(number, case, knowledge)
        many += 1
    write_part(folder, 0, rows, knowledge)
    finish(folder, many, 1)


def by_plans(folder: Path, knowledge: Knowledge, role: Role = Role.IMR) -> Decisions:
    """Decide tables, and give the decisions by source and request."""
    population = Population(folder, knowledge, role)
    decided = population.decide(range(population.parts))
    source = {row["case_no"]: row["source"] for row in decided.cases.to_pylist()}
    refused = [row["source"] for row in decided.refused.to_pylist()]
    assert len(source) + len(refused) == population.cases
    criteria: dict[tuple[int, str], set[tuple[Any, ...]]] = {}
    for row in decided.criteria.to_pylist():
        told = (row["criterion"], row["outcome"], row["presumed"])
        criteria.setdefault((row["case_no"], row["request"]), set()).add(told)
    columns = ("recommendation", "necessity", "basis", "outcome", "limited", "supported", "parent")
    found = {
        (source[row["case_no"]], row["request"]): (
            *(row[c] for c in columns),
            frozenset(criteria.get((row["case_no"], row["request"]), ())),
        )
        for row in decided.items.to_pylist()
    }
    return {**found, **{(name, ""): ("refused",) for name in refused}}


def one_by_one(cases: Iterable[Case], knowledge: Knowledge, role: Role = Role.IMR) -> Decisions:
    """Decide cases by the reference path, and give the decisions by source and request."""
    found = {}
    for case in cases:
        try:
            items = decide(case, knowledge, role).items
        except KnowledgeError:
            found[case.source, ""] = ("refused",)
            continue
        for request, item in items.items():
            recommendation = item.recommendation
            found[case.source, local_name(str(request))] = (
                None if recommendation is None else str(recommendation.iri),
                str(item.necessity),
                None if item.basis is None else str(item.basis),
                str(item.outcome),
                None if item.limited is None else local_name(str(item.limited)),
                item.supported,
                None if item.parent is None else local_name(str(item.parent)),
                frozenset(
                    (str(a.criterion.iri), str(a.outcome), a.presumed) for a in item.assessments
                ),
            )
    return found


def differences(plans: Decisions, reference: Decisions) -> list[str]:
    """Tell where decisions differ, one line each."""
    lines = [f"{key}: only one path decides it" for key in plans.keys() ^ reference.keys()]
    for key in sorted(plans.keys() & reference.keys()):
        if plans[key] == reference[key]:
            continue
        *ours, our_criteria = plans[key]
        *theirs, their_criteria = reference[key]
        if ours != theirs:
            lines.append(f"{key}: {ours} and not {theirs}")
        lines += [f"{key}: {row} is wrong" for row in sorted(our_criteria - their_criteria)]
        lines += [f"{key}: {row} is right" for row in sorted(their_criteria - our_criteria)]
    return lines
