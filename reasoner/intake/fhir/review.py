"""What utilization review decided, from a ClaimResponse in the form of Da Vinci PAS.

The review action of each item is an X12 code (306): A1 certified in total, A2 in part, A3 not
certified, A4 pended, A6 modified. What it grants of a quantity stands beside it.
"""

from __future__ import annotations

from reasoner.intake.draft import Entry, Value, clean
from reasoner.intake.fhir.bundle import Bundle, Resource
from reasoner.intake.fhir.codes import codes_in, words_of
from reasoner.intake.fhir.element import Element
from reasoner.intake.fhir.requests import Requests
from reasoner.intake.fhir.timing import count_of

_ACTIONS = {"A1": "Approved", "A2": "Modified", "A3": "Denied", "A6": "Modified"}
_PENDED = frozenset({"A4", "CT"})


def read_review(bundle: Bundle, requests: Requests) -> Entry | None:
    """Read the last decision, and mark what it grants in the requests.

    Requests that it approves in full are not in dispute and are left out, unless all are.
    """
    responses = [
        response
        for response in bundle.of("ClaimResponse")
        if response.element.text("status") not in ("cancelled", "entered-in-error", "draft")
    ]
    responses.sort(key=lambda response: response.element.text("created") or "")
    for earlier in responses[:-1]:
        requests.left_out.append(f"{earlier.name}: a later decision stands in its place.")
    return _read(responses[-1], bundle, requests) if responses else None


def _read(response: Resource, bundle: Bundle, requests: Requests) -> Entry:
    element = response.element
    notes = [f"From {response.name}."]
    about = element.one("request")
    claim = None if about is None else bundle.resolve(about, response, "Claim")
    decisions: dict[int, str] = {}
    for item in element.many("item"):
        number = item.number("itemSequence")
        action = _action(item)
        if number is None or action is None:
            continue
        if action in _PENDED:
            notes.append(f"Item {number} is pended.")
        elif action in _ACTIONS:
            decisions[int(number)] = _ACTIONS[action]
            _grant(int(number), item, None if claim is None else claim.name, requests)
            for why in _reasons(item):
                notes.append(f"Item {number}, {_ACTIONS[action].lower()}: {why}")
    keys: dict[str, Value] = {}
    day = element.day("created")
    if day is not None and day.exact is not None:
        keys["date"] = str(day.exact)
    kinds = set(decisions.values())
    if kinds:
        keys["decision"] = kinds.pop() if len(kinds) == 1 else "Modified"
    else:
        notes.append("It states no review action that is known, so no decision is stated.")
    for note in element.many("processNote"):
        text = note.text("text")
        if text:
            notes.append(f"It notes: {clean(text, most=300)}")
    if element.text("disposition"):
        notes.append(f"It says: {clean(element.text('disposition') or '', most=300)}")
    _leave_approved(decisions, requests)
    return Entry(keys, tuple(notes))


def _action(item: Element) -> str | None:
    """Give the code of the review action of an item."""
    for adjudication in item.many("adjudication"):
        for review in adjudication.extensions("extension-reviewAction"):
            for action in review.extensions("extension-reviewActionCode"):
                codes = codes_in(action.one("valueCodeableConcept"))
                if codes:
                    return min(codes)
            for action in review.extensions("number"):  # PAS before 2.0 has the code elsewhere
                codes = codes_in(action.one("valueCodeableConcept"))
                if codes:
                    return min(codes)
    return None


def _reasons(item: Element) -> list[str]:
    found = []
    for adjudication in item.many("adjudication"):
        found.append(words_of(adjudication.one("reason")))
        for review in adjudication.extensions("extension-reviewAction"):
            found.extend(
                words_of(reason.one("valueCodeableConcept"))
                for reason in review.extensions("reasonCode")
            )
    return [clean(reason, most=300) for reason in found if reason]


def _grant(number: int, item: Element, claim: str | None, requests: Requests) -> None:
    granted = None
    for detail in item.extensions("extension-itemAuthorizedDetail"):
        for quantity in detail.extensions("quantity"):
            granted = count_of(quantity.one("valueQuantity"))
    if granted is None:
        return
    for asked in requests.asked:
        quantity_asked = asked.keys.get("quantity")
        if asked.item == number and asked.claim in (claim, None if claim else asked.claim):
            if isinstance(quantity_asked, str) and 0 < granted < int(quantity_asked):
                asked.keys["granted"] = str(granted)
            else:
                asked.notes.append(f"Utilization review granted {granted}.")


def _leave_approved(decisions: dict[int, str], requests: Requests) -> None:
    approved = [a for a in requests.asked if decisions.get(a.item or -1) == "Approved"]
    if approved and len(approved) < len(requests.asked):
        for asked in approved:
            requests.asked.remove(asked)
            requests.left_out.append(
                f"{asked.claim}, item {asked.item}: approved, so not in dispute."
            )
    elif approved:
        for asked in approved:
            asked.notes.append("Utilization review approved it.")
