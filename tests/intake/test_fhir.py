"""FHIR R4 Bundles become case files in which everything says where it came from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from reasoner import Knowledge, adjudicate, parse_case, read_case
from reasoner.cli import app
from reasoner.errors import InputError
from reasoner.intake.draft import Draft, Entry, write_draft
from reasoner.intake.draftreader import read_draft
from reasoner.intake.fhir.draft import read_bundle
from reasoner.intake.lexicon import Lexicon

FOLDER = Path(__file__).parent / "fhir"
BUNDLES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def lexicon(knowledge: Knowledge) -> Lexicon:
    return Lexicon(knowledge)


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def resource(bundle: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    return next(
        e["resource"]
        for e in bundle["entry"]
        if (e["resource"]["resourceType"], e["resource"].get("id")) == (kind, name)
    )


def read(bundle: dict[str, Any], lexicon: Lexicon) -> Draft:
    return read_bundle(json.dumps(bundle).encode(), "b.json", "b", lexicon)[0]


def facts(draft: Draft) -> dict[str, Entry]:
    return {str(entry.keys["id"]): entry for entry in draft.facts}


@pytest.fixture(scope="module")
def chart(lexicon: Lexicon) -> Draft:
    return read(load("chart"), lexicon)


@pytest.fixture(scope="module")
def claim(lexicon: Lexicon) -> Draft:
    return read(load("claim"), lexicon)


# From a bundle to a determination


def test_bundle_of_a_case_is_decided_as_the_case_file_is(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    out = tmp_path / "case.yaml"
    done = CliRunner().invoke(
        app, ["intake", str(FOLDER / "trigger-points.json"), "-o", str(out)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    ours = adjudicate(read_case(out, knowledge), knowledge).to_dict()
    theirs = adjudicate(
        read_case("docs/examples/trigger-points.yaml", knowledge), knowledge
    ).to_dict()

    def told(contract: Any) -> Any:
        return contract["outcome"], [
            (i["treatment"], i["outcome"], i["decision"], [(c["number"], c["outcome"]) for c in i["criteria"]])
            for i in contract["items"]
        ]  # fmt: skip

    assert told(ours) == told(theirs)
    assert ours["outcome"] == "Upheld"


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_every_draft_is_a_case_and_comes_back_from_its_text(
    path: Path, knowledge: Knowledge, lexicon: Lexicon
) -> None:
    draft, _ = read_bundle(path.read_bytes(), str(path), path.stem, lexicon)
    text = write_draft(draft)
    parse_case(text.encode(), "case.yaml", knowledge)
    assert write_draft(read_draft(text, "case.yaml")) == text


def test_every_fact_names_its_resource_and_its_record(chart: Draft) -> None:
    records = {entry.keys["id"] for entry in chart.records}
    for name, entry in facts(chart).items():
        assert any(note.startswith("From ") for note in entry.notes), name
        assert entry.keys["in"] in records
        assert entry.keys["quote"]


def test_names_of_people_are_not_taken_over(lexicon: Lexicon) -> None:
    text = write_draft(read(load("trigger-points"), lexicon))
    assert "Doe" not in text
    assert "Ann Roe" in text  # who wrote the report


# Worker


def test_age_is_of_the_day_of_the_request(chart: Draft, claim: Draft) -> None:
    assert chart.worker is not None
    assert chart.worker.keys == {"age": "44", "sex": "female"}
    assert claim.worker is not None
    assert "sex" not in claim.worker.keys


def test_birth_year_alone_gives_no_age(lexicon: Lexicon) -> None:
    bundle = load("chart")
    resource(bundle, "Patient", "p")["birthDate"] = "1970"
    worker = read(bundle, lexicon).worker
    assert worker is not None
    assert "age" not in worker.keys
    assert any("does not give the age" in note for note in worker.notes)


def test_subscriber_of_the_insurance_is_not_the_worker(lexicon: Lexicon) -> None:
    bundle = load("claim")
    subscriber = {
        "resourceType": "Patient",
        "id": "subscriber",
        "gender": "male",
        "birthDate": "1950-01-01",
    }
    bundle["entry"].insert(0, {"resource": subscriber})
    worker = read(bundle, lexicon).worker
    assert worker is not None
    assert worker.keys["age"] == "35"


# What is so, what is not, and what is not certain


def test_refuted_condition_is_absent(chart: Draft) -> None:
    assert facts(chart)["Condition-stenosis"].keys["status"] == "absent"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Condition/fibromyalgia", "provisional"),
        ("Condition/wrong", "entered in error"),
        ("Condition/old", "resolved"),
        ("Condition/unknown", "Hangnail"),
        ("Observation/normal", "Normal"),
        ("Observation/absent", "Not Asked"),
        ("Observation/prelim", "preliminary"),
        ("Procedure/planned", "preparation"),
        ("ServiceRequest/revoked", "revoked"),
        ("FamilyMemberHistory", "not read"),
    ],
)
def test_what_is_not_stated_is_said(chart: Draft, name: str, why: str) -> None:
    assert name.replace("/", "-") not in facts(chart)
    assert [line for line in chart.left_out if name in line and why in line]


def test_code_of_a_category_below_is_what_the_category_is(chart: Draft, claim: Draft) -> None:
    assert facts(chart)["Condition-radiculopathy"].keys["is"] == "Radiculopathy"
    assert facts(claim)["Claim-c.diagnosis-1"].keys["is"] == "LowBackPainDiagnosis"


def test_words_place_what_has_no_code(chart: Draft) -> None:
    keys = facts(chart)["Condition-worded"].keys
    assert (keys["is"], keys["region"], keys["side"]) == (
        "Osteoarthritis",
        ("KneeRegion",),
        "Right",
    )


def test_refuted_condition_that_is_worded_as_absent_is_left_out(lexicon: Lexicon) -> None:
    bundle = load("chart")
    condition = resource(bundle, "Condition", "worded")
    condition["code"] = {"text": "No radiculopathy"}
    assert facts(read(bundle, lexicon))["Condition-worded"].keys["status"] == "absent"
    condition["verificationStatus"]["coding"][0]["code"] = "refuted"
    draft = read(bundle, lexicon)
    assert "Condition-worded" not in facts(draft)


def test_observation_by_interpretation_component_and_value(chart: Draft) -> None:
    found = facts(chart)
    assert found["Observation-slr"].keys["status"] == "absent"
    assert found["Observation-slr"].keys["by"] == "ByExamination"
    assert "status" not in found["Observation-panel.1"].keys
    assert found["Observation-panel.2"].keys["status"] == "absent"
    assert found["Observation-pain"].keys["severity"] == "7"
    assert found["Observation-mri-finding"].keys["is"] == "SpinalStenosis"
    assert found["Observation-mri-finding"].keys["in"] == "DiagnosticReport-mri"


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 70, "unit": "mm"},
        {"value": 7, "comparator": ">", "unit": "{score}"},
        {"value": 0, "unit": "{score}"},
        {"value": 11, "unit": "{score}"},
    ],
)
def test_score_that_is_none_states_no_severity(quantity: dict[str, Any], lexicon: Lexicon) -> None:
    bundle = load("chart")
    resource(bundle, "Observation", "pain")["valueQuantity"] = quantity
    assert "Observation-pain" not in facts(read(bundle, lexicon))


@pytest.mark.parametrize(
    "words",
    ["No numbness", "Absence of numbness", "Possible numbness", "Family history of numbness"],
)
def test_question_that_negates_or_doubts_is_not_answered_for(words: str, lexicon: Lexicon) -> None:
    bundle = load("chart")
    observation = resource(bundle, "Observation", "slr")
    del observation["interpretation"]
    observation |= {"code": {"text": words}, "valueBoolean": True}
    assert "Observation-slr" not in facts(read(bundle, lexicon))
    observation["code"] = {"text": "Numbness"}
    assert "status" not in facts(read(bundle, lexicon))["Observation-slr"].keys


def test_contradicting_interpretations_state_nothing(lexicon: Lexicon) -> None:
    bundle = load("chart")
    resource(bundle, "Observation", "slr")["interpretation"].append({"text": "positive"})
    assert "Observation-slr" not in facts(read(bundle, lexicon))


# Treatments


def test_procedure_has_count_outcome_and_relief(chart: Draft) -> None:
    found = facts(chart)
    assert found["Procedure-pt"].keys["count"] == "12"
    assert found["Procedure-pt"].keys["outcome"] == "Failed"
    assert found["Procedure-pt"].keys["duration"] == "43 days"
    assert found["Procedure-visit"].keys["count"] == "1"
    assert found["Procedure-esi"].keys["relief"] == "60 %"
    assert found["Procedure-esi"].keys["reliefDuration"] == "8 weeks"
    assert found["Procedure-not-done"].keys["status"] == "absent"


def test_medication_has_dose_and_strength(chart: Draft) -> None:
    found = facts(chart)
    assert found["MedicationStatement-hydrocodone"].keys["timesADay"] == "3"
    assert found["MedicationStatement-hydrocodone"].keys["strength"] == "10 mg"
    assert found["MedicationStatement-morphine"].keys["dailyDose"] == "30 mg/day"
    assert any("as needed" in note for note in found["MedicationStatement-morphine"].notes)
    assert found["MedicationStatement-gabapentin"].keys["outcome"] == "Intolerable"
    assert found["MedicationStatement-naproxen"].keys["status"] == "absent"
    assert found["AllergyIntolerance-nsaid"].keys["outcome"] == "Contraindicated"


# Requests


def asked(draft: Draft) -> dict[str, Entry]:
    return {str(entry.keys["id"]): entry for entry in draft.requests}


def test_orders_are_requests_where_there_is_no_claim(chart: Draft) -> None:
    found = asked(chart)
    therapy = found["ServiceRequest-pt-request"].keys
    assert (therapy["perWeek"], therapy["course"], therapy["quantity"]) == ("2", "6 weeks", "12")
    assert found["DeviceRequest-tens"].keys["acquisition"] == "Rental"
    drug = found["MedicationRequest-norco"].keys
    assert (drug["strength"], drug["timesADay"], drug["quantity"]) == ("10 mg", "3", "180")
    assert found["ServiceRequest-odd"].keys["treatment"] == "UnplacedTreatment"
    assert any(note.startswith("Not placed") for note in found["ServiceRequest-odd"].notes)
    assert "MedicationRequest-omeprazole" not in found  # prescribed already, so a fact
    assert "MedicationRequest-omeprazole" in facts(chart)


def test_items_of_a_claim_are_the_requests_and_its_orders_no_facts(claim: Draft) -> None:
    found = asked(claim)
    assert list(found) == ["Claim-c-item-1", "Claim-c-item-3"]
    assert found["Claim-c-item-1"].keys["side"] == "Right"
    assert found["Claim-c-item-3"].keys["treatment"] == "Tizanidine"
    assert found["Claim-c-item-3"].keys["quantity"] == "60"
    assert not [name for name in facts(claim) if "tizanidine" in name]


def test_last_decision_counts_and_what_it_grants(claim: Draft) -> None:
    assert claim.review is not None
    assert claim.review.keys == {"date": "2015-05-08", "decision": "Modified"}
    assert asked(claim)["Claim-c-item-1"].keys["granted"] == "6"
    assert any("item 2: approved" in line for line in claim.left_out)


def test_text_of_a_document_in_the_bundle_is_read(claim: Draft) -> None:
    found = [e.keys for n, e in facts(claim).items() if n.startswith("DocumentReference-note")]
    assert {"Tenderness", "MuscleSpasm"} <= {keys["is"] for keys in found}
    assert all(keys["in"] == "DocumentReference-note" for keys in found)


# What cannot be used is told, with its place


def at(bundle: dict[str, Any], kind: str, name: str, **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(bundle)
    resource(changed, kind, name).update(changes)
    return changed


Bad = Callable[[dict[str, Any]], Any]
BAD: dict[str, tuple[Bad, str]] = {
    "another resource": (lambda b: b["entry"][0]["resource"], r"resourceType: This is a Patient\. Expected a FHIR R4 Bundle"),
    "misspelt bundle": (lambda b: b | {"resourceType": "Bundel"}, 'Did you mean "Bundle"'),
    "no resource": (lambda b: {"a": len(b)}, "This is JSON, and no resource"),
    "a list": (lambda b: [b], "A list stands where a Bundle belongs"),
    "unknown type": (
        lambda b: b["entry"].append({"resource": {"resourceType": "Observatoin"}}) or b,
        r'Bundle\.entry\[\d+\]\.resource\.resourceType: "Observatoin" is no resource type of FHIR R4\..*Did you mean "Observation"',
    ),
    "R5 medication": (
        lambda b: at(b, "MedicationStatement", "naproxen", medication={"concept": {"text": "x"}}),
        r"MedicationStatement/naproxen: Bundle.*\.medication: This is FHIR R5.*Expected FHIR R4",
    ),
    "R5 request": (
        lambda b: at(b, "ServiceRequest", "odd", code={"concept": {"text": "x"}}), r"code\.concept: This is FHIR R5",
    ),
    "STU3": (lambda b: at(b, "MedicationStatement", "naproxen", taken="y"), "This is FHIR STU3"),
    "text where a concept belongs": (
        lambda b: at(b, "Condition", "radiculopathy", code="M54.16"),
        r"Condition/radiculopathy: Bundle\.entry\[2\]\.resource\.code: \"M54\.16\" stands here\. Expected an object",
    ),
    "object where a list belongs": (
        lambda b: at(b, "Condition", "stenosis", bodySite={"text": "neck"}), r"bodySite: .* Expected a list of objects",
    ),
    "no date": (lambda b: at(b, "ServiceRequest", "odd", authoredOn="last week"), r"authoredOn: \"last week\" stands here\. Expected a date"),
    "no such day": (lambda b: at(b, "ServiceRequest", "odd", authoredOn="2015-02-30"), "Expected a date"),
    "huge number": (
        lambda b: at(b, "Observation", "pain", valueQuantity={"value": 10**40}), r"value: .* Expected a number",
    ),
    "dangling medication": (
        lambda b: at(b, "MedicationStatement", "morphine", contained=[], medicationReference={"reference": "Medication/x"}),
        r"medicationReference\.reference: \"Medication/x\" is not in the Bundle\. Expected the address of a Medication",
    ),
    "dangling contained": (
        lambda b: at(b, "MedicationStatement", "morphine", medicationReference={"reference": "#mm"}),
        r'Nothing that "MedicationStatement/morphine" contains is named so\..*Did you mean "m"',
    ),
    "reference to another kind": (
        lambda b: at(b, "MedicationStatement", "morphine", medicationReference={"reference": "Patient/p"}),
        r'It points to "Patient/p"\. Expected a Medication',
    ),
    "two patients": (
        lambda b: b["entry"].append({"resource": {"resourceType": "Patient", "id": "q"}}) or at(b, "ServiceRequest", "odd", subject={"reference": "Patient/q"}),
        "The Bundle has 2 patients: Patient/p, Patient/q",
    ),
    "of the subscriber": (
        lambda b: b["entry"].append({"resource": {"resourceType": "Patient", "id": "q"}}) or at(b, "Condition", "stenosis", subject={"reference": "Patient/q"}),
        r"Condition/stenosis: .* It is of Patient/q\. Expected a resource of Patient/p",
    ),
    "of another patient": (
        lambda b: at(b, "Condition", "stenosis", subject={"reference": "Patient/other"}), r"It is of Patient/other\.",
    ),
    "twice the same": (lambda b: b["entry"].append(b["entry"][0]) or b, 'Two resources are "Patient/p"'),
    "bad id": (lambda b: at(b, "Condition", "stenosis", id="a b"), '"a b" is no id'),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_bundle_is_told_what_is_wrong(case: str, lexicon: Lexicon) -> None:
    change, expected = BAD[case]
    with pytest.raises(InputError, match=expected) as told:
        read(change(load("chart")), lexicon)
    assert all(problem.file == "b.json" for problem in told.value.problems)


def test_dangling_order_of_an_item_is_told(lexicon: Lexicon) -> None:
    bundle = load("claim")
    item = resource(bundle, "Claim", "c")["item"][2]
    item["extension"][0]["valueReference"]["reference"] = "MedicationRequest/tizanidin"
    with pytest.raises(InputError, match='Did you mean "MedicationRequest/tizanidine"'):
        read(bundle, lexicon)


def test_bundle_that_asks_for_nothing_is_told(lexicon: Lexicon) -> None:
    bundle = load("chart")
    bundle["entry"] = [e for e in bundle["entry"] if "Request" not in e["resource"]["resourceType"]]
    with pytest.raises(
        InputError, match=r"The Bundle asks for nothing\. Expected a Claim with items"
    ):
        read(bundle, lexicon)


def test_every_problem_is_told_at_once(lexicon: Lexicon) -> None:
    bundle = at(load("chart"), "ServiceRequest", "odd", authoredOn="soon")
    bundle = at(bundle, "Condition", "radiculopathy", code=7)
    with pytest.raises(InputError) as told:
        read(bundle, lexicon)
    assert len(told.value.problems) == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"resourceType": "Bundle",', r"b\.json:1: The JSON is malformed"),
        (b'{"resourceType": "Bundle", "resourceType": "Bundle"}', "stands twice"),
        (b'{"resourceType": "Bundle", "entry": [' + b"[" * 100_000, r"b\.json:1: The JSON nests deeper than 60 levels"),
        (b'{"resourceType": "Bundle", "x": NaN}', "NaN is no number"),
        (b'{"resourceType": "Bundle", "x": ' + b"9" * 5000 + b"}", "a number that cannot be read"),
        (b'{"resourceType": "B\xff"}', "not in UTF-8"),
        (b'{"resourceType": "Bundle", "entry": [' + b",".join([b"{}"] * 5001) + b"]}", "5,001 entries"),
        (b"{" + b" " * 20_000_001, "over 20 MB"),
    ],
    ids=["cut off", "key twice", "deep", "NaN", "long number", "not UTF-8", "many", "large"],
)  # fmt: skip
def test_file_that_is_no_sound_json_is_told(data: bytes, expected: str, lexicon: Lexicon) -> None:
    with pytest.raises(InputError, match=expected):
        read_bundle(data, "b.json", "b", lexicon)


def test_long_string_without_an_end_is_read_in_no_time(lexicon: Lexicon) -> None:
    with pytest.raises(InputError, match="malformed"):
        read_bundle(b'{"a": "' + b'\\"' * 5_000_000, "b.json", "b", lexicon)


def test_text_of_the_bundle_cannot_break_out_of_the_case_file(
    knowledge: Knowledge, lexicon: Lexicon
) -> None:
    evil = 'x"\n  - is: Pain\nid: other #\u2028- a: b\u0000\x85"}'
    bundle = at(load("chart"), "ServiceRequest", "odd", code={"text": evil})
    bundle = at(bundle, "Condition", "unknown", code={"text": evil})
    draft = read(bundle, lexicon)
    case = parse_case(write_draft(draft).encode(), "c.yaml", knowledge)
    assert case.identifier == "b"
    assert len(case.requests) == 4


# Whatever is wrong with a bundle, it is told or it is read; and what is read is a case file.

JUNK: list[Any] = [
    None, True, 0, -1, 1e300, 10**12, 0.5, "", "x", "#", "#m", "Patient/p", "2015-02-30", "2015",
    "\u0000\u2028: - {[", "no", "7 mg", [], {}, [[]], [None], ["x"], {"a": []}, [{}],
    {"coding": [{}]}, {"coding": [{"code": 7}]}, {"text": "pain"}, {"reference": "#"},
    {"reference": 7}, {"value": "7"}, {"value": -3, "unit": "d"},
    {"repeat": {"frequency": 0, "period": 0, "periodUnit": "d"}},
    {"repeat": {"frequency": -5, "period": 1e-6, "periodUnit": "d", "count": -2}},
]  # fmt: skip


def spots(value: Any) -> list[tuple[Any, Any]]:
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    return [spot for key in keys for spot in ((value, key), *spots(value[key]))]


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_bundle_is_told_or_read(data: st.DataObject, knowledge: Knowledge) -> None:
    bundle = load(data.draw(st.sampled_from([path.stem for path in BUNDLES])))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(spots(bundle)))
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    try:
        draft = read(bundle, Lexicon(knowledge))
    except InputError:
        return
    text = write_draft(draft)
    parse_case(text.encode(), "case.yaml", knowledge)
    assert write_draft(read_draft(text, "case.yaml")) == text
