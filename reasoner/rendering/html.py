"""A determination as HTML: a page that needs nothing else, or a fragment for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from reasoner.rendering.cleaning import clean
from reasoner.rendering.environment import environment
from reasoner.rendering.sources import Sources

_TONES = {"Met": "good", "NotMet": "bad", "NotDocumented": "open", "Undetermined": "open"}
"""How outcomes are toned. That an item is upheld or overturned is neither good nor bad."""


def render_page(contract: Mapping[str, Any]) -> str:
    """Render a determination as a complete HTML page, without any outside resource."""
    return _render("page.html.j2", contract, top=1)


def render_fragment(contract: Mapping[str, Any]) -> str:
    """Render a determination as a fragment of HTML whose styles touch nothing else."""
    return _render("fragment.html.j2", contract, top=3)


def _render(template: str, contract: Mapping[str, Any], *, top: int) -> str:
    """Render a template; ``top`` is the level of the highest heading."""
    cleaned = clean(contract)
    name = "".join(ch for ch in cleaned["id"].rpartition("/")[2] if ch.isalnum())[:10]
    return (
        _environment()
        .get_template(template)
        .render(
            cleaned,
            top=top,
            prefix=f"d{name}-",  # several determinations can share one notebook
            sources=[Sources(cleaned, n) for n in range(1, len(cleaned["items"]) + 1)],
        )
    )


def tone(word: str) -> str:
    """Give the tone of an outcome, which is a class of the style sheet."""
    return _TONES.get(word, "none")


@cache
def _environment() -> Environment:
    made = environment(autoescape=True)
    loader = made.loader
    assert loader is not None
    style = loader.get_source(made, "determination.css")[0]
    made.filters["tone"] = tone
    made.globals["STYLE"] = Markup(style)
    return made
