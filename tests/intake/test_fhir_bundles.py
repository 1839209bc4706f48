"""The bundles of the tests are FHIR R4, by two libraries that had no part in reading them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.intake.test_fhir import BUNDLES, load, resource

# FHIR R4 has both, and pyfhircheck 0.2 does not know an element that is named "text" there:
# https://hl7.org/fhir/R4/dosage.html, https://hl7.org/fhir/R4/claimresponse.html
UNKNOWN_TO_PYFHIRCHECK = {"MedicationStatement.dosage[0].text", "ClaimResponse.processNote[0].text"}


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_bundles_of_the_tests_are_fhir_r4(path: Path) -> None:
    from fhir.resources.R4B.bundle import Bundle
    from pyfhircheck import Validator

    content = json.loads(path.read_text("utf-8"))
    Bundle.model_validate(content)
    report = Validator().validate_resource(content)
    assert report.fhir_version.startswith("4.0")
    errors = [issue for issue in report.errors if issue.path not in UNKNOWN_TO_PYFHIRCHECK]
    assert [f"{issue.path}: {issue.message}" for issue in errors] == []


@pytest.mark.filterwarnings("ignore")
def test_that_library_would_have_told() -> None:
    from pyfhircheck import Validator

    content = load("chart")
    resource(content, "Condition", "stenosis")["verificationStatus"] = "refuted"
    del resource(content, "Observation", "pain")["status"]
    assert len(Validator().validate_resource(content).errors) >= 2
