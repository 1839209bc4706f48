"""What a Bundle asks for: the items of a Claim, or orders where there is no Claim.

An item of a Claim in the form of Da Vinci PAS names the order that it is about; what the two say
is put together, and the item has the word on quantity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rdflib import URIRef

from reasoner.errors import InputError, Problem
from reasoner.intake.asked import details_of
from reasoner.intake.draft import Value, clean
from reasoner.intake.fhir.bundle import Bundle, Resource
from reasoner.intake.fhir.codes import Codes, codes_in, side_of, words_of
from reasoner.intake.fhir.element import Element, plain
from reasoner.intake.fhir.timing import (
    count_of,
    course_of,
    dose_of,
    repetitions_of,
    rounded,
    times_in,
)
from reasoner.intake.fhir.treatments import drug_of
from reasoner.intake.requests import ReadRequest, read_request
from reasoner.terms import CLINICAL, CORE, local_name

ORDERS = ("ServiceRequest", "MedicationRequest", "DeviceRequest")
_OVER = frozenset({"revoked", "cancelled", "entered-in-error", "completed", "stopped", "ended"})
_MODIFIER_SIDES = {"LT": CORE.Left, "RT": CORE.Right, "50": CORE.Bilateral}


@dataclass(slots=True)
class Asked:
    """One request.

    Attributes:
        claim, item: the Claim and the number of its item, where one asks.
        day: the day on which it was asked for.
    """

    keys: dict[str, Value]
    notes: list[str]
    sources: tuple[str, ...]
    claim: str | None = None
    item: int | None = None
    day: date | None = None


@dataclass(slots=True)
class Requests:
    """The requests of a Bundle.

    Attributes:
        orders: the names of orders that are requests, and so no facts.
    """

    asked: list[Asked] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)


def read_requests(bundle: Bundle, codes: Codes) -> Requests:
    """Read what is asked for.

    Raises:
        InputError: if nothing is.
    """
    found = Requests()
    claims = [c for c in bundle.of("Claim") if _is_open(c, found)]
    for claim in claims:
        for item in claim.element.many("item"):
            found.asked.append(_of_item(claim, item, bundle, codes, found))
    for order in bundle.of(*ORDERS):
        if order.name in found.orders or not _is_asking(order):
            continue
        if claims:
            if order.kind != "MedicationRequest":
                found.left_out.append(f"{order.name}: no item of the Claim asks for it.")
        elif _is_open(order, found):
            found.orders.add(order.name)
            found.asked.append(_of_order(order, bundle, codes))
    if not found.asked:
        bundle.findings.raise_any()
        raise InputError(
            [
                Problem(
                    "The Bundle asks for nothing.",
                    bundle.findings.file,
                    key="Bundle.entry",
                    expected="a Claim with items, a ServiceRequest, a DeviceRequest, or a"
                    " MedicationRequest that is a proposal, a plan or a draft",
                )
            ]
        )
    return found


def _is_open(resource: Resource, found: Requests) -> bool:
    status = resource.element.text("status")
    if status in _OVER or resource.element.flag("doNotPerform"):
        told = "asks that it not be done" if status not in _OVER else f"is in status {status}"
        found.left_out.append(f"{resource.name}: {told}, so it asks for nothing.")
        return False
    return True


def _is_asking(order: Resource) -> bool:
    """Tell a request from what was prescribed already: only medication is told apart."""
    if order.kind != "MedicationRequest":
        return True
    intent, status = order.element.text("intent"), order.element.text("status")
    return intent in ("proposal", "plan") or status == "draft"


def _of_item(
    claim: Resource, item: Element, bundle: Bundle, codes: Codes, found: Requests
) -> Asked:
    number = item.number("sequence")
    place = len(found.asked) + 1 if number is None else int(number)
    order: Resource | None = None
    for extension in item.extensions("extension-requestedService"):
        reference = extension.one("valueReference")
        if reference is not None and reference.has("reference"):
            order = bundle.require(reference, claim, *ORDERS)
    if order is not None:
        found.orders.add(order.name)
    product = item.one("productOrService")
    if product is not None and "not-applicable" in codes_in(product):
        product = None
    sites = [s for s in (item.one("bodySite"), *item.many("subSite")) if s is not None]
    made = _Made(order, bundle, codes, product, sites)
    asked = made.asked(f"{claim.fact_id}-item-{place}")
    modifiers = {code.upper() for m in item.many("modifier") for code in codes_in(m)}
    sides = {_MODIFIER_SIDES[code] for code in modifiers & set(_MODIFIER_SIDES)}
    if sides and "region" in asked.keys:
        asked.keys["side"] = local_name(CORE.Bilateral if len(sides) > 1 else next(iter(sides)))
    quantity = count_of(item.one("quantity"))
    if quantity:
        said = asked.keys.get("quantity")
        if said is not None and said != str(quantity):
            asked.notes.append(f"The order says {said}; the item of the Claim says {quantity}.")
        made.set_quantity(asked, quantity)
    asked.claim, asked.item = claim.name, place
    day = claim.element.day("created")
    if asked.day is None and day is not None and day.exact is not None:
        asked.day = day.exact
        asked.keys["date"] = str(day.exact)
    asked.notes.insert(
        0, f"From {claim.name}, item {place}" + (f", and {order.name}." if order else ".")
    )
    return asked


def _of_order(order: Resource, bundle: Bundle, codes: Codes) -> Asked:
    asked = _Made(order, bundle, codes, None, []).asked(order.fact_id)
    asked.notes.insert(0, f"From {order.name}.")
    return asked


class _Made:
    """A request in the making, from an order, an item of a Claim, or both."""

    def __init__(
        self,
        order: Resource | None,
        bundle: Bundle,
        codes: Codes,
        product: Element | None,
        sites: list[Element],
    ) -> None:
        self.order = order
        self.codes = codes
        self.strength: str | None = None
        coded = product
        if order is not None:
            ordered, self.strength = _code_of(order, bundle)
            coded = (
                product
                if product is not None and codes.place(product, [CORE.Treatment])
                else ordered
            )
            coded = coded or product
            sites = [*sites, *order.element.many("bodySite")]
        self.coded, self.sites = coded, sites
        details = [] if order is None else order.element.many("orderDetail")
        self.words = clean(", ".join(filter(None, map(words_of, [coded, *details]))), most=2000)
        if order is not None and words_of(product) and not self.words.count(words_of(product)):
            self.words = clean(f"{self.words}; {words_of(product)}", most=2000)
        self.read: ReadRequest = read_request(self.words, codes.lexicon)
        self.treatment = self._treatment()

    def _treatment(self) -> URIRef | None:
        placed = self.codes.place(self.coded, [CORE.Treatment])
        if placed is not None and placed.by_code and not self.read.ingredients:
            self.note = placed.note
            return placed.concept
        self.note = None
        return self.read.treatment or (None if placed is None else placed.concept)

    def asked(self, name: str) -> Asked:
        """Put together what is asked for."""
        keys: dict[str, Value] = {"id": name}
        notes = [f"Taken for granted: {self.note}."] if self.note else []
        if self.treatment is None:
            notes.append(
                f'Not placed: the vocabulary names nothing of "{clean(self.words, most=120)}".'
            )
        keys["treatment"] = local_name(self.treatment or CLINICAL.UnplacedTreatment)
        if self.words:
            keys["wording"] = self.words
        asked = Asked(keys, notes, ())
        day = None if self.order is None else self.order.element.day("authoredOn")
        if day is not None and day.exact is not None:
            asked.day = day.exact
            keys["date"] = str(day.exact)
        regions = self.codes.regions(*self.sites, words=self.words)
        if regions:
            keys["region"] = tuple(local_name(region) for region in regions)
            side = side_of(*self.sites, words=self.words)
            if side is not None:
                keys["side"] = local_name(side)
        self._from_words(keys)
        if self.order is not None:
            self._from_order(self.order, asked)
        if "quantity" not in keys and self.read.quantity:
            self.set_quantity(asked, self.read.quantity)
        return asked

    def _from_words(self, keys: dict[str, Value]) -> None:
        keys.update(details_of(self.read))
        strength = self.strength or self.read.strength
        if strength is not None and self._is(CORE.Drug):
            keys["strength"] = strength
            if self.read.times_a_day is not None:
                keys["timesADay"] = plain(self.read.times_a_day)

    def _is(self, kind: URIRef) -> bool:
        concepts = self.codes.lexicon.knowledge.concepts
        return self.treatment is not None and concepts.is_kind_of(self.treatment, kind)

    def _from_order(self, order: Resource, asked: Asked) -> None:
        element = order.element
        timing = element.one("occurrenceTiming")
        per_week = times_in(timing, 7)
        if per_week is not None and 0 < per_week <= 50:
            asked.keys["perWeek"] = plain(rounded(per_week))
        course = course_of(timing)
        if course is not None:
            asked.keys["course"] = course
        quantity = count_of(element.one("quantityQuantity"))
        if order.kind == "MedicationRequest":
            quantity = self._from_prescription(element, asked)
        if quantity:
            self.set_quantity(asked, quantity)
        elif per_week and course and course.endswith(" weeks"):
            self.set_quantity(asked, int(per_week * Decimal(course.split()[0])))
            asked.notes.append("The quantity is the visits a week times the weeks.")
        elif (times := repetitions_of(timing)) is not None:
            self.set_quantity(asked, times)

    def _from_prescription(self, element: Element, asked: Asked) -> int | None:
        dose, notes = dose_of(element.many("dosageInstruction"))
        asked.keys.update(dose)
        asked.notes.extend(notes)
        dispensed = element.one("dispenseRequest")
        if dispensed is None:
            return None
        quantity = count_of(dispensed.one("quantity"))
        refills = dispensed.number("numberOfRepeatsAllowed")
        if quantity and refills:
            asked.notes.append(f"The quantity is {quantity} and {plain(refills)} refills of it.")
            return quantity * (1 + int(refills))
        return quantity

    def set_quantity(self, asked: Asked, quantity: int) -> None:
        """Set the quantity, and of injections the sessions, where the order tells them apart."""
        asked.keys["quantity"] = str(quantity)
        if not self._is(CLINICAL.Injection) or self.order is None:
            return
        timing = self.order.element.one("occurrenceTiming")
        times = repetitions_of(timing)
        day = self.order.element.day("occurrenceDateTime")
        if times is not None and 0 < times < quantity:
            asked.keys["sessions"] = str(times)
        elif times is None and quantity > 1 and day is not None and day.exact is not None:
            asked.keys["sessions"] = "1"
            told = "Taken for granted: what is to be done on one day is one session."
            if told not in asked.notes:
                asked.notes.append(told)


def _code_of(order: Resource, bundle: Bundle) -> tuple[Element | None, str | None]:
    if order.kind == "MedicationRequest":
        return drug_of(order, bundle)
    if order.kind == "DeviceRequest":
        coded = order.element.one("codeCodeableConcept")
        reference = order.element.one("codeReference")
        if coded is None and reference is not None:
            device = bundle.require(reference, order, "Device")
            coded = None if device is None else device.element.one("type")
        return coded, None
    return order.element.one("code"), None
