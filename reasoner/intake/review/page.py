"""The page of a review, as HTML that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, StrictUndefined, Template

from reasoner.intake.draft import Draft
from reasoner.intake.review.form import SECTIONS, Card, Form, datalists
from reasoner.intake.review.marks import Sought, mark
from reasoner.intake.source import Source
from reasoner.knowledge import Knowledge


def _asset(name: str) -> str:
    return files("reasoner.intake.review").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


_STYLE, _SCRIPT = _asset("page.css"), _asset("page.js")


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset(name))


class Page:
    """The page of one review.

    Attributes:
        style_hash, script_hash: what the security policy lets through.
    """

    style_hash: ClassVar[str] = _hash(_STYLE)
    script_hash: ClassVar[str] = _hash(_SCRIPT)

    def __init__(self, source: Source, draft: Draft, out: Path, knowledge: Knowledge) -> None:
        self._source = source
        self._draft = draft
        self._out = out
        self._lists = datalists(knowledge)

    def render(self, form: Form, token: str) -> str:
        """Write the page of a form."""
        sought = [
            _sought(card)
            for section in ("facts", "requests")
            for card in form.sections[section]
            if not card.blank
        ]
        marked = mark(self._source.passages, sought)
        found = {
            name for m in marked for name in (*m.names, *(n for p in m.pieces for n in p.names))
        }
        return _template("page.html.j2").render(
            style=_STYLE,
            script=_SCRIPT,
            form=form,
            titles={section: title for section, (_, title) in SECTIONS.items()},
            lists=self._lists,
            passages=marked,
            found=found,
            numbers=_numbers(form),
            source=self._source,
            notes=self._draft.notes,
            left_out=self._draft.left_out,
            out=str(self._out),
            replaces=self._out.exists(),
            token=token,
        )

    def told(self, text: str) -> str:
        """Write a page that says one thing."""
        return _template("told.html.j2").render(style=_STYLE, text=text)


def _numbers(form: Form) -> dict[str, str]:
    """Number facts and requests as the page shows them; requests have an R before theirs."""
    return {
        card.name: f"{sign}{number}"
        for section, sign in (("facts", ""), ("requests", "R"))
        for number, card in enumerate(form.sections[section], start=1)
    }


def _sought(card: Card) -> Sought:
    held = {f.key: f.value for f in card.fields}
    quote = held.get("quote") or held.get("wording") or ""
    records = tuple(part.strip() for part in held.get("in", "").split(","))
    return Sought(card.name, held.get("id", ""), quote, records, held.get("page", ""))
