"""Determinations to render: the seed case, and ones that say everything a contract can say."""

from __future__ import annotations

import copy
import json

import pytest

from reasoner import adjudicate, parse_case, read_case

SEED = "docs/examples/trigger-points.yaml"

SEVERAL = """
id: several
worker: {age: 52, sex: female, occupation: warehouse worker}
injury: {date: 2012-03-05}
utilizationReview: {date: 2014-09-10, decision: Modified}
records:
  - {id: pr, type: ProgressReport, date: 2014-08-10}
  - {id: mri, type: ImagingReport, date: 2014-07-01, title: MRI of the neck}
facts:
  - {is: Pain, region: CervicalRegion, duration: 4 months, in: pr, page: "3", quote: neck pain}
  - {is: MyofascialPainSyndrome, region: CervicalRegion, in: pr}
  - {is: TriggerPoint, region: CervicalRegion, in: pr, quote: circumscribed trigger points}
  - {is: TwitchResponse, region: CervicalRegion, in: pr}
  - {is: ReferredPain, region: CervicalRegion, in: pr}
  - {is: StretchingExercise, outcome: Failed, in: pr}
  - {is: PhysicalTherapy, outcome: Failed, in: pr}
  - {is: NSAID, outcome: Failed, in: pr}
  - {is: MuscleRelaxant, outcome: Failed, in: pr}
  - {is: Radiculopathy, region: CervicalRegion, status: absent, by: ByImaging, in: [pr, mri]}
requests:
  - treatment: TriggerPointInjection
    region: CervicalRegion
    quantity: 8
    granted: 2
    phase: Initial
    agents: [LocalAnesthetic]
"""


@pytest.fixture(scope="session")
def seed(knowledge):
    """The contract of the case behind the published determination."""
    return _plain(adjudicate(read_case(SEED, knowledge), knowledge))


@pytest.fixture(scope="session")
def modified(knowledge):
    """A case where only the quantity is in the way, by role."""
    case = parse_case(SEVERAL.encode(), "several.yaml", knowledge)
    return {role: _plain(adjudicate(case, knowledge, role=role)) for role in ("imr", "ur")}


@pytest.fixture(scope="session")
def mixed(seed, modified):
    """Items of every kind: overturned, undetermined, dependent, recalled, passed over."""
    contract = copy.deepcopy(modified["imr"])
    denied = copy.deepcopy(seed["items"][0])
    denied["recommendation"]["confidence"] = "recalled, low confidence"
    denied["criteria"][3]["confidence"] = "recalled, medium confidence"
    denied["criteria"][4]["page"] = "123"
    denied["cure"] = []
    denied["cureNote"] = "What the record documents stands in the way (criterion 5)."
    denied["notEvaluated"] = [
        {
            "recommendation": "https://w3id.org/mtus/guideline/other/trigger-points#recommendation",
            "label": "Trigger point injections elsewhere",
            "guideline": "Another guideline (2016)",
            "why": "not in force on 2014-09-10",
        }
    ]
    bare = {
        **denied,
        "recommendation": None,
        "readings": [],
        "criteria": [],
        "notEvaluated": [],
        "basis": None,
        "quantity": None,
    }
    overturned = copy.deepcopy(contract["items"][0])
    overturned.update(
        decision="MedicallyNecessary", outcome="Overturned", modifiedTo=None, granted=None, cure=[]
    )
    undetermined = {
        **bare,
        "request": "https://w3id.org/mtus/case/several#request-3",
        "label": "Moxibustion",
        "decision": "NoGoverningGuideline",
        "outcome": "Undetermined",
        "nextSource": "the current ACOEM guidelines or the Official Disability Guidelines",
        "cureNote": None,
        "rationale": [
            {"text": "Nothing encoded governs this.", "sources": ["https://example.org/case#r3"]}
        ],
    }
    dependent = {
        **denied,
        "request": "https://w3id.org/mtus/case/several#request-4",
        "label": "Consultation before it",
        "basis": "Dependent",
        "dependsOn": denied["request"],
        "cureNote": "It turns with the request that it depends on, and not by itself.",
        "nextSource": "the Medical Treatment Utilization Schedule",
        "rationale": [
            {
                "text": "This request depends on another, which is not medically necessary.",
                "sources": [denied["request"]],
            }
        ],
    }
    contract["items"] += [overturned, denied, undetermined, dependent]
    contract["outcome"] = "OverturnedInPart"
    contract["readings"] = [
        "lower-end-of-range",
        "two-named-therapies",
        "criteria-hold-for-the-neck",
        "upper-end-of-duration",
    ]
    contract["summary"]["reviewer"] = {
        "licensedIn": ["California", "Texas"],
        "certification": ["Anesthesiology"],
        "yearsInPractice": "12",
        "hoursAWeek": None,
        "affiliatedWith": [],
    }
    return contract


@pytest.fixture
def hostile(mixed):
    """A contract whose every text tries to be markup."""

    def infect(node, key=None):
        if isinstance(node, dict):
            return {k: infect(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [infect(v, key) for v in node]
        if isinstance(node, str) and (key in ATTACKED or node.startswith("recalled")):
            return f"{node} {ATTACK}"
        return node

    return infect(copy.deepcopy(mixed))


ATTACKED = {
    "quote", "label", "title", "text", "statement", "why", "guidelines", "occupation", "record",
    "certification", "section", "cureNote", "nextSource", "values", "missing", "presumption",
    "page", "guideline", "citation", "number", "sex", "case", "engine", "sources",
}  # fmt: skip

ATTACK = (
    '<script>alert(1)</script><img src=x onerror=alert(1)> " onmouseover="alert(1) \''
    " [click](https://evil.example/) ![i](https://evil.example/i.png) <https://evil.example>"
    " https://evil.example www.evil.example `code` **bold** | cell | &lt; {{ 7 * 7 }} {% raw %}"
    ' #eval("panic()") #panic("x") $x$ *strong* _emph_ @ref \\u{41} // comment'
    " \x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x9b2J \x07 \x00"
    "\r\n# heading\n- item\n\u202egnitrevni\u202c \u4e2d \U0001f600"
)


def _plain(determination):
    return json.loads(json.dumps(determination.to_dict()))
