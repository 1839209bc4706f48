"""The commands that read letters: intake and replay."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from reasoner.errors import InputError, MtusError, Problem


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
    format: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """Decide the items of letters from header, request and summary alone, and compare.

    The reviewer's outcome, citations and rationale are opened only once an item is decided.
    """
    if format not in ("table", "json"):
        raise InputError([Problem(f"{format} is no format.", "--format", expected="table or json")])
    from reasoner.intake.letter import read_letter
    from reasoner.intake.lexicon import Lexicon
    from reasoner.intake.replay import replay_letter, summarize
    from reasoner.knowledge import load_knowledge

    knowledge = load_knowledge()
    lexicon = Lexicon(knowledge)
    items = []
    for number, path in enumerate(letters, start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(letters)}", end="", file=sys.stderr)
        items.extend(replay_letter(read_letter(path), knowledge, lexicon))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    summary = summarize(items)
    if format == "json":
        print(
            json.dumps(
                {"items": [item.to_dict() for item in items], "summary": summary},
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    for item in items:
        mark = {True: "agrees", False: "differs", None: "undecided"}[item.agrees]
        print(
            f"{item.letter}.{item.number}  {item.reviewer_outcome:<10}  {item.outcome:<12}"
            f"  {mark:<9}  {item.request[:70]}"
        )
    print(
        f"\n{summary['items']} items, {summary['placed']} placed, {summary['decided']} decided,"
        f" {summary['agree']} agree ({_percent(summary['agreement'])});"
        f" balanced accuracy {summary['balancedAccuracy']}."
    )


def _percent(share: float | None) -> str:
    return "none decided" if share is None else f"{share:.0%}"
