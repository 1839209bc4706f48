"""The query library: each query is asked, and its answer checked."""

from __future__ import annotations

import pytest

from reasoner import InputError, KnowledgeError, adjudicate, read_case
from reasoner.provenance import to_triples
from reasoner.queries import as_table, find_query, load_queries, open_graph, parse_query, run_query
from reasoner.serialization import to_turtle


@pytest.fixture(scope="module")
def store(knowledge, tmp_path_factory):
    folder = tmp_path_factory.mktemp("determinations")
    determination = adjudicate(read_case("docs/examples/trigger-points.yaml", knowledge), knowledge)
    (folder / "trigger-points.ttl").write_text(to_turtle(to_triples(determination)))
    return open_graph(knowledge, folder)


def ask(name, store, knowledge, **given):
    query = find_query(name)
    rows = list(as_table(run_query(query, store, knowledge, given)))
    return [dict(zip(query.columns, row, strict=True)) for row in rows]


def test_what_stands_in_the_way_puts_contradictions_first(store, knowledge):
    rows = ask("what-stands-in-the-way", store, knowledge)
    assert rows[0]["criterion"].endswith("trigger-points#criterion-5")
    assert [r["result"] for r in rows] == ["NotMet"] + ["NotDocumented"] * 12


def test_what_is_undocumented_names_the_records_that_were_read(store, knowledge):
    rows = ask("what-is-undocumented", store, knowledge)
    assert len(rows) == 12
    assert {r["records"] for r in rows} == {"Progress report of 19 August 2014"}


def test_what_a_guideline_says_gives_criterion_and_page(store, knowledge):
    rows = ask("what-a-guideline-says", store, knowledge)
    assert len(rows) == 16
    assert {r["page"] for r in rows} == {"122"}


def test_what_a_guideline_says_covers_kinds_of_the_treatment(store, knowledge):
    rows = ask("what-a-guideline-says", store, knowledge, treatment="Injection")
    assert len(rows) >= 16


def test_what_cites_a_page_finds_recommendation_and_criteria(store, knowledge):
    rows = ask("what-cites-a-page", store, knowledge)
    assert {r["kind"] for r in rows} == {"recommendation", "criterion"}
    assert len(rows) == 17
    assert ask("what-cites-a-page", store, knowledge, page="9999") == []


def test_recommendations_in_force_depend_on_the_day(store, knowledge):
    def treatments(day):
        return {
            (r["guideline"], r["treatment"])
            for r in ask("recommendations-in-force", store, knowledge, day=day)
        }

    tpi = ("Chronic Pain Medical Treatment Guidelines (2009)", "trigger point injection")
    assert tpi in treatments("2016-07-28")
    assert tpi not in treatments("2016-07-29")


def test_sources_of_a_sentence_lead_to_page_and_record(store, knowledge):
    rows = ask("sources-of-a-sentence", store, knowledge, contains="criterion 5")
    assert any(r["page"] == "122" for r in rows)
    assert any(r["source"].endswith("#request-1") for r in rows)


def test_every_query_has_a_header_that_names_its_columns():
    for query in load_queries().values():
        assert query.question.endswith("?")
        assert query.columns
        assert query.reads in ("guidelines", "determinations")


def test_an_unknown_query_is_refused_with_the_nearest(knowledge):
    with pytest.raises(InputError, match="what-stands-in-the-way"):
        find_query("what-stands-in-way")


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("recommendations-in-force", {"day": "2014-02-30"}, "a date"),
        ("recommendations-in-force", {"dya": "2014-02-03"}, "day"),
        ("what-a-guideline-says", {"treatment": "TriggerPointInjections"}, "TriggerPointInjection"),
        ("what-cites-a-page", {"guideline": "chronic-pain-2010"}, "chronic-pain-2009"),
    ],
)
def test_a_parameter_that_will_not_do_is_refused(name, given, expected, store, knowledge):
    with pytest.raises(InputError, match=expected):
        run_query(find_query(name), store, knowledge, given)


def test_a_parameter_cannot_carry_a_query_of_its_own(store, knowledge):
    injected = '" } SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } #'
    assert ask("sources-of-a-sentence", store, knowledge, contains=injected) == []


def test_a_query_without_header_is_refused():
    with pytest.raises(KnowledgeError, match="Question"):
        parse_query("x", "SELECT * WHERE { ?s ?p ?o }")


def test_a_folder_with_a_malformed_file_is_refused(knowledge, tmp_path):
    (tmp_path / "bad.ttl").write_text("<urn:a> <urn:b>")
    with pytest.raises(InputError, match=r"bad\.ttl"):
        open_graph(knowledge, tmp_path)
