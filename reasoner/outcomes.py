"""The words in which criteria, items and cases are decided, and how outcomes combine."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rdflib import URIRef

from reasoner.terms import CORE


class _Term(StrEnum):
    @property
    def iri(self) -> URIRef:
        """The term of the core vocabulary that this word is."""
        return CORE[self.value]


class Outcome(_Term):
    """What the record shows of a criterion."""

    MET = "Met"
    NOT_MET = "NotMet"
    NOT_DOCUMENTED = "NotDocumented"
    NOT_APPLICABLE = "NotApplicable"


class Necessity(_Term):
    """What the assessments together say of a request."""

    NECESSARY = "MedicallyNecessary"
    AS_MODIFIED = "NecessaryAsModified"
    NOT_NECESSARY = "NotMedicallyNecessary"
    NO_GUIDELINE = "NoGoverningGuideline"


class Basis(_Term):
    """Why a request is not medically necessary."""

    CONTRADICTED = "Contradicted"
    NOT_ESTABLISHED = "NotEstablished"
    NOT_SUPPORTED = "NotSupported"
    DEPENDENT = "Dependent"


class ItemOutcome(_Term):
    """The decision on a request, or a case, in the words of the role that decides it."""

    UPHELD = "Upheld"
    OVERTURNED = "Overturned"
    OVERTURNED_IN_PART = "OverturnedInPart"
    APPROVED = "Approved"
    MODIFIED = "Modified"
    DENIED = "Denied"
    UNDETERMINED = "Undetermined"


class Role(StrEnum):
    """Who decides: the independent medical reviewer, or utilization review before it."""

    IMR = "imr"
    UR = "ur"


_TRUTH = {Outcome.NOT_MET: 0, Outcome.NOT_DOCUMENTED: 1, Outcome.MET: 2}
_OUTCOME = {truth: outcome for outcome, truth in _TRUTH.items()}


def _applicable(outcomes: Iterable[Outcome]) -> list[int]:
    return [_TRUTH[o] for o in outcomes if o is not Outcome.NOT_APPLICABLE]


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Combine by strong Kleene conjunction; what is not applicable does not count."""
    truths = _applicable(outcomes)
    return _OUTCOME[min(truths)] if truths else Outcome.NOT_APPLICABLE


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Combine by strong Kleene disjunction; what is not applicable does not count."""
    truths = _applicable(outcomes)
    return _OUTCOME[max(truths)] if truths else Outcome.NOT_APPLICABLE


def at_least(threshold: int, outcomes: Iterable[Outcome]) -> Outcome:
    """Ask for a number of met operands; unknown while the unknown ones could still decide."""
    truths = _applicable(outcomes)
    if not truths:
        return Outcome.NOT_APPLICABLE
    met = sum(truth == 2 for truth in truths)
    open_ = sum(truth == 1 for truth in truths)
    if met >= threshold:
        return Outcome.MET
    return Outcome.NOT_DOCUMENTED if met + open_ >= threshold else Outcome.NOT_MET


def unless(requirement: Outcome, exception: Outcome) -> Outcome:
    """Lift a requirement where its exception holds: the disjunction of the two.

    A requirement that is not applicable stays so: there is nothing to lift.
    """
    if requirement is Outcome.NOT_APPLICABLE:
        return requirement
    return any_of((requirement, exception))
