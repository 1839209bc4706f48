"""The commands about populations of cases: tables, outcomes, synthetic cases."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

corpus = typer.Typer(help="Decide whole populations of cases, in tables.", no_args_is_help=True)


class Engine(StrEnum):
    """What decides."""

    LOCAL = "local"
    SPARK = "spark"


class PopulationRole(StrEnum):
    """Who decides."""

    IMR = "imr"
    UR = "ur"


Places = Annotated[
    list[Path],
    typer.Argument(help="Case files, folders of them, or a folder of tables.", metavar="CASES..."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The folder of the tables.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="How many processes work; as many as cores.")
]
Readings = Annotated[
    list[str] | None,
    typer.Option(
        "--reading", help="Take an ambiguous passage by this reading; may be given again."
    ),
]
Memory = Annotated[
    str | None, typer.Option("--memory", help="How much memory there is, such as 3GB.")
]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="How many threads it uses.")]
Part = Annotated[int, typer.Option("--part", min=1, help="How many cases to a part.")]


@corpus.command("tables")
def write(
    cases: Places,
    out: Out,
    jobs: Jobs = None,
    memory: Memory = None,
    part: Part = 20_000,
) -> None:
    """Read case files once, and write what they state as Parquet."""
    from reasoner.corpus.engine import arrow
    from reasoner.corpus.tables import files_in, write_tables
    from reasoner.knowledge import load_knowledge
    from reasoner.processes import cores

    arrow()
    with _stoppable("nothing that was read is kept"):
        written = write_tables(
            files_in(cases),
            out,
            load_knowledge(),
            jobs=jobs or cores(),
            part=part,
            memory=memory,
            progress=_progress("read"),
        )
    print(f"{written.cases:,} cases in {out}; {written.refused:,} could not be read")
    if written.refused:
        raise typer.Exit(1)


@corpus.command("determine")
def decide(
    cases: Places,
    out: Out,
    role: Annotated[
        PopulationRole,
        typer.Option("--role", help="imr decides items as requested; ur may modify them."),
    ] = PopulationRole.IMR,
    reading: Readings = None,
    rdf: Annotated[
        Path | None,
        typer.Option("--rdf", help="Write the determinations too, as Turtle, case by case."),
    ] = None,
    chunk: Annotated[
        int | None,
        typer.Option(
            "--chunk",
            min=1,
            help="About how many cases are decided at once; as many as --memory has room for, or"
            " 100,000.",
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="This machine alone, or a Spark cluster.")
    ] = Engine.LOCAL,
    master: Annotated[
        str | None, typer.Option("--master", help="The cluster, such as spark://host:7077.")
    ] = None,
    jobs: Jobs = None,
    memory: Memory = None,
    threads: Threads = None,
) -> None:
    """Decide a population, and write items, criteria and cases with their outcomes as Parquet.

    A run that was stopped is taken up where it stood. Exit 1 if cases were refused.
    """
    from reasoner.corpus.determinations import write_determinations
    from reasoner.corpus.engine import connect
    from reasoner.corpus.runs import Engine as Decider
    from reasoner.corpus.runs import determine_cases, here
    from reasoner.errors import InputError, Problem
    from reasoner.knowledge import load_knowledge
    from reasoner.outcomes import Role
    from reasoner.processes import cores

    connect().close()
    _collect_rarely()
    decider: Decider = here
    if engine is Engine.SPARK:
        from reasoner.corpus.sparkruns import on_spark

        if master is None:
            raise InputError([Problem("Which cluster?", "--master", expected="spark://host:7077")])
        if len(cases) != 1 or not (cases[0] / "corpus.json").exists():
            expected = "a folder that mtus corpus tables made"
            raise InputError([Problem("Spark decides tables.", str(cases[0]), expected=expected)])
        decider = on_spark(master)
    knowledge = load_knowledge().under(reading or ())
    with _stoppable("the same command takes the run up where it stands"):
        run = determine_cases(
            cases,
            out,
            knowledge,
            role=Role(role.value),
            chunk=chunk,
            jobs=jobs or cores(),
            memory=memory,
            threads=threads,
            engine=decider,
            progress=_progress("decided"),
        )
    print(f"{run.cases:,} cases, {run.items:,} items in {out}; {run.refused:,} refused")
    if rdf is not None:
        many = write_determinations(cases, rdf, knowledge, Role(role.value), _progress("written"))
        print(f"{many:,} determinations in {rdf}")
    if run.refused:
        raise typer.Exit(1)


@corpus.command("generate")
def draw(
    out: Out,
    many: Annotated[int, typer.Option("--n", min=1, help="How many cases.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same cases.")] = 1,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="Write case files into this folder too.")
    ] = None,
    part: Part = 20_000,
    jobs: Jobs = None,
) -> None:
    """Write a synthetic population over every encoded topic."""
    from reasoner.corpus.engine import arrow
    from reasoner.corpus.generate import generate
    from reasoner.knowledge import load_knowledge
    from reasoner.processes import cores

    arrow()
    with _stoppable("nothing that was drawn is kept"):
        generate(
            many,
            seed,
            out,
            load_knowledge(),
            files=cases,
            part=part,
            jobs=jobs or cores(),
            progress=_progress("drawn"),
        )
    print(f"{many:,} cases in {out}")


def whatif(
    cases: Places,
    out: Out,
    set_: Annotated[
        str | None,
        typer.Option("--set", help="A parameter, as topic#criterion-5.maxInclusive=6."),
    ] = None,
    shapes: Annotated[
        Path | None, typer.Option("--shapes", help="An edited copy of the folder shapes.")
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", help="Another release: a folder, a git revision.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="What to call the reform.")] = None,
    cite: Annotated[str | None, typer.Option("--cite", help="Where it is proposed.")] = None,
    role: Annotated[
        PopulationRole, typer.Option("--role", help="Who decides.")
    ] = PopulationRole.IMR,
    show: Annotated[
        int, typer.Option("--show", min=0, help="How many flipped cases to show in full.")
    ] = 20,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Decide so many cases, drawn by chance.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same cases.")] = 1,
    jobs: Jobs = None,
    memory: Memory = None,
) -> None:
    """Decide a population before and after a change of a rule, and show what differs."""
    from reasoner.authoring.revisions import load_release
    from reasoner.corpus import reform as reforms
    from reasoner.corpus.engine import connect
    from reasoner.corpus.sampling import Sample
    from reasoner.corpus.whatif import whatif as run
    from reasoner.corpus.whatifreport import as_markdown
    from reasoner.errors import InputError, Problem
    from reasoner.knowledge import load_knowledge
    from reasoner.outcomes import Role
    from reasoner.processes import cores

    connect().close()
    _collect_rarely()
    given = [g for g in (set_, shapes, release) if g is not None]
    if len(given) != 1:
        raise InputError([Problem("What changes?", "mtus whatif",
                                  expected="one of --set, --shapes and --release")])  # fmt: skip
    base = load_knowledge()
    if set_ is not None:
        after = reforms.with_setting(base, set_)
    elif shapes is not None:
        after = reforms.with_shapes(base, shapes)
    else:
        after = load_release(str(release))
    reform = reforms.between(base, after, title or str(given[0]), cite)
    with _stoppable("the comparison is not complete"):
        comparison = run(
            cases,
            out,
            base,
            reform,
            role=Role(role.value),
            show=show,
            jobs=jobs or cores(),
            memory=memory,
            sample=None if sample is None else Sample(sample, seed),
            progress=_progress("parts compared"),
        )
    print(as_markdown(comparison, base), end="")


@contextmanager
def _stoppable(after: str) -> Iterator[None]:
    """Say what a run that was stopped by Ctrl-C leaves."""
    try:
        yield
    except KeyboardInterrupt as error:
        print(f"mtus: stopped; {after}", file=sys.stderr)
        raise typer.Exit(130) from error


def _collect_rarely() -> None:
    """Look for garbage rarely: nearly all that is loaded and compiled stays to the end."""
    gc.set_threshold(100_000, 20, 100)


def _progress(what: str) -> Callable[[int, int], None]:
    """Give what shows progress on standard error, where that is a terminal."""

    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == of else ""
            print(f"\r{what}: {done:,} of {of:,}\x1b[K", end=end, file=sys.stderr, flush=True)

    return show
