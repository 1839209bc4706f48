"""The commands that tell what the cases of a library prove: coverage, and mutation."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.errors import InputError, MtusError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from reasoner.knowledge import Knowledge


class CoverageFormat(StrEnum):
    """The forms that coverage can be written in."""

    TERMINAL = "terminal"
    HTML = "html"
    JSON = "json"


class MutationFormat(StrEnum):
    """The forms that the findings of a mutation run can be written in."""

    TEXT = "text"
    JSON = "json"


_CASES = Path("tests/cases")

CasesOption = Annotated[
    Path, typer.Option("--cases", help="The folder of cases, a folder for each topic.")
]
TopicOption = Annotated[
    list[str] | None,
    typer.Option("--topic", help="Only this topic, as guideline/topic or topic; may be repeated."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write to this file instead of printing.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="How many processes; as many as cores.")
]


def coverage(
    cases: CasesOption = _CASES,
    topic: TopicOption = None,
    format: Annotated[
        CoverageFormat, typer.Option("--format", help="How to write it.")
    ] = CoverageFormat.TERMINAL,
    out: OutOption = None,
) -> None:
    """Tell which outcomes of each criterion the cases prove. Exit 1 if some are not proved."""
    from reasoner.authoring import coverage as covering
    from reasoner.authoring.decidedcases import observe
    from reasoner.authoring.expectedcases import files_of
    from reasoner.knowledge import load_knowledge
    from reasoner.processes import cores

    knowledge = load_knowledge()
    topics = _topics(knowledge, topic)
    names = files_of(_folder(cases), topics if topic else ())
    progress = _progress()
    observed = observe(
        cases, names, knowledge, lambda done, of: progress("cases", done, of), jobs=cores()
    )
    found = covering.cover(knowledge, topics, observed)
    if format is CoverageFormat.TERMINAL:
        _print_or_write(lambda console: covering.as_text(found, console), out)
    elif format is CoverageFormat.HTML:
        _write(covering.as_html(found, knowledge.release), out)
    else:
        _write(covering.as_json(found, knowledge.release), out)
    if any(t.gaps or t.wrong for t in found):
        raise typer.Exit(1)


def mutate(
    topic: TopicOption = None,
    cases: CasesOption = _CASES,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", help="Keep each verdict in this file, and take up what it holds already."
        ),
    ] = None,
    jobs: JobsOption = None,
    format: Annotated[
        MutationFormat, typer.Option("--format", help="How to write it.")
    ] = MutationFormat.TEXT,
    out: OutOption = None,
) -> None:
    """Change the encoding as an author might get it wrong, and tell what no case notices.

    Exit 1 if a change went unnoticed that nothing explains.
    """
    from reasoner.authoring.mutation import report
    from reasoner.authoring.mutation.run import run_mutants
    from reasoner.knowledge import load_knowledge
    from reasoner.processes import cores

    knowledge = load_knowledge()
    runs = run_mutants(
        knowledge,
        _folder(cases),
        _topics(knowledge, topic),
        jobs=jobs or cores(),
        record=resume,
        progress=_progress(),
    )
    found = report.contract(knowledge, runs)
    if format is MutationFormat.TEXT:
        _print_or_write(lambda console: report.as_text(found, console), out)
    else:
        _write(report.as_json(found), out)
    if any(not s["explained"] for t in found["topics"] for s in t["survivors"]):
        raise typer.Exit(1)


def _folder(cases: Path) -> Path:
    if not cases.is_dir():
        raise InputError([Problem(f"{cases} is no folder.", "--cases", expected="case files")])
    return cases


def _topics(knowledge: Knowledge, wanted: list[str] | None) -> list[str]:
    """Give the topics that were named, or all."""
    from reasoner.errors import nearest_word

    names = sorted(knowledge.sources.topics)
    if not wanted:
        return names
    found: list[str] = []
    for name in wanted:
        matching = [n for n in names if name in (n, n.split("/")[1])]
        if not matching:
            nearest = nearest_word(name, [*names, *(n.split("/")[1] for n in names)])
            raise InputError(
                [
                    Problem(
                        f"{name} is no topic of the library.",
                        "--topic",
                        expected="one that mtus guideline list gives",
                        nearest=nearest,
                    )
                ]
            )
        found.extend(n for n in matching if n not in found)
    return found


def _progress() -> Callable[[str, int, int], None]:
    """Give what shows progress on standard error, where that is a terminal."""

    def show(what: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == of else ""
            print(f"\r{done} of {of} {what}\x1b[K", end=end, file=sys.stderr, flush=True)

    return show


def _print_or_write(render: Callable[[Console], None], out: Path | None) -> None:
    from rich.console import Console

    if out is None:
        render(Console())
        return
    text = io.StringIO()
    render(Console(file=text, width=120))
    _write(text.getvalue(), out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished = out.with_name(f".{out.name}.part")
        unfinished.write_text(text, "utf-8")
        unfinished.replace(out)
    except OSError as error:
        raise MtusError(f"{out} cannot be written: {error.strerror}") from error
