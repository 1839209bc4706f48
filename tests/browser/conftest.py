"""Chromium, a server with a store, and what a page must never do."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from reasoner import adjudicate, parse_case, read_case
from reasoner.store.loading import Loader, open_store
from reasoner.store.names import DETERMINATIONS
from reasoner.web import assets
from reasoner.web.pages.expectedcases import library_text
from tests.web.pages import running

HERE = Path(__file__).parent
CASES = (
    "chronic-pain-2009/trigger-points/all-met-first",
    "chronic-pain-2009/epidural-injections/diagnostic-one-week-upper-end",
)
TWO_ITEMS = "  - {id: gym, treatment: GymMembership, wording: a gym membership}\n"


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, fetched by its lock."""
    folder = HERE / ".vendor"
    assets.fetch(folder, assets.read_lock(HERE / "assets.json"))
    return (folder / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def determinations(knowledge):
    example = Path("docs/examples/trigger-points.yaml")
    two = example.read_text().replace("id: trigger-points", "id: two-items") + TWO_ITEMS
    cases = [read_case(example, knowledge), parse_case(two.encode(), "two.yaml", knowledge)]
    cases += [parse_case(library_text(n).encode(), f"{n}.yaml", knowledge) for n in CASES]
    return [adjudicate(case, knowledge) for case in cases]


@pytest.fixture(scope="session")
def addresses(determinations):
    return [f"/determinations/{str(d.iri).removeprefix(DETERMINATIONS)}" for d in determinations]


@pytest.fixture(scope="session")
def store(determinations, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("browser") / "store")
    with open_store(place) as opened:
        for determination in determinations:
            Loader(opened).add_determination(determination)
    return place


@pytest.fixture(scope="session")
def base(store):
    missing = assets.missing()
    assert not missing, f"python -m reasoner.web.assets fetches {missing}"
    with running(store=store) as client:
        yield str(client.base_url)


@pytest.fixture(scope="session")
def chromium():
    """Chromium: a test that needs it fails where it is missing."""
    path = os.environ.get("MTUS_CHROMIUM") or shutil.which("chromium")
    assert path, "There is no chromium: apt-get install chromium, or MTUS_CHROMIUM"
    flags = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, base):
    """Give what opens a page; at the end, nothing may have been asked elsewhere, and nothing failed."""
    contexts, asked, failed = [], [], []

    def visit(address="/", *, width=1280, script=True, dark=False, at=base):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda m: failed.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(at + address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert asked
    outside = [u for u in asked if not u.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert outside == []
    # What is refused on purpose shows in the console too.
    refused = ("status of 400", "status of 422")
    assert [text for text in failed if not any(said in text for said in refused)] == []
