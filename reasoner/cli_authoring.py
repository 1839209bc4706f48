"""The commands of those who encode guidelines, as a part of the command line."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.errors import InputError, Problem, nearest_word

if TYPE_CHECKING:
    from reasoner.authoring.lint.base.registry import Rule
    from reasoner.authoring.lint.base.release import Progress, Release, Source
    from reasoner.authoring.lint.base.run import Report

authoring = typer.Typer()


class LintFormat(StrEnum):
    """The forms that findings can be written in."""

    TEXT = "text"
    JSON = "json"


@authoring.command()
def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="The folder that holds ontology and shapes; the working folder, if it is one.",
            metavar="[FOLDER]",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        LintFormat, typer.Option("--format", help="Text, or diagnostics for an editor (LSP).")
    ] = LintFormat.TEXT,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again whenever a file changes.")
    ] = False,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Run this rule; may be given again.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", help="The guideline as a PDF, to check cited pages against."),
    ] = None,
    guideline: Annotated[
        str | None,
        typer.Option("--guideline", help="Which guideline the source is; its file name says so."),
    ] = None,
    offset: Annotated[
        int | None,
        typer.Option("--offset", help="Page of the file less printed page, if no page shows it."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", help="Say what a rule is about, and stop.")
    ] = None,
    update_released: Annotated[
        bool,
        typer.Option("--update-released", help="Add every IRI to the list of those released."),
    ] = False,
) -> None:
    """Say all that is wrong with ontology, guidelines and shapes. Exit 1 if anything is."""
    from reasoner.authoring.lint.base.registry import chosen_rules
    from reasoner.authoring.lint.base.release import read_release
    from reasoner.authoring.lint.base.run import run
    from reasoner.processes import cores

    if explain is not None:
        _explain(explain)
        return
    chosen = chosen_rules(rule or [])
    book = _source(folder, source, guideline, offset)
    release = read_release(folder, source=book, progress=_progress_on_terminal())
    if update_released:
        from reasoner.authoring.lint.vanished_iri import update_released as update

        print(f"{update(release)} added.")
        return
    report = run(release, chosen, jobs=cores())
    _print(release, report, format, live=watch)
    if watch:
        report = _watch(folder, release, report, chosen, format)
    if report.findings:
        raise typer.Exit(1)


def _explain(name: str) -> None:
    from reasoner.authoring.lint.base.registry import chosen_rules

    (rule,) = chosen_rules([name])
    for title, text in rule.sections.items():
        print(f"{title}: {' '.join(text.split())}\n")


def _source(
    folder: Path | None, path: Path | None, guideline: str | None, offset: int | None
) -> Source | None:
    """Give the source to check pages against, with the guideline that it is."""
    from reasoner.authoring.lint.base.release import Source, find_root

    if path is None:
        return None
    ontology, *_ = find_root(folder)
    known = sorted(entry.name for entry in (ontology / "guidelines").iterdir() if entry.is_dir())
    name = guideline if guideline is not None else path.stem
    if name not in known:
        raise InputError(
            [
                Problem(
                    f"{name} is no guideline.",
                    "--source" if guideline is None else "--guideline",
                    expected="--guideline with one of " + ", ".join(known),
                    nearest=nearest_word(name, known),
                )
            ]
        )
    return Source(path, name, offset)


def _progress_on_terminal() -> Progress | None:
    return _progress if sys.stderr.isatty() else None


def _progress(done: int, of: int) -> None:
    print(f"\rcases: {done} of {of}", end="\n" if done == of else "", file=sys.stderr)


def _print(
    release: Release,
    report: Report,
    format: LintFormat,
    *,
    first: tuple[str, ...] = (),
    cleared: tuple[str, ...] = (),
    live: bool = False,
) -> None:
    from reasoner.authoring.lint.base.output import as_diagnostics, as_json, as_text

    if format is LintFormat.JSON:
        diagnostics = as_diagnostics(release, report, cleared=cleared)
        print(as_json(diagnostics, indent=None if live else 2), end="", flush=True)
    else:
        print(as_text(release, report, first=first), end="", flush=True)
    for note in report.notes:
        print(f"mtus: {note}", file=sys.stderr)


def _watch(
    folder: Path | None,
    release: Release,
    report: Report,
    chosen: tuple[Rule, ...],
    format: LintFormat,
) -> Report:
    """Lint again on every change, until interrupted; give the last report."""
    from reasoner.authoring.lint.base.release import read_release
    from reasoner.authoring.lint.base.run import run
    from reasoner.authoring.lint.base.watch import changes
    from reasoner.processes import cores

    for changed in changes(release.root, release.cases):
        if format is LintFormat.TEXT:
            print(f"\nChanged: {', '.join(changed)}")
        had = tuple(sorted({finding.file for finding in report.findings}))
        try:
            release = read_release(
                folder, source=release.source, progress=release.progress, before=release
            )
        except InputError as error:  # a file that lint cannot do without is gone for the moment
            print(f"mtus: {error}", file=sys.stderr)
            continue
        report = run(release, chosen, jobs=cores())
        _print(release, report, format, first=changed, cleared=had, live=True)
    return report
