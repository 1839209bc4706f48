"""A FHIR R4 Bundle as a draft of a case file."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from reasoner.errors import InputError, MtusError
from reasoner.intake.draft import Draft, Entry, Value, clean, identifier_of
from reasoner.intake.fhir.bundle import Bundle, Resource, parse_bundle
from reasoner.intake.fhir.codes import Codes, words_of
from reasoner.intake.fhir.element import Element
from reasoner.intake.fhir.facts import Facts, read_allergy, read_condition
from reasoner.intake.fhir.observations import read_observation
from reasoner.intake.fhir.records import Place, Records
from reasoner.intake.fhir.requests import Requests, read_requests
from reasoner.intake.fhir.review import read_review
from reasoner.intake.fhir.treatments import read_medication, read_procedure
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pages import Passage, running_text
from reasoner.intake.pdftext import parse_lines
from reasoner.intake.reading import read_document

_READ = frozenset(
    {
        "AllergyIntolerance", "Claim", "ClaimResponse", "Composition", "Condition", "DeviceRequest",
        "DiagnosticReport", "DocumentReference", "Encounter", "Medication", "MedicationRequest",
        "MedicationStatement", "Observation", "Patient", "Procedure", "Provenance", "ServiceRequest",
    }
)  # fmt: skip
_ABOUT_PEOPLE = frozenset(
    {
        "CareTeam", "Coverage", "Device", "Endpoint", "HealthcareService", "Location",
        "Organization", "Practitioner", "PractitionerRole", "RelatedPerson",
    }
)  # fmt: skip
_MOST_SHOWN = 20_000
_PART = re.compile(r"(?:\.[^.]*|-item-\d+)$")
"""What an id has beyond that of its resource."""


def read_bundle(data: bytes, file: str, name: str, lexicon: Lexicon) -> tuple[Draft, list[Passage]]:
    """Read a Bundle.

    Args:
        data: the JSON, in UTF-8.
        file: the file, as the user named it.
        name: the name of the case to be.
        lexicon: what names the concepts.

    Returns:
        The draft, and each resource that something was read from, to be shown beside it.

    Raises:
        InputError: with every problem found.
    """
    bundle = parse_bundle(data, file)
    codes = Codes(lexicon)
    patient = _patient(bundle)
    records = Records(bundle)
    requests = read_requests(bundle, codes)
    review = read_review(bundle, requests)
    facts = Facts(codes, records)
    _read_facts(bundle, facts, requests)
    bundle.findings.raise_any()
    asked_on = min((asked.day for asked in requests.asked if asked.day), default=None)
    if asked_on is None and review is not None and isinstance(review.keys.get("date"), str):
        asked_on = date.fromisoformat(str(review.keys["date"]))
    draft = Draft(
        identifier=identifier_of(name),
        notes=(
            f"Read from the FHIR Bundle {clean(name, most=100)}; every fact is for a person to check.",
            "Names, addresses and identifiers of people are not taken over, but for authors.",
        ),
        worker=_worker(patient, asked_on),
        injury=_injury(bundle),
        review=review,
        records=records.all(named=clean(name, most=100)),
        facts=tuple(facts.entries),
        requests=tuple(Entry(asked.keys, tuple(asked.notes)) for asked in requests.asked),
        left_out=(
            *records.left_out,
            *facts.left_out,
            *requests.left_out,
            *(
                f"{count} of type {kind}: not read."
                for kind, count in bundle.kinds.items()
                if kind not in _READ and kind not in _ABOUT_PEOPLE
            ),
        ),
    )
    return draft, _passages(bundle, draft)


def _patient(bundle: Bundle) -> Resource | None:
    """Give the patient that the request is for; what is said to be of another one is a problem.

    A Bundle can hold another Patient: the subscriber of the insurance.
    """
    patients = list(bundle.of("Patient"))
    asked_for = {
        found.name: found
        for resource in bundle.of("Claim", "ServiceRequest", "DeviceRequest", "MedicationRequest")
        if (found := _patient_of(resource, bundle)) is not None
    }
    if len(asked_for) == 1:
        (patient,) = asked_for.values()
    elif len(patients) == 1:
        (patient,) = patients
    else:
        if patients:
            names = ", ".join(found.name for found in patients[:5])
            bundle.findings.add(
                f"The Bundle has {len(patients)} patients: {names}.",
                "Bundle.entry",
                expected="requests for one of them",
            )
        return None
    for resource in bundle.of(*sorted(_READ - {"Patient", "Medication", "Provenance"})):
        reference = resource.element.one("subject") or resource.element.one("patient")
        text = None if reference is None else reference.text("reference")
        if reference is None or text is None:
            continue
        found = bundle.resolve(reference, resource, "Patient", "Group")
        if found is not patient and (found is not None or "Patient/" in text):
            bundle.findings.add(
                f"It is of {clean(text, most=100)}.",
                reference.path,
                node=resource.name,
                expected=f"a resource of {patient.name}",
            )
    return patient


def _patient_of(resource: Resource, bundle: Bundle) -> Resource | None:
    reference = resource.element.one("subject") or resource.element.one("patient")
    found = None if reference is None else bundle.resolve(reference, resource)
    return found if found is not None and found.kind == "Patient" else None


def _worker(patient: Resource | None, asked_on: date | None) -> Entry | None:
    if patient is None:
        return Entry({}, ("The Bundle has no Patient: age and sex are not stated.",))
    keys: dict[str, Value] = {}
    notes = [f"From {patient.name}."]
    born = patient.element.day("birthDate")
    if born is not None and asked_on is not None:
        ages = {_years(day, asked_on) for day in (born.first, born.last)}
        if len(ages) == 1 and 0 <= min(ages) <= 130:
            keys["age"] = str(min(ages))
            notes.append(
                f"Age in years on {asked_on}, the day of the request, from the birth date."
            )
        else:
            notes.append("The birth date does not give the age on the day of the request.")
    elif born is not None:
        notes.append("No day of the request or the review is known, so no age is stated.")
    gender = patient.element.text("gender")
    if gender in ("male", "female"):
        keys["sex"] = gender
    elif gender is not None:
        notes.append(f"The administrative gender is {clean(gender, most=40)}; sex is not stated.")
    return Entry(keys, tuple(notes))


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _injury(bundle: Bundle) -> Entry | None:
    for claim in bundle.of("Claim"):
        accident = claim.element.one("accident")
        day = None if accident is None else accident.day("date")
        if day is not None and day.exact is not None:
            return Entry({"date": str(day.exact)}, (f"From the accident of {claim.name}.",))
        if day is not None:
            return Entry({}, (f"The accident of {claim.name} is at no whole date: {day.text}.",))
    return None


def _read_facts(bundle: Bundle, facts: Facts, requests: Requests) -> None:
    for condition in bundle.of("Condition"):
        read_condition(condition, facts)
    for allergy in bundle.of("AllergyIntolerance"):
        read_allergy(allergy, facts)
    for observation in bundle.of("Observation"):
        read_observation(observation, facts)
    for procedure in bundle.of("Procedure"):
        read_procedure(procedure, facts)
    for medication in bundle.of("MedicationStatement", "MedicationRequest"):
        if medication.name not in requests.orders:
            read_medication(medication, bundle, facts)
    for claim in bundle.of("Claim"):
        _read_claim(claim, bundle, facts)
    for report in bundle.of("DiagnosticReport"):
        text = report.element.text("conclusion")
        if text and report.element.text("status") != "entered-in-error":
            facts.state_text(report, text, place=Place(report.fact_id), part="c")
    for place, resource, attachment in facts.records.texts:
        _read_attachment(place, resource, attachment, facts)


def _read_claim(claim: Resource, bundle: Bundle, facts: Facts) -> None:
    """Read the diagnoses of a Claim and what it says in support."""
    element = claim.element
    if element.text("status") in ("entered-in-error", "cancelled"):
        return
    for number, diagnosis in enumerate(element.many("diagnosis"), start=1):
        coded = diagnosis.one("diagnosisCodeableConcept")
        reference = diagnosis.one("diagnosisReference")
        if reference is not None:
            bundle.require(reference, claim, "Condition")
        if coded is None:
            continue
        wrapped = {"resourceType": "Condition", "code": coded.value}
        held = Element(wrapped, coded.path, claim.name, bundle.findings)
        read_condition(
            Resource("Condition", f"{claim.name}.diagnosis-{number}", held, claim), facts
        )
    for number, info in enumerate(element.many("supportingInfo"), start=1):
        text = info.text("valueString")
        label = f"supportingInfo-{number}"
        if text is not None:
            if not facts.state_text(claim, text, part=f"s{number}."):
                facts.leave(claim, f'{label}: nothing is read in "{clean(text, most=120)}".')
            continue
        reference = info.one("valueReference")
        if reference is not None and reference.has("reference"):
            bundle.resolve(reference, claim)
            continue
        if info.has("valueQuantity") or info.has("valueBoolean"):
            code = info.one("code") or info.one("category")
            made: dict[str, Any] = {
                "resourceType": "Observation",
                "status": "final",
                "code": {} if code is None else code.value,
                **{k: v for k, v in info.value.items() if k.startswith("value")},
            }
            held = Element(made, info.path, claim.name, bundle.findings)
            read_observation(Resource("Observation", f"{claim.name}.{label}", held, claim), facts)


def _read_attachment(place: Place, resource: Resource, attachment: Element, facts: Facts) -> None:
    """Read the facts that the text of a document tells, where it is held in the Bundle."""
    try:
        data = base64.b64decode(attachment.text("data") or "", validate=True)
    except (binascii.Error, ValueError):
        attachment.findings.add(
            "It is not in base64.", f"{attachment.path}.data", node=resource.name,
            expected="the content of the document in base64",
        )  # fmt: skip
        return
    kind = (attachment.text("contentType") or "").split(";")[0].strip()
    if kind not in ("text/plain", "application/pdf"):
        facts.leave(
            resource, f"a document of type {clean(kind or 'unknown', most=60)} is not read."
        )
        return
    try:
        lines = parse_lines(data, f"{resource.name} in {attachment.findings.file}")
    except InputError as error:
        facts.leave(resource, error.problems[0].message)
        return
    except MtusError as error:
        facts.leave(resource, str(error))
        return
    running = running_text(lines)
    several = len(set(running.pages)) > 1
    for number, fact in enumerate(read_document(running.text, facts.codes.lexicon), start=1):
        page = str(running.page_at(fact.start)) if several else None
        facts.state_read(resource, fact, place=Place(place.record, page), part=f"t{number}")


def _passages(bundle: Bundle, draft: Draft) -> list[Passage]:
    """Show the resources that something was read from."""
    resources = {
        resource.fact_id: resource
        for kind in bundle.kinds
        if kind in _READ
        for resource in bundle.of(kind)
    }
    own: dict[str, list[str]] = {name: [] for name in resources}
    for entry in (*draft.facts, *draft.requests):
        read = name = str(entry.keys.get("id", ""))
        while name not in resources and (shorter := _PART.sub("", name)) != name:
            name = shorter
        if name in own:
            own[name].append(read)
    return [_passage(resource, tuple(own[name])) for name, resource in resources.items()]


def _passage(resource: Resource, ids: tuple[str, ...]) -> Passage:
    heading = clean(words_of(resource.element.one("code") or resource.element.one("type")), most=80)
    title = f"{resource.name}: {heading}" if heading else resource.name
    return Passage(title, _shown(resource.element.value), None, None, ids)


def _shown(value: dict[str, Any]) -> str:
    """Write a resource for a person: an outline, without its narrative and the bytes of documents."""
    text = "\n".join(_outline(value, 0))
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "\n..."


def _outline(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for key, held in value.items():
        if key in ("resourceType", "meta") or (key == "text" and isinstance(held, dict)):
            continue
        if key == "data" and isinstance(held, str):
            held = "(the content of the document)"
        for part in held if isinstance(held, list) else [held]:
            if isinstance(part, dict):
                yield f"{indent}{key}:"
                yield from _outline(part, depth + 1)
            elif not isinstance(part, list):
                yield f"{indent}{key}: {'' if part is None else part}"
