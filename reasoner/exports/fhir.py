"""A determination as FHIR R4: ClaimResponse, and GuidanceResponse for each request.

Sources: HL7 FHIR R4 (4.0.1), ClaimResponse and GuidanceResponse; the X12 306 review actions as
Da Vinci Prior Authorization Support 2.0 carries them. No profile is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reasoner.terms import BASE

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
_ACTIONS = {
    "MedicallyNecessary": ("A1", "Certified in total"),
    "NecessaryAsModified": ("A6", "Modified"),
    "NotMedicallyNecessary": ("A3", "Not Certified"),
    "NoGoverningGuideline": ("A4", "Pended"),
}
_SEVERITIES = {
    "Met": "information", "NotApplicable": "information", "NotDocumented": "warning",
    "NotMet": "error",
}  # fmt: skip
_CODES = {
    "Met": "informational", "NotApplicable": "informational", "NotDocumented": "required",
    "NotMet": "business-rule",
}  # fmt: skip


def claim_response(contract: Mapping[str, Any], created: date) -> dict[str, Any]:
    """Give a determination as a ClaimResponse.

    Args:
        contract: the determination in the form of the JSON contract.
        created: the day that the resource is made.
    """
    items = contract["items"]
    notes: list[dict[str, Any]] = []
    shown = []
    for sequence, item in enumerate(items, start=1):
        numbers = []
        for sentence in item["rationale"]:
            notes.append({"number": len(notes) + 1, "type": "display", "text": sentence["text"]})
            numbers.append(len(notes))
        shown.append(_item(item, sequence, numbers))
    undetermined = any(item["decision"] == "NoGoverningGuideline" for item in items)
    return {
        "resourceType": "ClaimResponse",
        "id": _identity(contract["id"]),
        "identifier": [{"system": f"{BASE}determination", "value": _identity(contract["id"])}],
        "status": "active",
        "type": _concept(f"{_TERMINOLOGY}claim-type", "professional", "Professional"),
        "use": "preauthorization",
        "patient": _reference(f"{BASE}case", contract["case"], "Injured worker of the case"),
        "created": created.isoformat(),
        "insurer": {"display": "Claims administrator"},
        "request": _reference(f"{BASE}case", contract["case"], f"Case {contract['case']}"),
        "outcome": "partial" if undetermined else "complete",
        "disposition": contract["outcome"],
        "item": shown,
        "processNote": notes,
    }


def _item(item: Mapping[str, Any], sequence: int, notes: list[int]) -> dict[str, Any]:
    code, display = _ACTIONS[item["decision"]]
    action = _concept("https://codesystem.x12.org/005010/306", code, display)
    adjudication: dict[str, Any] = {
        "extension": [
            {
                "url": f"{_PAS}extension-reviewAction",
                "extension": [
                    {
                        "url": f"{_PAS}extension-reviewActionCode",
                        "valueCodeableConcept": action,
                    }
                ],
            }
        ],
        "category": _concept(f"{_TERMINOLOGY}adjudication", "submitted", "Submitted Amount"),
        "reason": {"text": _reason(item)},
    }
    if item["quantity"] is not None:
        adjudication["value"] = item["quantity"]
    adjudications = [adjudication]
    if item["modifiedTo"] is not None:
        adjudications.append(
            {
                "category": _concept(f"{_TERMINOLOGY}adjudication", "eligible", "Eligible Amount"),
                "reason": {"text": f"{item['modifiedTo']['unit']}, supported in all"},
                "value": item["modifiedTo"]["quantity"],
            }
        )
    return {
        "id": _fragment(item["request"]),
        "itemSequence": sequence,
        "noteNumber": notes,
        "adjudication": adjudications,
    }


def _reason(item: Mapping[str, Any]) -> str:
    basis = "" if item["basis"] is None else f", {item['basis']}"
    return f"{item['label']}: {item['outcome']} ({item['decision']}{basis})"


def guidance_response(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Give a determination as a GuidanceResponse or, of several requests, a Bundle of them.

    Args:
        contract: the determination in the form of the JSON contract.
    """
    found = [
        _guidance(contract, item, number) for number, item in enumerate(contract["items"], start=1)
    ]
    if len(found) == 1:
        return found[0]
    return {
        "resourceType": "Bundle",
        "id": _identity(contract["id"]),
        "type": "collection",
        "entry": [
            {"fullUrl": f"{contract['id']}/item-{number}", "resource": resource}
            for number, resource in enumerate(found, start=1)
        ],
    }


def _guidance(contract: Mapping[str, Any], item: Mapping[str, Any], number: int) -> dict[str, Any]:
    governing = item["recommendation"]
    missing = [
        {
            "type": "DocumentReference",
            "codeFilter": [{"path": "type", "code": [{**_number(criterion), "display": text}]}],
        }
        for criterion in item["criteria"]
        for text in criterion["missing"]
    ]
    resource: dict[str, Any] = {
        "resourceType": "GuidanceResponse",
        "id": f"{_identity(contract['id'])[:48]}-{number}",
        "requestIdentifier": {"system": f"{BASE}request", "value": item["request"]},
        "identifier": [
            {"system": f"{BASE}determination", "value": f"{contract['id']}#item-{number}"}
        ],
        "moduleUri": contract["id"] if governing is None else governing["id"],
        "status": "data-required" if missing else "success",
        "subject": _reference(f"{BASE}case", contract["case"], "Injured worker of the case"),
        "reasonCode": [{"text": _reason(item)}],
        "note": [{"text": sentence["text"]} for sentence in item["rationale"]],
    }
    if item["criteria"]:
        resource["contained"] = [
            {
                "resourceType": "OperationOutcome",
                "id": "criteria",
                "issue": [_issue(criterion) for criterion in item["criteria"]],
            }
        ]
        resource["evaluationMessage"] = [{"reference": "#criteria"}]
    if missing:
        resource["dataRequirement"] = missing
    return resource


def _issue(criterion: Mapping[str, Any]) -> dict[str, Any]:
    facts = "; ".join(
        ("for: " if e["supports"] else "against: ") + e["label"] for e in criterion["evidence"]
    )
    issue: dict[str, Any] = {
        "severity": _SEVERITIES[criterion["outcome"]],
        "code": _CODES[criterion["outcome"]],
        "details": {
            "coding": [_number(criterion)],
            "text": f"{criterion['outcome']}: {criterion['statement']} (page {criterion['page']})",
        },
    }
    if diagnostics := criterion["presumption"] or facts:
        issue["diagnostics"] = diagnostics
    return issue


def _number(criterion: Mapping[str, Any]) -> dict[str, Any]:
    """Give a criterion as a code: its number, in the topic that numbers it."""
    return {"system": criterion["id"].partition("#")[0], "code": criterion["number"]}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _reference(system: str, value: str, display: str) -> dict[str, Any]:
    return {"identifier": {"system": system, "value": value}, "display": display}


def _identity(iri: str) -> str:
    """Give the hash that names a determination: 64 characters, as many as an id may have."""
    return iri.rsplit("/", 1)[-1]


def _fragment(iri: str) -> str:
    return iri.rpartition("#")[2]
