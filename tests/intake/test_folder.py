"""A folder of records becomes a case file: kinds, dates, facts with their pages, requests."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasoner import Knowledge, adjudicate, read_case
from reasoner.cli import app
from reasoner.errors import InputError
from reasoner.intake.asking import requests_in
from reasoner.intake.draft import Draft, write_draft
from reasoner.intake.folder import read_folder
from reasoner.intake.headings import date_of, days_in, kind_of
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pages import running_text
from reasoner.intake.pdftext import Line
from reasoner.intake.reading import read_document

FOLDER = Path(__file__).parent / "records"


@pytest.fixture(scope="module")
def lexicon(knowledge: Knowledge) -> Lexicon:
    return Lexicon(knowledge)


@pytest.fixture(scope="module")
def draft(lexicon: Lexicon) -> Draft:
    return read_folder(FOLDER, lexicon)[0]


def lines(text: str) -> list[Line]:
    return [Line(" ".join(line.split()), 0.0, 1) for line in text.splitlines()]


# From a folder to a determination


def test_folder_is_decided(knowledge: Knowledge, tmp_path: Path) -> None:
    out = tmp_path / "case.yaml"
    done = CliRunner().invoke(app, ["intake", str(FOLDER), "-o", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert done.stderr == (
        "Read from a folder of records: 6 facts and 2 requests; 1 more not placed, named at the end of"
        " the file. A person has to check them.\n"
    )
    determined = adjudicate(read_case(out, knowledge), knowledge).to_dict()
    first = determined["items"][0]  # type: ignore[index]
    assert (first["treatment"], first["outcome"]) == ("TriggerPointInjection", "Upheld")


def test_records_have_kind_and_date_and_say_by_which_line(draft: Draft) -> None:
    told = {str(r.keys["id"]): (r.keys["type"], r.keys.get("date")) for r in draft.records}
    assert told == {
        "rfa": ("RequestForAuthorization", "2014-08-19"),
        "ur": ("UtilizationReviewReport", "2014-09-10"),
        "pr2": ("ProgressReport", "2014-08-19"),
    }
    for record in draft.records:
        assert sum(note.startswith("Taken for granted: its") for note in record.notes) == 2


def test_worker_injury_and_review_are_read(draft: Draft) -> None:
    assert draft.worker is not None
    assert draft.injury is not None
    assert draft.review is not None
    assert draft.worker.keys == {"age": "60", "sex": "male"}
    assert draft.injury.keys == {"date": "2010-06-24"}
    assert draft.review.keys == {"date": "2014-09-10", "decision": "Denied"}


def test_guideline_that_the_review_recites_is_no_fact(draft: Draft) -> None:
    assert {fact.keys["in"] for fact in draft.facts} == {"rfa", "pr2"}
    named = {fact.keys["is"] for fact in draft.facts}
    assert "TwitchResponse" not in named
    assert "Radiculopathy" not in named


def test_negation_stays_on_its_line(draft: Draft) -> None:
    absent = {str(f.keys["is"]) for f in draft.facts if f.keys.get("status") == "absent"}
    assert absent == {"Numbness", "MuscleSpasm"}


def test_name_of_the_worker_is_not_taken_over(draft: Draft) -> None:
    assert "Doe" not in write_draft(draft)


def test_other_files_are_named_as_not_read(draft: Draft) -> None:
    assert draft.left_out == ("scan.tif: neither PDF nor text; not read.",)


# Requests


def test_list_of_the_form_is_what_is_asked_for(draft: Draft) -> None:
    asked = [(r.keys["treatment"], r.keys.get("quantity"), r.keys["date"]) for r in draft.requests]
    assert asked == [
        ("TriggerPointInjection", "6", "2014-08-19"),
        ("PhysicalTherapy", "12", "2014-08-19"),
    ]
    assert all("Requested Treatment" in r.notes[0] for r in draft.requests)


def test_request_of_the_command_line_takes_the_place_of_the_lists(lexicon: Lexicon) -> None:
    draft, _ = read_folder(FOLDER, lexicon, ["MRI of the neck", "Levitation"])
    assert [r.keys["treatment"] for r in draft.requests] == [
        "MagneticResonanceImaging",
        "UnplacedTreatment",
    ]
    assert any("Not placed" in note for note in draft.requests[1].notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Treatment requested: MRI of the lumbar spine; physical therapy x 6", ["MRI of the lumbar spine", "physical therapy x 6"]),
        ("Treatments requested:\n- Acupuncture 2x4\n- A thing unheard of\n\nPlan: MRI", ["Acupuncture 2x4", "A thing unheard of"]),
        ("Request for Authorization\nForm RFA\nName: MRI Center\n1) TENS unit\n   for home use\nSignature: x", ["TENS unit for home use"]),
        ("Diagnosis (Required) ICD-Code (Required) Service/Good Requested (Required) CPT\nLow back pain M54.5 MRI lumbar spine 72148\nRequesting physician: MRI", ["Low back pain M54.5 MRI lumbar spine 72148"]),
        ("I am requesting authorization for acupuncture 6 visits", ["acupuncture 6 visits"]),
        ("The request for authorization was denied because MRI was not needed.", []),
        ("An MRI was requested", []),
    ],
)  # fmt: skip
def test_lists_are_found(text: str, expected: list[str], lexicon: Lexicon) -> None:
    assert [wanted.words for wanted in requests_in(lines(text), lexicon)] == expected


def test_folder_that_asks_for_nothing_says_what_to_do(lexicon: Lexicon, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("PROGRESS NOTE\nNeck pain.")
    with pytest.raises(InputError, match=r'--request "6 trigger point injections'):
        read_folder(tmp_path, lexicon)


# Bounds and what cannot be read


def test_folder_without_records_is_told(lexicon: Lexicon, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no record that can be read.*Expected files in PDF or text"
    ):
        read_folder(tmp_path, lexicon)


def test_too_many_files_are_refused(lexicon: Lexicon, tmp_path: Path) -> None:
    for number in range(501):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InputError, match="at most 500 files"):
        read_folder(tmp_path, lexicon)


def test_too_long_records_are_refused(lexicon: Lexicon, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("pain " * 1_100_000)
    with pytest.raises(InputError, match="too long"):
        read_folder(tmp_path, lexicon)


def test_links_are_not_followed(lexicon: Lexicon, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("PROGRESS NOTE 1/2/2015\nHeadache is present.")
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "note.txt").write_text("PROGRESS NOTE\nNeck pain.")
    os.symlink(tmp_path / "secret.txt", folder / "link.txt")
    os.symlink(tmp_path, folder / "up")
    draft, _ = read_folder(folder, lexicon, ["MRI of the neck"])
    assert [r.keys["id"] for r in draft.records] == ["note"]
    assert draft.left_out == ("link.txt: a link or no plain file; not read.",)


def test_letter_among_the_records_is_not_read_as_one(lexicon: Lexicon, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("PROGRESS NOTE\nNeck pain.")
    (tmp_path / "imr.txt").write_text("IMR ISSUES, DECISIONS AND RATIONALES\nHeadache.")
    draft, _ = read_folder(tmp_path, lexicon, ["MRI of the neck"])
    assert [r.keys["id"] for r in draft.records] == ["note"]
    assert "a determination letter" in draft.left_out[0]


def test_file_without_text_is_named_and_the_rest_is_read(lexicon: Lexicon, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("PROGRESS NOTE\nNeck pain.")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4\nnothing")
    (tmp_path / "blank.txt").write_text("  \n")
    draft, _ = read_folder(tmp_path, lexicon, ["MRI of the neck"])
    assert len(draft.left_out) == 2


def test_request_for_a_letter_or_bundle_is_refused() -> None:
    with pytest.raises(InputError, match="beside a folder of records only"):
        CliRunner().invoke(
            app,
            ["intake", "tests/intake/fhir/chart.json", "--request", "MRI"],
            catch_exceptions=False,
        )


# PDF


def test_facts_of_a_pdf_have_their_page(lexicon: Lexicon, tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    source = tmp_path / "r.typ"
    source.write_text(
        "= Progress report\nDate of visit: 3/4/2015\n\nThe patient complains of neck pain.\n"
        "#pagebreak()\nExamination: There is tenderness of the lumbar spine.\n\nNo muscle spasm.\n"
    )
    folder = tmp_path / "case"
    folder.mkdir()
    typst.compile(str(source), output=str(folder / "pr2.pdf"))
    draft, shown = read_folder(folder, lexicon, ["MRI of the neck"])
    pages = {str(fact.keys["is"]): fact.keys["page"] for fact in draft.facts}
    assert pages["Tenderness"] == pages["MuscleSpasm"] == "2"
    assert {p for n, p in pages.items() if n not in ("Tenderness", "MuscleSpasm")} == {"1"}
    assert draft.records[0].keys["type"] == "ProgressReport"
    assert draft.records[0].keys["date"] == "2015-03-04"
    assert [(p.record, p.page) for p in shown] == [("pr2", "1"), ("pr2", "2")]


# Heads


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Primary Treating Physician's Progress Report (PR-2)", "ProgressReport"),
        ("OPERATIVE REPORT", "OperativeReport"),
        ("MRI of the Lumbar Spine without Contrast", "ImagingReport"),
        ("EMG/NCV Study", "ElectrodiagnosticReport"),
        ("DWC Form RFA", "RequestForAuthorization"),
        ("Notice of Non-Certification", "UtilizationReviewReport"),
        ("Physical Therapy Daily Note", "TherapyNote"),
        ("Urine Drug Screen Results", "LaboratoryReport"),
        ("Doctor's First Report of Occupational Injury", "ConsultationReport"),
    ],
)
def test_kind_is_what_the_heading_says(head: str, kind: str) -> None:
    told = kind_of(lines(f"Some Clinic\n{head}\nText about an MRI."))
    assert told is not None
    assert (told.value, told.line) == (kind, head)


def test_no_heading_no_kind() -> None:
    assert kind_of(lines("Some Clinic\nDear colleague")) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("DOB: 1/2/1960\nDOI: 3/4/2010\nDate of service: 5/6/14", "2014-05-06"),
        ("Printed: 1/1/2020\nMarch 3, 2015\nDate: 2015-03-04", "2015-03-04"),
        ("Clinic\nMarch 3, 2015", "2015-03-03"),
        ("Date of birth: 1/2/1960", None),
        ("13/45/2014 and 2014-02-30 and 1/2/3/2014 and 1/2/1801", None),
    ],
)
def test_date_is_of_the_record_and_of_nothing_else(head: str, expected: str | None) -> None:
    told = date_of(lines(head))
    assert (None if told is None else told.value) == expected


def test_dates_in_their_forms() -> None:
    text = "8/19/14, 08-19-2014, 2014-08-19, Aug. 19th, 2014, Foo 19, 2014"
    assert [day for day, _ in days_in(text)] == [date(2014, 8, 19)] * 4


# Running text


def test_lines_that_the_margin_broke_are_one_sentence_and_others_are_not() -> None:
    text = running_text(
        lines(
            "The patient was seen today with pain in the neck and with spasm of the\n"
            "trapezius muscle.\n- No numbness\n- Headache\nNormal gait\n\nInter-\nmittent pain"
        )
    ).text
    assert "spasm of the trapezius muscle. No numbness. Headache. Normal gait. " in text
    assert text.endswith("Intermittent pain")


def test_text_without_an_end_is_read_in_bounded_time(lexicon: Lexicon) -> None:
    found = read_document("no pain " * 4_000, lexicon)
    assert {fact.present for fact in found} == {False}
    text = "He has neck pain. " * 1_500 + "He has headache."
    (last,) = (f for f in read_document(text, lexicon) if text[f.start : f.end] == "headache")
    assert text[last.start : last.end] == "headache"


def test_page_of_a_character() -> None:
    running = running_text([Line("One.", 0, 1), Line("Two.", 0, 2), Line("Three.", 0, 4)])
    assert [running.page_at(running.text.index(w)) for w in ("One", "Two", "Three")] == [1, 2, 4]
