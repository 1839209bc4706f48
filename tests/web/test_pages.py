"""The pages that show what is there: list, determination, guidelines, queries."""

import json
import time
from collections import OrderedDict
from dataclasses import replace
from urllib.parse import quote

import pytest

from reasoner import adjudicate, parse_case, read_case
from reasoner.rendering import render
from reasoner.store.loading import Loader, open_store
from reasoner.store.names import DETERMINATIONS
from reasoner.web.pages.asking import MOST_BARS
from reasoner.web.pages.shelf import _kept, shelf
from tests.web.pages import running, sound

EXAMPLE = "docs/examples/trigger-points.yaml"


def two_items():
    with open(EXAMPLE, encoding="utf-8") as file:
        text = file.read().replace("id: trigger-points", "id: two-items")
    return (
        text
        + "  - {id: gym, treatment: GymMembership, wording: 'a gym <b>membership</b> & pool'}\n"
    )


@pytest.fixture(scope="module")
def determinations(knowledge):
    whole = parse_case(two_items().encode(), "two.yaml", knowledge)
    return [
        adjudicate(read_case(EXAMPLE, knowledge), knowledge),
        adjudicate(read_case(EXAMPLE, knowledge), knowledge, role="ur"),
        adjudicate(whole, knowledge),
    ]


@pytest.fixture(scope="module")
def store(determinations, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("pages") / "store")
    with open_store(place) as opened:
        for determination in determinations:
            Loader(opened).add_determination(determination)
    return place


@pytest.fixture(scope="module")
def web(store):
    with running(store=store) as client:
        yield client


def name_of(determination):
    return str(determination.iri).removeprefix(DETERMINATIONS)


def get(web, address, status=200):
    answer = web.get(address)
    assert answer.status_code == status, answer.text
    return sound(answer.text)


def test_start_says_what_is_here(web):
    page = get(web, "/")
    assert "3 Determinations" in page.text or "Determinations 3" in page.text
    assert "/cases?outcome=Upheld" in page.links()


def test_without_a_store_pages_say_how_to_make_one():
    with running() as web:
        for address in ("/", "/cases", "/what-if", "/queries/why-items-are-upheld"):
            assert "mtus determine CASE.yaml --store STORE" in get(web, address).text
        assert "without a store" in get(web, f"/determinations/{'0' * 64}", 404).text


def test_list_is_filtered_by_outcome_topic_region_and_words(web, determinations):
    plain, ur, two = (f"/determinations/{name_of(d)}" for d in determinations)

    def shown(**asked):
        query = "&".join(f"{k}={quote(v)}" for k, v in asked.items())
        page = get(web, f"/cases?{query}")
        return {to for to in page.links() if to.startswith("/determinations/")}

    assert shown() == {plain, ur, two}
    assert shown(outcome="Upheld") == {plain, two}
    assert shown(topic="chronic-pain-2009/trigger-points") == {plain, ur, two}
    assert shown(q="gym pool") == {two}
    assert shown(q="no such word") == set()
    assert shown(region="CervicalRegion") == {plain, ur, two}
    assert shown(region="SpinalRegion") == {plain, ur, two}  # of which the neck is a part
    assert shown(region="KneeRegion") == set()


def test_list_is_paged(web, monkeypatch):
    monkeypatch.setattr("reasoner.web.pages.cases.PAGE", 2)
    first, second = get(web, "/cases"), get(web, "/cases?page=2")
    shown = [
        [to for to in page.links() if to.startswith("/determinations/")] for page in (first, second)
    ]
    assert [len(found) for found in shown] == [2, 1]
    assert "/cases?page=2" in first.links()
    assert get(web, "/cases?page=999").text == second.text  # beyond the end is the end


def test_determination_shows_what_the_contract_holds(web, determinations):
    for determination in determinations:
        page = get(web, f"/determinations/{name_of(determination)}")
        contract = json.loads(json.dumps(determination.to_dict()))
        assert "Derived again from its case for this page: the same." in page.text
        for number, item in enumerate(contract["items"], 1):
            for place, criterion in enumerate(item["criteria"], 1):
                assert criterion["statement"] in page.text
                assert f"d-item-{number}-criterion-{place}" in page.ids()
            for sentence in item["rationale"]:
                assert sentence["text"] in page.text
                for source in sentence["sources"]:
                    assert source in page.text
            for cure in item["cure"]:
                for change in cure["changes"]:
                    assert change["text"] in page.text
            assert item["cureNote"] is None or item["cureNote"] in page.text
        for fact in contract["summary"]["facts"]:
            assert page.text.count(fact["quote"]) >= 2  # in the summary, and in its place
        form = web.get(f"/determinations/{name_of(determination)}/letter.txt").text
        assert form == render(contract, "letter")


def test_graph_has_a_column_for_cited_pages_and_crosses_none(web, determinations):
    answer = web.get(f"/determinations/{name_of(determinations[0])}").text
    data = json.loads(answer.split('class="why-data">')[1].split("</script>")[0])
    nodes = {node["id"]: node for node in data["nodes"]}
    columns = {}
    for node in nodes.values():
        columns.setdefault(node["kind"], set()).add(node["x"])
    assert all(len(places) == 1 for places in columns.values())
    assert len({min(places) for places in columns.values()}) == len(columns)
    boxes = [(n["x"] - n["w"] / 2, n["y"] - n["h"] / 2, n["w"], n["h"]) for n in nodes.values()]
    for one, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[one + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    required = [
        (nodes[e["source"]]["y"], nodes[e["target"]]["y"])
        for e in data["edges"]
        if e["relation"] == "requires"
    ]
    assert len(required) == 16
    assert not [1 for a, b in required for c, d in required if a < c and b > d]
    against = [e for e in data["edges"] if e["relation"] == "against"]
    assert ["quantity 6" in nodes[e["target"]]["full"] for e in against] == [True]
    page = sound(answer)  # and the same as a table
    assert all(node["full"] in page.text for node in nodes.values())


def test_text_of_a_case_is_no_markup(web, determinations):
    answer = web.get(f"/determinations/{name_of(determinations[2])}").text
    assert "<b>membership" not in answer
    assert "gym &lt;b&gt;membership&lt;/b&gt; &amp; pool" in answer
    assert "<b>membership" not in web.get("/cases").text


def test_determination_of_another_release_is_shown_from_the_store(web, determinations, monkeypatch):
    monkeypatch.setattr("reasoner.web.pages.stored.engine_name", lambda: "mtus-reasoner 9.9")
    monkeypatch.setattr("reasoner.web.pages.stored._kept", OrderedDict())
    determination = determinations[0]
    page = get(web, f"/determinations/{name_of(determination)}")
    assert "It was made by another release or version (mtus-reasoner 0.1.0)." in page.text
    (item,) = determination.to_dict()["items"]
    for criterion in item["criteria"]:
        assert criterion["statement"] in page.text
    for sentence in item["rationale"]:
        assert sentence["text"] in page.text
    for change in item["cure"][0]["changes"]:
        assert change["text"] in page.text
    assert "MTUS Chronic Pain Medical Treatment Guidelines, May 2009" in page.text
    answer = web.get(f"/determinations/{name_of(determination)}/letter.txt")
    assert answer.status_code == 404  # a letter that lacks its evidence is not given out


def test_library_counts_searches_and_shows_a_topic(web, knowledge):
    page = get(web, "/guidelines")
    topics = {to for to in page.links() if to.count("/") == 3}
    assert topics == {f"/guidelines/{name}" for name in knowledge.sources.topics}
    found = get(web, "/guidelines?q=twitch")
    assert "/guidelines/chronic-pain-2009/trigger-points#criterion-1b" in found.links()
    page = get(web, "/guidelines/chronic-pain-2009/trigger-points")
    for criterion in (
        knowledge.topic("chronic-pain-2009/trigger-points").recommendations[0].criteria
    ):
        assert criterion.statement in page.text
        assert f"criterion-{criterion.number}" in page.ids()
    assert "sh:maxInclusive 4" in page.text
    proof = next(to for to in page.links() if to.startswith("/new?library="))
    assert "no topic of this name" in get(web, "/guidelines/chronic-pain-2009/nothing", 404).text
    box = get(web, proof.removesuffix("#box"))
    assert "expect:" not in box.text
    assert "treatment: TriggerPointInjection" in box.text


def test_query_of_the_library_is_asked_with_its_parameters(web):
    page = get(web, "/queries/why-items-are-upheld?release=current")
    assert "Not more than four injections are given in a session" in page.text
    assert len(page.all("rect")) == min(len(page.all("tr")) - 1, MOST_BARS) > 0  # the chart
    assert page.all("svg")[0]["role"] == "img"
    assert "/guidelines/chronic-pain-2009/trigger-points" in page.links()
    wrong = get(web, "/queries/why-items-are-upheld?release=1234", 422)
    assert wrong.field("release")["aria-invalid"] == "true"
    assert wrong.field("release")["value"] == "1234"
    csv = web.get("/queries/why-items-are-upheld.csv?release=current").text
    assert csv.startswith("topic,number,statement,page,contradicted,undocumented\n")
    assert "no query of this name" in get(web, "/queries/nothing", 404).text


def test_every_query_has_a_page(web):
    addresses = [to for to in get(web, "/queries").links() if to.startswith("/queries/")]
    assert len(addresses) > 30
    for address in addresses[::9]:
        get(web, address)


def test_editor_without_script_answers_and_refuses(web):
    page = sound(web.post("/query", data={"query": "SELECT (1 AS ?one) {}"}).text)
    assert "1 row." in page.text
    for text, said in (
        ("SELECT", "malformed"),
        (
            "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }",
            "SERVICE asks another machine",
        ),
        ("DELETE WHERE { ?s ?p ?o }", "malformed"),
        ("#" * 200_000, "too long"),
    ):
        answer = web.post("/query", data={"query": text})
        assert answer.status_code == 422
        assert said in sound(answer.text).text


def test_what_if_says_what_a_limit_would_turn(web):
    page = get(web, "/what-if")
    places = [a["value"] for a in page.all("option")]
    place = next(p for p in places if "criterion-5" in p and p.endswith("maxInclusive"))
    page = sound(web.post("/what-if", data={"place": place, "value": "6"}).text)
    assert "0 items would come out otherwise, of 2 determinations decided again." in page.text
    wrong = web.post("/what-if", data={"place": place, "value": "six"})
    assert wrong.status_code == 422
    assert "This is no number." in sound(wrong.text).text


def test_store_that_is_not_to_be_written_is_not(web):
    kept = web.post("/new/keep", data={"yaml": two_items(), "role": "imr"})
    assert kept.status_code == 404
    assert "not started so that it may write" in sound(kept.text).text
    assert "Keep it in the store" not in web.get("/new").text


def test_pages_carry_a_policy_and_nothing_from_elsewhere(web):
    for address in ("/", "/cases", "/new", "/guidelines", "/queries", "/query", "/what-if"):
        answer = web.get(address)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "https://" not in answer.text.replace("https://w3id.org/", "").replace(
            "http://www.w3.org/", ""
        )
    missing = web.get("/nothing", headers={"accept": "text/html"})
    assert missing.status_code == 404
    sound(missing.text)


def test_large_list_is_read_anew_while_the_one_before_is_shown(web, monkeypatch, tmp_path):

    before = shelf(web.site)
    monkeypatch.setattr("reasoner.web.pages.shelf._MANY", 0)
    place = web.site.settings.store
    monkeypatch.setitem(_kept, place, replace(_kept[place], folder=tmp_path))
    assert shelf(web.site) is before  # as if the store had changed
    until = time.monotonic() + 20
    while shelf(web.site) is before:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert shelf(web.site) == before
