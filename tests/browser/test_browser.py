"""The pages in Chromium: nothing leaves the machine, everybody can use them, script only adds."""

import io

import pypdfium2
import pytest

PAGES = {
    "start": "/",
    "cases": "/cases",
    "new": "/new",
    "guidelines": "/guidelines?q=injection",
    "topic": "/guidelines/chronic-pain-2009/trigger-points",
    "queries": "/queries",
    "query": "/queries/why-items-are-upheld?release=current",
    "sparql": "/query",
    "what-if": "/what-if",
}


def addresses_of(addresses):
    return {**PAGES, **{f"determination-{n}": a for n, a in enumerate(addresses)}}


AA = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"


def findings(page, axe, only=AA):
    """Give what axe-core finds against WCAG 2.2 AA and good practice."""
    page.evaluate(axe)
    found = page.evaluate(f"axe.run(document, {{runOnly: {only}}})")
    return [
        (v["id"], [n["target"] for n in v["nodes"]][:3], v["nodes"][0]["failureSummary"][:200])
        for v in found["violations"]
    ]


def until(page, script):
    """Wait until something holds; what the browser does itself for this needs eval, which is shut."""
    for _ in range(200):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it never held: {script}")


def unfold(page):
    page.wait_for_load_state("load")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def test_accessible_by_axe(visit, addresses, axe):
    for name, address in addresses_of(addresses).items():
        page = visit(address)
        unfold(page)
        found = findings(page, axe)
        assert found == [], (name, found)


def test_contrast_is_enough_in_the_dark(visit, addresses, axe):
    for name in ("start", "new", "topic", "sparql", "determination-0", "determination-3"):
        page = visit(addresses_of(addresses)[name], dark=True)
        unfold(page)
        found = findings(page, axe, "{type: 'rule', values: ['color-contrast']}")
        assert found == [], (name, found)


def test_wrong_form_is_accessible(visit, axe):
    page = visit("/new")
    page.fill("[name='case-id']", "no id!")
    page.click("form >> nth=0 >> text=Decide >> nth=-1")
    page.wait_for_selector("#problems")
    assert findings(page, axe) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_fits_a_phone(visit, addresses, script):
    for name, address in addresses_of(addresses).items():
        page = visit(address, width=390, script=script)
        # What is wider than the screen scrolls in a box of its own.
        wide = page.locator("html").evaluate("e => e.scrollWidth")
        assert wide <= 390, name


def test_keyboard_reaches_the_content_and_comes_out_of_the_editor(visit):
    page = visit("/query")
    page.wait_for_selector("#editor .CodeMirror")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")  # the link in the lead
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('.CodeMirror')")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("!!document.activeElement.closest('.CodeMirror')")


def test_graph_moves_answers_and_follows_the_server(visit, addresses):
    page = visit(addresses[0])
    page.wait_for_selector(".why-live canvas")
    assert page.locator(".why-svg").is_hidden()
    node = page.evaluate(
        """() => { const figure = document.querySelector('figure.why'); const graph = figure.graph;
        const n = graph.nodes("[kind = 'criterion'][tone = 'bad']").first();
        const p = n.renderedPosition(); const box = figure.querySelector('.why-live');
        box.scrollIntoView({block: 'nearest'});
        const r = box.getBoundingClientRect();
        return {x: r.left + p.x, y: r.top + p.y, zoom: graph.zoom()}; }"""
    )
    page.mouse.move(node["x"], node["y"])
    if not 0 < node["y"] < 900:
        page.mouse.wheel(0, node["y"] - 450)
        page.wait_for_timeout(200)
        node["y"] = page.evaluate(
            """() => { const figure = document.querySelector('figure.why');
            const n = figure.graph.nodes("[kind = 'criterion'][tone = 'bad']").first();
            return figure.querySelector('.why-live').getBoundingClientRect().top
                + n.renderedPosition().y; }"""
        )
    page.mouse.click(node["x"], node["y"])
    said = page.locator(".why-said")
    assert "Not more than four injections are given in a session" in said.inner_text()
    assert "quantity 6" in said.inner_text()
    said.locator("a").click()
    assert page.url.endswith("#d-item-1-criterion-12")
    page.click("[data-do='in']")
    assert page.evaluate("document.querySelector('figure.why').graph.zoom()") > node["zoom"]
    page.click("text=The graph as a table")
    assert page.locator(".why-table tbody tr").count() == page.evaluate(
        "document.querySelector('figure.why').graph.nodes().length"
    )


def test_without_third_party_files_pages_are_plainer(
    visit, addresses, store, monkeypatch, tmp_path
):
    from tests.web.pages import running

    monkeypatch.setattr("reasoner.web.pages.site.VENDOR", tmp_path)
    with running(store=store) as client:
        page = visit(addresses[0], at=str(client.base_url))
        assert page.locator(".why-svg").is_visible()
        assert page.locator(".why-live").is_hidden()
        page = visit("/query", at=str(client.base_url))
        page.click("text=Ask >> nth=-1")
        assert "row" in page.locator("[role=status]").inner_text()
        page.wait_for_load_state("networkidle")  # before its server is gone


def test_sentence_unfolds_to_its_sources(visit, addresses):
    page = visit(addresses[0])
    first = page.locator(".mtus-rationale details").first
    assert first.locator("li").first.is_hidden()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert first.locator("li").first.is_visible()
    assert "https://w3id.org/mtus/" in first.inner_text()


def test_form_completes_and_decides_without_script(visit):
    page = visit("/new", script=False)
    page.fill("[name='case-id']", "in-a-browser")
    page.fill("[name='case-utilizationReview.date']", "2014-09-10")
    page.fill("[name='requests-1-treatment']", "TriggerPointInjection")
    page.select_option("[name='requests-1-region']", label="cervical region")
    page.fill("[name='requests-1-quantity']", "6")
    page.click("text=Another request")
    assert page.input_value("[name='requests-1-quantity']") == "6"
    assert page.locator("[name='requests-2-treatment']").count() == 1
    page.click("button:text-is('Decide')")
    assert page.title().startswith("Case in-a-browser: Upheld")
    assert "Nothing of this case was kept" in page.inner_text("main")


def test_file_is_uploaded(visit):
    page = visit("/new")
    page.set_input_files("#file", "docs/examples/trigger-points.yaml")
    page.click("text=Decide the case file")
    assert page.title().startswith("Case trigger-points: Upheld")


def test_editor_asks_our_endpoint_and_keeps_nothing(visit):
    page = visit("/query")
    page.wait_for_selector("#editor .CodeMirror")
    with page.expect_response(lambda r: r.url.endswith("/sparql")) as asked:
        page.click("#editor .main-button")
    assert asked.value.status == 200
    page.wait_for_selector("#editor table.dataTable tbody tr")
    assert "Upheld" in page.inner_text("#editor .yasr")
    links = page.eval_on_selector_all("#editor .yasr a[href]", "all => all.map(a => a.href)")
    assert [u for u in links if not u.startswith(("http://127.0.0.1", "data:", "blob:"))] == []
    assert page.evaluate("window.localStorage.length") == 0
    text = "PREFIX core: <https://w3id.org/mtus/core#> SELECT * { ?d core:itemOut"
    page.evaluate(
        """text => { const editor = document.querySelector('.CodeMirror').CodeMirror;
        editor.setValue(text); editor.focus(); editor.setCursor(0, text.length); }""",
        text,
    )
    page.keyboard.press("Control+Space")  # the one completion is taken, or offered
    until(
        page,
        """() => document.querySelector('.CodeMirror').CodeMirror.getValue().includes('core:itemOutcome')
        || [...document.querySelectorAll('.CodeMirror-hint')].some(h => h.textContent == 'core:itemOutcome')""",
    )
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.CodeMirror').CodeMirror.setValue('SELECT * {')")
    page.click("#editor .main-button")
    until(page, "document.querySelector('#editor [role=status]').innerText.includes('could not')")


def test_printed_determination_is_a_letter(visit, addresses):
    page = visit(addresses[0])
    page.wait_for_selector(".why-live canvas")
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(" ".join(p.get_textpage().get_text_range().split()) for p in document)
    for shown in (
        "Case trigger-points: Upheld",
        "The request exceeds the limit in criterion 5",
        "Ask for 4 injections in all instead of 6.",
        "It supports a physician reviewer",
    ):
        assert shown in text
    for hidden in ("Try a case", "Why, as a graph", "Choose a node", "Take it along", "Sources"):
        assert hidden not in text
    assert len(document) <= 4
