"""Kill a writer, again and again, and look at what it leaves: ``python kills.py FOLDER KILLS SEED``.

Each time a process opens the store, writes cases (small and large ones, new ones and others in
the place of old ones) and takes some back, and tells each that is finished; it is killed after a
random time. Then the store has to open, and to hold every case that was finished, none that was
taken back, no graph in part, and no file that the killed one left.

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
KEPT = 12
"""New cases in the store; the oldest goes for the next, so that a check takes as long at the end."""
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


def names(number: int) -> tuple[str, str]:
    return f"https://w3id.org/mtus/case/{number}", f"https://w3id.org/mtus/determination/{number}"


def write(folder: Path, told: int, seed: int, start: int, there: list[int]) -> None:
    def tell(*what: object) -> None:
        os.write(told, (" ".join(map(str, what)) + "\n").encode())

    choose = random.Random(seed)
    new = [number for number in sorted(there) if number >= NEW]
    with embedded.writing(folder) as store:
        for version in range(start, start + 1_000_000):
            number = choose.randrange(60)
            size = 4000 if choose.random() < 0.1 else choose.randrange(1, 200)
            if size == 4000 and choose.random() < 0.5:
                number = NEW + version  # nothing to drop: loaded beside the commits that follow
            store.commit(unit(number, version, size)[1])
            tell("is", number, version)
            if number >= NEW:
                new.append(number)
            while len(new) > KEPT:
                oldest = new.pop(0)
                tell("goes", oldest)
                store.commit(Commit(names(oldest), b""))
                tell("gone", oldest)


def heard(lines: list[str], finished: dict[int, int], going: set[int]) -> int:
    """Note what a writer told, and give the number of commits that it finished."""
    commits = 0
    for line in lines:
        what, number, *version = line.split()
        if what == "goes":
            going.add(int(number))
            continue
        commits += 1
        if what == "gone":
            del finished[int(number)]
        else:
            finished[int(number)] = int(version[0])
    return commits


def check(folder: Path, finished: dict[int, int], going: set[int], start: int) -> dict[int, int]:
    """Require that all is as it was finished, and give the versions that are there."""
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
        there = {
            int(name.rpartition("/")[2]): int(entry.identifier)
            for name, entry in entries.items()
            if entry.kind == "case"
        }
        for number, version in there.items():
            own = entries[names(number)[1]]
            assert own.identifier == f"{version}", number
            untold = number < NEW or (number - NEW >= start and number not in going)
            assert number in finished or untold, f"{number} came back"
        for number, version in finished.items():
            assert number in there or number in going, f"{number} is lost"
            assert there.get(number, version) >= version, number
    assert not list((folder / "data").glob("bulk-*")), "files are left"
    return there


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


def checked(folder: Path, finished: dict[int, int], going: set[int], start: int) -> dict[int, int]:
    """Check in a process of its own."""
    reader, writer = os.pipe()

    def look() -> None:
        os.write(writer, json.dumps(list(check(folder, finished, going, start).items())).encode())

    child = forked(look, reader, writer)
    with os.fdopen(reader, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "the store is not as it has to be"
    return dict(json.loads(told))


def main(folder: Path, kills: int, seed: int) -> None:
    choose = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    finished: dict[int, int] = {}
    begun = time.monotonic()
    told, writing, most = 0, 0, 0
    for kill in range(kills):
        reader, writer = os.pipe()
        start, there = 1 + kill * 1_000_000, list(finished)
        child = forked(
            lambda w=writer, k=kill, n=start, t=there: write(folder, w, seed + k, n, t),
            reader,
            writer,
        )
        time.sleep(choose.uniform(0, 0.4))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer ended by itself"
        with os.fdopen(reader, "rb") as lines:
            said = lines.read().decode().splitlines()
        going: set[int] = set()
        commits = heard(said, finished, going)
        told += commits
        writing += bool(commits)
        if folder.exists():
            finished = checked(folder, finished, going, start)
            most = max(most, sum(1 for _ in (folder / "data").iterdir()))
        if kill % 100 == 99:
            print(f"{kill + 1} kills, {time.monotonic() - begun:.0f} s, {len(finished)} cases, "
                  f"at most {most} files", file=sys.stderr, flush=True)  # fmt: skip
    print(
        f"{kills} kills, {writing} of a process that had finished a commit, {told} commits finished, "
        f"{len(finished)} cases at the end, at most {most} files, none lost and none in part"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
