"""Kill a writer, again and again, and look at what it leaves: ``python kills.py FOLDER KILLS SEED``.

Each time a process opens the store, writes cases (small and large ones, new ones and others in
the place of old ones), and tells each that is finished; it is killed after a random time. Then
the store has to open, and to hold every case that was finished, and no graph in part.

The process that forks the others opens no store itself: RocksDB's threads do not survive a fork.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import pyoxigraph as ox

from reasoner.store import embedded
from reasoner.store.catalogue import ENTRIES, entries_of, entry_triples
from reasoner.store.graphs import NamedGraph, lines_of
from reasoner.store.journal import Commit
from reasoner.store.names import CATALOGUE

NEW = 1000
embedded._CHECKPOINT = 1_500_000  # so that kills meet checkpoints as well


def unit(number: int, version: int, size: int) -> tuple[list[NamedGraph], Commit]:
    """A case and its determination; a case of an old number comes in the place of the old one."""
    graphs = []
    for kind in ("case", "determination"):
        name = f"https://w3id.org/mtus/{kind}/{number}"
        triples = tuple(
            ox.Triple(ox.NamedNode(f"{name}#{n}"), ox.NamedNode("urn:p"), ox.Literal(f"{version}"))
            for n in range(size)
        )
        graphs.append(NamedGraph(name, kind, f"{version}", lines_of(triples)))
    lines = [
        f"{triple} <{graph}> .\n"
        for g in graphs
        for graph, said in (
            (g.name, g.triples),
            (CATALOGUE, entry_triples(g, "2026-01-01T00:00:00Z")),
        )
        for triple in said
    ]
    drops = () if number >= NEW else tuple(g.name for g in graphs)
    return graphs, Commit(drops, "".join(lines).encode())


def write(folder: Path, told: int, seed: int, start: int) -> None:
    choose = random.Random(seed)
    with embedded.writing(folder) as store:
        for version in range(start, start + 1_000_000):
            number = choose.randrange(60)
            size = 4000 if choose.random() < 0.1 else choose.randrange(1, 200)
            if size == 4000 and choose.random() < 0.5:
                number = NEW + version  # nothing to drop: loaded beside the commits that follow
            store.commit(unit(number, version, size)[1])
            os.write(told, f"{number} {version} {size}\n".encode())


def check(folder: Path, finished: dict[int, tuple[int, int]]) -> int:
    """Require that every finished case is there whole, and give the number of graphs."""
    with embedded.writing(folder) as store:
        entries = entries_of(store.select(ENTRIES))
        counts: dict[str, int] = {}
        versions: dict[str, set[str]] = {}
        for graph, version in store.select("SELECT ?g ?v WHERE { GRAPH ?g { ?s <urn:p> ?v } }"):
            counts[str(graph)] = counts.get(str(graph), 0) + 1
            versions.setdefault(str(graph), set()).add(str(version))
        assert counts == {name: entry.triples for name, entry in entries.items()}
        for name, entry in entries.items():
            assert versions[name] == {entry.identifier}, name
        for number, (version, _) in finished.items():
            case, own = (
                entries[f"https://w3id.org/mtus/{k}/{number}"] for k in ("case", "determination")
            )
            assert case.identifier == own.identifier, number
            assert int(case.identifier) >= version, number
            finished[number] = (int(case.identifier), case.triples)
    return len(entries)


def forked(what, reader: int, writer: int) -> int:
    """Run something in a process of its own, and give its number."""
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 3
        try:
            what()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    return child


def checked(folder: Path, finished: dict[int, tuple[int, int]]) -> int:
    """Check in a process of its own."""
    reader, writer = os.pipe()

    def look() -> None:
        graphs = check(folder, finished)
        os.write(writer, json.dumps([graphs, list(finished.items())]).encode())

    child = forked(look, reader, writer)
    with os.fdopen(reader, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "the store is not as it has to be"
    graphs, items = json.loads(told)
    finished.update((number, tuple(value)) for number, value in items)
    return graphs


def main(folder: Path, kills: int, seed: int) -> None:
    choose = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    finished: dict[int, tuple[int, int]] = {}
    told, writing, graphs = 0, 0, 0
    for kill in range(kills):
        reader, writer = os.pipe()
        start = 1 + kill * 1_000_000
        child = forked(
            lambda w=writer, k=kill, n=start: write(folder, w, seed + k, n), reader, writer
        )
        time.sleep(choose.uniform(0, 0.4))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer ended by itself"
        with os.fdopen(reader, "rb") as lines:
            said = lines.read().decode().splitlines()
        for line in said:
            number, version, size = map(int, line.split())
            finished[number] = (version, size)
        told += len(said)
        writing += bool(said)
        if folder.exists():
            graphs = checked(folder, finished)
    print(
        f"{kills} kills, {writing} of a process that had finished a commit, {told} commits finished, "
        f"{graphs} graphs, none lost and none in part"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
