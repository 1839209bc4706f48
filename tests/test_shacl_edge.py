"""What a bare SHACL report would let pass as conforming, and what becomes of it here.

Each of these conforms in pySHACL and pyshifty alike, or is a violation that means nothing: a
misspelt constraint or path, a target that nothing reaches, a shape left deactivated, equal values
that RDF merges, a negation over silence, a query that errs, an upper bound over silence, and
values that cannot be compared. None of them may end as a criterion that is ``Met`` for want of a
result, or ``NotMet`` for want of a readable value.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyshacl import validate as bare_pyshacl
from rdflib import Graph

from reasoner.adjudication import decide
from reasoner.assessment import Assessment
from reasoner.case import parse_case
from reasoner.errors import EngineError, InputError, KnowledgeError
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.outcomes import Outcome, Role
from reasoner.rdf import graph_of, parse_triples
from reasoner.shacl import check_shapes
from reasoner.terms import CORE
from tests.casefiles import ROOT, knowledge_under

TOPIC = "chronic-pain-2009/trigger-points"

CASE = """
id: edge
injury: {date: 2012-03-05}
utilizationReview: {date: 2014-09-10, decision: Denied}
records:
  - {id: report, type: ProgressReport, date: 2014-08-05}
facts:
  - {is: Pain, region: CervicalRegion, duration: 8 months, in: report}
  - {is: MyofascialPainSyndrome, region: CervicalRegion, in: report}
  - {is: TriggerPointInjection, region: CervicalRegion, date: 2014-05-01, relief: 60 %,
     reliefDuration: 8 weeks, outcome: Improved, in: report}
requests:
  - {treatment: TriggerPointInjection, region: CervicalRegion, quantity: 4, agents: [Lidocaine]}
"""

LIMIT = """    sh:path core:quantity ;
    sh:minCount 1 ;
    sh:maxInclusive 4 ."""

INTERVAL = ":criterion-7-dated , :criterion-7-interval"


def edited(folder: Path, *changes: tuple[str, str], of: str = "shapes") -> Knowledge:
    """Load a copy of our folders with changes to the trigger point topic."""
    for name in ("ontology", "shapes"):
        shutil.copytree(ROOT / name, folder / name)
    part = "criteria" if of == "shapes" else "guidelines"
    file = folder / of / part / f"{TOPIC}.ttl"
    text = file.read_text("utf-8")
    for old, new in changes:
        # However the file is laid out: what counts is what it says.
        pattern = r"\s+".join(re.escape(word) for word in old.split())
        assert re.search(pattern, text), f"the topic no longer says {old}"
        text = re.sub(pattern, lambda _, new=new: new, text)
    file.write_text(text, "utf-8")
    return load_knowledge(folder / "ontology", folder / "shapes", cache=folder / "cache")


def assessed(knowledge: Knowledge, case: str = CASE) -> dict[str, Assessment]:
    """Decide a case, and give the assessments of its only request by the criterion's number."""
    (item,) = decide(
        parse_case(case.encode(), "edge.yaml", knowledge), knowledge, Role.IMR
    ).items.values()
    return {a.criterion.number: a for a in item.assessments}


def without(text: str, case: str = CASE) -> str:
    assert text in case
    return case.replace(text, "")


SILENT_ON_QUANTITY = without("quantity: 4, ")

SHAPES = """
@prefix : <urn:x-test:> . @prefix core: <https://w3id.org/mtus/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
DATA = """
@prefix : <urn:x-test:> . @prefix core: <https://w3id.org/mtus/core#> .
"""


def shapes(text: str) -> Graph:
    return graph_of(parse_triples((SHAPES + text).encode(), ox.RdfFormat.TURTLE))


def conforms_bare(shapes_text: str, data_text: str) -> bool:
    """Ask pySHACL as it comes; that it is content is why the check is needed."""
    data = graph_of(parse_triples((DATA + data_text).encode(), ox.RdfFormat.TURTLE))
    return bool(bare_pyshacl(data, shacl_graph=shapes(shapes_text))[0])


SIX = ":request a core:TreatmentRequest ; core:quantity 6 ."


def test_the_case_of_these_tests_meets_the_criteria_that_they_are_about():
    outcomes = {number: a.outcome for number, a in assessed(knowledge_under()).items()}
    assert {outcomes[number] for number in ("0a", "5", "6a", "7", "8")} == {Outcome.MET}


# What an author can get wrong


def test_a_misspelt_constraint_is_refused():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:quantity ; sh:maxinclusive 4 ."""
    assert conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match=r"sh:maxinclusive is no term .* sh:maxInclusive\?"):
        check_shapes(shapes(text), "a topic")


def test_a_misspelt_constraint_is_refused_before_a_case_is_decided(tmp_path: Path):
    knowledge = edited(tmp_path, ("sh:maxInclusive 4", "sh:maxinclusive 4"))
    with pytest.raises(KnowledgeError, match="sh:maxinclusive"):
        assessed(knowledge)


@pytest.mark.parametrize(
    "path",
    [
        "core:quantiy",
        "( core:priorTreatment core:quantiy )",
        "[ sh:inversePath core:quantiy ]",
        "[ sh:alternativePath ( core:granted [ sh:oneOrMorePath core:quantiy ] ) ]",
    ],
)
def test_a_misspelt_path_is_refused(path: str):
    text = f""":s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path {path} ; sh:maxInclusive 4 ."""
    assert conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match=r"core:quantiy is not .* core:quantity\?"):
        check_shapes(shapes(text), "a topic")


def test_a_misspelt_property_in_a_query_is_refused():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:sparql :q .
    :q a sh:SPARQLConstraint ; sh:prefixes :prefixes ;
      sh:select "SELECT $this WHERE { $this core:quantiy ?n . FILTER (?n > 4) }" .
    :prefixes sh:declare [ sh:prefix "core" ; sh:namespace "https://w3id.org/mtus/core#" ] ."""
    assert conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match=r"core:quantiy is not .* core:quantity\?"):
        check_shapes(shapes(text), "a topic")


def test_a_path_of_another_vocabulary_is_taken():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path <http://purl.org/dc/terms/title> ; sh:minCount 1 ."""
    assert check_shapes(shapes(text), "a topic")


def test_a_deactivated_shape_is_refused():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:quantity ; sh:maxInclusive 4 ; sh:deactivated true ."""
    assert conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match="<urn:x-test:p> is deactivated"):
        check_shapes(shapes(text), "a topic")


def test_a_parameter_that_stands_twice_is_refused():
    """pySHACL refuses two counts, pyshifty takes one of them."""
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:quantity ; sh:minCount 1 , 2 ."""
    with pytest.raises(KnowledgeError, match=r"more than one .*minCount"):
        check_shapes(shapes(text), "a topic")


def test_a_shape_without_target_or_use_is_refused():
    text = ":s a sh:NodeShape ; sh:class core:Fact ."
    assert conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match="has no target and is used by no shape"):
        check_shapes(shapes(text), "a topic")


@pytest.mark.parametrize("way", ["sh:node :s", "sh:or ( :s )"])
def test_a_shape_that_uses_itself_is_refused(way: str):
    """SHACL leaves recursion to the engine, and two engines need not agree."""
    text = f""":s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:dependsOn ; {way} ; sh:maxCount 1 ."""
    with pytest.raises(KnowledgeError, match="<urn:x-test:s> leads back to itself"):
        check_shapes(shapes(text), "a topic")


@pytest.mark.parametrize("typed", ["a sh:PropertyShape ;", ""])
def test_a_blank_shape_is_refused(typed: str):
    """A report could not lead from it to its criterion."""
    text = f""":s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ;
      sh:property [ {typed} sh:path core:quantity ; sh:maxInclusive 4 ] ."""
    with pytest.raises(KnowledgeError, match="a shape is a blank node"):
        check_shapes(shapes(text), "a topic")


def test_a_blank_shape_in_a_list_is_refused():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ;
      sh:or ( [ sh:class core:Fact ] [ sh:class core:Case ] ) ."""
    with pytest.raises(KnowledgeError, match="a shape is a blank node"):
        check_shapes(shapes(text), "a topic")


def test_a_shape_that_is_not_said_to_be_one_is_refused():
    """It would be run all the same, and pass by every check of what is said to be a shape."""
    text = """:s sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:quantity ; sh:maxInclusive 4 ."""
    assert not conforms_bare(text, SIX)
    with pytest.raises(KnowledgeError, match="<urn:x-test:s> has a target and is not said to be"):
        check_shapes(shapes(text), "a topic")


def test_a_shape_that_is_used_and_not_there_is_refused():
    text = ":s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p ."
    with pytest.raises(KnowledgeError, match="<urn:x-test:p> is used as a shape and not defined"):
        check_shapes(shapes(text), "a topic")


def test_shapes_that_import_others_are_refused():
    text = """<urn:x-test:> <http://www.w3.org/2002/07/owl#imports> <http://example.invalid/> .
    :s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:class core:Fact ."""
    with pytest.raises(KnowledgeError, match="imports another graph"):
        check_shapes(shapes(text), "a topic")


def test_every_fault_of_a_shapes_graph_is_named_at_once():
    text = """:s a sh:NodeShape ; sh:targetClass core:TreatmentRequest ; sh:property :p .
    :p a sh:PropertyShape ; sh:path core:quantiy ; sh:maxinclusive 4 ; sh:deactivated true ."""
    with pytest.raises(KnowledgeError) as raised:
        check_shapes(shapes(text), "a topic")
    for fault in ("core:quantiy", "sh:maxinclusive", "deactivated"):
        assert fault in str(raised.value)


def test_a_target_class_that_no_request_can_belong_to_is_refused(tmp_path: Path):
    """A criterion whose condition cannot hold would be left out of every decision."""
    target = "core:criterion g:criterion-5 ;\n    sh:targetClass g:{} ;"
    knowledge = edited(tmp_path, (target.format("request"), target.format("reqest")))
    with pytest.raises(KnowledgeError, match="reqest"):
        assessed(knowledge, CASE.replace("quantity: 4", "quantity: 60"))


# What silence would let pass


def test_silence_under_an_upper_bound_is_not_documented(tmp_path: Path):
    knowledge = edited(tmp_path, (LIMIT, LIMIT.replace("    sh:minCount 1 ;\n", "")))
    assert assessed(knowledge)["5"].outcome is Outcome.MET
    assert assessed(knowledge, SILENT_ON_QUANTITY)["5"].outcome is Outcome.NOT_DOCUMENTED


def test_a_negation_over_silence_is_not_documented(tmp_path: Path):
    negation = """    sh:path core:quantity ;
    sh:not :over-four .
:over-four a sh:NodeShape ;
    sh:minInclusive 5 ."""
    knowledge = edited(tmp_path, (LIMIT, negation))
    six = CASE.replace("quantity: 4", "quantity: 6")
    assert assessed(knowledge)["5"].outcome is Outcome.MET
    assert assessed(knowledge, six)["5"].outcome is Outcome.NOT_MET
    assert assessed(knowledge, SILENT_ON_QUANTITY)["5"].outcome is Outcome.NOT_DOCUMENTED


def test_a_negation_on_the_request_itself_is_met_by_nothing(tmp_path: Path):
    """No value node is examined, so nothing can bear it out."""
    knowledge = edited(
        tmp_path,
        (
            "    sh:property :criterion-5-limit .",
            "    sh:not :over-four .\n:over-four a sh:NodeShape ; sh:property :criterion-5-limit .",
        ),
        (LIMIT, LIMIT.replace("maxInclusive 4", "minInclusive 5")),
    )
    assert assessed(knowledge)["5"].outcome is Outcome.NOT_DOCUMENTED


ERRING = """FILTER (<http://www.w3.org/2001/XMLSchema#integer>("six") > 4)"""
FILTER = """FILTER (?given > ?asked - "P2M"^^xsd:yearMonthDuration)"""


def test_a_query_that_errs_bears_nothing_out(tmp_path: Path):
    """A FILTER that errs finds nothing, and so conforms."""
    knowledge = edited(
        tmp_path, (FILTER, ERRING.replace('"', '\\"')), (INTERVAL, ":criterion-7-interval")
    )
    assert assessed(knowledge)["7"].outcome is Outcome.NOT_DOCUMENTED


def test_what_a_query_compares_is_demanded_by_a_core_constraint_beside_it():
    undated = without("date: 2014-05-01, ")
    assert assessed(knowledge_under())["7"].outcome is Outcome.MET
    assert assessed(knowledge_under(), undated)["7"].outcome is Outcome.NOT_DOCUMENTED


# What RDF would merge


VISITS = """
  - {is: PhysicalTherapy, count: 3, outcome: Improved, in: report}
  - {is: PhysicalTherapy, count: 3, outcome: Improved, in: report}
requests:"""


def test_two_equal_treatments_of_a_record_stay_two():
    """As literals they would be one, and slip under any maximum."""
    case = parse_case(CASE.replace("\nrequests:", VISITS).encode(), "edge.yaml", knowledge_under())
    counts = [f for f in case.ordered(CORE.fact) if case.number(f, CORE.count) == 3]
    assert len(counts) == 2


def test_two_equal_values_of_a_key_are_refused():
    twice = CASE.replace("quantity: 4", "quantity: [4, 4]")
    with pytest.raises(InputError, match="quantity"):
        parse_case(twice.encode(), "edge.yaml", knowledge_under())


def test_two_values_of_a_property_in_rdf_are_refused():
    with pytest.raises(InputError, match="quantity"):
        parse_case(in_turtle("core:quantity 4 , 6"), "edge.ttl", knowledge_under())


# What cannot be compared


def in_turtle(quantity: str = "core:quantity 4", review: str = '"2014-09-10"^^xsd:date') -> bytes:
    return f"""
@prefix core: <https://w3id.org/mtus/core#> . @prefix clinical: <https://w3id.org/mtus/clinical#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix case: <https://w3id.org/mtus/case/edge#> .
<https://w3id.org/mtus/case/edge> a core:Case ;
  core:utilizationReview case:utilizationReview ; core:request case:request-1 .
case:utilizationReview a core:UtilizationReview ; core:date {review} .
case:request-1 a core:TreatmentRequest , clinical:TriggerPointInjection ; core:position 1 ;
  core:region clinical:CervicalRegion ; {quantity} .
""".encode()


def test_the_turtle_of_these_tests_is_a_case():
    assert parse_case(in_turtle(), "edge.ttl", knowledge_under()).requests


@pytest.mark.parametrize(
    "quantity",
    [
        'core:quantity "6"',
        'core:quantity "six"^^xsd:integer',
        'core:quantity "6"^^xsd:decimal',
        "core:quantity 6.0",
        "core:quantity true",
        'core:quantity "6"@en',
        "core:quantity clinical:Lidocaine",
        'core:quantity "not stated"',
    ],
)
def test_a_number_of_the_wrong_datatype_is_an_input_error(quantity: str):
    with pytest.raises(InputError, match="quantity"):
        parse_case(in_turtle(quantity), "edge.ttl", knowledge_under())


@pytest.mark.parametrize(
    "review",
    [
        '"2014-09-10T00:00:00"^^xsd:dateTime',
        '"2014-09-10"',
        '"2014-02-30"^^xsd:date',
        '"10 September 2014"^^xsd:date',
        '"2014"^^xsd:gYear',
    ],
)
def test_a_date_of_the_wrong_datatype_is_an_input_error(review: str):
    with pytest.raises(InputError, match="date"):
        parse_case(in_turtle(review=review), "edge.ttl", knowledge_under())


@pytest.mark.parametrize("value", ["six", '"6 injections"', "6.5", "not stated", "true"])
def test_a_number_that_is_none_is_an_input_error(value: str):
    with pytest.raises(InputError, match="quantity"):
        parse_case(
            CASE.replace("quantity: 4", f"quantity: {value}").encode(),
            "edge.yaml",
            knowledge_under(),
        )


def test_an_input_error_shows_nothing_else(capfd):
    """rdflib would print the ill-typed value with a traceback; a record is no log message."""
    with pytest.raises(InputError):
        parse_case(
            in_turtle('core:quantity "Jane Roe"^^xsd:integer'), "edge.ttl", knowledge_under()
        )
    out, err = capfd.readouterr()
    assert "Jane Roe" not in out + err


@pytest.mark.parametrize(
    ("path", "bound"),
    [
        ("core:requestDate", '"2013-01-01T00:00:00"^^xsd:dateTime'),
        ("core:requestDate", '"2013-01-01"'),
        ("core:quantity", '"3"'),
    ],
)
def test_a_bound_of_another_kind_is_no_contradiction(tmp_path: Path, path: str, bound: str):
    """A comparison that cannot be made is a violation in SHACL, and not one of the record's."""
    limit = LIMIT.replace("core:quantity", path).replace("maxInclusive 4", f"maxInclusive {bound}")
    knowledge = edited(tmp_path, (LIMIT, limit))
    with pytest.raises((EngineError, KnowledgeError)):
        assessed(knowledge)
