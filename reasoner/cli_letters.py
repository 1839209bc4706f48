"""The commands that read letters: intake and replay."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.errors import InputError, MtusError, Problem, nearest_word, shown

if TYPE_CHECKING:
    from reasoner.intake.replay import ReplayedItem


def intake(
    letter: Annotated[Path, typer.Argument(help="A determination letter, PDF or text.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the case file here; printed otherwise."),
    ] = None,
) -> None:
    """Turn a published determination letter into a case file, for a person to correct.

    Every fact stands with the words that it came from; outcomes and rationales are not read.
    """
    from reasoner.intake.casefile import to_case_file
    from reasoner.intake.letter import read_letter
    from reasoner.intake.lexicon import Lexicon
    from reasoner.knowledge import load_knowledge

    text = to_case_file(read_letter(letter), Lexicon(load_knowledge()))
    if out is None:
        sys.stdout.write(text)
        return
    try:
        unfinished = out.with_name(f".{out.name}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(out)
    except OSError as error:
        raise MtusError(f"{out} cannot be written: {error.strerror}") from error


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

    The reviewer's outcome, citations and rationale are opened only once an item is decided.
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
    from reasoner.intake.letter import read_letter
    from reasoner.intake.lexicon import Lexicon
    from reasoner.intake.output import require_folder, write_text
    from reasoner.intake.replay import replay_letter, summarize
    from reasoner.knowledge import load_knowledge

    if out is not None:
        require_folder(out)
    if format == "parquet":
        from reasoner.intake.parquet import engine

        engine()
    knowledge = load_knowledge()
    lexicon = Lexicon(knowledge)
    items: list[ReplayedItem] = []
    for number, path in enumerate(letters, start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(letters)}", end="", file=sys.stderr)
        items.extend(replay_letter(read_letter(path), knowledge, lexicon))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    summary = summarize(items)
    if format == "parquet" and out is not None:
        from reasoner.intake.parquet import write_parquet

        write_parquet(items, summary, knowledge.release, out)
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
    )


def _percent(share: float | None) -> str:
    return "none decided" if share is None else f"{share:.0%}"
