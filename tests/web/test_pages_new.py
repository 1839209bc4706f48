"""Trying a case: the form, the box, what is wrong told beside what was entered, nothing kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from reasoner import adjudicate, parse_case, read_case
from reasoner.errors import InputError
from reasoner.store.loading import Loader, open_store
from tests.web.pages import running, sound

EXAMPLE = Path("docs/examples/trigger-points.yaml")

FILLED = {
    "from": "form",
    "role": "imr",
    "rows-requests": "1",
    "rows-records": "1",
    "rows-facts": "2",
    "case-id": "trigger-points",
    "case-worker.age": "60",
    "case-injury.date": "2010-06-24",
    "case-utilizationReview.date": "2014-09-10",
    "case-utilizationReview.decision": "Denied",
    "requests-1-treatment": "TriggerPointInjection",
    "requests-1-region": "CervicalRegion",
    "requests-1-quantity": "6",
    "requests-1-wording": 'six "injections": # & <i>more</i>',
    "records-1-type": "ProgressReport",
    "facts-1-is": "tenderness",
    "facts-1-region": "CervicalRegion",
    "facts-1-in": "1",
    "facts-1-page": "3",
    "facts-1-quote": "tender: on the right\r\nand the left",
    "facts-2-in": "1",
}


@pytest.fixture(scope="module")
def store(knowledge, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("new") / "store")
    with open_store(place) as opened:
        Loader(opened).add_determination(adjudicate(read_case(EXAMPLE, knowledge), knowledge))
    return place


@pytest.fixture(scope="module")
def web(store):
    with running(store=store, writable=True) as client:
        yield client


def content(place):
    with open_store(place) as opened:
        return sorted(opened.lines())


def post(web, given, status=200, **more):
    files = more.pop("files", None) or {"file": ("", b"", "application/octet-stream")}
    answer = web.post("/new", data=given, files=files)
    assert answer.status_code == status, answer.text
    return sound(answer.text)


def test_form_gives_the_determination_of_the_case_file_that_it_shows(web, knowledge):
    page = post(web, FILLED)
    assert "Case trigger-points: Upheld" in page.text
    assert "Not more than four injections are given in a session" in page.text
    assert 'six "injections": # & <i>more</i>' in page.text
    assert page.text.count("tender: on the right and the left") >= 2
    assert "Page 3" in page.text


def test_completions_come_from_the_ontology(web):
    page = sound(web.get("/new").text)
    options = {a.get("value") for a in page.all("option")}
    assert {"TriggerPointInjection", "Radiculopathy", "CervicalRegion", "ProgressReport"} <= options
    assert "trigger point injection; TPI; TPIs;" in page.text


def test_wrong_form_is_told_at_each_field_and_kept(web):
    wrong = FILLED | {
        "case-id": "my case!",
        "case-worker.age": "sixty",
        "requests-1-treatment": "TriggerPointInjektion",
        "facts-1-is": "neck pain",
        "facts-1-in": "7",
        "facts-2-is": "Tenderness",
        "facts-2-quote": "kept <all> the same",
    }
    page = post(web, wrong, 422)
    for name in ("case-id", "case-worker.age", "requests-1-treatment", "facts-1-is", "facts-1-in"):
        assert page.field(name)["aria-invalid"] == "true", name
        assert f"{name}-wrong" in page.field(name)["aria-describedby"]
        assert page.field(name)["value"] == wrong[name]
        assert f"#{name}" in page.links()
    assert "aria-invalid" not in page.field("facts-2-is")
    assert "Did you mean TriggerPointInjection ?" in page.text
    assert "kept <all> the same" in page.text
    assert "5 things are wrong" in page.text


def test_empty_form_says_what_is_needed(web):
    page = post(web, {"from": "form"}, 422)
    assert page.field("case-id")["aria-invalid"] == "true"
    assert page.field("requests-1-treatment")["aria-invalid"] == "true"


def test_another_row_keeps_what_was_entered(web):
    page = post(web, FILLED | {"more": "facts"})
    assert page.field("facts-3-is")["value"] == ""
    assert page.field("requests-1-quantity")["value"] == "6"
    page = post(web, FILLED | {"more": "facts", "rows-facts": "999"})
    assert "facts-40-is" in page.ids()
    assert "facts-41-is" not in page.ids()  # a bound


def test_box_tells_what_the_command_line_tells(web, knowledge):
    for folder in sorted(Path("tests/bad").iterdir())[::6]:
        file = next((f for f in folder.iterdir() if f.suffix in (".yaml", ".ttl", ".jsonld")), None)
        if file is None or file.stat().st_size > 900_000:
            continue
        with pytest.raises(InputError) as caught:
            read_case(file, knowledge)
        page = post(web, {"from": "box"}, 422, files={"file": (file.name, file.read_bytes())})
        for problem in caught.value.problems[:20]:
            told = " ".join(problem.message.split())
            assert "\u202e" in told or told in page.text, folder.name


def test_box_decides_as_the_library_does(web, knowledge):
    text = EXAMPLE.read_text()
    expected = adjudicate(parse_case(text.encode(), "case.yaml", knowledge), knowledge, role="ur")
    page = post(web, {"from": "box", "yaml": text, "role": "ur"})
    assert str(expected.iri) in page.text
    assert "Case trigger-points: Denied" in page.text


def test_a_reading_is_taken_as_the_library_takes_it(web, knowledge):
    text = EXAMPLE.read_text()
    name = "criteria-hold-for-the-neck"
    expected = adjudicate(
        parse_case(text.encode(), "case.yaml", knowledge), knowledge, readings=[name]
    )
    by_default = adjudicate(parse_case(text.encode(), "case.yaml", knowledge), knowledge)
    assert expected.iri != by_default.iri
    form = web.get("/new").text
    assert form.count(f'name="reading-{name}"') == 2  # beside the form, and beside the box
    page = post(web, {"from": "box", "yaml": text, f"reading-{name}": "on"})
    assert str(expected.iri) in page.text
    assert str(by_default.iri) not in page.text


def test_a_reading_that_there_is_not_is_told(web):
    readings = {"reading-criteria-hold-for-the-nek": "on", "reading-lower-end-of-range": "on"}
    page = post(web, {"from": "box", "yaml": EXAMPLE.read_text(), **readings}, 422)
    assert "criteria-hold-for-the-nek is no reading" in page.text
    assert "criteria-hold-for-the-neck" in page.text
    checked = [
        a["name"] for a in page.all("input") if a.get("type") == "checkbox" and "checked" in a
    ]
    assert checked == ["reading-lower-end-of-range"] * 2  # beside the form, and beside the box


def test_bounds_are_told(web):
    assert "more than 1 MB" in post(web, {"from": "box", "yaml": "#" * 1_100_000}, 422).text
    many = EXAMPLE.read_text() + "  - {treatment: PhysicalTherapy}\n" * 50
    page = post(web, {"from": "box", "yaml": many}, 422)
    assert "at most 50 here" in page.text
    assert (
        "  - {treatment: PhysicalTherapy}"
        in web.post("/new", data={"from": "box", "yaml": many}).text
    )
    answer = web.post("/new", content=b"{}", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert "This is no form." in sound(answer.text).text
    assert web.post("/new", data={f"f{n}": "" for n in range(2000)}).status_code in (400, 422)
    assert web.get("/").status_code == 200


def test_case_that_takes_too_long_is_stopped(web, monkeypatch):
    monkeypatch.setattr(web.site.trying, "_seconds", 0.05)
    page = post(web, {"from": "box", "yaml": EXAMPLE.read_text()}, 422)
    assert "took longer than 0.05 s to decide and was stopped" in page.text
    monkeypatch.undo()
    assert (
        "Case trigger-points: Upheld"
        in post(web, {"from": "box", "yaml": EXAMPLE.read_text()}).text
    )


def test_case_files_at_hand_are_offered_and_no_others(web, monkeypatch):
    monkeypatch.setattr(web.site, "settings", replace(web.site.settings, cases=EXAMPLE.parent))
    page = sound(web.get("/new").text)
    assert "/new?file=trigger-points.yaml#box" in page.links()
    assert "treatment: TriggerPointInjection" in web.get("/new?file=trigger-points.yaml").text
    for name in ("../store.md", "store.md", "/etc/passwd"):
        assert web.get("/new", params={"file": name}).status_code == 404


def test_library_case_has_no_way_out_of_its_folder(web):
    for name in ("../../../etc/passwd", "a/b/..", "chronic-pain-2009/trigger-points/../x", "a/b/c"):
        answer = web.get("/new", params={"library": name})
        assert answer.status_code == 404
        assert "no case of this name" in sound(answer.text).text


def test_case_is_kept_when_asked_and_not_before(web, store):
    before = content(store)
    given = {"from": "box", "yaml": EXAMPLE.read_text().replace("trigger-points", "tried")}
    page = post(web, given)
    assert "Keep it in the store" in page.text
    assert content(store) == before
    assert "1 of 1 determinations" in sound(web.get("/cases").text).text

    kept = web.post("/new/keep", data={"yaml": page.field("yaml")["value"], "role": "imr"})
    assert kept.status_code == 303
    shown = web.get(kept.headers["location"])
    assert shown.status_code == 200
    assert "Case tried: Upheld" in sound(shown.text).text
    assert "2 of 2 determinations" in sound(web.get("/cases").text).text
    assert len(content(store)) > len(before)

    again = web.post("/new/keep", data=given)  # there already
    assert again.headers["location"] == kept.headers["location"]
    changed = given["yaml"].replace("quantity: 6", "quantity: 5")
    refused = web.post("/new/keep", data={"yaml": changed, "role": "imr"})
    assert refused.status_code == 422
    assert "is in the store with other content" in sound(refused.text).text
