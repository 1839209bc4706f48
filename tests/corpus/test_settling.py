"""What cannot be decided stays so, whatever becomes of what it depends on."""

from __future__ import annotations

from reasoner.case import parse_case
from tests.corpus.population import by_plans, one_by_one, write_cases

# Two recommendations of one rank govern the second request, and the first is not supported.
TORN = b"""
id: torn
injury: {date: 2012-10-14}
utilizationReview: {date: 2013-11-18, decision: Denied}
records:
  - {id: r1, type: ConsultationReport, date: 2013-10-26}
facts:
  - {is: OpenRotatorCuffRepair, in: r1, date: 2013-05-02}
requests:
  - {id: s, treatment: UlnarNerveSurgery}
  - {id: q, treatment: AquaticTherapy, region: HandRegion, quantity: 11, phase: Initial, dependsOn: s}
"""


def test_case_is_refused_though_its_torn_request_would_fall_with_another(tmp_path, knowledge):
    case = parse_case(TORN, "torn.yaml", knowledge)
    write_cases([case], tmp_path, knowledge)
    refused = {("torn.yaml", ""): ("refused",)}
    assert one_by_one([case], knowledge) == refused
    assert by_plans(tmp_path, knowledge) == refused
