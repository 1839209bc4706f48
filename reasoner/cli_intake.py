"""The command that turns letters, FHIR Bundles and folders of records into case files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.errors import InputError, Problem

if TYPE_CHECKING:
    from reasoner.intake.source import Source
    from reasoner.knowledge import Knowledge


def intake(
    source: Annotated[
        Path,
        typer.Argument(
            help="A determination letter (PDF or text), a FHIR R4 Bundle (JSON), or a folder of"
            " records (PDF or text)."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the case file here; printed otherwise."),
    ] = None,
    request: Annotated[
        list[str] | None,
        typer.Option(
            "--request", help="What is asked for, where a folder does not say; may be given again."
        ),
    ] = None,
    review: Annotated[
        bool,
        typer.Option("--review", help="Open a page to accept, change or drop what was read."),
    ] = False,
    browser: Annotated[
        bool, typer.Option(help="With --review: open the page in the browser.")
    ] = True,
) -> None:
    """Turn a letter, a FHIR Bundle or a folder of records into a case file, to be corrected.

    Every fact stands with the words and the place that it came from, and what was taken for
    granted as a comment. Of a letter, outcomes and rationales are not read. Exit 1 if the case
    file needs correcting before it can be decided.
    """
    from reasoner.intake.lexicon import Lexicon
    from reasoner.intake.source import read_source, with_modeline
    from reasoner.knowledge import load_knowledge
    from reasoner.wholefile import require_folder, write_text

    if out is not None:
        require_folder(out)
    elif review:
        raise InputError([Problem("A review needs a file to save to.", "--review",
                                  expected="--out FILE beside it")])  # fmt: skip
    knowledge = load_knowledge()
    read = read_source(source, Lexicon(knowledge), request or [])
    if review and out is not None:
        _review(read, out, knowledge, browser=browser)
        return
    text = with_modeline(read.text, out)
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)
        print(_counts(read), file=sys.stderr)
    _check(text, str(out or source), knowledge, read.kind)


def _counts(read: Source) -> str:
    """Say how much was read."""
    from reasoner.intake.draftreader import read_draft

    draft = read_draft(read.text, "case.yaml")

    def counted(number: int, one: str) -> str:
        return f"{number} {one if number == 1 else one + 's'}"

    told = f"{counted(len(draft.facts), 'fact')} and {counted(len(draft.requests), 'request')}"
    told = f"Read from a {read.kind}: {told}"
    if draft.left_out:
        told += f"; {len(draft.left_out)} more not placed, named at the end of the file"
    return told + ". A person has to check them."


def _check(text: str, name: str, knowledge: Knowledge, kind: str) -> None:
    """Say what is to be corrected in a case file that was written."""
    from reasoner.case import parse_case

    try:
        parse_case(
            text.encode(), name if name.endswith((".yaml", ".yml")) else f"{name}.yaml", knowledge
        )
    except InputError as error:
        for problem in error.problems:
            print(f"mtus: {problem}", file=sys.stderr)
        print(f"mtus: the {kind} was read; correct this in the case file.", file=sys.stderr)
        raise typer.Exit(1) from error


def _review(read: Source, out: Path, knowledge: Knowledge, *, browser: bool) -> None:
    """Serve the page of the review until it is saved or left."""
    import webbrowser

    from reasoner.intake.review.server import review

    def announce(url: str) -> None:
        print(f"Review at {url} (Ctrl-C leaves without saving)", flush=True)
        if browser:
            webbrowser.open(url)

    left = "mtus: left without saving; nothing was written"
    try:
        saved = review(read, out, knowledge, announce)
    except KeyboardInterrupt:
        print(left, file=sys.stderr)
        raise typer.Exit(130) from None
    if not saved:
        print(left, file=sys.stderr)
        raise typer.Exit(1)
    print(f"Saved as {out}.")
