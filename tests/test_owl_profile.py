"""The ontology stays inside OWL 2 RL, and the check of it knows what the profile has and lacks."""

from __future__ import annotations

import pytest
from rdflib import OWL, XSD, URIRef

from reasoner.authoring.profile import violations
from reasoner.terms import CORE
from tests.casefiles import (
    knowledge_under,
)
from tests.test_owl import READINGS, turtle, whole


@pytest.mark.parametrize("readings", READINGS, ids=lambda names: "+".join(names) or "default")
def test_the_ontology_stays_inside_owl_2_rl_but_for_two_datatypes(readings: tuple[str, ...]):
    """No axiom but a property's range looks at a value, and ``shapes/case.ttl`` checks those."""
    found = violations(whole(knowledge_under(readings)))
    assert {v.about for v in found} == {XSD.date, CORE.Quantity}
    assert all(v.axiom.startswith(("DataPropertyRange", "DataPropertyAssertion")) for v in found)


DECLARED = (
    ":A a owl:Class . :B a owl:Class . :C a owl:Class . :i a owl:NamedIndividual ."
    ":p a owl:ObjectProperty . :q a owl:ObjectProperty . :d a owl:DatatypeProperty ."
    ":note a owl:AnnotationProperty ."
)
SOME = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ]"
ALL = "[ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ]"
VALUE = "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ]"
UNION = "[ a owl:Class ; owl:unionOf ( :A :B ) ]"
BOTH = "[ a owl:Class ; owl:intersectionOf ( :A :B ) ]"
NOT = "[ a owl:Class ; owl:complementOf :B ]"
ONE_OF = "[ a owl:Class ; owl:oneOf ( :i ) ]"
SELF = "[ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ]"


def at_most(number: int, of: str = "") -> str:
    bound = "maxQualifiedCardinality" if of else "maxCardinality"
    return (
        f"[ a owl:Restriction ; owl:onProperty :p ; {of} "
        f"owl:{bound} '{number}'^^xsd:nonNegativeInteger ]"
    )


INSIDE = {
    "a class below another": ":A rdfs:subClassOf :B .",
    "existence below": f"{SOME} rdfs:subClassOf :A .",
    "existence of anything below": (
        "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom owl:Thing ]"
        " rdfs:subClassOf :A ."
    ),
    "a union below": f"{UNION} rdfs:subClassOf :C .",
    "an intersection below": f"{BOTH} rdfs:subClassOf :C .",
    "a value below": f"{VALUE} rdfs:subClassOf :A .",
    "an enumeration below": f"{ONE_OF} rdfs:subClassOf :A .",
    "a datatype of the profile below": (
        "[ a owl:Restriction ; owl:onProperty :d ; owl:someValuesFrom xsd:integer ]"
        " rdfs:subClassOf :A ."
    ),
    "an intersection above": f":C rdfs:subClassOf {BOTH} .",
    "all values above": f":A rdfs:subClassOf {ALL} .",
    "a value above": f":A rdfs:subClassOf {VALUE} .",
    "a complement above": f":A rdfs:subClassOf {NOT} .",
    "the complement of an existence above": (
        f":A rdfs:subClassOf [ a owl:Class ; owl:complementOf {SOME} ] ."
    ),
    "at most one above": f":A rdfs:subClassOf {at_most(1)} .",
    "at most none of a class above": f":A rdfs:subClassOf {at_most(0, 'owl:onClass :B ;')} .",
    "an equivalent intersection": f":C owl:equivalentClass {BOTH} .",
    "an equivalent value": f":A owl:equivalentClass {VALUE} .",
    "disjoint classes": ":A owl:disjointWith :B .",
    "several disjoint classes": "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .",
    "a disjoint union of expressions": f":C owl:disjointWith {UNION} .",
    "a domain and a range": ":p rdfs:domain :A ; rdfs:range :B . :d rdfs:range xsd:decimal .",
    "a chain": ":p owl:propertyChainAxiom ( :q :q ) .",
    "characteristics": ":p a owl:TransitiveProperty . :q a owl:FunctionalProperty , "
    "owl:InverseFunctionalProperty , owl:SymmetricProperty . :q owl:inverseOf :p .",
    "an existence of an inverse": (
        "[ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :B ]"
        " rdfs:subClassOf :A ."
    ),
    "facts": ":i a :A ; :p :i ; :d 1 . [] a owl:AllDifferent ; owl:distinctMembers ( :i ) .",
    "a fact of an expression": f":i a {BOTH} .",
    "annotations of any kind": ":A :note :p , '2014-08-19'^^xsd:date .",
}

OUTSIDE = {
    "existence above": (f":A rdfs:subClassOf {SOME} .", OWL.someValuesFrom),
    "a union above": (f":A rdfs:subClassOf {UNION} .", OWL.unionOf),
    "an enumeration above": (f":A rdfs:subClassOf {ONE_OF} .", OWL.oneOf),
    "owl:Thing below": ("owl:Thing rdfs:subClassOf :A .", OWL.Thing),
    "owl:Thing above": (":A rdfs:subClassOf owl:Thing .", OWL.Thing),
    "a complement below": (f"{NOT} rdfs:subClassOf :A .", OWL.complementOf),
    "all values below": (f"{ALL} rdfs:subClassOf :A .", OWL.allValuesFrom),
    "at most one below": (f"{at_most(1)} rdfs:subClassOf :A .", OWL.maxCardinality),
    "at most two above": (f":A rdfs:subClassOf {at_most(2)} .", OWL.maxCardinality),
    "at least one above": (
        f":A rdfs:subClassOf {at_most(1).replace('max', 'min')} .",
        OWL.minCardinality,
    ),
    "a self restriction": (f":A rdfs:subClassOf {SELF} .", OWL.hasSelf),
    "an equivalent existence": (f":A owl:equivalentClass {SOME} .", OWL.someValuesFrom),
    "an equivalent union": (f":C owl:equivalentClass {UNION} .", OWL.unionOf),
    "an existence inside an equivalent intersection": (
        f":C owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :A {SOME} ) ] .",
        OWL.someValuesFrom,
    ),
    "a union inside an intersection above": (
        f":C rdfs:subClassOf [ a owl:Class ; owl:intersectionOf ( :A {UNION} ) ] .",
        OWL.unionOf,
    ),
    "all values inside an existence below": (
        f"[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom {ALL} ]"
        " rdfs:subClassOf :A .",
        OWL.allValuesFrom,
    ),
    "a disjoint union": (":A owl:disjointUnionOf ( :B :C ) .", OWL.disjointUnionOf),
    "a reflexive property": (":p a owl:ReflexiveProperty .", OWL.ReflexiveProperty),
    "an existence as a domain": (f":p rdfs:domain {SOME} .", OWL.someValuesFrom),
    "an existence as a fact": (f":i a {SOME} .", OWL.someValuesFrom),
    "disjointness with all values": (f":A owl:disjointWith {ALL} .", OWL.allValuesFrom),
    "a disjointness of several with a complement": (
        f"[] a owl:AllDisjointClasses ; owl:members ( :A {NOT} ) .",
        OWL.complementOf,
    ),
    "a range outside the datatypes": (":d rdfs:range xsd:duration .", XSD.duration),
    "a value outside the datatypes": (":i :d '2014-08-19'^^xsd:date .", XSD.date),
    "a restricted datatype": (
        ":d rdfs:range [ a rdfs:Datatype ; owl:onDatatype xsd:integer ; owl:withRestrictions"
        " ( [ xsd:minInclusive 1 ] ) ] .",
        OWL.onDatatype,
    ),
    "a property that nothing declares": (
        "[ a owl:Restriction ; owl:onProperty :r ; owl:someValuesFrom :B ] rdfs:subClassOf :A .",
        URIRef("urn:x-test:r"),
    ),
    "a domain of a property that nothing declares": (
        ":r rdfs:domain :A .",
        URIRef("urn:x-test:r"),
    ),
    "a property of OWL that there is not": (":A owl:subClassOf :B .", None),
}


@pytest.mark.parametrize("name", INSIDE)
def test_the_profile_has(name: str):
    assert violations(turtle(DECLARED + INSIDE[name])) == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_profile_lacks(name: str):
    axiom, about = OUTSIDE[name]
    found = violations(turtle(DECLARED + axiom))
    assert len(found) == 1
    assert found[0].about == (about or URIRef(str(OWL) + "subClassOf"))
    assert found[0].axiom
    assert str(found[0]).startswith(found[0].axiom)
