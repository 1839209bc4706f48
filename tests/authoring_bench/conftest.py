"""A topic small enough to see all its mutants, and a library of a few cases that proves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.sources import Sources
from reasoner.terms import CLINICAL, Sha256
from reasoner.topicindex import TopicIndex

TOPIC = "chronic-pain-2009/tiny"
_BASE = "https://w3id.org/mtus/"

GUIDELINE = f"""
@prefix : <{_BASE}guideline/{TOPIC}#> .
@prefix clinical: <{_BASE}clinical#> .
@prefix core: <{_BASE}core#> .
@prefix guideline: <{_BASE}guideline/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix shape: <{_BASE}shape/{TOPIC}#> .

:request a owl:Class ; rdfs:label "request for injections" ;
    owl:equivalentClass
        [ owl:intersectionOf ( core:TreatmentRequest clinical:TriggerPointInjection ) ] .
:repeat-request a owl:Class ; rdfs:subClassOf :request ; rdfs:label "request for more injections" .
[] owl:intersectionOf
    ( :request [ a owl:Restriction ; owl:onProperty core:phase ; owl:hasValue core:Continuing ] ) ;
    rdfs:subClassOf :repeat-request .

:recommendation a core:Recommendation ; rdfs:label "Injections" ;
    core:guideline guideline:chronic-pain-2009 ; core:treatment clinical:TriggerPointInjection ;
    core:appliesTo :request ; core:stance core:Option ; core:section "Injections" ;
    core:page "1" ; core:attestation core:RecalledHigh ; core:requires :required .

:required a core:AllOf ; core:operand :criterion-1 , :criterion-2 , :care , :repeat .
:care a core:AtLeast ; core:atLeast 1 ; core:operand :criterion-3 , :criterion-4 .
:repeat a core:Unless ; core:operand :criterion-5 ; core:exception :criterion-6 .

:criterion-1 a core:QuantityLimit ; core:number "1" ; core:page "1" ; core:limits core:quantity ;
    core:attestation core:RecalledHigh ; core:statement "At most four are given." ;
    core:ifMissing "how many" ; core:shape shape:criterion-1 .
:criterion-2 a core:Criterion ; core:number "2" ; core:page "1" ;
    core:attestation core:RecalledHigh ; core:statement "Pain has lasted over three months." ;
    core:ifMissing "how long" ; core:shape shape:criterion-2 .
:criterion-3 a core:Criterion ; core:number "3" ; core:page "1" ;
    core:attestation core:RecalledHigh ; core:statement "An NSAID or exercise has failed." ;
    core:ifMissing "a failure" ; core:shape shape:criterion-3 .
:criterion-4 a core:Criterion ; core:number "4" ; core:page "1" ;
    core:attestation core:RecalledHigh ; core:statement "Nothing injected is a steroid." ;
    core:ifMissing "the agent" ; core:shape shape:criterion-4 ; core:whenSilent core:PresumedMet ;
    core:presumption "No steroid is injected." .
:criterion-5 a core:Criterion ; core:number "5" ; core:page "1" ;
    core:attestation core:RecalledHigh ; core:statement "Earlier injections are two months ago." ;
    core:ifMissing "when" ; core:shape shape:criterion-5 .
:criterion-6 a core:Criterion ; core:number "6" ; core:page "1" ;
    core:attestation core:RecalledHigh ; core:statement "Function has improved." ;
    core:ifMissing "function" ; core:shape shape:criterion-6 .
"""

SHAPES = f"""
@prefix : <{_BASE}shape/{TOPIC}#> .
@prefix clinical: <{_BASE}clinical#> .
@prefix core: <{_BASE}core#> .
@prefix g: <{_BASE}guideline/{TOPIC}#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

:criterion-1 a sh:NodeShape ; core:criterion g:criterion-1 ; sh:targetClass g:request ;
    sh:property :criterion-1-limit .
:criterion-1-limit a sh:PropertyShape ; core:criterion g:criterion-1 ; sh:path core:quantity ;
    sh:minCount 1 ; sh:maxInclusive 4 .

:criterion-2 a sh:NodeShape ; core:criterion g:criterion-2 ; sh:targetClass g:request ;
    sh:property :criterion-2-documented .
:criterion-2-documented a sh:PropertyShape ; core:criterion g:criterion-2 ;
    sh:path core:presentFact ; sh:qualifiedValueShape :long-pain ; sh:qualifiedMinCount 1 .
:long-pain a sh:NodeShape ; sh:class clinical:Pain ; sh:property :long-pain-duration .
:long-pain-duration a sh:PropertyShape ; sh:path core:durationMonths ;
    sh:minCount 1 ; sh:minExclusive 3.0 .

:criterion-3 a sh:NodeShape ; core:criterion g:criterion-3 ; sh:targetClass g:request ;
    sh:property :criterion-3-documented , :criterion-3-not-untried .
:criterion-3-documented a sh:PropertyShape ; core:criterion g:criterion-3 ;
    sh:path core:presentFact ; sh:qualifiedValueShape :failed ; sh:qualifiedMinCount 1 .
:criterion-3-not-untried a sh:PropertyShape ; core:criterion g:criterion-3 ;
    sh:path core:absentFact ; sh:qualifiedValueShape :nsaid ; sh:qualifiedMaxCount 0 ;
    core:onViolation core:NotMet .
:failed a sh:NodeShape ; sh:or ( :nsaid :exercise ) ; sh:property :failed-outcome .
:failed-outcome a sh:PropertyShape ; sh:path core:outcome ; sh:hasValue core:Failed .
:nsaid a sh:NodeShape ; sh:class clinical:NSAID .
:exercise a sh:NodeShape ; sh:class clinical:Exercise .

:criterion-4 a sh:NodeShape ; core:criterion g:criterion-4 ; sh:targetClass g:request ;
    sh:property :criterion-4-agents .
:criterion-4-agents a sh:PropertyShape ; core:criterion g:criterion-4 ; sh:path core:agent ;
    sh:minCount 1 ; sh:not :steroid .
:steroid a sh:NodeShape ; sh:class clinical:Corticosteroid .

:criterion-5 a sh:NodeShape ; core:criterion g:criterion-5 ; sh:targetClass g:repeat-request ;
    sh:property :criterion-5-dated , :criterion-5-interval .
:criterion-5-dated a sh:PropertyShape ; core:criterion g:criterion-5 ;
    sh:path ( core:priorTreatment core:date ) ; sh:minCount 1 .
:criterion-5-interval a sh:PropertyShape ; core:criterion g:criterion-5 ;
    sh:path core:priorTreatment ; sh:sparql :criterion-5-query .
:criterion-5-query a sh:SPARQLConstraint ; sh:prefixes <{_BASE}shape/prefixes> ;
    sh:select \"\"\"SELECT $this ?value WHERE {{
    $this core:requestDate ?asked .
    $this core:priorTreatment ?value .
    ?value core:date ?given .
    FILTER (?given > ?asked - "P2M"^^xsd:yearMonthDuration)
}}\"\"\" .

:criterion-6 a sh:NodeShape ; core:criterion g:criterion-6 ; sh:targetClass g:repeat-request ;
    sh:property :criterion-6-documented .
:criterion-6-documented a sh:PropertyShape ; core:criterion g:criterion-6 ;
    sh:path core:presentFact ; sh:qualifiedValueShape :improvement ; sh:qualifiedMinCount 1 .
:improvement a sh:NodeShape ; sh:class clinical:FunctionalImprovement .
"""


def knowledge_with(guideline: str, shapes: str, cache: Path | None = None) -> Knowledge:
    """Give this release with the tiny topic, the only one about its treatment."""
    sources = load_knowledge().sources
    files = {
        **sources.files,
        f"ontology/guidelines/{TOPIC}.ttl": guideline.encode(),
        f"shapes/criteria/{TOPIC}.ttl": shapes.encode(),
    }
    release = Sha256(f"{abs(hash((sources.release, guideline, shapes))):064x}"[:64])
    index = TopicIndex({CLINICAL.TriggerPointInjection: (TOPIC,)}, {})
    return Knowledge(Sources(files, release), cache, (), index)


@pytest.fixture(scope="session")
def tiny() -> Knowledge:
    return knowledge_with(GUIDELINE, SHAPES)


CASE = """\
id: tiny-{name}
expect:
  request-1:
    {expected}
injury: {{date: 2012-03-05}}
utilizationReview: {{date: 2014-09-10, decision: Denied}}
records:
  - {{id: report, type: ProgressReport, date: 2014-08-05}}
facts:
{facts}
requests:
  - {{treatment: TriggerPointInjection, region: CervicalRegion, {request}}}
"""
PAIN = 'is: Pain, region: CervicalRegion, duration: "4 months"'
FAILED = "is: Naproxen, outcome: Failed"
ASKED = "quantity: 4, agents: [Lidocaine]"


def write_case(
    library: Path, name: str, expected: str, facts: tuple[str, ...] = (PAIN, FAILED),
    request: str = ASKED,
) -> None:  # fmt: skip
    folder = library / TOPIC
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  - {{{fact}, in: report}}" for fact in facts) or "  []"
    content = CASE.format(name=name, expected=expected, facts=lines, request=request)
    (folder / f"{name}.yaml").write_text(content, "utf-8")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Four injections and five, pain of four months and of three, an NSAID that failed."""
    folder = tmp_path / "cases"
    write_case(folder, "all-met", 'criteria: {"1": Met, "2": Met, "3": Met, "4": Met}')
    write_case(
        folder, "five", 'criteria: {"1": NotMet}', request="quantity: 5, agents: [Lidocaine]"
    )
    write_case(
        folder,
        "three-months",
        'criteria: {"2": NotDocumented}',
        (PAIN.replace("4 months", "3 months"), FAILED),
    )
    return folder
