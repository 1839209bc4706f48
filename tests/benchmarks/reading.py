"""A population in RDF read into tables, beside what else a user could read it with.

    python -m tests.benchmarks.reading [--cases 2000] [--copies 10] [--sample 200]

Draws cases, writes them as N-Quads with a named graph for each, copied under other names, and reads
the file: as a population; a sample of the same cases one by one, as case files are read, which gives
the same rows; and parsed alone, by Oxigraph and by rdflib, without a look at what is said.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from rdflib import Dataset

from reasoner.case import parse_case, read_case
from reasoner.corpus.drawn import case_file
from reasoner.corpus.generate import Generator
from reasoner.corpus.tables import write_tables
from reasoner.knowledge import load_knowledge
from reasoner.processes import cores
from reasoner.rdf import to_ntriples


def main() -> None:
    """Measure, and print a Markdown table."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=2000)
    options.add_argument("--copies", type=int, default=10)
    options.add_argument("--sample", type=int, default=200)
    given = options.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    knowledge = load_knowledge()
    _ = knowledge.case_format, knowledge.concepts
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sample = []
        many = triples = sampled = 0
        with (folder / "population.nq").open("w", encoding="utf-8") as out:
            for drawn in Generator.of(knowledge, 7).part(0, given.cases):
                case = parse_case(case_file(drawn).encode(), f"{drawn['id']}.yaml", knowledge)
                said = to_ntriples(case.triples).decode()
                for copy in range(given.copies):
                    lines = said.replace(str(case.iri), f"{case.iri}-{copy}").splitlines()
                    out.writelines(f"{line[:-2]} <{case.iri}-{copy}> .\n" for line in lines)
                    triples += len(lines)
                many += 1
                if len(sample) < given.sample:
                    sample.append(folder / f"{many}.nt")
                    sample[-1].write_text(said, "utf-8")
                    sampled += len(case.triples)
        file = folder / "population.nq"
        size = file.stat().st_size / 1e6
        print(f"{many * given.copies:,} cases, {triples:,} triples, {size:,.0f} MB\n")
        print("| what | triples | seconds of wall | of processor | triples/s of wall |")
        print("| --- | --- | --- | --- | --- |")

        def population() -> None:
            write_tables([file], folder / "tables", knowledge, jobs=cores())

        def one_by_one() -> None:
            for path in sample:
                read_case(path, knowledge)

        def oxigraph() -> None:
            for _ in ox.parse(path=str(file), format=ox.RdfFormat.N_QUADS):
                pass

        def rdflib() -> None:
            for path in sample:
                Dataset().parse(path, format="nquads")

        _row(f"as a population, {cores()} threads", triples, population)
        _row("one by one, as case files", sampled, one_by_one)
        _row("Oxigraph, parsed alone", triples, oxigraph)
        _row("rdflib, parsed alone", sampled, rdflib)


def _row(what: str, triples: int, read: Callable[[], None]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    read()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"| {what} | {triples:,} | {wall:.1f} | {cpu:.1f} | {triples / wall:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
