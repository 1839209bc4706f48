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

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from rdflib import URIRef

from reasoner.authoring.topictext import (
    Answers,
    NewCriterion,
    case_texts,
    expected_outcomes,
    ontology_text,
    shapes_text,
)
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


def less_specific(topic: str, treatment: URIRef, knowledge: Knowledge) -> tuple[URIRef, ...]:
    """Give what the guideline of a topic recommends of the kinds that a treatment is one of.

    A section on one kind prevails over that on all kinds, so a new recommendation has to say so.
    """
    concepts = knowledge.concepts
    above = [
        t for t in knowledge.index.about if t != treatment and concepts.is_kind_of(treatment, t)
    ]
    guideline = topic.split("/")[0] + "/"
    return tuple(
        sorted(
            recommendation.iri
            for found in knowledge.topics_about(above)
            if found.name.startswith(guideline)
            for recommendation in found.recommendations
            if recommendation.treatment in above
        )
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
    files = {ontology: "".join(f"{line}\n" for line in ontology_text(answers, document, knowledge))}
    if answers.criteria:
        files[shapes] = "".join(f"{line}\n" for line in shapes_text(answers))
    added = _with_files(knowledge, answers, files)
    day = _proven_day(answers, document, added)
    for name, text in case_texts(answers, day).items():
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
    # Nothing prevails over a new recommendation; so the index changes in these two places.
    about, treatment = dict(knowledge.index.about), answers.treatment
    about[treatment] = tuple(sorted((*about.get(treatment, ()), answers.topic)))
    displaced = dict(knowledge.index.displaced)
    own, over = URIRef(f"{BASE}guideline/{answers.topic}#recommendation"), answers.prevails_over
    if over:
        displaced[own] = frozenset(over).union(*(displaced.get(o, frozenset()) for o in over))
    added = Knowledge(sources, None, (), TopicIndex(about, displaced))
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

    for name, text in case_texts(answers, day).items():
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
        expected = expected_outcomes(answers, met=name.endswith("-all-met"))
        for assessment in item.assessments:
            number, outcome = assessment.criterion.number, assessment.outcome.value
            if outcome != expected[number]:
                yield f"Criterion {number} is {outcome} in the case {name}, not {expected[number]}."


def _topic_of(iri: URIRef) -> str:
    return str(iri).removeprefix(BASE + "guideline/").split("#")[0]
