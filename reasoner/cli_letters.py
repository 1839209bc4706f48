"""The command that decides letters again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.errors import InputError, Problem, nearest_word, shown

if TYPE_CHECKING:
    from reasoner.intake.replay import ReplayedItem


def replay(
    letters: Annotated[
        list[Path], typer.Argument(help="Determination letters, PDF or text.", metavar="LETTER...")
    ],
    format: Annotated[str, typer.Option("--format", help="table, json or parquet")] = "table",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write here instead of printing; Parquet needs it."),
    ] = None,
) -> None:
    """Decide the items of letters from header, request and summary alone, and compare.

    The reviewer's outcome, citations and rationale are opened only once an item is decided. A
    letter that cannot be read is told at the end, with exit code 2; the others are replayed.
    """
    formats = ("table", "json", "parquet")
    if format not in formats:
        raise InputError(
            [
                Problem(
                    f"{shown(format)} is no format.",
                    "--format",
                    expected="table, json or parquet",
                    nearest=nearest_word(format, formats),
                )
            ]
        )
    if format == "parquet" and out is None:
        raise InputError(
            [Problem("Parquet is not printed.", "--format", expected="--out FILE beside it")]
        )
    from reasoner.intake.lexicon import Lexicon
    from reasoner.intake.replay import UnreadLetter, replay_letters, summarize
    from reasoner.knowledge import load_knowledge
    from reasoner.wholefile import require_folder

    if out is not None:
        require_folder(out)
    if format == "parquet":
        from reasoner.intake.parquet import engine

        engine()
    knowledge = load_knowledge()
    lexicon = Lexicon(knowledge)
    items: list[ReplayedItem] = []
    unread: list[UnreadLetter] = []
    for number, replayed in enumerate(replay_letters(letters, knowledge, lexicon), start=1):
        if isinstance(replayed, UnreadLetter):
            unread.append(replayed)
        else:
            items.extend(replayed)
        if sys.stderr.isatty():
            print(f"\r{number} of {len(letters)}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    summary = summarize(items, unread)
    _write_replay(items, summary, knowledge.release, format, out)
    for letter in unread:
        print(f"Not read: {letter.problem}", file=sys.stderr)
    if unread:
        raise typer.Exit(2)


def _write_replay(
    items: list[ReplayedItem], summary: dict[str, Any], release: str, format: str, out: Path | None
) -> None:
    from reasoner.wholefile import write_text

    if format == "parquet" and out is not None:
        from reasoner.intake.parquet import write_parquet

        write_parquet(items, summary, release, out)
        return
    if format == "json":
        rows = {"items": [item.to_dict() for item in items], "summary": summary}
        text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    else:
        text = _as_table(items, summary)
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)


def _as_table(items: list[ReplayedItem], summary: dict[str, Any]) -> str:
    marks = {True: "agrees", False: "differs", None: "undecided"}
    lines = [
        f"{item.letter}.{item.number}  {item.reviewer_outcome:<10}  {item.outcome:<12}"
        f"  {marks[item.agrees]:<9}  {item.request[:70]}"
        for item in items
    ]
    return "\n".join(lines) + (
        f"\n\n{summary['items']} items, {summary['placed']} placed, {summary['decided']} decided,"
        f" {summary['agree']} agree ({_percent(summary['agreement'])});"
        f" balanced accuracy {summary['balancedAccuracy']}.\n"
        + (f"{len(summary['unread'])} letters could not be read.\n" if summary["unread"] else "")
    )


def _percent(share: float | None) -> str:
    return "none decided" if share is None else f"{share:.0%}"
