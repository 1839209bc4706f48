"""What tests of pages share: a server, and a page as a tree that has to be sound."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx
import uvicorn

from reasoner.web.app import create_app
from reasoner.web.settings import Settings

VOID = {"input", "meta", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """A page: its text, and its elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> closes <{self._open[-1]}>"
        self._open.pop()

    def handle_data(self, data):
        if not self._open or self._open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.elements if "id" in a]

    def links(self) -> list[str]:
        return [a["href"] for a in self.all("a")]

    def field(self, name: str) -> dict[str, str]:
        (found,) = (a for _, a in self.elements if a.get("name") == name)
        return found


def sound(html: str) -> Page:
    """Give a page of which the links within lead somewhere, and each field has a label."""
    page = Page(html)
    ids = page.ids()
    assert len(ids) == len(set(ids)), {i for i in ids if ids.count(i) > 1}
    for to in page.links():
        if to.startswith("#"):
            assert to[1:] in ids, to
        assert not to.startswith(("http:", "https:", "//", "javascript:")), to
    labelled = {a["for"] for a in page.all("label") if "for" in a}
    for tag in ("input", "select", "textarea"):
        for attributes in page.all(tag):
            if attributes.get("type") not in ("hidden", "radio"):
                assert attributes["id"] in labelled, attributes
    for tag, attributes in page.elements:
        assert not [a for a in attributes if a.startswith("on")], tag
        if tag == "script" and attributes.get("type") != "application/json":
            assert attributes["src"].startswith("/static/")
    (html_tag,) = page.all("html")
    assert html_tag["lang"] == "en"
    assert len(page.all("main")) == len(page.all("h1")) == 1
    return page


@contextmanager
def running(**settings):
    """Run a server, and give a client of it, with the site that its pages are made with."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = create_app(Settings(port=port, **settings))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            until = time.monotonic() + 20
            while not server.started:
                assert time.monotonic() < until
                time.sleep(0.01)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                client.site = app.state.site
                yield client
        finally:
            server.should_exit = True
            thread.join()
