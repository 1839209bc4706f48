"""A determination as Markdown (CommonMark with the tables of GitHub's)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Template

from reasoner.rendering.cleaning import clean
from reasoner.rendering.environment import environment
from reasoner.rendering.sources import Sources

# What CommonMark or GitHub could take for markup anywhere in a line; "&" begins an entity, and
# an address becomes a link by its "://", "www." or "@" alone.
_INLINE = re.compile(r"[\\`*_{}\[\]<>|~$&#^]|:(?=//)|(?<=www)\.|@", re.IGNORECASE)
_BLOCK = re.compile(r"^(?:([-+=])|(\d{1,9})([.)]))")


def render_markdown(contract: Mapping[str, Any]) -> str:
    """Render a determination as Markdown."""
    cleaned = clean(contract)
    sources = [Sources(cleaned, number) for number in range(1, len(cleaned["items"]) + 1)]
    return _template().render(cleaned, sources=sources)


def escape(value: object) -> str:
    """Escape what Markdown could take for markup, in whatever is printed."""
    text = _INLINE.sub(lambda match: "\\" + match.group(), str(value))
    return _BLOCK.sub(
        lambda match: "\\" + match[1] if match[1] else f"{match[2]}\\{match[3]}", text
    )


@cache
def _template() -> Template:
    return environment(finalize=escape).get_template("determination.md.j2")
