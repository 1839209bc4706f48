"""How long a determination takes, beside what a user would otherwise run.

    python -m tests.benchmarks.core

Prints minimum, median and maximum over repeated runs, in milliseconds, and the machine.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable

EXAMPLE = "docs/examples/trigger-points.yaml"


def timed(what: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """Time a call, after one that is not counted; give minimum, median, maximum in ms."""
    what()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        what()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return taken[0], taken[len(taken) // 2], taken[-1]


def row(label: str, times: tuple[float, float, float]) -> None:
    """Print a row of the table."""
    print(f"| {label} | " + " | ".join(f"{t:,.1f}" for t in times) + " |", flush=True)


def process(*arguments: str) -> Callable[[], object]:
    """Run ``mtus`` in a process of its own."""
    command = [sys.executable, "-m", "reasoner", *arguments]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def memory_mb() -> float:
    """Give the most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, and print a Markdown table."""
    import pyshacl
    from rdflib import Graph

    from reasoner import Role, adjudicate, load_knowledge, read_case
    from reasoner.adjudication import decide
    from reasoner.classification import classify
    from reasoner.rdf import to_ntriples
    from reasoner.shacl import validate

    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print("| what | min ms | median ms | max ms |\n| --- | --- | --- | --- |")
    row("`mtus --help`, a new process", timed(process("--help"), 10))
    row("`mtus determine` on the example, a new process", timed(process("determine", EXAMPLE), 10))
    row("load all knowledge", timed(load_knowledge, 10))

    knowledge = load_knowledge()
    case = read_case(EXAMPLE, knowledge)
    row("read the case", timed(lambda: read_case(EXAMPLE, knowledge), 30))
    row("adjudicate it, warm", timed(lambda: adjudicate(case, knowledge), 50))
    row("the same with its cures", timed(lambda: adjudicate(case, knowledge).to_dict(), 20))

    day = case.request_date(case.requests[0])
    recommendation = adjudicate(case, knowledge).items[0].decision.recommendation
    assert recommendation is not None
    shapes, examiner = knowledge.shapes_of(recommendation)
    graph = classify(case, knowledge, day).graph
    row("of which: classify", timed(lambda: classify(case, knowledge, day), 30))
    row(
        "of which: pySHACL, shapes prepared", timed(lambda: validate(data=graph, shapes=shapes), 30)
    )
    row(
        "of which: pyshifty, shapes prepared",
        timed(lambda: examiner.results(to_ntriples(graph)), 30),
    )

    def alone() -> None:
        """What a user of pySHACL would run: the report, and nothing after it."""
        data = Graph().parse(data=to_ntriples(graph), format="nt")
        pyshacl.validate(data, shacl_graph=shapes.graph)

    row("for comparison: pyshacl.validate alone, on the classified case", timed(alone, 30))

    before, start = memory_mb(), time.perf_counter()
    for _ in range(100):
        decide(case, knowledge, Role.IMR)
    after_100 = memory_mb()
    for _ in range(900):
        decide(case, knowledge, Role.IMR)
    print(
        f"\n1,000 decisions in one process: {time.perf_counter() - start:.1f} s; most memory"
        f" {before:.0f} MB before, {after_100:.0f} MB after 100, {memory_mb():.0f} MB after 1,000."
    )


if __name__ == "__main__":
    main()
