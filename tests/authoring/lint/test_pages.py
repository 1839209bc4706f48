"""The pages of the rules are what their docstrings make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.authoring.lint import pages
from reasoner.authoring.lint.base.registry import rules, sections_of


def test_every_page_is_as_it_would_be_written():
    assert not pages.stale(), "run: python -m reasoner.authoring.lint.pages"


def test_the_table_names_every_rule():
    assert all(f"[{name}](lint/{name}.md)" in pages.table() for name in rules())


def test_a_page_of_no_rule_is_stale(monkeypatch, tmp_path):
    for name, text in pages.pages().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "docs" / "lint" / "gone.md").write_text("# gone\n", "utf-8")
    monkeypatch.setattr(pages, "_example", lambda _, name: _example(name))
    assert pages.stale(tmp_path) == ["docs/lint/gone.md"]


def _example(name: str) -> str | None:
    page = Path(f"docs/lint/{name}.md").read_text("utf-8")
    _, found, rest = page.partition("## Example")
    return (
        (found + rest)
        .rstrip()
        .removesuffix("\n\nWhat it finds may be meant; an editor shows it as a warning.")
        if found
        else None
    )


@pytest.mark.parametrize("text", ["", "Problem: x.\n\nMend: y.\n\nWhy: z.", "A rule. Problem: x."])
def test_a_docstring_without_its_sections_is_refused(text: str):
    with pytest.raises(ValueError, match="has the sections"):
        sections_of(text)
