"""Turtle files of a source tree, laid out together: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from reasoner.authoring.turtleformat import format_turtle
from reasoner.errors import InputError, Problem


def turtle_files(root: Path) -> list[Path]:
    """Give the Turtle files of a source tree.

    Raises:
        InputError: if there are none.
    """
    found = sorted(f for name in ("ontology", "shapes") for f in (root / name).rglob("*.ttl"))
    if not found:
        raise InputError([Problem("There is no Turtle below ontology or shapes.", str(root))])
    return found


def format_files(files: Iterable[Path]) -> dict[Path, tuple[str, str]]:
    """Lay out files; nothing is written.

    Returns:
        For each file that is laid out otherwise, its text and how it would be.

    Raises:
        InputError: if files are no Turtle, or cannot be read; all of them are named.
    """
    found: dict[Path, tuple[str, str]] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8")
            laid_out = format_turtle(text, str(file))
        except InputError as error:
            problems.extend(error.problems)
        except UnicodeDecodeError:
            problems.append(Problem("The file is not text in UTF-8.", str(file)))
        except OSError as error:
            problems.append(Problem(f"The file cannot be read: {error.strerror}.", str(file)))
        else:
            if laid_out != text:
                found[file] = (text, laid_out)
    if problems:
        raise InputError(problems)
    return found


_MOST_SHOWN = 12


def short_diff(file: Path, before: str, after: str) -> str:
    """Show the first lines in which a file differs from its layout."""
    lines = list(
        unified_diff(
            before.splitlines(), after.splitlines(), str(file), "as laid out", lineterm="", n=0
        )
    )
    shown = lines[2 : 2 + _MOST_SHOWN]
    more = len(lines) - 2 - len(shown)
    return "\n".join(f"    {line}" for line in (*shown, *([f"... {more} more"] if more else [])))
