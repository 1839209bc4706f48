"""Letters in every layout, read into header, summary and items; what is no letter is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reasoner.errors import InputError
from reasoner.intake.citations import Citation
from reasoner.intake.letter import MAX_PAGES, Letter, parse_letter, read_letter
from reasoner.intake.pdftext import Line

from .measure import letter_files

LETTERS = Path(__file__).resolve().parent / "letters"


def read(name: str) -> Letter:
    return read_letter(LETTERS / f"{name}.txt")


def cited(
    citations: tuple[Citation, ...],
) -> list[tuple[bool, str, int | None, tuple[str, ...], tuple[str, ...]]]:
    return [(c.mtus, c.title, c.year, c.sections, c.pages) for c in citations]


def outcomes(letter: Letter) -> list[tuple[int, str, str]]:
    return [(item.number, item.outcome, item.request) for item in letter.items]


# 2014 to 2017


def test_header_of_2016_is_read_whole() -> None:
    letter = read("determination-2016")
    assert (letter.name, letter.layout, letter.priority) == ("CM16-0009003", "2014", "Standard")
    assert letter.assigned == date(2016, 12, 1)
    assert letter.injured == date(2016, 10, 3)
    assert letter.decided == date(2017, 1, 4)
    assert letter.denied == date(2016, 11, 18)
    assert letter.received == date(2016, 11, 23)
    assert letter.licensure == "California, Ohio"
    assert letter.specialty == "Physical Medicine & Rehabilitation, Pain Management"


def test_summary_goes_on_over_a_page_break_and_joins_a_divided_word() -> None:
    summary = read("determination-2016").summary
    assert summary.startswith("This case involves")
    assert "denied the MRI due to a lack of red flags." in summary
    assert "tenderness of the lumbar spine" in summary


def test_heading_that_recites_the_original_request_is_taken_apart() -> None:
    item = read("determination-2016").items[1]
    assert item.request == "Chiropractic therapy for the lumbar spine, #2"
    assert item.original == "Chiropractic therapy for the lumbar spine, #8"
    assert item.granted is not None
    assert "#6" in item.granted


def test_outcome_alone_on_its_line_belongs_to_its_heading() -> None:
    assert outcomes(read("determination-2016"))[2] == (3, "Overturned", "Ibuprofen 800mg #60")


def test_sections_with_commas_in_their_names_stay_whole() -> None:
    assert cited(read("determination-2016").items[1].reviewer) == [
        (True, "Chronic Pain Medical Treatment", 2016,
         ("NSAIDs, GI symptoms & cardiovascular risk", "Manual therapy & manipulation"), ()),
        (True, "Low Back Complaints", 2004, ("Physical Methods",), ()),
        (False, "Official Disability Guidelines, Low Back Chapter, Manipulation", None, (), ()),
    ]  # fmt: skip


def test_side_that_cites_nothing_has_no_citation_and_a_lead_in_is_none() -> None:
    item = read("determination-2016").items[2]
    assert item.administrator == ()
    assert cited(item.reviewer) == [
        (False, "Official Disability Guidelines (ODG) Pain, NSAIDs", None, (), ())
    ]


def test_pages_of_a_guideline_without_sections_are_read() -> None:
    lines = ["HOW THE IMR FINAL DETERMINATION WAS MADE", "IMR ISSUES, DECISIONS AND RATIONALES",
             "6 trigger point injections: Upheld", "Claims Administrator guideline: None cited.",
             "MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Trigger",
             "Point Injections Page(s): 122.", "Decision rationale: No."]  # fmt: skip
    letter = parse_letter([Line(text, 0.0, 1) for text in lines], "a.txt")
    assert cited(letter.items[0].reviewer) == [
        (True, "Chronic Pain Treatment Guidelines", None, ("Trigger Point Injections",), ("122",))
    ]


def test_days_that_the_header_lacks_are_read_from_the_summary() -> None:
    lines = ["CLINICAL CASE SUMMARY",
             "60 year old worker with date of injury 6/24/10. The date of UR decision was 9/10/14.",
             "IMR ISSUES, DECISIONS AND RATIONALES", "Splint: Upheld",
             "Claims Administrator guideline: x", "MAXIMUS guideline: y",
             "Decision rationale: z"]  # fmt: skip
    letter = parse_letter([Line(text, 0.0, 1) for text in lines], "a.txt")
    assert (letter.injured, letter.denied) == (date(2010, 6, 24), date(2014, 9, 10))


# Before and after


def test_numbered_notice_of_2013_is_read() -> None:
    letter = read("notice-2013")
    assert (letter.name, letter.layout) == ("CM13-0009001", "2013")
    assert (letter.injured, letter.denied) == (date(2011, 9, 20), date(2013, 7, 16))
    assert (letter.received, letter.decided) == (date(2013, 7, 22), date(2013, 10, 21))
    assert outcomes(letter) == [
        (1, "Upheld", "MRI of the left shoulder"),
        (2, "Overturned", "six visits of physical therapy for the left shoulder"),
    ]
    assert letter.summary.endswith("He has had no physical therapy.")
    assert letter.items[0].rationale.startswith("No red flag is on record")
    assert cited(letter.items[0].reviewer) == [(True, "Shoulder Complaints", 2004, (), ("207",))]
    assert letter.items[1].administrator == ()


def test_ruling_before_its_argument_is_read() -> None:
    letter = read("early-2014")
    assert outcomes(letter) == [
        (1, "Upheld", "EPIDURAL STEROID INJECTION AT L4-5"),
        (2, "Overturned", "NAPROXEN 550 MG #60"),
    ]
    assert cited(letter.items[0].reviewer) == [
        (True, "Chronic Pain Medical Treatment Guidelines", None,
         ("Epidural Steroid Injections",), ("46",))
    ]  # fmt: skip


def test_later_letter_with_its_documents_before_the_summary_is_read() -> None:
    letter = read("later-2018")
    assert letter.layout == "2017"
    assert outcomes(letter) == [
        (1, "Overturned", "MRI of the right knee"),
        (2, "Upheld", "Twelve visits of physical therapy for the right knee"),
    ]
    assert letter.summary.startswith("The patient is a 58 year old")


def test_professional_review_is_read_issue_by_issue() -> None:
    letter = read("review-2020")
    assert letter.layout == "review"
    assert outcomes(letter) == [
        (1, "Overturned", "Acupuncture, six visits for the cervical spine"),
        (2, "Upheld", "TENS unit for purchase"),
    ]
    assert letter.summary.endswith("physical therapy and cyclobenzaprine.")
    assert cited(letter.items[1].reviewer)[0][3] == ("TENS, chronic pain",)


# No letters


def refused(tmp_path: Path, name: str, data: bytes) -> str:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_letter(file)
    assert name in str(error.value)
    return str(error.value)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    assert "no text" in refused(tmp_path, "a.pdf", b"")


def test_file_that_is_neither_pdf_nor_text_is_refused(tmp_path: Path) -> None:
    assert "neither a PDF nor text" in refused(tmp_path, "a.bin", b"\x7fELF\x00\x01\x02")


def test_text_that_is_no_letter_is_refused(tmp_path: Path) -> None:
    assert "No disputed item" in refused(tmp_path, "a.txt", b"Dear sir,\nthank you.\n")


def test_broken_pdf_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(tmp_path, "a.pdf", b"%PDF-1.7\nnothing")


def pdf(pages: int, trailer: str = "", more: str = "") -> bytes:
    """Write a PDF with a word on each page."""
    stream = "BT /F1 12 Tf 50 50 Td (Page) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{' '.join(f'{5 + n} 0 R' for n in range(pages))}] >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 3 0 R"
           " /Resources << /Font << /F1 4 0 R >> >> >>"] * pages),
        *([more] if more else []),
    ]  # fmt: skip
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    out += "".join(f"{place:010d} 00000 n \n" for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


def test_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    key = hashlib.sha256(b"unknown").hexdigest()
    data = pdf(
        1,
        f"/Encrypt 6 0 R /ID [<{key[:32]}> <{key[:32]}>]",
        f"<< /Filter /Standard /V 1 /R 2 /P -44 /O <{key}> /U <{key[::-1]}> >>",
    )
    assert "password" in refused(tmp_path, "a.pdf", data).lower()


def test_pdf_longer_than_any_letter_is_refused(tmp_path: Path) -> None:
    assert f"{MAX_PAGES} pages at most" in refused(tmp_path, "a.pdf", pdf(200))


# Published letters, where this machine has them


@pytest.fixture(scope="module")
def published() -> list[Path]:
    files = letter_files()
    if not files:
        pytest.skip("no published letters here: set MTUS_LETTERS to their folder")
    return files


def test_every_published_letter_is_read_with_its_days_and_items(published: list[Path]) -> None:
    letters = [read_letter(file) for file in published]
    assert len(letters) == len(published)
    for letter in letters:
        assert letter.summary
        assert letter.denied is not None
        assert letter.injured is not None
        assert [item.number for item in letter.items] == list(range(1, len(letter.items) + 1))
        for item in letter.items:
            assert item.request
            assert item.rationale


def test_published_letters_read_the_same_without_their_bold(published: list[Path]) -> None:
    from reasoner.intake.pdftext import read_lines

    for file in published:
        if file.suffix == ".pdf":
            lines = read_lines(file)
            plain = [replace(line, bold=0.0) for line in lines]
            assert parse_letter(plain, str(file)) == parse_letter(lines, str(file))
