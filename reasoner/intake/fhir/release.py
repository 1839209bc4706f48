"""Which release of FHIR a resource is of: R4 (4.0.1), or one that says things in other places."""

from __future__ import annotations

from typing import Any

FHIR_R4_TYPES = frozenset(
    [
        "Account",
        "ActivityDefinition",
        "AdverseEvent",
        "AllergyIntolerance",
        "Appointment",
        "AppointmentResponse",
        "AuditEvent",
        "Basic",
        "Binary",
        "BiologicallyDerivedProduct",
        "BodyStructure",
        "Bundle",
        "CapabilityStatement",
        "CarePlan",
        "CareTeam",
        "CatalogEntry",
        "ChargeItem",
        "ChargeItemDefinition",
        "Claim",
        "ClaimResponse",
        "ClinicalImpression",
        "CodeSystem",
        "Communication",
        "CommunicationRequest",
        "CompartmentDefinition",
        "Composition",
        "ConceptMap",
        "Condition",
        "Consent",
        "Contract",
        "Coverage",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "DetectedIssue",
        "Device",
        "DeviceDefinition",
        "DeviceMetric",
        "DeviceRequest",
        "DeviceUseStatement",
        "DiagnosticReport",
        "DocumentManifest",
        "DocumentReference",
        "EffectEvidenceSynthesis",
        "Encounter",
        "Endpoint",
        "EnrollmentRequest",
        "EnrollmentResponse",
        "EpisodeOfCare",
        "EventDefinition",
        "Evidence",
        "EvidenceVariable",
        "ExampleScenario",
        "ExplanationOfBenefit",
        "FamilyMemberHistory",
        "Flag",
        "Goal",
        "GraphDefinition",
        "Group",
        "GuidanceResponse",
        "HealthcareService",
        "ImagingStudy",
        "Immunization",
        "ImmunizationEvaluation",
        "ImmunizationRecommendation",
        "ImplementationGuide",
        "InsurancePlan",
        "Invoice",
        "Library",
        "Linkage",
        "List",
        "Location",
        "Measure",
        "MeasureReport",
        "Media",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationKnowledge",
        "MedicationRequest",
        "MedicationStatement",
        "MedicinalProduct",
        "MedicinalProductAuthorization",
        "MedicinalProductContraindication",
        "MedicinalProductIndication",
        "MedicinalProductIngredient",
        "MedicinalProductInteraction",
        "MedicinalProductManufactured",
        "MedicinalProductPackaged",
        "MedicinalProductPharmaceutical",
        "MedicinalProductUndesirableEffect",
        "MessageDefinition",
        "MessageHeader",
        "MolecularSequence",
        "NamingSystem",
        "NutritionOrder",
        "Observation",
        "ObservationDefinition",
        "OperationDefinition",
        "OperationOutcome",
        "Organization",
        "OrganizationAffiliation",
        "Parameters",
        "Patient",
        "PaymentNotice",
        "PaymentReconciliation",
        "Person",
        "PlanDefinition",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "Questionnaire",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RequestGroup",
        "ResearchDefinition",
        "ResearchElementDefinition",
        "ResearchStudy",
        "ResearchSubject",
        "RiskAssessment",
        "RiskEvidenceSynthesis",
        "Schedule",
        "SearchParameter",
        "ServiceRequest",
        "Slot",
        "Specimen",
        "SpecimenDefinition",
        "StructureDefinition",
        "StructureMap",
        "Subscription",
        "Substance",
        "SubstanceNucleicAcid",
        "SubstancePolymer",
        "SubstanceProtein",
        "SubstanceReferenceInformation",
        "SubstanceSourceMaterial",
        "SubstanceSpecification",
        "SupplyDelivery",
        "SupplyRequest",
        "Task",
        "TerminologyCapabilities",
        "TestReport",
        "TestScript",
        "ValueSet",
        "VerificationResult",
        "VisionPrescription",
    ]
)
"""The resource types of FHIR R4, https://hl7.org/fhir/R4/resourcelist.html."""

# Elements that R5 (5.0.0) has and R4 has not, in the resources that are read here.
_R5_ONLY = {
    "Bundle": ("issues",),
    "Claim": ("traceNumber", "encounter", "diagnosisRelatedGroup", "event"),
    "ClaimResponse": ("traceNumber", "decision", "event", "supportingInfo"),
    "Condition": ("participant",),
    "DiagnosticReport": ("supportingInfo", "composition", "recomendation"),
    "DocumentReference": ("version", "modality", "bodySite", "attester", "basedOn", "event"),
    "Encounter": ("actualPeriod", "plannedStartDate", "virtualService", "admission"),
    "MedicationRequest": ("medication", "renderedDosageInstruction", "effectiveDosePeriod"),
    "MedicationStatement": ("medication", "adherence", "renderedDosageInstruction"),
    "Observation": ("triggeredBy", "instantiatesCanonical", "bodyStructure"),
    "Procedure": (
        "occurrenceDateTime", "occurrencePeriod", "occurrenceString", "occurrenceTiming", "reported",
        "reportedBoolean", "recorded",
    ),
    "ServiceRequest": ("asNeeded", "bodyStructure", "focus"),
}  # fmt: skip
_DSTU2_STU3 = {
    "Claim": ("information",),
    "Condition": ("assertedDate",),
    "DocumentReference": ("class", "created", "indexed"),
    "MedicationStatement": ("taken",),
    "Observation": ("comment",),
    "Procedure": ("notDone", "context"),
}


def mark_of_another_release(resource: dict[str, Any]) -> tuple[str, str] | None:
    """Find an element that shows that a resource is not of R4.

    Returns:
        The element and the release, or None where nothing shows it.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return None
    for key in _R5_ONLY.get(kind, ()):
        if key in resource:
            return key, "R5 (or later)"
    for key in _DSTU2_STU3.get(kind, ()):
        if key in resource:
            return key, "STU3 (or earlier)"
    code = resource.get("code")
    if kind in ("ServiceRequest", "DeviceRequest") and isinstance(code, dict) and "concept" in code:
        return "code.concept", "R5 (or later)"
    if kind == "Encounter" and isinstance(resource.get("class"), list):
        return "class", "R5 (or later)"
    return None
