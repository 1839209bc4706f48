"""A store of many determinations: how fast it loads, and how long each library query takes.

    python -m tests.benchmarks.store FOLDER [DETERMINATIONS] [CASES]

Every so many cases of the library are decided, and each is copied under other names until there
are as many as wanted (10,000). Prints the rate of the load and the processor time of each query, in
seconds, with the process that it runs in; of two runs the better.
"""

from __future__ import annotations

import hashlib
import resource
import shutil
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import yaml

from reasoner import adjudicate, load_knowledge, parse_case
from reasoner.queries import bind, load_queries
from reasoner.store.asking import Limits, ask, place_of
from reasoner.store.backup import back_up
from reasoner.store.graphs import content_hash, determination_graphs
from reasoner.store.loading import Loader, open_store
from reasoner.store.status import read_entries


def children() -> float:
    """Give the seconds of processor time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def decided(knowledge, count):
    files = sorted(Path("tests/cases").rglob("*.yaml"))
    for file in files[:: max(1, len(files) // count)][:count]:
        content = yaml.safe_load(file.read_text())
        for key in ("expect", "readings"):
            content.pop(key, None)
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        yield adjudicate(parse_case(text.encode(), file.name, knowledge), knowledge)


def copies(determination, wanted, base):
    """Give the determination's N-Quads under other names, hashes made anew."""
    case, own = determination_graphs(determination)
    case_text, own_text = (
        "".join(f"{line} <{g.name}> .\n" for line in g.lines) for g in (case, own)
    )
    for number in range(wanted):
        name = f"{case.name}-{base}-{number}"
        renamed = case_text.replace(case.name, name)
        lines = [str(q.triple) for q in ox.parse(renamed, format=ox.RdfFormat.N_QUADS)]
        new_hash = hashlib.sha256(f"{own.identifier}{base}-{number}".encode()).hexdigest()
        yield renamed + own_text.replace(case.identifier, content_hash(lines)).replace(
            case.name, name
        ).replace(own.identifier, new_hash)


def main() -> None:
    """Measure, and print what was found."""
    folder = Path(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    cases = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    knowledge = load_knowledge()
    file = folder / "determinations.nq"
    with file.open("w") as out:
        for base, determination in enumerate(decided(knowledge, cases)):
            out.writelines(copies(determination, wanted // cases, base))
    store = folder / "store"
    start, work = time.perf_counter(), time.process_time() + children()
    with open_store(str(store)) as opened:
        loader = Loader(opened)
        loader.add_files([file], knowledge)
    took = time.perf_counter() - start
    worked = time.process_time() + children() - work
    triples = loader.loaded.triples
    size = sum(f.stat().st_size for f in store.rglob("*") if f.is_file()) / 1e6
    print(f"load: {triples:,} triples of {wanted:,} determinations in {took:.1f} s, "
          f"{triples / took:,.0f}/s ({triples / worked:,.0f}/s of processor time); {size:,.0f} MB")  # fmt: skip
    start = time.perf_counter()
    entries = read_entries(str(store))
    print(f"status: {len(entries):,} graphs in {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    back_up(str(store), folder / "copy")
    print(f"backup as a folder, counted: {time.perf_counter() - start:.2f} s")
    print("| query | s | rows |\n| --- | --- | --- |")
    found = []
    for name, query in load_queries().items():
        text = bind(query, knowledge, {}).text
        taken, rows = [], ""
        for _ in range(2):
            start = children()
            with place_of(str(store)) as place:
                try:
                    rows = (
                        f"{len(ask(place, text, Limits(120, 4000, 1_000_000), name=name).rows):,}"
                    )
                except Exception as error:
                    rows = str(error)
            taken.append(children() - start)
        found.append((min(taken), name, rows))
    for took, name, rows in sorted(found, reverse=True):
        print(f"| {name} | {took:.2f} | {rows} |", flush=True)


if __name__ == "__main__":
    main()
