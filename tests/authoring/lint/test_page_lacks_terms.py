"""Cited pages are held against the guideline's own text, where an author has it."""

from __future__ import annotations

from pathlib import Path

import typst

from reasoner.authoring.lint.base.registry import rules
from reasoner.authoring.lint.base.release import Source, read_release
from reasoner.authoring.lint.base.run import run
from tests.authoring.lint.releases import apply, small_release

RULE = "page-lacks-terms"
# What pages 11 to 13 of a guideline say; the first is the fourth page of the file.
PAGES = {
    11: "Acupuncture is another chapter.",
    12: "Trigger point injections. Tender nodules have to be documented. Not more than three to four"
    " injections are given. Radiculopathy is not present on examination.",
    13: "Injections, earlier ones included, are not more than six in all. Before a repeat injection,"
    " an earlier one has to have given more than 50 % relief.",
}


def book(folder: Path, *, printed: bool, unprinted: int = 0) -> Path:
    """Make a PDF of the pages, with their numbers on them or not."""
    pages = [f"Front matter {n}." for n in range(unprinted)]
    pages += [
        text + (f"\n\n#v(1fr)\n{number}" if printed else "") for number, text in PAGES.items()
    ]
    source = folder / "book.typ"
    source.write_text("\n#pagebreak()\n".join(p.replace("%", "\\%") for p in pages), "utf-8")
    path = folder / "demo-2010.pdf"
    typst.compile(str(source), output=str(path))
    return path


def found(folder: Path, source: Source, *edits: dict[str, str]) -> list[tuple[str, str]]:
    root = small_release(folder / "release")
    apply(edits, root)
    report = run(read_release(root, cache=folder, source=source), [rules()[RULE]])
    return [(f.subject.rsplit("#", 1)[1], f.text) for f in report.findings]


def edit(old: str, new: str) -> dict[str, str]:
    return {"file": "ontology/guidelines/demo-2010/injections.ttl", "replace": old, "with": new}


def test_pages_that_carry_their_criteria_are_let_by(tmp_path):
    assert found(tmp_path, Source(book(tmp_path, printed=True), "demo-2010")) == []


def test_pages_are_found_by_offset_where_they_show_no_number(tmp_path):
    path = book(tmp_path, printed=False, unprinted=2)
    assert found(tmp_path, Source(path, "demo-2010", offset=-8)) == []


def test_a_wrong_page_is_found_with_what_it_lacks(tmp_path):
    source = Source(book(tmp_path, printed=True), "demo-2010")
    ((criterion, text),) = found(
        tmp_path,
        source,
        edit('number "2" ;\n    core:page "12"', 'number "2" ;\n    core:page "11"'),
    )
    assert criterion == "criterion-2"
    assert text.startswith("Page 11 does not carry: ")
    assert '"radiculopathy"' in text


def test_a_number_that_the_page_does_not_have_is_named(tmp_path):
    source = Source(book(tmp_path, printed=True), "demo-2010")
    assert found(tmp_path, source, edit("more than 50 %", "more than 70 %")) == [
        ("criterion-5", "Page 13 does not carry: 70.")
    ]


def test_a_page_that_the_source_does_not_have_is_said(tmp_path):
    source = Source(book(tmp_path, printed=True), "demo-2010")
    assert found(
        tmp_path,
        source,
        edit('number "1" ;\n    core:page "12"', 'number "1" ;\n    core:page "99"'),
    ) == [("criterion-1", "The source has no page 99.")]


def test_a_section_is_looked_for_in_the_whole_source(tmp_path):
    source = Source(book(tmp_path, printed=True), "demo-2010")
    old, new = (
        'number "1" ;\n    core:page "12"',
        'number "1" ;\n    core:page "section Injections"',
    )
    assert found(tmp_path, source, edit(old, new)) == []


def test_criteria_of_other_guidelines_are_not_held_against_it(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_text("Nothing.", "utf-8")
    assert {c for c, _ in found(tmp_path, Source(path, "demo-2016"))} == {"criterion-1"}


def test_without_a_source_nothing_is_looked_up(tmp_path):
    root = small_release(tmp_path / "release")
    assert run(read_release(root), [rules()[RULE]]).findings == ()


def test_a_concept_is_known_by_its_other_names(tmp_path):
    text = PAGES[12].replace("Trigger point injections. ", "")
    path = tmp_path / "page.txt"
    path.write_text(text + " Trigger pains are documented.", "utf-8")
    found_here = found(tmp_path, Source(path, "demo-2010", offset=-11))
    assert not any("trigger point" in text for _, text in found_here)
