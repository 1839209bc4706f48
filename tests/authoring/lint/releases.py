"""A small release that every rule finds in order, and edits of it.

The release is a guideline in two editions with one topic, in ``release/``, on the core vocabulary
and the forms of this repository. ``RULE/bad.yaml`` and ``RULE/good.yaml`` hold edits of it:

    - name: what is done to it
      edit:
        - {file: shapes/..., replace: "sh:maxInclusive 4", with: "sh:maxinclusive 4"}
        - {file: ontology/..., add: "..."}         # at the end, or a new file
        - {file: tests/..., remove: true}
      finds:                                       # of a bad edit: every finding of the rule
        - says: a part of the message
          at: the whole line where it is found
          file: the file, where no line is given
          nearest: the name that is offered
      also: [...]                                  # other rules that find something as well
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
_OURS = (
    "ontology/core.ttl",
    "shapes/case.ttl",
    "shapes/guideline.ttl",
    "shapes/prefixes.ttl",
)


@dataclass(frozen=True)
class Edited:
    """An edit of the small release."""

    rule: str
    name: str
    edits: tuple[dict[str, Any], ...]
    finds: tuple[dict[str, str], ...]
    also: frozenset[str]

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


@cache
def edited(kind: str) -> tuple[Edited, ...]:
    """Read the edits that are good, or bad, of every rule."""
    return tuple(
        Edited(
            path.parent.name,
            entry["name"],
            tuple(entry["edit"]),
            tuple(entry.get("finds", ())),
            frozenset(entry.get("also", ())),
        )
        for path in sorted(HERE.glob(f"*/{kind}.yaml"))
        for entry in yaml.safe_load(path.read_text("utf-8"))
    )


def small_release(folder: Path) -> Path:
    """Copy the small release into a folder."""
    shutil.copytree(HERE / "release", folder)
    for name in _OURS:
        shutil.copy(ROOT / name, folder / name)
    return folder


def apply(edits: tuple[dict[str, Any], ...], folder: Path) -> None:
    """Make edits; what is to be replaced has to be there."""
    for edit in edits:
        path = folder / edit["file"]
        if edit.get("remove"):
            path.unlink()
            continue
        text = path.read_text("utf-8") if path.exists() else ""
        if "add" in edit:
            text += edit["add"]
        else:
            assert edit["replace"] in text, f"{edit['file']} has no {edit['replace']!r}"
            text = text.replace(edit["replace"], edit["with"], 1)
        path.write_text(text, "utf-8")
