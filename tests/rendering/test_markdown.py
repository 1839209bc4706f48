"""Determinations as Markdown, as a Markdown parser sees them."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from reasoner.rendering import render


def parsed(contract):
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = parser.parse(render(contract, "markdown"))
    return [t for token in tokens for t in (token, *(token.children or ()))]


def test_case_text_makes_no_link_image_code_or_html(hostile):
    kinds = {token.type for token in parsed(hostile)}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "code_inline", "fence"}


def test_case_text_makes_no_heading_list_or_emphasis_of_its_own(mixed, hostile):
    def structure(contract):
        return [
            t.type for t in parsed(contract) if t.type not in ("text", "text_special", "softbreak")
        ]

    # The same structure, whatever the texts say.
    assert structure(hostile) == structure(mixed)


def test_addresses_are_not_left_for_a_viewer_to_link(hostile):
    shown = render(hostile, "markdown")
    assert not re.search(r"https?://|www\.e", shown)


def test_table_has_a_row_for_each_criterion(mixed):
    rows = sum(token.type == "tr_open" for token in parsed(mixed))
    tables = sum(token.type == "table_open" for token in parsed(mixed))
    assert rows - tables == sum(len(item["criteria"]) for item in mixed["items"])


def test_every_sentence_names_its_sources(seed):
    shown = render(seed, "markdown")
    assert shown.count("*Sources: ") == len(seed["items"][0]["rationale"])
    assert "*Sources: criterion 5 with its shape; the request: 6 trigger point" in shown
