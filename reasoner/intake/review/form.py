"""A draft as a form: what each field holds, what it takes, and what is wrong with it; and back.

The fields are the keys of the case file, so a key that ``shapes/case.ttl`` gains has its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reasoner.case import parse_case
from reasoner.caseformat import Key
from reasoner.casetree import Mapped, Sequence, Tree
from reasoner.errors import InputError, Problem
from reasoner.intake.draft import TEXTS, Draft, Entry, Value, write_draft
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE, local_name
from reasoner.wording import takes
from reasoner.yamltree import parse_yaml

SECTIONS = {
    "worker": ("worker", "Worker"),
    "injury": ("injury", "Injury"),
    "utilizationReview": ("utilization-review", "Utilization review"),
    "records": ("record", "Records"),
    "facts": ("fact", "Facts"),
    "requests": ("request", "Requests"),
}
"""The sections of the form: the key of the case file, with the form of its entries and a title."""

LISTS = ("records", "facts", "requests")
BLANKS = {"facts": 3, "requests": 1}
"""How many empty entries follow, to be filled with what was not read."""

_FIRST = {
    "records": ("id", "type", "date", "title"),
    "facts": ("is", "status", "region", "side", "in", "page", "quote"),
    "requests": ("treatment", "wording", "date", "region", "side", "quantity"),
}
_MOST_OPTIONS = 12
ACCEPTED = "Accepted on review."
CHANGED = "Changed on review."
ADDED = "Added on review."
_MARKS = (ACCEPTED, CHANGED, ADDED)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entry.

    Attributes:
        name: its name in the form, such as ``facts-3.region``.
        options: what it can hold, where that is little.
        datalist: the list that completes it.
        several: how several values are told apart: ``, `` or a line each; None if it takes one.
        first: whether it is shown without asking for more.
    """

    name: str
    key: str
    value: str
    help: str
    options: tuple[str, ...] = ()
    datalist: str | None = None
    several: str | None = None
    long: bool = False
    first: bool = True
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """An entry of the form.

    Attributes:
        name: its name in the form, such as ``facts-3``.
        decision: ``keep``, ``drop``, or empty where nobody has looked at it yet.
    """

    section: str
    name: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...]
    decision: str = ""
    blank: bool = False

    @property
    def title(self) -> str:
        """What the entry is, in a word or two."""
        held = {f.key: f.value for f in self.fields}
        return held.get("is") or held.get("treatment") or held.get("id") or ""

    @property
    def wrong(self) -> bool:
        """Whether one of its fields is wrong."""
        return any(f.errors for f in self.fields)


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        sections: the cards of each section.
        errors: what is wrong with no field in particular.
    """

    identifier: Field
    sections: Mapping[str, tuple[Card, ...]]
    errors: tuple[str, ...] = field(default=())

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every error, each with the field that it is about, or nothing."""
        found = [("", told) for told in self.errors]
        fields = [
            self.identifier,
            *(f for cards in self.sections.values() for c in cards for f in c.fields),
        ]
        found.extend((f.name, told) for f in fields for told in f.errors)
        return found


def make_form(draft: Draft, knowledge: Knowledge) -> Form:
    """Make the form of a draft."""
    single = {"worker": draft.worker, "injury": draft.injury, "utilizationReview": draft.review}
    several = {"records": draft.records, "facts": draft.facts, "requests": draft.requests}
    sections: dict[str, tuple[Card, ...]] = {}
    for section in SECTIONS:
        entries: Iterable[Entry]
        if section in several:
            entries = (*several[section], *[Entry({})] * BLANKS.get(section, 0))
        else:
            entries = (single[section] or Entry({}),)
        written = len(several.get(section, ()))
        sections[section] = tuple(
            _card(section, place, entry, knowledge, blank=section in several and place >= written)
            for place, entry in enumerate(entries)
        )
    identifier = Field("id", "id", draft.identifier, "A name for the case.")
    return Form(identifier, sections)


def _card(section: str, place: int, entry: Entry, knowledge: Knowledge, *, blank: bool) -> Card:
    name = f"{section}-{place}" if section in LISTS else section
    form = knowledge.case_format[SECTIONS[section][0]]
    fields = []
    if form.takes_id:
        value = entry.keys.get("id", "")
        fields.append(
            Field(f"{name}.id", "id", str(value), f"A name for {form.label}.",
                  first="id" in _FIRST.get(section, ("id",)))
        )  # fmt: skip
    for key in form.keys.values():
        fields.append(_field(section, name, key, entry.keys.get(key.name, ""), knowledge))
    order = _FIRST.get(section, ())
    fields.sort(key=lambda f: order.index(f.key) if f.key in order else len(order))
    return Card(
        section, name, tuple(fields), tuple(n for n in entry.notes if n not in _MARKS), blank=blank
    )


def _field(section: str, card: str, key: Key, value: Value, knowledge: Knowledge) -> Field:
    among = [local_name(term) for term in takes(key, knowledge)]
    if key.path == CORE.status:
        among, value = ["present", "absent"], value or "present"
    if key.kind == "boolean":
        among = ["true", "false"]
    several = None if key.most == 1 else "\n" if key.kind == "string" else ", "
    if key.kind == "form":
        several = "; "
    listed = bool(among) and several is None and len(among) <= _MOST_OPTIONS
    return Field(
        name=f"{card}.{key.name}",
        key=key.name,
        value=_shown(value, several),
        help=key.description,
        options=tuple(among) if listed else (),
        datalist=None if listed or not among else f"any-{local_name(str(key.of))}",
        several=several,
        long=key.name in ("quote", "wording") or several == "\n",
        first=key.name in _FIRST.get(section, (key.name,)) or bool(value),
    )


def _shown(value: Value, several: str | None) -> str:
    if isinstance(value, str):
        return value
    parts = [part if isinstance(part, str) else " ".join(part.values()) for part in value]
    return (several or ", ").join(parts)


def datalists(knowledge: Knowledge) -> dict[str, list[tuple[str, str]]]:
    """Give the lists that complete fields: the names of concepts, each with its label."""
    lists: dict[str, list[tuple[str, str]]] = {}
    for section, (form, _) in SECTIONS.items():
        for key in knowledge.case_format[form].keys.values():
            made = _field(section, section, key, "", knowledge)
            if made.datalist is not None and made.datalist not in lists:
                lists[made.datalist] = [
                    (local_name(term), knowledge.concepts.label(term))
                    for term in takes(key, knowledge)
                ]
    return lists


def filled(form: Form, posted: Mapping[str, str]) -> Form:
    """Give a form with what was posted in its fields and decisions.

    What was not posted keeps its value; what is no field of the form is not looked at.
    """

    def filled_field(made: Field) -> Field:
        value = posted.get(made.name, made.value).replace("\r\n", "\n").strip()
        return replace(made, value=value, errors=())

    sections = {
        section: tuple(
            replace(
                card,
                fields=tuple(filled_field(f) for f in card.fields),
                decision=_decision(posted.get(f"{card.name}!", "")),
            )
            for card in cards
        )
        for section, cards in form.sections.items()
    }
    return Form(filled_field(form.identifier), sections)


def _decision(text: str) -> str:
    return text if text in ("keep", "drop") else ""


def to_draft(form: Form, original: Draft, before: Form) -> Draft:
    """Make a draft of a form: what is dropped is left out, what was looked at is marked so.

    Args:
        form: the form, filled.
        original: the draft that it was made of.
        before: the form of that draft.
    """
    entries: dict[str, list[Entry]] = {section: [] for section in SECTIONS}
    for section, cards in form.sections.items():
        for card, unchanged in zip(cards, before.sections[section], strict=True):
            if card.decision != "drop":
                entry = _entry(card, unchanged)
                if entry.keys or section not in LISTS:
                    entries[section].append(entry)

    def one(section: str) -> Entry | None:
        entry = entries[section][0]
        return entry if entry.keys or entry.notes else None

    looked_at = [c for c in form.sections["facts"] if c.decision and not c.blank]
    facts = [c for c in form.sections["facts"] if not c.blank]
    notes = [note for note in original.notes if not note.startswith("Reviewed: ")]
    notes.append(f"Reviewed: {len(looked_at)} of {len(facts)} facts.")
    return Draft(
        identifier=form.identifier.value,
        notes=tuple(notes),
        worker=one("worker"),
        injury=one("injury"),
        review=one("utilizationReview"),
        records=tuple(entries["records"]),
        facts=tuple(entries["facts"]),
        requests=tuple(entries["requests"]),
        left_out=original.left_out,
    )


def _entry(card: Card, before: Card) -> Entry:
    keys: dict[str, Value] = {}
    fields = sorted(card.fields, key=lambda f: f.key != "id")
    for made in fields:
        if made.value and (made.key, made.value) != ("status", "present"):
            keys[made.key] = _value(made)
    if card.blank and set(keys) <= {"status"}:
        keys = {}
    changed = [f.value for f in card.fields] != [f.value for f in before.fields]
    mark = ADDED if card.blank else CHANGED if changed else ACCEPTED if card.decision else None
    listed = card.section in LISTS and mark is not None and keys
    return Entry(keys, (*card.notes, mark) if listed and mark else card.notes)


def _value(made: Field) -> Value:
    if made.several is None:
        return made.value if made.key in TEXTS or made.long else " ".join(made.value.split())
    parts = [" ".join(part.split()) for part in made.value.split(made.several.strip(" ") or "\n")]
    parts = [part for part in parts if part]
    if made.several != "; ":
        return tuple(parts)
    return tuple(_ingredient(part) for part in parts)


def _ingredient(text: str) -> dict[str, str]:
    drug, _, rest = text.partition(" ")
    return {"is": drug, "concentration": rest} if rest else {"is": drug}


def check(form: Form, original: Draft, before: Form, knowledge: Knowledge) -> tuple[str, Form]:
    """Hold a form to what the reader of case files holds a file to.

    Returns:
        The case file, and the form with its errors; it may be written if there are none.
    """
    draft = to_draft(form, original, before)
    text = write_draft(draft)
    try:
        parse_case(text.encode(), "case.yaml", knowledge)
    except InputError as error:
        return text, _with_errors(form, text, error.problems)
    return text, form


def _with_errors(form: Form, text: str, problems: Iterable[Problem]) -> Form:
    fields = _lines(form, text)
    by_field: dict[str, list[str]] = {}
    general: list[str] = []
    for problem in problems:
        told = str(replace(problem, file=None, line=None, key=None, node=None)).removeprefix(
            "input: "
        )
        name = fields.get((problem.line or 0, problem.key or "")) or fields.get(
            (problem.line or 0, "")
        )
        if name is None:
            name = _by_id(form, problem)
        if name is None:
            general.append(f"{problem.key}: {told}" if problem.key else told)
        else:
            by_field.setdefault(name, []).append(told)

    def told_field(made: Field) -> Field:
        found = by_field.pop(made.name, None)
        return replace(made, errors=tuple(found), first=True) if found else made

    sections = {
        section: tuple(replace(c, fields=tuple(map(told_field, c.fields))) for c in cards)
        for section, cards in form.sections.items()
    }
    identifier = told_field(form.identifier)
    general.extend(told for found in by_field.values() for told in found)
    return Form(identifier, sections, tuple(general))


def _lines(form: Form, text: str) -> dict[tuple[int, str], str]:
    """Give the field of each line and key of the case file."""
    tree, _ = parse_yaml(text, "case.yaml")
    found: dict[tuple[int, str], str] = {}
    if not isinstance(tree, Mapped):
        return found
    line, _value = tree.entries.get("id", (None, None))
    found[line or 0, "id"] = "id"
    for section in SECTIONS:
        _, held = tree.entries.get(section, (None, None))
        kept = [c for c in form.sections[section] if c.decision != "drop" and _holds(c)]
        items: tuple[Tree, ...] = (
            held.items if isinstance(held, Sequence) else (held,) if held else ()
        )
        for card, item in zip(kept, items, strict=False):
            if not isinstance(item, Mapped):
                continue
            first = next(iter(f for f in card.fields if f.first), card.fields[0])
            found.setdefault((item.line or 0, ""), first.name)
            for made in card.fields:
                found.setdefault((item.line or 0, made.key), made.name)
            for key, (at, _) in item.entries.items():
                found[at or 0, key] = f"{card.name}.{key}"
    return found


def _holds(card: Card) -> bool:
    keys = {f.key for f in card.fields if f.value}
    return bool(keys - {"status"})


def _by_id(form: Form, problem: Problem) -> str | None:
    if problem.node is None or problem.key is None:
        return None
    numbered = re.fullmatch(r"(fact|record|request)-(\d+)", problem.node)
    for section in LISTS:
        kept = [c for c in form.sections[section] if c.decision != "drop" and _holds(c)]
        for place, card in enumerate(kept, start=1):
            own = next((f.value for f in card.fields if f.key == "id"), "")
            counted = numbered and numbered[1] == SECTIONS[section][0] and int(numbered[2]) == place
            if (own and own == problem.node) or counted:
                return next((f.name for f in card.fields if f.key == problem.key), None)
    return None
