"""A population decided by plans, beside what SHACL engines take for the same cases and shapes.

    python -m tests.benchmarks.corpus [--cases 100000] [--growth 1000,10000] [--sample 300]

Draws the population, decides it in processes of its own (and smaller ones, for the growth), and puts
two jobs beside it, on a sample of the same cases.

*To decide*: from what was read, a case or tables, to the outcome of each item and criterion. pySHACL
does it one case after another, as ``mtus determine`` has it: classify, tell what governs, validate,
assess, settle; without a second engine that checks it. Ours is measured as ``mtus corpus determine``,
from the start of its process to the last file that it writes; and as a later chunk of such a run, with
the release loaded and compiled, as it is for pySHACL.

*To validate* alone, for engines that do no more: cases that are classified already, and SHACL Core
alone; constraints in SPARQL are taken out of their shapes. pySHACL takes a graph for each case and the
shapes that govern it; the Rust engines take one graph of the sample, written several times under other
names, and all shapes. Ours is measured twice, of what is read, encoded, classified and compiled: as they
are asked; and with constraints in SPARQL, combinations and smaller amounts.

Times are of the processor, for the machine may be busy; wall time is beside them where it differs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COPIES = 30


def main() -> None:
    """Measure, and print Markdown tables."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--growth", default="1000,10000")
    options.add_argument("--sample", type=int, default=300)
    options.add_argument("--tables", type=Path, help="tables drawn before, with seed 7")
    options.add_argument("--engine", nargs=3, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.engine:
        print(json.dumps(_engine(*given.engine)))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory() as made:
        # A cache of its own, so that the first run compiles the release.
        os.environ["XDG_CACHE_HOME"] = str(Path(made) / "cache")
        _measure(given, Path(made))


def _measure(given: Any, folder: Path) -> None:
    print("| cases | items | seconds of wall | of processor | cases/s of processor | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    sizes = sorted({*(int(n) for n in given.growth.split(",") if n), given.cases})
    ours: dict[str, Any] = {}
    for number, many in enumerate((sizes[0], *sizes)):
        tables = folder / f"tables-{many}"
        if many == given.cases and given.tables:
            tables = given.tables
        elif not tables.exists():
            _run("generate", "--n", many, "--seed", 7, "--out", tables)
        ours = _run("determine", tables, "--out", folder / f"out-{number}")
        found = ours["said"].split(" cases, ")[1].split(" items")[0]
        first = ", the release compiled first" if number == 0 else ""
        print(
            f"| {many:,}{first} | {found} | {ours['wall']:.1f} | {ours['cpu']:.1f} |"
            f" {many / ours['cpu']:,.0f} | {ours['mb']:,.0f} |", flush=True,
        )  # fmt: skip
    data = folder / "data"
    data.mkdir()
    sampled = _sample(given.sample, data)
    print(
        f"\n{sampled['cases']} of these cases ({sampled['items']} items) case by case:"
        f" {sampled['differences']} outcomes differ.\n"
    )
    _decided(given, tables, ours)
    _validated(given, tables, data, sampled["cases"])


def _decided(given: Any, tables: Path, ours: dict[str, Any]) -> None:
    """Show what it takes to decide."""
    print("| to decide | cases | seconds of processor | cases/s | peak MB | all of ours to it | a later chunk of ours to it |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    whole = given.cases / ours["cpu"]
    print(
        f"| this engine, all of it | {given.cases:,} | {ours['cpu']:.1f} | {whole:,.0f} |"
        f" {ours['mb']:,.0f} | | |", flush=True,
    )  # fmt: skip
    later = _child("ours-later", tables, 1)
    if "missing" in later:
        sys.exit(later["missing"])
    chunk = later["cases"] / later["cpu"]
    print(
        f"| this engine, a later chunk | {later['cases']:,} | {later['cpu']:.1f} | {chunk:,.0f} |"
        f" {later['mb']:,.0f} | | |", flush=True,
    )  # fmt: skip
    one = _child("pyshacl-decides", tables, given.sample)
    rate = one["cases"] / one["cpu"]
    print(
        f"| pySHACL | {one['cases']:,} | {one['cpu']:.1f} | {rate:,.1f} | {one['mb']:,.0f} |"
        f" {whole / rate:,.0f} | {chunk / rate:,.0f} |"
    )
    print(f"| pySHACL, extrapolated | {given.cases:,} | {given.cases / rate:,.0f} | | | | |\n", flush=True)  # fmt: skip


def _validated(given: Any, tables: Path, data: Path, sampled: int) -> None:
    """Show what it takes to validate."""
    per_case = _triples(tables) / given.cases
    print("| to validate | cases | seconds of processor | cases/s | triples/s | peak MB | ours to it, SHACL Core | with all constraints |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rates = {}
    for engine, name in (("ours-core", "SHACL Core"), ("ours", "all constraints")):
        alone = _child(engine, tables, 1)
        rates[engine] = given.cases / alone["cpu"]
        print(
            f"| this engine, {name} | {given.cases:,} | {alone['cpu']:.2f} | {rates[engine]:,.0f} |"
            f" {rates[engine] * per_case:,.0f} | {alone['mb']:,.0f} | | |", flush=True,
        )  # fmt: skip
    compared = {}
    seconds = {}
    for name, copies in (("pyshacl", 1), ("pyshifty", 1), ("shacl", 1), ("pyshifty", COPIES),
                         ("shacl", COPIES), ("shacl, of nothing", COPIES)):  # fmt: skip
        done = _child(name, data, copies)
        if "missing" in done:
            print(f"| {name} | | | | | | | {done['missing']} |")
            continue
        if copies == 1:
            compared[name] = done["results"]
            if name != "pyshacl":
                continue
        many = sampled * copies
        seconds[name] = done["cpu"]
        if name == "shacl, of nothing":  # it takes no other input than text
            name, done["cpu"] = "shacl, its parsing left out", seconds["shacl"] - done["cpu"]
        rate = many / done["cpu"]
        print(
            f"| {name} | {many:,} | {done['cpu']:.1f} | {rate:,.1f} |"
            f" {done['triples'] / done['cpu']:,.0f} | {done['mb']:,.0f} |"
            f" {rates['ours-core'] / rate:,.0f} | {rates['ours'] / rate:,.0f} |", flush=True,
        )  # fmt: skip
    print(f"\nResults on the sample: {json.dumps(compared)}")


def _run(command: str, *arguments: object) -> dict[str, Any]:
    """Run a command of ``mtus corpus`` in a process of its own, and give what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "reasoner", "corpus", command, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=sys.stderr, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"mtus corpus {command} failed")
    return {
        "said": said, "wall": time.perf_counter() - start, "mb": usage.ru_maxrss / 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
    }  # fmt: skip


def _triples(tables: Path) -> int:
    """Count what tables state: a triple for each fact, for each form and for each kind."""
    import duckdb

    return sum(
        duckdb.sql(f"SELECT {counted} FROM read_parquet('{tables}/{where}/*.parquet')").fetchall()[0][0]
        for counted, where in (
            ("COUNT(*) + COUNT(kind)", "nodes"),
            *(("COUNT(*)", f"facts/{f.name}") for f in sorted((tables / "facts").iterdir())),
        )
    )  # fmt: skip


def _sample(many: int, folder: Path) -> dict[str, int]:
    """Write the first cases of the population, classified, and the shapes that govern them.

    Cases with requests of several days are left out, for they are a graph for each day.
    """
    from rdflib import RDF, SH, Graph

    from reasoner.adjudication import decide
    from reasoner.case import parse_case
    from reasoner.corpus.drawn import case_file
    from reasoner.corpus.generate import Generator
    from reasoner.errors import KnowledgeError
    from reasoner.knowledge import load_knowledge
    from reasoner.outcomes import Role
    from reasoner.rdf import to_ntriples
    from tests.corpus.population import by_plans, differences, one_by_one, write_cases

    knowledge = load_knowledge()
    cases, shapes, governed = [], Graph(), []
    classes = set()
    for drawn in Generator.of(knowledge, 7).part(0, many):
        case = parse_case(case_file(drawn).encode(), f"{drawn['id']}.yaml", knowledge)
        if len({case.request_date(r) for r in case.requests}) > 1:
            continue
        try:
            decided = decide(case, knowledge, Role.IMR)
        except KnowledgeError:
            continue
        graph = Graph()
        for triple in next(iter(decided.classified.values())).graph:
            graph.add(triple)
        own = Graph()
        targets = set()
        for item in decided.items.values():
            recommendation = item.recommendation
            if recommendation is None or recommendation.requires is None:
                continue
            found = knowledge.shapes_of(recommendation)[0].graph
            own += found
            for target in found.objects(None, SH.targetClass):
                targets.add((item.request, target))
        classes |= set(own.objects(None, SH.targetClass))
        cases.append(case)
        governed.append((case, graph, own, targets))
        shapes += own
    for graph in (shapes, *(own for _, _, own, _ in governed)):
        graph.remove((None, SH.sparql, None))
    (folder / "shapes.nt").write_bytes(to_ntriples(shapes))
    for number, (_, graph, own, targets) in enumerate(governed):
        # Of the classes of requests, those that govern: what prevails is told before.
        for request, _, kind in list(graph.triples((None, RDF.type, None))):
            if kind in classes and (request, kind) not in targets:
                graph.remove((request, RDF.type, kind))
        (folder / f"{number:05}.nt").write_bytes(to_ntriples(graph))
        (folder / f"{number:05}-shapes.nt").write_bytes(to_ntriples(own))
    with tempfile.TemporaryDirectory() as made:
        write_cases(cases, Path(made), knowledge)
        reference = one_by_one(cases, knowledge)
        wrong = differences(by_plans(Path(made), knowledge), reference)
    for line in wrong[:10]:
        print(line)
    return {"cases": len(cases), "items": len(reference), "differences": len(wrong)}


def _child(name: str, folder: Path, copies: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.corpus", "--engine", name, str(folder),
         str(copies)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return {"missing": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _engine(name: str, place: str, copies: str) -> dict[str, Any]:
    """Let an engine validate the sample; reading is left out where the engine lets it be."""
    folder = Path(place)
    if name in ("ours", "ours-core"):
        return {"cpu": _ours(folder, name == "ours-core"), "mb": _peak()}
    if name == "ours-later":
        return _later(folder)
    if name == "pyshacl-decides":
        return _one_by_one(int(copies))
    files = sorted(folder.glob("[0-9]*[0-9].nt"))
    texts = [f.read_text("utf-8") for f in files]
    union = "".join(
        text.replace("<https://w3id.org/mtus/case/", f"<https://w3id.org/mtus/case/{n}-")
        for n in range(int(copies))
        for text in texts
    )
    if name == "pyshacl":
        seconds, results = _pyshacl(files)
    elif name == "pyshifty":
        seconds, results = _pyshifty(folder, union)
    else:
        seconds, results = _shacl(folder, union, name == "shacl, of nothing")
    return {
        "cpu": seconds, "results": results, "triples": union.count("\n"),
        "mb": _peak(),
    }  # fmt: skip


def _peak() -> float:
    """Give the most memory that this process has held, in MB; what its parent held is left out."""
    (line,) = (s for s in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in s)
    return int(line.split()[1]) / 1024


def _ours(tables: Path, core: bool) -> float:
    """Give the seconds that it takes to validate what is read, encoded, classified and compiled.

    Args:
        tables: the population.
        core: whether constraints in SPARQL are left out, and the smaller amounts that would do.
    """
    from dataclasses import replace

    from rdflib import SH

    from reasoner.corpus.assessing import assess
    from reasoner.corpus.criteria import compile_recommendation
    from reasoner.corpus.determine import Population, governing_of
    from reasoner.corpus.encoded import EncodedChunk
    from reasoner.knowledge import load_knowledge

    knowledge = load_knowledge()
    population = Population(tables, knowledge)

    def plan_of(number: int) -> Any:
        recommendation = population.recommendations[number]
        if not core or recommendation.requires is None:
            return population.plan(number)
        for part in (SH.sparql, SH.select, SH.prefixes):
            knowledge.criterion_shapes(recommendation).remove((None, part, None))
        # Anew: what is kept has the constraints that were taken out.
        return replace(compile_recommendation(recommendation, knowledge), limits=())

    seconds = 0.0
    for parts in population.chunks(200_000):
        begun = population.begin(parts)
        store, governing = begun.store, governing_of(begun.store, begun.governing)
        plans = {number: plan_of(number) for number in governing.subjects.tolist()}
        before = EncodedChunk(store)
        assess(before, governing, plans.__getitem__)  # reads what is asked for
        source = EncodedChunk(store, before.predicates)
        start = time.process_time()
        assess(source, governing, plans.__getitem__)
        seconds += time.process_time() - start
    return seconds


def _later(tables: Path) -> dict[str, Any]:
    """Give what it takes to decide the second half of a population after the first, and write it."""
    from reasoner.corpus.determine import Population
    from reasoner.corpus.runs import decide_chunk
    from reasoner.knowledge import load_knowledge

    population = Population(tables, load_knowledge())
    if population.parts < 2:
        sys.exit("The population has one part, and so no later chunk: take more cases.")
    first, second, *_ = population.chunks(population.cases // 2)
    with tempfile.TemporaryDirectory() as made:
        decide_chunk(population, first, Path(made))
        start = time.process_time()
        decide_chunk(population, second, Path(made))
        seconds = time.process_time() - start
    cases = population.cases * len(second) // population.parts
    return {"cpu": seconds, "cases": cases, "mb": _peak()}


def _one_by_one(many: int) -> dict[str, Any]:
    """Give what it takes to decide cases that were read, by pySHACL alone, its shapes prepared."""
    from reasoner import assessment
    from reasoner.adjudication import decide
    from reasoner.case import parse_case
    from reasoner.corpus.drawn import case_file
    from reasoner.corpus.generate import Generator
    from reasoner.errors import KnowledgeError
    from reasoner.knowledge import load_knowledge
    from reasoner.outcomes import Role

    knowledge = load_knowledge()
    cases = [
        parse_case(case_file(drawn).encode(), f"{drawn['id']}.yaml", knowledge)
        for drawn in Generator.of(knowledge, 7).part(0, many)
    ]
    vars(assessment)["require_agreement"] = lambda *_: None  # pySHACL alone

    def run() -> float:
        start = time.process_time()
        for case in cases:
            try:
                decide(case, knowledge, Role.IMR)
            except KnowledgeError:
                continue  # refused, as a population refuses it
        return time.process_time() - start

    run()  # what governs is loaded and prepared
    return {"cpu": run(), "cases": many, "mb": _peak()}


def _pyshacl(files: list[Path]) -> tuple[float, int]:
    from rdflib import Graph

    from reasoner.shacl import unchecked_shapes, validate

    prepared = []
    for file in files:
        shapes = Graph().parse(file.with_name(f"{file.stem}-shapes.nt"))
        prepared.append((Graph().parse(file), unchecked_shapes(shapes, file.name)))
    start = time.process_time()
    results = sum(len(validate(data=data, shapes=shapes)) for data, shapes in prepared)
    return time.process_time() - start, results


def _pyshifty(folder: Path, union: str) -> tuple[float, int]:
    from shifty._shifty import PreparedValidator

    validator = PreparedValidator(
        shapes=(folder / "shapes.nt").read_bytes(), shapes_format="turtle"
    )
    start = time.process_time()
    found = validator.validate_w3c(
        data=union.encode(), data_format="turtle", graph_mode="data", run_infer=False,
        on_unsupported="error",
    )  # fmt: skip
    return time.process_time() - start, found.report_turtle.count("ValidationResult")


def _shacl(folder: Path, union: str, nothing: bool) -> tuple[float, int]:
    import shacl

    file = folder / "shapes.nt"
    if nothing:  # a shape of which no case has a target: what is left is to parse
        file = folder / "nothing.ttl"
        file.write_text(
            "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
            "<urn:shape> a sh:NodeShape ; sh:targetClass <urn:none> ; sh:nodeKind sh:IRI .\n",
            encoding="utf-8",
        )
    shapes = shacl.Shapes.from_file(str(file))
    start = time.process_time()
    report = shapes.validate_text(union, format="ntriples")
    return time.process_time() - start, len(report)


if __name__ == "__main__":
    main()
