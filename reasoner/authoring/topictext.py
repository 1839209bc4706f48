"""The text of a new topic's files, in the layout of ``mtus format``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rdflib import URIRef

from reasoner.guidelines import Guideline
from reasoner.knowledge import Knowledge
from reasoner.terms import BASE, local_name


@dataclass(frozen=True, slots=True)
class NewCriterion:
    """A statement, and what the record has to show of it.

    Attributes:
        form: ``documented``, ``absent``, ``failed`` (a treatment that was tried) or ``at most``.
        concept: what is looked for; None where the quantity is bounded.
        most: the bound.
    """

    statement: str
    form: str
    concept: URIRef | None = None
    most: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """What an author says of a new topic.

    Attributes:
        topic: ``guideline/topic``.
        title: the heading, such as ``Trigger point injections``.
        noun: what one unit of the treatment is called.
        created: the day that the files bear.
        prevails_over: the recommendations of the same guideline about kinds that the treatment is
            one of; the more specific prevails.
    """

    topic: str
    title: str
    treatment: URIRef
    section: str
    page: str
    stance: URIRef
    noun: str
    attestation: URIRef
    criteria: tuple[NewCriterion, ...]
    created: date
    prevails_over: tuple[URIRef, ...] = ()


def expected_outcomes(answers: Answers, *, met: bool) -> dict[str, str]:
    """Give the outcome of each criterion, by number, in the case that meets all or the silent."""
    outcome = "Met" if met else "NotDocumented"
    return {str(number): outcome for number, _ in enumerate(answers.criteria, start=1)}


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _prefixes(own: str, also: Mapping[str, str]) -> Iterator[str]:
    for prefix, namespace in sorted({"": own, **also}.items()):
        yield f"@prefix {prefix}: <{namespace}> ."


_DCTERMS = "http://purl.org/dc/terms/"
_OWL = "http://www.w3.org/2002/07/owl#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SH = "http://www.w3.org/ns/shacl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def ontology_text(answers: Answers, document: Guideline, knowledge: Knowledge) -> Iterator[str]:
    """Give the lines of the file that says what the guideline says."""
    topic, treatment = answers.topic, answers.treatment
    label = knowledge.concepts.label(treatment)
    version = knowledge.vocabulary.value(URIRef(BASE + "core"), URIRef(_OWL + "versionInfo"))
    also = {
        "clinical": f"{BASE}clinical#", "core": f"{BASE}core#", "dcterms": _DCTERMS,
        "guideline": f"{BASE}guideline/", "owl": _OWL, "rdfs": _RDFS, "skos": _SKOS, "xsd": _XSD,
    }  # fmt: skip
    if answers.criteria:
        also["shape"] = f"{BASE}shape/{topic}#"
    yield from _prefixes(f"{BASE}guideline/{topic}#", also)
    yield ""
    yield f"<{BASE}guideline/{topic}> a owl:Ontology ;"
    yield f"    dcterms:title {_text(f'{answers.title} ({document.label})')}@en ;"
    described = f"What {document.title} says of {label}."
    yield f"    dcterms:description {_text(described)}@en ;"
    yield '    dcterms:creator "The MTUS reasoner developers" ;'
    yield "    dcterms:license <https://www.apache.org/licenses/LICENSE-2.0> ;"
    yield f'    dcterms:created "{answers.created}"^^xsd:date ;'
    yield f'    dcterms:modified "{answers.created}"^^xsd:date ;'
    yield f"    dcterms:source guideline:{topic.split('/')[0]} ;"
    yield f"    owl:imports <{BASE}clinical> ;"
    yield f"    owl:versionIRI <{BASE}release/{version}/guideline/{topic}> ;"
    yield f'    owl:versionInfo "{version}" .'
    yield from ("", "# When it applies", "")
    yield ":request a owl:Class ;"
    yield f"    rdfs:label {_text(f'request for {label}')}@en ;"
    yield f"    skos:definition {_text(f'A treatment request for {label}.')}@en ;"
    both = f"core:TreatmentRequest clinical:{local_name(treatment)}"
    yield f"    owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( {both} ) ] ."
    yield from ("", "# What it says", "")
    yield from _recommendation(answers)
    for number, criterion in enumerate(answers.criteria, start=1):
        yield ""
        yield from _criterion(answers, number, criterion, knowledge)


def _recommendation(answers: Answers) -> Iterator[str]:
    yield ":recommendation a core:Recommendation ;"
    yield f"    rdfs:label {_text(answers.title)}@en ;"
    yield f"    core:guideline guideline:{answers.topic.split('/')[0]} ;"
    yield f"    core:treatment clinical:{local_name(answers.treatment)} ;"
    yield "    core:appliesTo :request ;"
    if answers.prevails_over:
        yield f"    core:prevailsOver {' , '.join(o.n3() for o in answers.prevails_over)} ;"
    yield f"    core:stance core:{local_name(answers.stance)} ;"
    yield f"    core:section {_text(answers.section)} ;"
    yield f"    core:page {_text(answers.page)} ;"
    yield f"    core:noun {_text(answers.noun)} ;"
    ending = ";" if answers.criteria else "."
    yield f"    core:attestation core:{local_name(answers.attestation)} {ending}"
    if answers.criteria:
        operands = [f":criterion-{n}" for n, _ in enumerate(answers.criteria, start=1)]
        yield "    core:requires :required ."
        yield ""
        yield ":required a core:AllOf ;"
        yield "    core:operand " + " ,\n        ".join(operands) + " ."


def _criterion(
    answers: Answers, number: int, criterion: NewCriterion, knowledge: Knowledge
) -> Iterator[str]:
    kind = "QuantityLimit" if criterion.form == "at most" else "Criterion"
    yield f":criterion-{number} a core:{kind} ;"
    yield f'    core:number "{number}" ;'
    yield f"    core:page {_text(answers.page)} ;"
    yield f"    core:attestation core:{local_name(answers.attestation)} ;"
    yield f"    core:statement {_text(criterion.statement)}@en ;"
    yield f"    core:ifMissing {_text(_if_missing(answers, criterion, knowledge))}@en ;"
    if criterion.form == "at most":
        yield "    core:limits core:quantity ;"
    yield f"    core:shape shape:criterion-{number} ."


def _if_missing(answers: Answers, criterion: NewCriterion, knowledge: Knowledge) -> str:
    if criterion.concept is None:
        plural = answers.noun + ("" if answers.noun.endswith("s") else "s")
        return f"how many {plural} are asked for"
    label = knowledge.concepts.label(criterion.concept)
    return {
        "documented": label,
        "absent": f"that {label} was looked for and is absent",
        "failed": f"that {label} was tried and failed",
    }[criterion.form]


def shapes_text(answers: Answers) -> Iterator[str]:
    """Give the lines of the file that checks it; the shape of a fact is one item."""
    also = {
        "clinical": f"{BASE}clinical#", "core": f"{BASE}core#", "sh": _SH,
        "g": f"{BASE}guideline/{answers.topic}#",
    }  # fmt: skip
    if all(criterion.form == "at most" for criterion in answers.criteria):
        del also["clinical"]
    yield from _prefixes(f"{BASE}shape/{answers.topic}#", also)
    for number, criterion in enumerate(answers.criteria, start=1):
        yield from ("", f"# Criterion {number}: {criterion.statement}", "")
        yield from _criterion_shape(number, criterion)
    facts = [c for c in answers.criteria if c.concept is not None]
    if facts:
        yield from ("", "# Facts that the criteria look for", "")
        lines = (line for criterion in facts for line in _fact_shapes(criterion))
        yield from dict.fromkeys(lines)


# What a criterion's shape asks: for each form, the name of the property shape, its path, the
# name of the fact looked for, and how often it has to, or may, be there.
_PARTS = {
    "documented": (
        ("documented", "presentFact", "", "sh:qualifiedMinCount 1"),
        ("not-contradicted", "absentFact", "", "sh:qualifiedMaxCount 0"),
    ),
    "absent": (
        ("looked-for", "absentFact", "", "sh:qualifiedMinCount 1"),
        ("none", "presentFact", "", "sh:qualifiedMaxCount 0"),
    ),
    "failed": (
        ("failed", "presentFact", "-failed", "sh:qualifiedMinCount 1"),
        ("not-successful", "presentFact", "-improved", "sh:qualifiedMaxCount 0"),
        ("not-untried", "absentFact", "", "sh:qualifiedMaxCount 0"),
    ),
}


def _criterion_shape(number: int, criterion: NewCriterion) -> Iterator[str]:
    shape = f":criterion-{number}"
    parts = _PARTS.get(criterion.form, (("limit", "quantity", "", ""),))
    properties = [f"{shape}-{part[0]}" for part in parts]
    yield f"{shape} a sh:NodeShape ;"
    yield f"    core:criterion g:criterion-{number} ;"
    yield "    sh:targetClass g:request ;"
    yield "    sh:property " + " ,\n        ".join(sorted(properties)) + " ."
    for name, path, suffix, count in parts:
        yield f"{shape}-{name} a sh:PropertyShape ;"
        yield f"    core:criterion g:criterion-{number} ;"
        yield f"    sh:path core:{path} ;"
        if criterion.concept is None:
            yield "    sh:minCount 1 ;"
            yield f"    sh:maxInclusive {criterion.most} ."
        else:
            yield f"    sh:qualifiedValueShape :{_kebab(criterion.concept)}{suffix} ;"
            yield f"    {count} ."


def _fact_shapes(criterion: NewCriterion) -> Iterator[str]:
    """Give the shape of each fact that a criterion looks for, a text each."""
    assert criterion.concept is not None
    name, kind = _kebab(criterion.concept), f"clinical:{local_name(criterion.concept)}"
    yield f":{name} a sh:NodeShape ;\n    sh:class {kind} ."
    if criterion.form != "failed":
        return
    for suffix, allowed in (
        ("failed", "sh:in ( core:Failed core:Intolerable core:Contraindicated )"),
        ("improved", "sh:hasValue core:Improved"),
    ):
        yield (
            f":{name}-{suffix} a sh:NodeShape ;\n"
            f"    sh:class {kind} ;\n"
            f"    sh:property :{name}-{suffix}-outcome ."
        )
        yield (
            f":{name}-{suffix}-outcome a sh:PropertyShape ;\n"
            "    sh:path core:outcome ;\n"
            + ("    sh:minCount 1 ;\n" if suffix == "failed" else "")
            + f"    {allowed} ."
        )


def _kebab(concept: URIRef) -> str:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", local_name(concept))
    return name.lower()


def case_texts(answers: Answers, day: date) -> dict[str, str]:
    """Make the cases of a topic: everything met, and nothing documented."""
    stem = answers.topic.split("/")[1]
    if not answers.criteria:
        name = f"{stem}-not-supported"
        expected = ["    decision: NotMedicallyNecessary", "    basis: NotSupported"]
        remark = "The guideline does not support it, whatever the record says."
        return {name: _case(answers, name, remark, expected, day, met=False)}
    met, silent = f"{stem}-all-met", f"{stem}-silent"
    return {
        met: _case(
            answers,
            met,
            "Everything that the guideline asks for is documented.",
            ["    decision: MedicallyNecessary", _criteria_line(answers, met=True)],
            day,
            met=True,
        ),
        silent: _case(
            answers,
            silent,
            "A request of which the record documents nothing.",
            [
                "    decision: NotMedicallyNecessary",
                "    basis: NotEstablished",
                _criteria_line(answers, met=False),
            ],
            day,
            met=False,
        ),
    }


def _criteria_line(answers: Answers, *, met: bool) -> str:
    outcomes = (f'"{n}": {outcome}' for n, outcome in expected_outcomes(answers, met=met).items())
    return f"    criteria: {{{', '.join(outcomes)}}}"


def _case(
    answers: Answers, name: str, remark: str, expected: list[str], day: date, *, met: bool
) -> str:
    lines = [f"# {remark}", f"id: {name}", "expect:", "  request-1:", *expected]
    lines.insert(5, f"    governedBy: {answers.topic}")
    report = day - timedelta(days=36)
    lines.append(f"injury: {{date: {report - timedelta(days=365)}}}")
    lines.append(f"utilizationReview: {{date: {day}, decision: Denied}}")
    lines.extend(("records:", f"  - {{id: report, type: ProgressReport, date: {report}}}"))
    facts = [c for c in answers.criteria if c.concept is not None] if met else []
    if facts:
        lines.append("facts:")
        lines.extend(f"  - {{{_fact(criterion)}, in: report}}" for criterion in facts)
    asked = f"treatment: {local_name(answers.treatment)}"
    bounds = [c.most for c in answers.criteria if c.form == "at most"]
    if bounds and met:
        asked += f", quantity: {min(bounds)}"
    lines.extend(("requests:", f"  - {{{asked}}}"))
    return "".join(f"{line}\n" for line in lines)


def _fact(criterion: NewCriterion) -> str:
    assert criterion.concept is not None
    extra = {"documented": "", "absent": ", status: absent", "failed": ", outcome: Failed"}
    return f"is: {local_name(criterion.concept)}{extra[criterion.form]}"
