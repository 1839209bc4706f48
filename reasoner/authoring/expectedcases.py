"""The cases of a library: what each expects, what is decided, and where the two differ.

A case file holds, beside the case, what is expected of it:

    expect:
      request-1:
        decision: MedicallyNecessary        # or NecessaryAsModified, NotMedicallyNecessary, ...
        basis: Contradicted                 # why it is not necessary
        supported: 4                        # the quantity that is supported, where it is less
        governedBy: chronic-pain-2009/trigger-points
        criteria: {"5": Met, "2a": PresumedMet, "6a": NotApplicable}
    readings: [lower-end-of-range]

Each key of an expectation may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from reasoner.adjudication import decide
from reasoner.assessment import Assessment
from reasoner.case import Case, parse_case
from reasoner.decision import ItemDecision
from reasoner.errors import InputError, Problem
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome, Role
from reasoner.terms import BASE, local_name

EXPECTABLE = frozenset({"decision", "basis", "supported", "governedBy", "criteria"})

# libyaml reads and writes the same, several times as fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class LibraryCase:
    """A case and what is expected of it.

    Attributes:
        name: the path of the file from the folder of the library.
        expected: for each request that something is expected of, by its local name, what.
        readings: the alternative readings that it is decided under.
        case: the case itself.
    """

    name: str
    expected: Mapping[str, Mapping[str, Any]]
    readings: tuple[str, ...]
    case: Case

    @property
    def topic(self) -> str:
        """The folder that the file stands in: ``guideline/topic``."""
        return str(Path(self.name).parent)


@lru_cache(maxsize=64)
def under(knowledge: Knowledge, readings: tuple[str, ...]) -> Knowledge:
    """Give knowledge under readings, made once."""
    return knowledge.under(readings)


def files_of(library: Path, topics: Iterable[str] = ()) -> list[str]:
    """List the case files of a library, each by its path from the folder.

    A case belongs to a topic if it stands in its folder, or says that the topic governs.

    Args:
        library: the folder.
        topics: only those of these topics; all if none is named.
    """
    names = [str(f.relative_to(library)) for f in sorted(library.rglob("*.yaml"))]
    wanted = set(topics)
    return [n for n in names if not wanted or wanted & topics_of_file(library, n)]


@lru_cache(maxsize=8192)
def topics_of_file(library: Path, name: str) -> frozenset[str]:
    """Find the topics that a file belongs to, as ``files_of`` has it, without parsing it."""
    try:
        lines = (library / name).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []  # reading the case will tell
    said = (line.partition("governedBy:")[2] for line in lines)
    return frozenset(
        {str(Path(name).parent), *(s.split(",")[0].strip(" \"'{}") for s in said if s)}
    )


def read_library_case(library: Path, name: str, knowledge: Knowledge) -> LibraryCase:
    """Read a case of a library with what is expected of it.

    Args:
        library: the folder of the library.
        name: the path of the file from it.
        knowledge: this release, under its default readings.

    Raises:
        InputError: if the file is no case, expects nothing, or expects what is no expectation.
    """

    def fail(message: str, expected: str) -> InputError:
        return InputError([Problem(message, name, key="expect", expected=expected)])

    try:
        content = yaml.load((library / name).read_text("utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError([Problem(f"The file cannot be read: {error}", name)]) from error
    if not isinstance(content, dict) or not isinstance(content.get("expect"), dict):
        raise fail("The case expects nothing.", "what is decided of each request")
    expected = content.pop("expect")
    readings = tuple(sorted((*content.pop("readings", ()), *expected.pop("readings", ()))))
    for request, of_request in expected.items():
        unknown = set(of_request) - EXPECTABLE if isinstance(of_request, dict) else {of_request}
        if unknown:
            raise fail(
                f"{request}: {', '.join(map(str, sorted(unknown)))} is nothing to expect.",
                "one of " + ", ".join(sorted(EXPECTABLE)),
            )
    data = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True).encode()
    case = parse_case(data, name, under(knowledge, readings))
    requests = {local_name(r) for r in case.requests}
    if not expected or set(expected) - requests:
        raise fail(
            f"{', '.join(sorted(set(expected) - requests)) or 'Nothing'} is expected.",
            "one of the requests " + ", ".join(sorted(requests)),
        )
    return LibraryCase(name, expected, readings, case)


def decide_library_case(case: LibraryCase, knowledge: Knowledge) -> dict[str, ItemDecision]:
    """Decide the requests of a case under its readings, by their local names.

    Args:
        case: the case.
        knowledge: this release, under its default readings.

    Raises:
        EngineError: if an engine fails or two disagree.
    """
    decided = decide(case.case, under(knowledge, case.readings), Role.IMR)
    return {local_name(request): item for request, item in decided.items.items()}


def shown(assessment: Assessment) -> str:
    """Give an outcome as an expectation names it."""
    met = assessment.outcome is Outcome.MET
    return "PresumedMet" if met and assessment.presumed else assessment.outcome.value


def topic_of(recommendation: Recommendation | None) -> str | None:
    """Give the topic of a recommendation, ``guideline/topic``."""
    if recommendation is None:
        return None
    return str(recommendation.iri).removeprefix(BASE + "guideline/").split("#")[0]


def differences(name: str, expected: Mapping[str, Any], item: ItemDecision) -> Iterator[str]:
    """Tell where a decision is not as expected, a line for each difference."""
    got = {
        "decision": item.necessity.value,
        "basis": item.basis.value if item.basis else None,
        "supported": item.supported,
        "governedBy": topic_of(item.recommendation),
    }
    for key, value in got.items():
        if key in expected and expected[key] != value:
            yield f"{name} {key}: expected {expected[key]}, got {value}"
    outcomes = {a.criterion.number: a for a in item.assessments}
    for number, outcome in expected.get("criteria", {}).items():
        assessment = outcomes.get(str(number))
        if assessment is None:
            yield f"{name} criterion {number}: not assessed; assessed were {', '.join(outcomes)}"
        elif outcome != shown(assessment):
            yield (
                f"{name} criterion {number}: expected {outcome}, got {shown(assessment)}"
                f" ({assessment.criterion.statement})"
            )
