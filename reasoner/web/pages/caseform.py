"""The form for a case, and the case file that it stands for, line by line.

Each field has a line of its own in the file, so that what the reader says of a line is told beside
the field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rdflib import RDFS, SKOS, URIRef

from reasoner.errors import Problem
from reasoner.knowledge import Knowledge
from reasoner.terms import BASE, CORE, local_name

MOST_ROWS = 40
LONGEST = 5_000
"""Characters of one field."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Attributes:
        key: the key of the case file.
        takes: ``text``, ``words`` (several lines), ``date``, ``number``; the name of a list of
            completions; or of a list of choices.
    """

    key: str
    label: str
    takes: str
    hint: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; a group of rows can have more of them."""

    name: str
    label: str
    one: str
    fields: tuple[Field, ...]
    rows: int = 0


GROUPS = (
    Group("case", "The case", "", (
        Field("id", "Name of the case", "text", "letters, digits, dots and dashes", True),
        Field("worker.age", "Age of the worker", "number"),
        Field("worker.sex", "Sex, as recorded", "text"),
        Field("injury.date", "Day of the injury", "date"),
        Field("utilizationReview.date", "Day of the utilization review decision", "date",
              "or the day of each request"),
        Field("utilizationReview.decision", "What utilization review decided", "decisions"),
    )),
    Group("requests", "What is asked for", "Request", (
        Field("treatment", "Treatment", "treatments", "", True),
        Field("region", "Body region", "regions"),
        Field("side", "Side", "sides"),
        Field("quantity", "Quantity in all", "number"),
        Field("sessions", "Sessions", "number"),
        Field("date", "Day of the request", "date"),
        Field("wording", "In the words of the request", "text"),
    ), 1),
    Group("records", "Records of the case file", "Record", (
        Field("type", "Kind", "records"),
        Field("date", "Date", "date"),
        Field("title", "Title", "text"),
    ), 1),
    Group("facts", "What the records document", "Fact", (
        Field("is", "Finding, diagnosis or treatment", "documentables"),
        Field("status", "Status", "statuses"),
        Field("region", "Body region", "regions"),
        Field("side", "Side", "sides"),
        Field("by", "Found by", "methods"),
        Field("outcome", "Outcome of a treatment", "outcomes"),
        Field("duration", "Duration", "text", "such as 4 months"),
        Field("relief", "Relief", "text", "such as 60 %"),
        Field("in", "In record", "text", "its number above"),
        Field("page", "Page", "text"),
        Field("quote", "In the words of the record", "words"),
    ), 2),
)  # fmt: skip

CHOICES = {
    "decisions": CORE.ReviewDecision, "regions": CORE.BodyRegion, "sides": CORE.Side,
    "statuses": CORE.Status, "methods": CORE.Method, "outcomes": CORE.TrialOutcome,
}  # fmt: skip
COMPLETIONS = {"treatments": CORE.Treatment, "documentables": CORE.Documentable}


@dataclass(frozen=True)
class Draft:
    """What was entered.

    Attributes:
        values: by the name of the field, such as ``facts-2-is``.
        rows: how many rows each group has.
    """

    values: Mapping[str, str]
    rows: Mapping[str, int]

    def row_name(self, group: Group, row: int, field: Field) -> str:
        """Give the name of a field of a row; rows count from 1, a group without rows is 0."""
        return f"{group.name}-{row}-{field.key}" if row else f"{group.name}-{field.key}"


def empty_draft() -> Draft:
    """Give the form as it is first shown."""
    return Draft({"facts-1-in": "1", "facts-2-in": "1"}, {g.name: g.rows for g in GROUPS if g.rows})


def read_draft(given: Mapping[str, str]) -> Draft:
    """Read what a browser sent; what is no field of ours is left out."""
    rows = {}
    for group in GROUPS:
        if group.rows:
            stated = given.get(f"rows-{group.name}", "")
            count = int(stated) if re.fullmatch(r"\d{1,3}", stated) else group.rows
            count += given.get("more") == group.name
            rows[group.name] = min(max(count, group.rows), MOST_ROWS)
    values = {}
    for group in GROUPS:
        for row in range(1, rows[group.name] + 1) if group.rows else (0,):
            for field in group.fields:
                name = f"{group.name}-{row}-{field.key}" if row else f"{group.name}-{field.key}"
                if given.get(name, "").strip():
                    values[name] = given[name].replace("\r\n", "\n").strip()[:LONGEST]
    if given.get("more") == "facts":
        values.setdefault(f"facts-{rows['facts']}-in", "1")
    return Draft(values, rows)


def to_case_file(draft: Draft) -> tuple[str, dict[int, str]]:
    """Write the case file that a draft stands for.

    Returns:
        The file, and the field that each line of it was made from.
    """
    lines: list[str] = []
    fields: dict[int, str] = {}

    def add(text: str, field: str) -> None:
        lines.append(text)
        fields[len(lines)] = field

    case = GROUPS[0]
    above = ""
    for field in case.fields:
        name = f"case-{field.key}"
        value = draft.values.get(name)
        outer, dot, key = field.key.rpartition(".")
        if value is None:
            continue
        if dot and outer != above:
            add(f"{outer}:", name)
            above = outer
        add(f"{'  ' if dot else ''}{key}: {_scalar(value)}", name)
    # A record that a fact stands in is there, though nothing else is said of it.
    cited = {
        value
        for name, value in draft.values.items()
        if (match := re.fullmatch(r"(facts-\d+-)in", name))
        and any(n.startswith(match[1]) and n != name for n in draft.values)
    }
    for group in GROUPS[1:]:
        first = True
        for row in range(1, draft.rows[group.name] + 1):
            names = ((f, f"{group.name}-{row}-{f.key}") for f in group.fields)
            stated = [(f, draft.values[name]) for f, name in names if name in draft.values]
            named = group.name == "records" and str(row) in cited
            if all(field.key == "in" for field, _ in stated) and not named:
                continue
            if first:
                add(f"{group.name}:", f"{group.name}-{row}-{group.fields[0].key}")
                first = False
            start = "  - "
            if group.name == "records":
                add(f"  - id: record-{row}", f"records-{row}-type")
                start = "    "
            for field, value in stated:
                shown = f"record-{value}" if field.key == "in" and value.isdigit() else value
                add(f"{start}{field.key}: {_scalar(shown)}", f"{group.name}-{row}-{field.key}")
                start = "    "
    return "\n".join(lines) + "\n" if lines else "{}\n", fields


def _scalar(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", text) and text.casefold() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    for mark in "\x7f\x85\u2028\u2029\ufeff":
        quoted = quoted.replace(mark, f"\\u{ord(mark):04x}")
    return quoted


_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def described_readings(knowledge: Knowledge) -> list[tuple[str, str, str]]:
    """Give name, label and definition of each reading that is not the default, by label."""
    described = knowledge.vocabulary
    found = []
    for name in knowledge.sources.overlays:
        reading = URIRef(f"{BASE}reading/{name}")
        label, definition = (described.value(reading, p) for p in (RDFS.label, SKOS.definition))
        found.append((name, str(label), str(definition)))
    return sorted(found, key=lambda reading: reading[1])


def field_of(problem: Problem, fields: Mapping[int, str]) -> str | None:
    """Give the field that a problem is told beside; None if it belongs to none."""
    if problem.line is None:
        return None
    field = fields.get(problem.line)
    if problem.key == "id":
        return "case-id"
    if field is not None and problem.key is not None:
        start, dash, _ = field.rpartition("-")
        wanted = f"{start}{dash}{problem.key}"
        known = {f"{g.name}-{f.key}" for g in GROUPS for f in g.fields}
        if re.sub(r"-\d+-", "-", wanted) in known:
            return wanted
        if problem.key == "requests":
            return "requests-1-treatment"
    return field or ("requests-1-treatment" if problem.key == "requests" else None)


def label_of(name: str) -> str:
    """Name a field for people, by its row and label: ``Fact 2, Body region``."""
    for group in GROUPS:
        for field in group.fields:
            if name == f"{group.name}-{field.key}":
                return field.label
            if match := re.fullmatch(rf"{group.name}-(\d+)-{re.escape(field.key)}", name):
                return f"{group.one} {match[1]}, {field.label}"
    return name


def choices(knowledge: Knowledge) -> dict[str, list[tuple[str, str]]]:
    """Give what fields with choices take, by name and label."""
    concepts = knowledge.concepts
    found = {
        name: sorted(
            ((local_name(i), concepts.label(i)) for i in concepts.individuals(kind)),
            key=lambda pair: pair[1],
        )
        for name, kind in CHOICES.items()
    }
    found["records"] = [
        (local_name(c), concepts.label(c)) for c in concepts.subclasses(CORE.Record)
    ]
    return found


def completions(knowledge: Knowledge, kind: URIRef) -> Sequence[tuple[str, str]]:
    """Give the concepts below a kind, each with its label and the words that records use."""
    concepts, graph = knowledge.concepts, knowledge.vocabulary
    found = []
    for concept in concepts.subclasses(kind):
        said = [concepts.label(concept)]
        said += sorted(str(o) for o in graph.objects(concept, SKOS.altLabel))
        said += [str(o) for o in graph.objects(concept, RDFS.label) if str(o) not in said]
        found.append((local_name(concept), "; ".join(dict.fromkeys(said))[:120]))
    return found
