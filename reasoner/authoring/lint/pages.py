"""The pages of the rules, made from their docstrings: ``python -m reasoner.authoring.lint.pages``.

Each rule has a page ``docs/lint/RULE.md``; ``docs/authoring-lint.md`` has the table of them all.
``--check`` writes nothing, and exits with 1 if a page is not as it would be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from reasoner.authoring.lint.base.registry import SECTIONS, Rule, rules

ROOT = Path(__file__).resolve().parents[3]
_TABLE = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end of rules -->)", re.DOTALL)
_GUIDE = "docs/authoring-lint.md"


def pages(root: Path = ROOT) -> Mapping[str, str]:
    """Give every page by its path from the root of the source tree."""
    found = {f"docs/lint/{rule.name}.md": _page(root, rule) for rule in rules().values()}
    guide = (root / _GUIDE).read_text("utf-8")
    found[_GUIDE] = _TABLE.sub(lambda _: table(), guide)
    return found


def stale(root: Path = ROOT) -> list[str]:
    """Give the pages that are not as they would be written, those of no rule included."""
    wanted = pages(root)
    present = {f"docs/lint/{path.name}" for path in (root / "docs" / "lint").glob("*.md")}
    return sorted(
        {name for name, text in wanted.items() if _read(root / name) != text}
        | (present - set(wanted))
    )


def table() -> str:
    """Give the table of rules."""
    rows = [
        f"| [{rule.name}](lint/{rule.name}.md) | {_one_line(rule.sections['Problem'])} |"
        for rule in rules().values()
    ]
    return "\n".join(["", "| rule | what it finds |", "| --- | --- |", *rows, "", ""])


def _page(root: Path, rule: Rule) -> str:
    parts = [
        f"<!-- Made by `python -m reasoner.authoring.lint.pages` from the rule's docstring. -->\n\n"
        f"# {rule.name}"
    ]
    for section in SECTIONS:
        parts.append(f"**{section}.** {_one_line(rule.sections[section])}")
    example = _example(root, rule.name)
    if example:
        parts.append(example)
    if rule.is_advice:
        parts.append("What it finds may be meant; an editor shows it as a warning.")
    return "\n\n".join(parts) + "\n"


def _example(root: Path, name: str) -> str | None:
    """Give the first fixture that the rule has to find, with what it says of it."""
    text = _read(root / "tests" / "authoring" / "lint" / name / "bad.yaml")
    first = yaml.safe_load(text)[0] if text else None
    if first is None or "with" not in first["edit"][0]:
        return None
    edit = first["edit"][0]
    before = "\n".join(f"-{line}" for line in edit["replace"].splitlines())
    after = "\n".join(f"+{line}" for line in edit["with"].splitlines())
    says = first["finds"][0]["says"]
    return f"## Example\n\n```diff\n{before}\n{after}\n```\n\n> {says}"


def _one_line(text: str) -> str:
    """Write a section of a docstring in Markdown, on one line, as a sentence of its own."""
    # reStructuredText has two backticks where Markdown has one.
    line = " ".join(text.split()).replace("``", "`")
    return line[:1].upper() + line[1:]


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are stale."""
    if arguments == ["--check"]:
        names = stale()
        print("".join(f"{name} is not as it would be written.\n" for name in names), end="")
        return 1 if names else 0
    wanted = pages()
    folder = ROOT / "docs" / "lint"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        if f"docs/lint/{path.name}" not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (ROOT / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
