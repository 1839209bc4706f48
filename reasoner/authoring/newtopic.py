"""The files of a new topic, from a few answers: what it says, how it is checked, two cases.

``lay_out(answers, knowledge)`` gives the text of each file by its path; nothing is written.
The encoding is a start that is right as far as it goes: before it is given, it is loaded beside
the rest of the library, its shapes are checked, and its cases are decided. A criterion is given
as a statement with what to look for:

    Osteoarthritis of the knee is diagnosed. = Osteoarthritis
    Radiculopathy is not present. = no Radiculopathy
    NSAIDs have failed. = NSAID failed
    Not more than six visits are asked for. = at most 6

What to look for may be left out where the statement names one concept by a label of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rdflib import URIRef

from reasoner.errors import (
    EngineError,
    InputError,
    KnowledgeError,
    MtusError,
    Problem,
    nearest_word,
    shown,
)
from reasoner.guidelines import Guideline
from reasoner.knowledge import Knowledge
from reasoner.sources import Sources
from reasoner.terms import BASE, CORE, local_name
from reasoner.topicindex import TopicIndex
from reasoner.wording import meant

_TOPIC = re.compile(r"[a-z0-9.]+(?:-[a-z0-9.]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")
_AT_MOST = re.compile(r"at most (\d{1,4})", re.IGNORECASE)
SUPPORTING = ("Recommended", "Option")
"""The stances under which a treatment is supported once its criteria are met."""


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


def check_topic(topic: str, root: Path, knowledge: Knowledge) -> Guideline:
    """Check the name of a new topic, and that nothing of it is there; give its document.

    Raises:
        InputError: if the name is malformed, the guideline unknown, or a file is there.
    """

    def refuse(message: str, expected: str, nearest: str | None = None) -> InputError:
        return InputError([Problem(message, "TOPIC", expected=expected, nearest=nearest)])

    if not _TOPIC.fullmatch(topic):
        raise refuse(
            f"{shown(topic)} is no name of a topic.",
            "guideline/topic in lower case, words joined by dashes, such as"
            " chronic-pain-2009/trigger-points",
        )
    name = topic.split("/")[0]
    documents = {str(iri).removeprefix(BASE + "guideline/"): g for iri, g in
                 knowledge.guidelines.items()}  # fmt: skip
    if name not in documents:
        raise refuse(
            f"There is no guideline {name}.",
            f"a guideline whose document ontology/guidelines/{name}/guideline.ttl describes",
            nearest_word(name, documents),
        )
    for place in (*_places(topic), f"tests/cases/{topic}"):
        if (root / place).exists():
            raise refuse(f"{root / place} is there already.", "a topic that is not yet encoded")
    return documents[name]


def find_concept(word: str, kind: URIRef, key: str, knowledge: Knowledge) -> URIRef:
    """Find a concept of a kind by its name, letter case aside.

    Raises:
        InputError: if there is none; the nearest is offered.
    """
    concepts = knowledge.concepts
    found = concepts.find(word)
    among = [*concepts.subclasses(kind), *concepts.individuals(kind)]
    if found is not None and found in among:
        return found
    label = "concept" if kind == CORE.Documentable else concepts.label(kind)
    where = "core.ttl" if concepts.individuals(kind) else "clinical.ttl"
    raise InputError(
        [
            Problem(
                f"{shown(word)} is not a known {label}.",
                key,
                expected=f"a {label} of ontology/{where}; add it there first if it is new",
                nearest=meant(word, dict.fromkeys(among), knowledge),
            )
        ]
    )


def parse_criterion(text: str, knowledge: Knowledge) -> NewCriterion:
    """Read a criterion as ``STATEMENT``, or ``STATEMENT = WHAT TO LOOK FOR``.

    Raises:
        InputError: if the statement is empty, or what to look for is not known.
    """
    statement, _, sought = (part.strip() for part in text.partition(" = "))
    if not statement:
        raise InputError(
            [Problem("The criterion says nothing.", "--criterion", expected="a sentence")]
        )
    statement = f"{statement[:1].upper()}{statement[1:].rstrip('.')}."
    if not sought:
        return NewCriterion(statement, "documented", _named_in(statement, knowledge))
    bound = _AT_MOST.fullmatch(sought)
    if bound is not None:
        return NewCriterion(statement, "at most", most=int(bound[1]))
    words = sought.split()
    if words[0].lower() == "no" and len(words) == 2:
        form, word, kind = "absent", words[1], CORE.Documentable
    elif words[-1].lower() == "failed" and len(words) == 2:
        form, word, kind = "failed", words[0], CORE.Treatment
    else:
        form, word, kind = "documented", sought, CORE.Documentable
    return NewCriterion(statement, form, find_concept(word, kind, "--criterion", knowledge))


def _named_in(statement: str, knowledge: Knowledge) -> URIRef:
    """Find the concept that a statement names; it has to be one, lest a guess decide cases."""
    from reasoner.intake.lexicon import Lexicon

    mentions = Lexicon(knowledge).mentions(statement, [CORE.Documentable])
    named = list(dict.fromkeys(mention.concept for mention in mentions))
    if len(named) == 1:
        return named[0]
    names = " and ".join(local_name(concept) for concept in named) or "no concept"
    raise InputError(
        [
            Problem(
                f"The words {shown(statement)} name {names} of the vocabulary.",
                "--criterion",
                expected='what to look for: "STATEMENT = Concept", "= no Concept",'
                ' "= Treatment failed" or "= at most NUMBER"',
            )
        ]
    )


def lay_out(answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """Make the files of a new topic, and prove that they hold.

    Args:
        answers: what the author says; the name checked by ``check_topic``.
        knowledge: the release that the topic is added to.

    Returns:
        The text of each file by its path from the root of the source tree.

    Raises:
        InputError: if answers do not go together, such as criteria that no record can meet at
            once, or a treatment that another recommendation governs.
    """
    _check_together(answers)
    ontology, shapes = _places(answers.topic)
    document = knowledge.guidelines[URIRef(f"{BASE}guideline/{answers.topic.split('/')[0]}")]
    files = {ontology: "".join(f"{line}\n" for line in _ontology(answers, document, knowledge))}
    if answers.criteria:
        files[shapes] = "".join(f"{line}\n" for line in _shapes(answers))
    added = _with_files(knowledge, answers, files)
    day = _proven_day(answers, document, added)
    for name, text in _cases(answers, day).items():
        files[f"tests/cases/{answers.topic}/{name}.yaml"] = text
    return files


def write_files(files: Mapping[str, str], root: Path) -> None:
    """Write files, all or none; none of them may be there.

    Raises:
        MtusError: if one cannot be written; those written before are taken back.
    """
    written: list[Path] = []
    made: list[Path] = []
    try:
        for name, text in files.items():
            file = root / name
            for folder in reversed(file.parents):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            with file.open("x", encoding="utf-8") as stream:
                written.append(file)
                stream.write(text)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        for folder in reversed(made):
            folder.rmdir()
        raise MtusError(f"{file} cannot be written: {error.strerror}; nothing is") from error


def _places(topic: str) -> tuple[str, str]:
    return f"ontology/guidelines/{topic}.ttl", f"shapes/criteria/{topic}.ttl"


def _check_together(answers: Answers) -> None:
    supports = local_name(answers.stance) in SUPPORTING
    if supports and not answers.criteria:
        raise InputError(
            [
                Problem(
                    f"A treatment that is {local_name(answers.stance)} needs criteria.",
                    "--criterion",
                    expected="at least one",
                )
            ]
        )
    seen: dict[tuple[str, URIRef | None], int] = {}
    for number, criterion in enumerate(answers.criteria, start=1):
        key = (criterion.form, criterion.concept)
        if key in seen:
            raise InputError(
                [
                    Problem(
                        f"Criteria {seen[key]} and {number} look for the same.",
                        "--criterion",
                        expected="criteria that differ",
                    )
                ]
            )
        seen[key] = number


def _with_files(knowledge: Knowledge, answers: Answers, files: Mapping[str, str]) -> Knowledge:
    """Give the knowledge with the files of the topic added; what was parsed is not parsed again."""
    sources = Sources(
        {**knowledge.sources.files, **{name: text.encode() for name, text in files.items()}},
        knowledge.sources.release,
        dict(knowledge.sources._parsed),
    )
    # A new recommendation prevails over none; so the index changes in this one place.
    about, treatment = dict(knowledge.index.about), answers.treatment
    about[treatment] = tuple(sorted((*about.get(treatment, ()), answers.topic)))
    added = Knowledge(sources, None, (), TopicIndex(about, knowledge.index.displaced))
    for recommendation in added.topic(answers.topic).recommendations:
        if recommendation.criteria:
            added.shapes_of(recommendation)
    return added


def _proven_day(answers: Answers, document: Guideline, knowledge: Knowledge) -> date:
    """Find a day on which the topic governs, and on which its cases are decided as they say."""
    failed: list[str] = []
    for day in _days(document):
        found = list(_failures(answers, day, knowledge))
        if not found:
            return day
        failed = failed or found
    raise InputError(
        [Problem(message, answers.topic, expected="a topic that governs") for message in failed]
    )


def _days(document: Guideline) -> list[date]:
    """Give a day of each year in which a document is in force, the usual one of our cases first."""
    first = 2004 if document.start is None else document.start.year
    last = first + 15 if document.end is None else document.end.year
    days = [date(year, 9, 10) for year in range(first, last + 1)]
    return sorted((d for d in days if document.in_force(d)), key=lambda d: abs(d.year - 2014))


def _failures(answers: Answers, day: date, knowledge: Knowledge) -> Iterator[str]:
    from reasoner.adjudication import decide
    from reasoner.case import parse_case
    from reasoner.outcomes import Role

    for name, text in _cases(answers, day).items():
        body = re.sub(r"^expect:\n(?: .*\n)+", "", text, flags=re.MULTILINE)
        try:
            case = parse_case(body.encode(), f"{name}.yaml", knowledge)
            (item,) = decide(case, knowledge, Role.IMR).items.values()
        except (EngineError, KnowledgeError) as error:
            yield str(error)
            return
        governing = item.recommendation
        topic = "nothing" if governing is None else _topic_of(governing.iri)
        if topic != answers.topic:
            yield f"{topic} governs a request for {local_name(answers.treatment)} of {day}."
            return
        expected = _expected(answers, met=name.endswith("-all-met"))
        for assessment in item.assessments:
            number, outcome = assessment.criterion.number, assessment.outcome.value
            if outcome != expected[number]:
                yield f"Criterion {number} is {outcome} in the case {name}, not {expected[number]}."


def _topic_of(iri: URIRef) -> str:
    return str(iri).removeprefix(BASE + "guideline/").split("#")[0]


def _expected(answers: Answers, *, met: bool) -> dict[str, str]:
    outcome = "Met" if met else "NotDocumented"
    return {str(number): outcome for number, _ in enumerate(answers.criteria, start=1)}


# The text of the files, in the layout of ``mtus format``.


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


def _ontology(answers: Answers, document: Guideline, knowledge: Knowledge) -> Iterator[str]:
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
    yield f"    owl:equivalentClass [ owl:intersectionOf ( {both} ) ] ."
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


def _shapes(answers: Answers) -> Iterator[str]:
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


def _cases(answers: Answers, day: date) -> dict[str, str]:
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
    outcomes = (f'"{n}": {outcome}' for n, outcome in _expected(answers, met=met).items())
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
