"""The letter as PDF."""

from __future__ import annotations

import re
import sys

import pypdfium2
import pytest

from reasoner.errors import MissingExtraError
from reasoner.rendering import render_pdf


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    # A line that ends in a hyphen was broken there.
    return " ".join("\n".join(pages).replace("\ufffe", "-").split())


def squeezed(text: str) -> str:
    return re.sub(r"[\s\-\u2010\ufffe]", "", text)


def test_pdf_tells_the_outcome_and_the_reasons(seed):
    text = text_of(render_pdf(seed))
    assert "6 trigger point injections to the cervical area: Upheld" in text
    assert "circumscribed trigger points" in text
    assert "page 122" in text


def test_pdf_has_every_sentence(mixed):
    text = squeezed(text_of(render_pdf(mixed)))
    for item in mixed["items"]:
        for sentence in item["rationale"]:
            words = squeezed(sentence["text"])
            assert words[:40] in text
            assert words[-40:] in text


def test_same_determination_gives_the_same_pdf(mixed):
    assert render_pdf(mixed) == render_pdf(mixed)


def test_pdf_holds_no_clock(seed):
    pdf = render_pdf(seed)
    assert b"CreationDate" not in pdf
    assert b"xmp:CreateDate" not in pdf


def test_pdf_is_tagged_titled_and_in_english(seed):
    pdf = render_pdf(seed)
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid:part" in pdf
    assert (
        pypdfium2.PdfDocument(pdf).get_metadata_value("Title")
        == "Determination of case trigger-points"
    )


def test_case_text_is_never_typst(hostile):
    text = squeezed(text_of(render_pdf(hostile)))
    assert squeezed('#eval("panic()") #panic("x") $x$ *strong* _emph_ @ref') in text
    assert "Overturnedinpart" in text


def test_characters_without_a_glyph_are_told_by_their_code(hostile):
    text = text_of(render_pdf(hostile))
    assert "[U+4E2D]" in text
    assert "[U+1F600]" in text


def test_missing_typst_names_the_extra(seed, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"mtus-reasoner\[letter\]"):
        render_pdf(seed)
