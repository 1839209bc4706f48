"""A determination as something to read: text, Markdown, HTML, a letter.

Every rendering is made from the JSON contract alone, so that what is printed is what is recorded.
Nothing in a case file is markup here: each format strips or escapes what could be taken for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reasoner.errors import InputError, Problem, nearest_word
from reasoner.rendering.html import render_fragment, render_page
from reasoner.rendering.letter import render_letter
from reasoner.rendering.markdown import render_markdown
from reasoner.rendering.pdf import render_pdf
from reasoner.rendering.text import render_text

__all__ = ["FORMATS", "render", "render_pdf"]

_RENDERERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "html": render_page,
    "html-fragment": render_fragment,
    "letter": render_letter,
}

FORMATS = tuple(_RENDERERS)
"""The formats that ``render`` gives; ``render_pdf`` gives the letter as PDF."""


def render(contract: Mapping[str, Any], format: str) -> str:
    """Render a determination.

    Args:
        contract: a determination in the form of the JSON contract, ``mtus.determination/1``.
        format: ``text`` for a terminal of 80 columns, ``markdown``, ``html`` (a page that needs
            nothing else), ``html-fragment`` (for a notebook), or ``letter`` (plain text in the
            form of an issued determination).

    Raises:
        InputError: if the format is not known.
    """
    if format not in _RENDERERS:
        raise InputError(
            [
                Problem(
                    f'"{format}" is not a format of a determination.',
                    expected="one of " + ", ".join(FORMATS),
                    nearest=nearest_word(format, FORMATS),
                )
            ]
        )
    return _RENDERERS[format](contract)
