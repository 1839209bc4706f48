"""The review over HTTP: what a browser is shown, what it may post, and what is written then."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from reasoner import Knowledge, parse_case, read_case
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pages import Passage
from reasoner.intake.review.server import MAX_BODY, Review
from reasoner.intake.source import Source, read_source

FHIR = Path(__file__).parent / "fhir"
RECORDS = Path(__file__).parent / "records"

CASE = """\
# Read from somewhere.
id: c1
worker:
  age: 60
records:
  - id: pr2
    type: ProgressReport
    date: 2014-08-19
facts:
  # Taken for granted: the side.
  - is: Tenderness
    region: CervicalRegion
    side: Right
    in: pr2
    page: "2"
    quote: "tenderness of the <b>neck</b>"
  - is: Headache
    in: pr2
    quote: "daily headaches"
requests:
  - id: item-1
    treatment: TriggerPointInjection
    wording: "6 trigger point injections"
    quantity: 6
# Read and not placed:
# - a hangnail
"""
PASSAGES = (
    Passage("pr2, page 1", "He has daily\n  headaches.", "pr2", "1"),
    Passage("pr2, page 2", "There is tenderness of the <b>neck</b>, daily headaches.", "pr2", "2"),
)


class Page(HTMLParser):
    """The fields of a page, as a browser would post them, and the rest that tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.ids: set[str] = set()
        self.labelled: set[str] = set()
        self.controls: set[str] = set()
        self.addresses: list[str] = []
        self.described: list[str] = []
        self.marked: dict[str, str] = {}
        self._select = self._area = self._mark = ""
        self._option = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attrs}
        if "id" in held:
            assert held["id"] not in self.ids, f"{held['id']} stands twice"
            self.ids.add(held["id"])
        self.addresses += [held[k] for k in ("src", "href", "action") if k in held]
        self.described += held.get("aria-describedby", "").split()
        if tag == "label" and "for" in held:
            self.labelled.add(held["for"])
        if tag in ("input", "select", "textarea") and held.get("type") not in ("hidden", "radio"):
            self.controls.add(held["id"])
        if tag == "input" and held.get("type") != "radio":
            self.fields[held["name"]] = held.get("value", "")
        elif tag == "select":
            self._select = held["name"]
            self.fields[self._select] = "\1"
        elif tag == "option" and self._select:
            # What is not chosen is the first.
            if self.fields[self._select] == "\1":
                self.fields[self._select] = ""
                self._option = True
            self._option = self._option or "selected" in held
            if self._option:
                self.fields[self._select] = ""
        elif tag == "textarea":
            self._area = held["name"]
            self.fields[self._area] = ""
        elif tag == "mark":
            self._mark = held["data-cards"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea", "mark"):
            if self._area:
                self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._select = self._area = self._mark = ""

    def handle_data(self, data: str) -> None:
        if self._select and self._option:
            self.fields[self._select] = data.strip()
            self._option = False
        elif self._area:
            self.fields[self._area] += data
        elif self._mark and not data.isdigit():
            for name in self._mark.split():
                self.marked[name] = self.marked.get(name, "") + data


class Client:
    """A browser, as far as it is needed here."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.path = parts.netloc, parts.path

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            sent = {k.replace("_", "-"): v for k, v in headers.items()}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return response.status, response.read().decode(), dict(response.getheaders())
        finally:
            connection.close()

    def get(self) -> Page:
        status, text, _ = self.ask("GET", self.path)
        assert status == 200
        return Page(text)

    def post(self, fields: dict[str, str], **headers: str) -> tuple[int, str]:
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        status, text, _ = self.ask(
            "POST", self.path + "save", urlencode(fields), **(kind | headers)
        )
        return status, text


class Served:
    def __init__(self, source: Source, out: Path, knowledge: Knowledge) -> None:
        self.out = out
        self.review = Review(source, out, knowledge)
        self.client = Client(self.review.url)
        self.thread = threading.Thread(target=self.review.run, daemon=True)
        self.thread.start()

    def is_over(self) -> bool:
        self.thread.join(5)
        return not self.thread.is_alive()


@pytest.fixture
def served(knowledge: Knowledge, tmp_path: Path) -> Iterator[Served]:
    made = Served(Source("letter", CASE, PASSAGES), tmp_path / "case.yaml", knowledge)
    yield made
    made.review.stop()
    assert made.is_over()


def save(served: Served, **changes: str) -> tuple[int, str]:
    fields = served.client.get().fields
    fields.update({name.replace("__", "."): value for name, value in changes.items()})
    return served.client.post({"action": "save", **fields})


def saved(served: Served, **changes: str) -> str:
    fields = served.client.get().fields | changes
    status, text = served.client.post({"action": "save", **fields})
    assert status == 200, text
    return served.out.read_text()


# What is shown


def test_page_needs_nothing_from_elsewhere_and_lets_nothing_else_run(served: Served) -> None:
    status, text, headers = served.client.ask("GET", served.client.path)
    assert status == 200
    for address in Page(text).addresses:
        assert address.startswith("#") or address == "save"
    assert "//" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"


def test_policy_lets_through_the_style_and_script_of_the_page(served: Served) -> None:
    import base64
    import hashlib

    _, text, headers = served.client.ask("GET", served.client.path)
    for tag in ("style", "script"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        assert found is not None
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in headers["Content-Security-Policy"]


def test_every_field_has_a_label_and_every_description_exists(served: Served) -> None:
    page = served.client.get()
    assert page.controls <= page.labelled
    assert set(page.described) <= page.ids
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= page.ids


def test_quotes_are_marked_where_they_stand(served: Served) -> None:
    page = served.client.get()
    assert page.marked["facts-0"] == "tenderness of the <b>neck</b>"
    assert page.marked["facts-1"] == "daily\n  headaches"


def test_concepts_complete(served: Served) -> None:
    _, text, _ = served.client.ask("GET", served.client.path)
    assert '<option value="Tenderness">tenderness</option>' in text
    assert 'list="any-Documentable"' in text


def test_text_of_the_source_is_shown_and_not_run(knowledge: Knowledge, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    text = CASE.replace("6 trigger point injections", evil).replace("a hangnail", evil)
    served = Served(
        Source("letter", text, (Passage(evil, evil, "pr2"),)), tmp_path / "c.yaml", knowledge
    )
    _, page, _ = served.client.ask("GET", served.client.path)
    assert page.count("<script>") == 1
    assert page.count("&lt;script&gt;alert(1)") >= 4
    served.review.stop()
    assert served.is_over()


# What is saved


def test_saving_ends_the_review_and_writes_a_case(served: Served, knowledge: Knowledge) -> None:
    text = saved(served, **{"facts-0!": "keep"})
    assert served.is_over()
    assert served.review.saved
    assert len(read_case(served.out, knowledge).requests) == 1
    assert "# Reviewed: 1 of 2 facts." in text
    assert "# Taken for granted: the side.\n  # Accepted on review.\n  - is: Tenderness" in text
    assert text.count("on review") == 1
    assert "# - a hangnail" in text
    assert [p.name for p in served.out.parent.iterdir()] == ["case.yaml"]


def test_nothing_changed_is_nothing_changed_in_the_case(
    served: Served, knowledge: Knowledge
) -> None:
    text = saved(served)
    before = parse_case(CASE.encode(), "case.yaml", knowledge)
    assert parse_case(text.encode(), "case.yaml", knowledge).triples == before.triples


def test_dropped_changed_and_added_facts(served: Served) -> None:
    text = saved(
        served,
        **{
            "facts-1!": "drop",
            "facts-0!": "keep",
            "facts-0.region": "CervicalRegion, ShoulderRegion",
            "facts-2.is": "MuscleSpasm",
            "facts-2.status": "absent",
            "facts-2.in": "pr2",
            "facts-2.quote": 'no "spasm"\r\nseen',
            "requests-0.agents": "Lidocaine; Bupivacaine 0.5 %",
        },
    )
    assert "Headache" not in text
    assert "region: [CervicalRegion, ShoulderRegion]" in text
    assert "# Changed on review.\n  - is: Tenderness" in text
    assert "# Added on review.\n  - is: MuscleSpasm\n    status: absent" in text
    assert r'quote: "no \"spasm\" seen"' in text
    assert "agents: [{is: Lidocaine}, {is: Bupivacaine, concentration: 0.5 %}]" in text


def test_fact_that_was_only_looked_at_is_accepted_and_not_changed(served: Served) -> None:
    assert served.client.get().fields["facts-0.status"] == "present"
    text = saved(served, **{"facts-0!": "keep", "facts-1!": "keep"})
    assert text.count("# Accepted on review.") == 2
    assert "status" not in text


def test_field_that_is_emptied_is_left_out(served: Served) -> None:
    text = saved(served, **{"facts-0.side": "", "worker.age": ""})
    assert "side" not in text.split("facts:")[1].replace("the side", "")
    assert "worker" not in text


def test_schema_beside_the_file_is_named_in_it(served: Served) -> None:
    (served.out.parent / "case.schema.json").write_text("{}")
    assert saved(served).startswith("# yaml-language-server: $schema=case.schema.json\n")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("facts-0.is", "Tendernes", "Did you mean &#34;Tenderness&#34;"),
        ("facts-1.in", "pr3", "pr2"),
        ("facts-1.severity", "11", "0 to 10"),
        ("requests-0.quantity", "many", "whole number"),
        ("worker.age", "old", "whole number"),
        ("records-0.date", "2014-02-30", "date"),
        ("facts-0.region", "neck", "CervicalRegion"),
        ("facts-1.onset", "2015-01-01", "later than"),
        ("id", "a b", "letters"),
    ],
)
def test_error_stands_at_its_field_and_nothing_is_written(
    served: Served, field: str, value: str, told: str
) -> None:
    status, text = save(served, **{field: value})
    assert status == 422
    assert not served.out.exists()
    wrong = re.search(rf'<p class="error" id="{re.escape(field)}-error">(.*?)</p>', text, re.S)
    assert wrong is not None, re.findall(r'<p class="error".*?</p>', text, re.S)
    assert told in wrong[1]
    assert f'href="#{field}"' in text
    page = Page(text)
    assert page.fields[field] == value  # what was typed is still there
    page.fields[field] = ""
    assert not served.review.saved


def test_review_goes_on_after_an_error(served: Served) -> None:
    assert save(served, **{"facts-0.is": "Nonsense"})[0] == 422
    assert "Headache" in saved(served, **{"facts-0.is": "Pain", "facts-0!": "keep"})


def test_dropping_what_is_wrong_saves_the_rest(served: Served) -> None:
    assert "Tenderness" not in saved(served, **{"facts-0.is": "Nonsense", "facts-0!": "drop"})


def test_case_without_requests_is_told(served: Served) -> None:
    status, text = save(served, **{"requests-0!": "drop"})
    assert status == 422
    assert "Not saved: 1 to correct" in text


def test_leaving_writes_nothing(served: Served) -> None:
    fields = served.client.get().fields
    status, text = served.client.post({**fields, "action": "leave"})
    assert status == 200
    assert "Nothing was written" in text
    assert served.is_over()
    assert not served.out.exists()
    assert not served.review.saved


def test_file_that_cannot_be_written_is_told_and_the_review_goes_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.out.mkdir()
    status, text = save(served)
    assert status == 500
    assert "cannot be written" in text
    served.out.rmdir()
    saved(served)


# Who may ask


@pytest.mark.parametrize("path", ["/", "/save", "/x/", "/favicon.ico", "//", "/" + "A" * 43 + "/"])
def test_without_the_token_there_is_nothing(served: Served, path: str) -> None:
    assert served.client.ask("GET", path)[0] == 404
    assert (
        served.client.ask("POST", path, "a=b", Content_Type="application/x-www-form-urlencoded")[0]
        == 404
    )


def test_other_paths_under_the_token_are_nothing(served: Served) -> None:
    for path in ("save", "page.css", "../", quote("../../etc/passwd")):
        assert served.client.ask("GET", served.client.path + path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", ""])
def test_request_for_another_host_is_refused(served: Served, host: str) -> None:
    assert served.client.ask("GET", served.client.path, Host=host)[0] == 421


@pytest.mark.parametrize(
    "header",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}],
)
def test_request_from_another_site_is_refused(served: Served, header: dict[str, str]) -> None:
    fields = served.client.get().fields
    assert served.client.post({"action": "save", **fields}, **header)[0] == 403
    assert not served.out.exists()


def test_request_from_the_page_itself_is_taken(served: Served) -> None:
    fields = served.client.get().fields
    headers = {"Origin": f"http://{served.client.host}", "Sec_Fetch_Site": "same-origin"}
    assert served.client.post({"action": "save", **fields}, **headers)[0] == 200


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_form_without_its_own_token_is_refused(served: Served, token: str) -> None:
    fields = served.client.get().fields | {"token": token}
    assert served.client.post({"action": "save", **fields})[0] == 403
    assert not served.out.exists()


def test_bodies_are_bounded(served: Served) -> None:
    path, kind = served.client.path + "save", "application/x-www-form-urlencoded"
    ask = served.client.ask
    assert ask("POST", path, "{}", Content_Type="application/json")[0] == 415
    assert ask("POST", path, b"", Content_Type=kind, Content_Length=str(MAX_BODY + 1))[0] == 413
    assert ask("POST", path, b"", Content_Type=kind, Content_Length="9" * 5000)[0] == 413
    assert ask("POST", path, b"", Content_Type=kind, Content_Length="-1")[0] == 411
    assert ask("POST", path, "a=1&" * 90_000, Content_Type=kind)[0] == 413
    assert ask("PUT", path, "x")[0] == 501


def test_fields_that_the_form_has_not_are_not_looked_at(served: Served) -> None:
    text = saved(served, **{"facts-99.is": "Sepsis", "reviewer.licensedIn": "CA", "x" * 999: "y"})
    assert "Sepsis" not in text
    assert "reviewer" not in text


def test_two_reviews_have_different_addresses(
    served: Served, knowledge: Knowledge, tmp_path: Path
) -> None:
    other = Served(Source("letter", CASE, ()), tmp_path / "other.yaml", knowledge)
    assert other.client.path != served.client.path
    other.review.stop()
    assert other.is_over()


# Every source can be reviewed


@pytest.mark.parametrize("path", [*sorted(FHIR.glob("*.json")), RECORDS], ids=lambda p: p.stem)
def test_source_can_be_reviewed_and_saved_as_it_is(
    path: Path, knowledge: Knowledge, tmp_path: Path
) -> None:
    source = read_source(path, Lexicon(knowledge))
    served = Served(source, tmp_path / "case.yaml", knowledge)
    text = saved(served)
    assert served.is_over()
    before = parse_case(source.text.encode(), "case.yaml", knowledge)
    assert parse_case(text.encode(), "case.yaml", knowledge).triples == before.triples
