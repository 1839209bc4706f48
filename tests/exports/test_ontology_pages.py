"""The ontology as pages: every term has its entry, every link leads somewhere, examples are true."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from rdflib import OWL, RDF, Graph, URIRef
from typer.testing import CliRunner

from reasoner.case import parse_case
from reasoner.cli import app
from reasoner.errors import InputError, MtusError
from reasoner.exports.folders import write_folder
from reasoner.exports.ontologypages import terms_of, write_pages
from reasoner.terms import CLINICAL, CORE, local_name

KINDS = (
    OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual,
)  # fmt: skip


class Page(HTMLParser):
    """What a page holds: anchors, links, and whether its elements are closed."""

    VOID = ("meta", "link", "input", "br", "hr", "wbr")

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        told = dict(attrs)
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in ("link", "script"):
            self.sources.append(told.get("href") or told["src"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def terms(knowledge):
    return terms_of(knowledge)


@pytest.fixture(scope="module")
def folder(knowledge, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "ontology"
    write_pages(knowledge, path)
    return path


@pytest.fixture(scope="module")
def pages(folder):
    return {file.name: Page(file.read_text("utf-8")) for file in folder.glob("*.html")}


def test_every_term_has_its_entry(pages, knowledge):
    declared = {
        term
        for kind in KINDS
        for term in knowledge.vocabulary.subjects(RDF.type, kind)
        if isinstance(term, URIRef)
    }
    for namespace, page in ((CORE, "core.html"), (CLINICAL, "clinical.html")):
        own = {local_name(term) for term in declared if term in namespace}
        assert len(own) > 100
        assert own <= set(pages[page].ids)


def test_an_anchor_stands_once_and_every_link_leads_somewhere(pages, folder):
    followed = 0
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            if link.startswith("https://"):
                continue
            file, anchor = urldefrag(link)
            assert (folder / (file or name)).is_file(), f"{name}: {link}"
            if anchor:
                assert anchor in pages[file or name].ids, f"{name}: {link}"
            followed += 1
    assert followed > 3000


def test_nothing_is_fetched_from_elsewhere(pages, folder):
    for name, page in pages.items():
        for source in page.sources:
            assert (folder / source).is_file(), f"{name}: {source}"


def test_the_turtle_beside_a_page_is_the_release(folder, knowledge):
    for name in ("core", "clinical"):
        assert (folder / f"{name}.ttl").read_bytes() == knowledge.sources.files[
            f"ontology/{name}.ttl"
        ]


def test_examples_are_triples_of_what_they_are_said_to_be_of(terms):
    """An example parses, names its term, and a term that cases use has one."""
    seen = 0
    for term in terms:
        for example in term.examples:
            if example.language != "turtle":
                continue
            graph = Graph().parse(data=example.whole, format="turtle")
            assert URIRef(term.iri) in {x for triple in graph for x in triple}, term.iri
            seen += 1
    assert seen > 150


def test_what_a_case_file_writes_is_read_as_that_term(terms, knowledge):
    """The lines shown for a concept make a case file that states it."""
    read = 0
    for term in terms[::4]:
        for example in term.examples:
            if example.language != "yaml":
                continue
            try:
                case = parse_case(example.whole.encode(), "shown.yaml", knowledge)
            except InputError as error:
                raise AssertionError(f"{term.iri}: {example.whole}\n{error}") from error
            assert URIRef(term.iri) in {x for triple in case.graph for x in triple}, term.iri
            read += 1
    assert read > 150


def test_the_command_writes_pages_and_refuses_a_folder_that_holds_something(tmp_path: Path):
    out = tmp_path / "pages"
    done = CliRunner().invoke(app, ["export", "ontology", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert (out / "index.html").is_file()
    again = CliRunner().invoke(app, ["export", "ontology", "--out", str(out)])
    assert again.exit_code != 0


def test_pages_that_cannot_all_be_written_leave_nothing(tmp_path: Path):
    with pytest.raises(MtusError, match="cannot be written"):
        write_folder(tmp_path / "pages", {"a.html": b"a", "a.html/b.html": b"b"})
    assert list(tmp_path.iterdir()) == []
