"""The records of a Bundle: documents, reports and encounters, and which of them states what.

A fact of a case file stands in a record. A resource is documented by the document that says it
holds it, by the document of its encounter, or by its encounter; what nothing documents stands in
the record ``bundle``, said to be the Bundle itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.intake.draft import Entry, Value, clean
from reasoner.intake.fhir.bundle import Bundle, Resource
from reasoner.intake.fhir.codes import LOINC, codes_in, words_of
from reasoner.intake.fhir.element import Day, Element

BUNDLE = "bundle"
"""The id of the record for what no document documents."""

# LOINC document types, and what of them is common in workers' compensation.
_LOINC_TYPES = {
    "11506-3": "ProgressReport", "34117-2": "ProgressReport", "34109-9": "ProgressReport",
    "11488-4": "ConsultationReport", "34100-8": "ConsultationReport",
    "11504-8": "OperativeReport", "28570-0": "OperativeReport",
    "18748-4": "ImagingReport", "68604-8": "ImagingReport", "18782-3": "ImagingReport",
    "11502-2": "LaboratoryReport", "26436-6": "LaboratoryReport",
    "57133-1": "ConsultationReport", "64290-0": "RequestForAuthorization",
    "34823-5": "TherapyNote", "11508-9": "TherapyNote",
}  # fmt: skip
_WORDED = (
    (r"utili[sz]ation review|\bUR (?:decision|determination)|non-?certif", "UtilizationReviewReport"),
    (r"request for authori[sz]ation|\bRFA\b|prior auth", "RequestForAuthorization"),
    (r"electrodiagnos|electromyogra|\bEMG\b|\bNCV\b|\bNCS\b|nerve conduction", "ElectrodiagnosticReport"),
    (r"\bMRI\b|\bCT\b|x-?ray|radiolog|radiogra|imaging|ultrasound", "ImagingReport"),
    (r"operative|surgical report|procedure (?:note|report)", "OperativeReport"),
    (r"laborator|\blab\b|toxicolog|pathology|urine drug", "LaboratoryReport"),
    (r"physical therap|occupational therap|chiropract|acupunct|therapy (?:note|report)", "TherapyNote"),
    (r"consult|initial (?:evaluation|visit|report)|QME|AME\b", "ConsultationReport"),
    (r"progress|follow-?up|office visit|\bPR-?2\b|ambulatory|outpatient|encounter", "ProgressReport"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact is documented: the record's id, and the page where that is known."""

    record: str
    page: str | None = None


class Records:
    """The records of a Bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self.entries: list[Entry] = []
        self.texts: list[tuple[Place, Resource, Element]] = []
        self.left_out: list[str] = []
        self._holding: dict[str, Place] = {}
        self._of_encounter: dict[str, Place] = {}
        self._encounters_used: dict[str, Resource] = {}
        self._needs_bundle = False
        for resource in bundle.of("DocumentReference"):
            self._document(resource)
        for resource in bundle.of("Composition", "DiagnosticReport"):
            self._report(resource)
        for resource in bundle.of("Provenance"):
            self._provenance(resource)
        for resource in bundle.of("Claim"):
            self._claim(resource)

    def of(self, resource: Resource) -> Place:
        """Give the place that documents a resource."""
        outer = resource.inside or resource
        for source in outer.element.many("derivedFrom"):
            found = self._bundle.resolve(source, outer)
            if found is not None and found.name in self._holding:
                return self._holding[found.name]
        if outer.name in self._holding:
            return self._holding[outer.name]
        reference = outer.element.one("encounter") or (
            outer.element.one("context") if outer.kind.startswith("Medication") else None
        )
        encounter = None if reference is None else self._bundle.resolve(reference, outer)
        if encounter is None or encounter.kind != "Encounter":
            self._needs_bundle = True
            return Place(BUNDLE)
        if encounter.name in self._of_encounter:
            return self._of_encounter[encounter.name]
        if encounter.name not in self._encounters_used:
            self._encounters_used[encounter.name] = encounter
            self._encounter(encounter)
        return Place(encounter.fact_id)

    def all(self, *, named: str) -> tuple[Entry, ...]:
        """Give every record, the one for what nothing documents included where it is needed."""
        rest = Entry(
            {"id": BUNDLE, "type": "OtherRecord", "title": f"FHIR Bundle {named}"},
            ("No document of the Bundle is said to hold what stands in this record.",),
        )
        return (*self.entries, *([rest] if self._needs_bundle else []))

    def need_bundle(self) -> Place:
        """Give the record for what nothing documents."""
        self._needs_bundle = True
        return Place(BUNDLE)

    def _add(
        self, resource: Resource, kind: str, day: Day | None, title: str, notes: list[str]
    ) -> None:
        keys: dict[str, Value] = {"id": resource.fact_id, "type": kind}
        if day is not None and day.exact is not None:
            keys["date"] = str(day.exact)
        elif day is not None:
            notes.append(f"Its date is not a whole one: {day.text}.")
        if title:
            keys["title"] = clean(title, most=500)
        self.entries.append(Entry(keys, (f"From {resource.name}.", *notes)))

    def _document(self, resource: Resource) -> None:
        element = resource.element
        status = element.text("status")
        if status == "entered-in-error":
            self.left_out.append(f"{resource.name}: entered in error.")
            return
        words = " ".join([words_of(element.one("type")), element.text("description") or ""])
        kind, notes = self._kind(element.one("type"), words)
        if status == "superseded":
            notes.append("It is superseded by another document.")
        context = element.one("context")
        period = context.one("period") if context is not None else None
        contents = element.many("content")
        attachments = [a for content in contents if (a := content.one("attachment")) is not None]
        created = next((d for a in attachments if (d := a.day("creation")) is not None), None)
        day = (
            (period.day("start") if period is not None else None) or created or element.day("date")
        )
        title = element.text("description") or next(
            (t for a in attachments if (t := a.text("title"))), None
        )
        authors = self._authors(resource, element.many("author"))
        self._add(resource, kind, day, ", ".join(filter(None, [title, *authors])), notes)
        place = Place(resource.fact_id, _page(attachments))
        self._holding[resource.name] = place
        for attachment in attachments:
            if attachment.has("data"):
                self.texts.append((Place(resource.fact_id), resource, attachment))
        for encounter in context.many("encounter") if context is not None else []:
            found = self._bundle.resolve(encounter, resource, "Encounter", "EpisodeOfCare")
            if found is not None:
                self._of_encounter.setdefault(found.name, place)
        self._hold(resource, place, context.many("related") if context is not None else [])

    def _report(self, resource: Resource) -> None:
        element = resource.element
        if element.text("status") == "entered-in-error":
            self.left_out.append(f"{resource.name}: entered in error.")
            return
        coded = element.one("type") if resource.kind == "Composition" else element.one("code")
        categories = " ".join(words_of(category) for category in element.many("category"))
        words = f"{words_of(coded)} {element.text('title') or ''} {categories}"
        kind, notes = self._kind(coded, words)
        period = element.one("effectivePeriod")
        day = (
            element.day("effectiveDateTime")
            or (period.day("start") if period is not None else None)
            or element.day("date")
            or element.day("issued")
        )
        authors = self._authors(
            resource, element.many("author" if resource.kind == "Composition" else "performer")
        )
        title = element.text("title") or words_of(coded)
        self._add(resource, kind, day, ", ".join(filter(None, [title, *authors])), notes)
        place = Place(resource.fact_id)
        self._holding[resource.name] = place
        self._hold(resource, place, element.many("result"))
        sections = element.many("section")
        for depth in range(8):
            for section in sections:
                self._hold(resource, place, section.many("entry"))
            sections = [inner for section in sections for inner in section.many("section")]
            if not sections or depth == 7:
                break
        encounter = element.one("encounter")
        found = None if encounter is None else self._bundle.resolve(encounter, resource)
        if found is not None and resource.kind == "Composition":
            self._of_encounter.setdefault(found.name, place)

    def _claim(self, resource: Resource) -> None:
        element = resource.element
        if element.text("status") in ("entered-in-error", "cancelled"):
            return
        self._add(
            resource, "RequestForAuthorization", element.day("created"), "Request for authorization",
            [],
        )  # fmt: skip
        self._holding[resource.name] = Place(resource.fact_id)

    def _provenance(self, resource: Resource) -> None:
        for entity in resource.element.many("entity"):
            what = entity.one("what")
            source = None if what is None else self._bundle.resolve(what, resource)
            if source is not None and source.name in self._holding:
                place = self._holding[source.name]
                self._hold(resource, place, resource.element.many("target"))

    def _hold(self, holder: Resource, place: Place, references: list[Element]) -> None:
        for reference in references:
            found = self._bundle.resolve(reference, holder)
            if found is not None and found.name not in self._holding:
                self._holding[found.name] = place

    def _encounter(self, resource: Resource) -> None:
        element = resource.element
        period = element.one("period")
        kinds = element.many("type")
        words = " ".join(words_of(kind) for kind in kinds)
        kind, _ = self._kind(kinds[0] if kinds else None, words or "encounter")
        individuals = [
            i for p in element.many("participant") if (i := p.one("individual")) is not None
        ]
        authors = self._authors(resource, individuals)
        title = ", ".join(filter(None, [clean(words, most=200) or "Encounter", *authors]))
        day = period.day("start") if period is not None else None
        notes = ["Taken for granted: the encounter stands for the report of it."]
        self._add(resource, kind, day, title, notes)

    def _kind(self, coded: Element | None, words: str) -> tuple[str, list[str]]:
        for code in sorted(codes_in(coded)):
            if code in _LOINC_TYPES and coded is not None and _is_loinc(coded, code):
                return _LOINC_TYPES[code], []
        for pattern, kind in _WORDED:
            if re.search(pattern, words, re.I):
                return kind, []
        return "OtherRecord", ["The vocabulary names no such document."] if words.strip() else []

    def _authors(self, resource: Resource, references: list[Element]) -> Iterator[str]:
        for reference in references[:2]:
            display = reference.text("display")
            found = self._bundle.resolve(reference, resource)
            name = display or (None if found is None else _name_of(found))
            if name:
                yield clean(name, most=100)


def _is_loinc(coded: Element, code: str) -> bool:
    return any(
        coding.text("system") == LOINC and coding.text("code") == code
        for coding in coded.many("coding")
    )


def _name_of(resource: Resource) -> str | None:
    if resource.kind == "Organization":
        return resource.element.text("name")
    if resource.kind == "PractitionerRole":
        person = resource.element.one("practitioner")
        return None if person is None else person.text("display")
    if resource.kind != "Practitioner":
        return None
    for name in resource.element.many("name"):
        given = name.value.get("given")
        parts = [*(given if isinstance(given, list) else []), name.value.get("family")]
        written = name.text("text") or " ".join(part for part in parts if isinstance(part, str))
        if written:
            return written
    return None


def _page(attachments: list[Element]) -> str | None:
    """Give the page that the address of an attachment names (RFC 8118: ``report.pdf#page=3``)."""
    for attachment in attachments:
        found = re.search(r"#page=(\d{1,5})$", attachment.text("url") or "")
        if found:
            return found[1]
    return None
