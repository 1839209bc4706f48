"""Which cases of a folder two releases decide differently, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from reasoner.adjudication import decide
from reasoner.case import parse_case
from reasoner.decision import ItemDecision
from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.terms import BASE, local_name


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """A request that two releases decide differently.

    Attributes:
        why: the criteria whose outcomes differ, or what governs it.
    """

    request: str
    old: str
    new: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """A case that two releases decide differently, and why.

    Attributes:
        items: for each request that differs, what each release makes of it.
    """

    file: str
    items: tuple[ItemDifference, ...]


@dataclass(frozen=True, slots=True)
class CaseDifferences:
    """What becomes of a folder of cases under two releases.

    Attributes:
        differing: the cases that are decided differently.
        decided: how many cases were decided under both.
        unreadable: cases that one of the two cannot decide, with the reason.
    """

    differing: tuple[CaseDifference, ...]
    decided: int
    unreadable: tuple[str, ...]


def compare_cases(old: Knowledge, new: Knowledge, folder: Path) -> CaseDifferences:
    """Decide every case of a folder under both releases.

    Args:
        old: the earlier release.
        new: the later one.
        folder: case files in YAML; what the library expects of them is not looked at.

    Raises:
        InputError: if the folder holds no case.
    """
    files = sorted(folder.rglob("*.yaml"))
    if not files:
        raise InputError(
            [Problem(f"{folder} holds no case.", "--cases", expected="case files in YAML")]
        )
    differing: list[CaseDifference] = []
    unreadable: list[str] = []
    decided = 0
    for file in files:
        name = str(file.relative_to(folder))
        try:
            found = tuple(_differing_items(file, old, new))
        except MtusError as error:
            unreadable.append(str(error).splitlines()[0])
            continue
        decided += 1
        if found:
            differing.append(CaseDifference(name, found))
    return CaseDifferences(tuple(differing), decided, tuple(unreadable))


def _differing_items(file: Path, old: Knowledge, new: Knowledge) -> Iterator[ItemDifference]:
    content = yaml.safe_load(file.read_text("utf-8"))
    readings: list[str] = []
    if isinstance(content, dict):
        expected = content.pop("expect", None) or {}
        readings = [*(content.pop("readings", None) or ()), *(expected.get("readings") or ())]
    data = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
    before, after = (
        decide(parse_case(data, str(file), k), k, Role.IMR).items
        for k in (old.under(readings), new.under(readings))
    )
    for request, was in before.items():
        now = after[request]
        why = []
        if _of_item(was) != _of_item(now):
            why.append(f"governed by {_of_item(was)} -> {_of_item(now)}")
        outcomes = {a.criterion.iri: a.outcome.value for a in was.assessments}
        for assessment in now.assessments:
            earlier = outcomes.pop(assessment.criterion.iri, "not asked for")
            if earlier != assessment.outcome.value:
                criterion = assessment.criterion
                why.append(
                    f"criterion {criterion.number}: {earlier} -> {assessment.outcome.value}"
                    f" ({criterion.statement})"
                )
        if _of_item(was) == _of_item(now):
            numbers = {a.criterion.iri: a.criterion.number for a in was.assessments}
            why.extend(
                f"criterion {numbers[iri]}: {outcome} -> not asked for"
                for iri, outcome in outcomes.items()
            )
        shown = [f"{i.necessity.value}" + (f", {i.supported} supported" if i.supported else "")
                 for i in (was, now)]  # fmt: skip
        if not why and shown[0] != shown[1]:
            why.append("the outcomes are the same, and are combined otherwise")
        if why:
            yield ItemDifference(local_name(request), shown[0], shown[1], tuple(why))


def _of_item(item: ItemDecision) -> str:
    if item.recommendation is None:
        return "nothing"
    return str(item.recommendation.iri).removeprefix(BASE + "guideline/").split("#")[0]
