"""The main path: a folder of cases in, tables of outcomes out, the same as case by case."""

from __future__ import annotations

from pathlib import Path

import duckdb

from reasoner.adjudication import decide
from reasoner.case import read_case
from reasoner.corpus.runs import determine_cases
from reasoner.outcomes import Role

EXAMPLE = Path("docs/examples/trigger-points.yaml")


def test_a_case_is_decided_as_it_is_alone(tmp_path, knowledge):
    determine_cases([EXAMPLE], tmp_path, knowledge)
    case = read_case(EXAMPLE, knowledge)
    (expected,) = decide(case, knowledge, Role.IMR).items.values()
    (item,) = duckdb.sql(
        f"SELECT necessity, basis, outcome, recommendation FROM '{tmp_path}/items/*.parquet'"
    ).fetchall()
    assert item == (
        expected.necessity,
        expected.basis,
        expected.outcome,
        str(expected.recommendation.iri),
    )
    criteria = duckdb.sql(
        f"SELECT number, outcome, presumed FROM '{tmp_path}/criteria/*.parquet'"
    ).fetchall()
    assert sorted(criteria) == sorted(
        (a.criterion.number, a.outcome, a.presumed) for a in expected.assessments
    )
