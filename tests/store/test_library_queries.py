"""Each query of the library, asked of a store of a dozen determinations, gives its rows."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from reasoner import adjudicate, read_case
from reasoner.queries import as_table, bind, load_queries
from reasoner.store.asking import ask, place_of
from reasoner.store.letters import add_letters
from reasoner.store.loading import Loader, open_store
from reasoner.store.ordering import sort_table, without_order

LETTERS = [Path(f"tests/intake/letters/{n}.txt") for n in ("determination-2016", "later-2018")]
TPI = "chronic-pain-2009/trigger-points"
CASE, GUIDELINE = "case/", "guideline/"


@pytest.fixture(scope="module")
def asked(determinations, knowledge, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("library") / "store")
    met = read_case("tests/store/cases/c-all-met.yaml", knowledge)
    with open_store(place) as store:
        loader = Loader(store)
        for determination in determinations:
            loader.add_determination(determination)
        loader.add_determination(adjudicate(met, knowledge, readings=["lower-end-of-range"]))
        add_letters(loader, LETTERS, knowledge)
    library = load_queries()

    def rows(name, *columns, **given):
        bound = bind(library[name], knowledge, given)
        with place_of(place) as where:
            answer = bound.answer(ask(where, bound.text, name=name))
        places = [answer.columns.index(c) for c in columns or answer.columns]
        return [tuple(row[n] for n in places) for row in as_table(answer)]

    return rows


COVERED = {
    "recommendations-in-force", "sources-of-a-sentence", "what-a-guideline-says",
    "what-cites-a-page", "what-is-undocumented", "what-stands-in-the-way",
}  # fmt: skip  # by tests/test_queries.py


def test_every_query_of_the_library_is_tested():
    asked_for = set(re.findall(r'asked\(\s*"([a-z-]+)"', Path(__file__).read_text()))
    assert set(load_queries()) == COVERED | asked_for
    assert len(load_queries()) >= 30


def test_endpoint_gives_the_rows_that_a_folder_gives(determinations, knowledge, endpoint, tmp_path):
    places = [str(tmp_path / "store"), endpoint]
    for place in places:
        with open_store(place) as store:
            loader = Loader(store)
            for determination in determinations[:4]:
                loader.add_determination(determination)
    for name, query in load_queries().items():
        text = bind(query, knowledge, {}).text
        answers = []
        for place in places:
            with place_of(place) as where:
                answers.append(sorted(map(str, ask(where, text, name=name).rows)))
        assert answers[0] == answers[1], name


def test_no_order_of_the_library_is_left_to_the_engine_for_its_terms(
    determinations, knowledge, tmp_path
):
    with open_store(str(tmp_path / "store")) as store:
        loader = Loader(store)
        for determination in determinations[:4]:
            loader.add_determination(determination)
    database = ox.Store.read_only(str(tmp_path / "store" / "data"))
    for name, query in load_queries().items():
        if (found := without_order(bind(query, knowledge, {}).text)) is not None:
            solutions = database.query(found[0], use_default_graph_as_union=True)
            table = solutions.serialize(format=ox.QueryResultsFormat.TSV)
            assert sort_table(table, found[1]) is not None, name


def test_why_items_are_upheld(asked):
    rows = asked("why-items-are-upheld", "topic", "number", "contradicted", "undocumented")
    assert rows[:2] == [(TPI, "5", "2", "0"), (TPI, "1b", "0", "2")]
    assert ("chronic-pain-2009/nsaids", "2c", "1", "0") in rows


def test_decisive_criteria(asked):
    rows = asked("decisive-criteria", "topic", "number", "items", "contradicted")
    assert rows == [(TPI, "5", "2", "2"), (TPI, "1b", "1", "0")]


def test_missing_most_often(asked):
    assert asked("missing-most-often")[0] == ("a twitch response on palpation", TPI, "1b", "2")


def test_kinds_of_records(asked):
    rows = asked("kinds-of-records")
    assert rows[:3] == [("progress report", "9", "2"), ("case summary", "2", "9"), ("request for authorization", "2", "9")]  # fmt: skip
    assert ("operative report", "0", "11") in rows


def test_ur_and_imr_cite_differently(asked):
    assert asked("ur-and-imr-cite-differently", "case", "cited", "source") == [
        (CASE + "CM18-0009004", "Chronic Pain Medical Treatment 2016", "current ACOEM or ODG"),
        (CASE + "a-six-injections",
         "Official Disability Guidelines, Pain chapter, trigger point injections",
         "Medical Treatment Utilization Schedule"),
    ]  # fmt: skip


def test_overturn_rates(asked):
    assert asked("overturn-rate-by-topic")[0] == (TPI, "5", "1", "0.2")
    assert asked("overturn-rate-by-guideline")[:2] == [
        ("Chronic Pain Medical Treatment Guidelines (2009)", "7", "1", "0.143"),
        ("Chronic Pain Medical Treatment Guidelines (2016)", "3", "1", "0.333"),
    ]
    assert asked("overturn-rate-by-region")[0] == ("cervical region", "5", "1", "0.2")
    assert ("2014-10", "4", "1", "0.25") in asked("overturn-rate-by-month")


def test_criteria_that_never_decide(asked):
    rows = asked("criteria-that-never-decide", "topic", "number", "assessed", "notApplicable")
    assert (TPI, "0a", "5", "0") in rows
    assert (TPI, "7", "5", "5") in rows
    assert not any(row[:2] in ((TPI, "5"), (TPI, "1b")) for row in rows)


def test_criteria_never_assessed(asked):
    rows = asked("criteria-never-assessed", "topic", guideline="chronic-pain-2009")
    assert ("chronic-pain-2009/opioids-trial",) in rows
    assert (TPI,) not in rows


def test_recommendations_not_seen_at_the_source(asked):
    rows = asked("recommendations-not-seen-at-the-source", "recommendation", "confidence")
    assert (f"{GUIDELINE}acoem-knee-2004/knee-injections#recommendation", "as quoted by reviewers") in rows  # fmt: skip
    assert not any(f"{GUIDELINE}{TPI}#recommendation" == row[0] for row in rows)


def test_decided_otherwise_under_another_reading(asked):
    rows = asked("decided-otherwise-by-another-release", "case", "role", "firstOutcome", "otherOutcome")  # fmt: skip
    assert [(row[0], row[1], set(row[2:])) for row in rows] == [
        (CASE + "c-all-met", "imr", {"Upheld", "Overturned"})
    ]


def test_decided_by_an_edition_since_replaced(asked):
    assert asked("decided-by-an-edition-since-replaced", "case", "edition", "newer", "criteria", "newerCriteria") == [
        (CASE + "i-naproxen", "Chronic Pain Medical Treatment Guidelines (2009)",
         "Chronic Pain Medical Treatment Guidelines (2016)", "12", "12"),
    ]  # fmt: skip


def test_agreement_with_reviewers(asked):
    assert asked("agreement-with-reviewers") == [
        ("acoem-low-back-2004/mri-lumbar", "1", "1", "1", "0", "0"),
        ("chronic-pain-2016/manual-therapy", "1", "1", "1", "0", "0"),
        ("chronic-pain-2016/nsaids", "1", "1", "0", "1", "0"),
        ("nothing governs", "1", "0", "0", "1", "0"),
        ("odg-as-quoted/physical-therapy", "1", "1", "1", "0", "0"),
    ]


def test_disagreements_with_reviewers(asked):
    assert asked("disagreements-with-reviewers", "case", "item", "reviewer", "ours", "governing", "reason") == [
        (CASE + "CM16-0009003", "3", "Overturned", "Upheld",
         "Chronic Pain Medical Treatment Guidelines (2016)", "A short course is supported."),
        (CASE + "CM18-0009004", "1", "Overturned", "Undetermined", "",
         "Care failed and a tear is suspected. The study is medically necessary."),
    ]  # fmt: skip


def test_reviews_out_of_time(asked):
    assert asked("reviews-out-of-time") == [(CASE + "a-six-injections", "2014-08-20", "2014-09-10", "21")]  # fmt: skip
    assert len(asked("reviews-out-of-time", days="5")) == 2
    assert asked("reviews-out-of-time", days="21") == []


def test_age_of_the_records(asked):
    assert asked("age-of-the-records", days="60") == [
        (CASE + "d-no-twitch", "2014-03-05", "2014-10-20", "229"),
        (CASE + "c-all-met", "2014-08-05", "2014-10-15", "71"),
    ]


def test_provenance_of_a_sentence(asked, knowledge):
    twitch = f"{GUIDELINE}{TPI}#criterion-1b"
    rows = [
        row for row in asked("provenance-of-a-sentence", "criterion", "result", "page", "fact", "record", "recordDate", "quote", "release", "software", id="c-all-met", contains="met")
        if row[0] == twitch
    ]  # fmt: skip
    fact = CASE + "c-all-met#fact-10"
    assert (
        twitch, "Met", "122", fact, CASE + "c-all-met#report", "2014-08-05",
        "a twitch response of the trapezius", knowledge.release, "mtus-reasoner 0.1.0",
    ) in rows  # fmt: skip
    silent = asked("provenance-of-a-sentence", "criterion", "result", "record", id="d-no-twitch", contains="twitch")  # fmt: skip
    assert (twitch, "NotDocumented", "") in silent


def test_presumptions(asked):
    rows = asked("presumptions-relied-on", "topic", "number", "result", "items")
    assert (TPI, "7", "NotApplicable", "5") in rows
    assert (TPI, "7") in asked("presumptions-in-guidelines", "topic", "number")


def test_readings_relied_on(asked):
    rows = asked("readings-relied-on", "reading", "items", "overturned")
    assert ("every-named-therapy", "5", "1") in rows
    assert ("lower-end-of-range", "1", "0") in rows


def test_requests_that_nothing_governs(asked):
    assert asked("requests-that-nothing-governs") == [
        ("epidural steroid injection", "1", "2016-12-20", "2016-12-20"),
        ("magnetic resonance imaging", "1", "2018-02-12", "2018-02-12"),
    ]


def test_what_speaks_against(asked):
    rows = asked("what-speaks-against", "case", "criterion", "fact", "quote")
    assert (CASE + "i-naproxen", f"{GUIDELINE}chronic-pain-2009/nsaids#criterion-2c", CASE + "i-naproxen#fact-3", "acetaminophen helps") in rows  # fmt: skip
    assert (CASE + "a-six-injections", f"{GUIDELINE}{TPI}#criterion-5", CASE + "a-six-injections#request-1", "") in rows  # fmt: skip


def test_cures_most_often(asked):
    rows = asked("cures-most-often")
    assert rows[0] == ("Document a twitch response on palpation.", TPI, "2")
    assert ("Ask for 4 injections in all instead of 6.", TPI, "1") in rows


def test_quantities_supported(asked):
    request = (CASE + "a-six-injections", CASE + "a-six-injections#request-1")
    rows = asked("quantities-supported")
    assert (*request, "6", "", "4", "imr") in rows
    assert (*request, "6", "", "4", "ur") in rows


def test_items_that_fall_with_another(asked):
    case = CASE + "e-falls-with-the-operation"
    assert asked("items-that-fall-with-another") == [(case, case + "#test", case + "#operation", "imr")]  # fmt: skip


def test_determinations_by_release(asked, knowledge):
    rows = asked("determinations-by-release")
    assert {row[0] for row in rows} == {knowledge.release}
    assert ("imr", "Undetermined", "2") in {row[2:] for row in rows}
    assert ("ur", "Modified", "1") in {row[2:] for row in rows}


def test_cases_that_document(asked):
    rows = asked("cases-that-document", "case", "status", "quote", concept="Radiculopathy")
    assert (CASE + "c-all-met", "Absent", "") in rows
    assert not any(row[0] == CASE + "b-silent" for row in rows)


def test_treatments_asked_for(asked):
    rows = asked("treatments-asked-for")
    assert rows[0] == ("trigger point injection", "5", "4", "1", "0")
    assert ("epidural steroid injection", "1", "0", "0", "1") in rows


def test_utilization_review_and_review_compared(asked):
    case = CASE + "a-six-injections"
    assert asked("utilization-review-and-review-compared") == [(case, case + "#request-1", "Upheld", "Modified", "Denied")]  # fmt: skip


def test_evidence_by_kind_of_record(asked):
    rows = asked("evidence-by-kind-of-record", "kind", "notMet")
    assert rows[0] == ("progress report", "1")


def test_decisions_on_weak_attestation(asked):
    rows = asked("decisions-on-weak-attestation", "case", "criterion", "confidence")
    assert (CASE + "e-falls-with-the-operation", f"{GUIDELINE}acoem-low-back-2004/lumbar-decompression#criterion-4", "recalled, high confidence") in rows  # fmt: skip
    assert not any(TPI in row[1] for row in rows)


def test_editions(asked):
    rows = asked("editions", "guideline", "from", "until", "supersedes")
    assert ("Chronic Pain Medical Treatment Guidelines (2016)", "2016-07-29", "2017-11-30", "Chronic Pain Medical Treatment Guidelines (2009)") in rows  # fmt: skip


def test_ambiguous_passages(asked):
    rows = asked("ambiguous-passages", "subject", "default", "alternative")
    assert any(TPI in row[0] and row[1:] == ("upper-end-of-range", "lower-end-of-range") for row in rows)  # fmt: skip


def test_what_prevails(asked):
    assert ("ACOEM low back complaints (2004)", "Passive modalities for acute low back symptoms", "Massage therapy") in asked("what-prevails")  # fmt: skip


def test_quantity_limits(asked):
    rows = asked("quantity-limits", "topic", "number", "limits", "page")
    assert (TPI, "5", "quantity", "122") in rows


def test_codes_of_a_concept(asked):
    assert asked("codes-of-a-concept", "term", "code") == [("LumbarRegion", "http://snomed.info/id/122496007")]  # fmt: skip


def test_how_well_guidelines_are_attested(asked):
    rows = asked("how-well-guidelines-are-attested", "guideline", "confidence")
    assert ("Chronic Pain Medical Treatment Guidelines (2009)", "quoted in an issued determination") in rows  # fmt: skip
