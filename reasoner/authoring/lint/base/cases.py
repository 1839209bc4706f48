"""What the cases of a release's library show of each criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rdflib import URIRef

from reasoner.authoring.decidedcases import observe
from reasoner.authoring.expectedcases import files_of
from reasoner.authoring.lint.base.release import Release
from reasoner.processes import cores


@dataclass(frozen=True)
class Shown:
    """What one case file shows.

    Attributes:
        file: the file, from the root of the release.
        outcomes: pairs of a criterion and an outcome; ``PresumedMet`` where it is presumed.
        wrong: where it is not decided as it says, or why it could not be; empty if all is well.
    """

    file: str
    outcomes: frozenset[tuple[str, str]]
    wrong: tuple[str, ...]


@lru_cache(maxsize=4)
def shown_by_cases(release: Release) -> tuple[Shown, ...]:
    """Decide every case of a release, as far as it is not known what it shows.

    Returns:
        What each case shows, in the order of the files; nothing if there are no cases.

    Raises:
        KnowledgeError: if the topics cannot be loaded, which other rules say.
    """
    library = release.cases
    if library is None:
        return ()
    observed = observe(
        library,
        files_of(library),
        release.knowledge,
        release.progress or (lambda _done, _of: None),
        jobs=cores(),
    )
    return tuple(
        Shown(
            str((library / name).relative_to(release.root)),
            frozenset(pair for item in seen.items for pair in item.outcomes.items()),
            seen.wrong,
        )
        for name, seen in observed.items()
    )


def outcomes_of(shown: Iterable[Shown]) -> Mapping[URIRef, frozenset[str]]:
    """Give, for each criterion, every outcome that some case shows."""
    found: dict[str, set[str]] = {}
    for case in shown:
        for criterion, outcome in case.outcomes:
            found.setdefault(criterion, set()).add(outcome)
    return {URIRef(criterion): frozenset(outcomes) for criterion, outcomes in found.items()}
