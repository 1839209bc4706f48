"""Determinations as HTML: well formed, without outside resources, and usable by anyone."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from reasoner.rendering import render

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.unclosed = [], [], []
        self.text = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(params=["html", "html-fragment"])
def format(request):
    return request.param


def test_tags_are_balanced(mixed, format):
    page = Page(render(mixed, format))
    assert page.unclosed == []
    assert page.open == []


def test_case_text_adds_no_element_and_no_attribute(mixed, hostile, format):
    def structure(contract):
        return [(tag, sorted(attrs)) for tag, attrs in Page(render(contract, format)).tags]

    # Each source of the hostile contract is unknown to it, and so no link.
    def without_links(tags):
        return [t for t in tags if t[0] != "a"]

    assert without_links(structure(hostile)) == without_links(structure(mixed))


def test_nothing_is_fetched_and_nothing_runs(hostile, format):
    shown = render(hostile, format)
    page = Page(shown)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "iframe", "link", "object", "embed", "form", "base"}
    for _, attrs in page.tags:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attrs)
        assert attrs.get("href", "#").startswith("#")
    style = "".join(re.findall(r"<style>(.*?)</style>", shown, re.DOTALL))
    assert "url(" not in style
    assert "@import" not in style


def test_every_inner_link_leads_somewhere(mixed, format):
    page = Page(render(mixed, format))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    assert page.all("a")
    for attrs in page.all("a"):
        assert attrs["href"][1:] in ids
    for _, attrs in page.tags:
        assert attrs.get("aria-labelledby", ids[0]) in ids


def test_headings_are_in_order(mixed, format):
    levels = [
        int(tag[1]) for tag, _ in Page(render(mixed, format)).tags if re.fullmatch(r"h\d", tag)
    ]
    assert levels[0] == (1 if format == "html" else 3)
    assert levels.count(levels[0]) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scoped_headers(mixed, format):
    page = Page(render(mixed, format))
    assert len(page.all("table")) == len(page.all("caption")) > 0
    assert page.all("th")
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))


def test_every_sentence_has_its_sources_in_details(seed, format):
    shown = render(seed, format)
    sentences = seed["items"][0]["rationale"]
    assert shown.count("<summary>Sources") == len(sentences)
    for sentence in sentences:
        for source in sentence["sources"]:
            assert f"<code>{source}</code>" in shown


def test_page_declares_language_and_character_set(seed):
    page = Page(render(seed, "html"))
    assert page.all("html") == [{"lang": "en"}]
    assert {"charset": "utf-8"} in page.all("meta")
    assert len(page.all("main")) == 1


def test_page_has_styles_for_print_and_for_the_dark(seed, format):
    shown = render(seed, format)
    assert "@media print" in shown
    assert "prefers-color-scheme: dark" in shown


def test_outcome_is_told_in_words_and_not_by_colour_alone(seed, format):
    shown = render(seed, format)
    assert '<span aria-hidden="true">✗ </span>not met' in shown


def test_styles_of_the_fragment_touch_nothing_else(seed):
    style = re.search(r"<style>(.*?)</style>", render(seed, "html-fragment"), re.DOTALL).group(1)
    selectors = re.findall(r"(?:^|[{}])\s*([^@{}]+?)\s*\{", style)
    assert selectors
    for selector in ",".join(selectors).split(","):
        assert re.match(r"\s*\.mtus", selector), selector


def test_fragments_of_several_determinations_share_a_page(seed, modified):
    both = Page(render(seed, "html-fragment") + render(modified["imr"], "html-fragment"))
    ids = [attrs["id"] for _, attrs in both.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_notebook_shows_the_fragment(knowledge, seed):
    from reasoner import adjudicate, read_case

    case = read_case("docs/examples/trigger-points.yaml", knowledge)
    assert adjudicate(case, knowledge)._repr_html_() == render(seed, "html-fragment")
