"""Many clients at once: whether a server answers all of them, and how soon.

    python -m tests.benchmarks.serve STORE [SECONDS] [CLIENTS]

Starts ``mtus serve`` over a store, as ``tests.benchmarks.store`` makes one, and lets clients (50) ask
one query after another for a while (60 s): mostly what one determination says, sometimes its graph,
sometimes a count over all of them or a query of the library. Prints requests, errors and times, in
milliseconds, of each kind; before that, of a single client.
"""

from __future__ import annotations

import asyncio
import collections
import random
import statistics
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from urllib.parse import quote

import httpx

from reasoner import load_knowledge
from reasoner.queries import bind, load_queries
from tests.web.serving import serving

CORE = "https://w3id.org/mtus/core#"
ONE = f"""PREFIX core: <{CORE}> SELECT ?item ?outcome ?criterion ?result WHERE {{
    GRAPH <NAME> {{ <NAME> core:itemDecision ?item . ?item core:itemOutcome ?outcome .
        OPTIONAL {{ ?item core:assessment ?a . ?a core:assesses ?criterion ; core:result ?result }} }} }}"""
COUNT = f"""PREFIX core: <{CORE}> SELECT ?outcome (COUNT(*) AS ?n) WHERE {{
    GRAPH ?d {{ ?d a core:Determination ; core:itemOutcome ?outcome }} }} GROUP BY ?outcome"""
NAMES = f"SELECT ?d WHERE {{ ?d a <{CORE}Determination> }} LIMIT 2000"
KINDS = ["one determination"] * 16 + ["its graph"] * 2 + ["count of all", "library"]
HEADERS = {"Accept": "application/sparql-results+json, text/turtle"}


class Clients:
    """What many clients ask, and what came of it."""

    def __init__(self, url: str, names: list[str], queries: dict[str, str]) -> None:
        self.url = url
        self.names = names
        self.queries = queries
        self.times: dict[str, list[float]] = collections.defaultdict(list)
        self.errors: collections.Counter[str] = collections.Counter()

    async def ask(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        """Ask once."""
        kind, name = chance.choice(KINDS), chance.choice(self.names)
        start = time.perf_counter()
        try:
            if kind == "its graph":
                answer = await client.get(f"{self.url}/graphs?graph={quote(name, safe='')}")
            else:
                text = {"one determination": ONE.replace("NAME", name), "count of all": COUNT}.get(
                    kind
                )
                text = text or self.queries[chance.choice(sorted(self.queries))]
                answer = await client.post(f"{self.url}/sparql", data={"query": text})
            if answer.status_code != 200:
                self.errors[f"{kind}: {answer.status_code}"] += 1
            elif not answer.content:
                self.errors[f"{kind}: empty"] += 1
        except httpx.HTTPError as error:
            self.errors[f"{kind}: {type(error).__name__}"] += 1
        self.times[kind].append((time.perf_counter() - start) * 1000)

    async def run(self, count: int, seconds: float) -> None:
        """Let so many clients ask for so long."""
        # Made before the time begins; certificates, which take long to read, are not needed here.
        clients = [
            httpx.AsyncClient(timeout=60, headers=HEADERS, verify=False) for _ in range(count)
        ]
        until = time.monotonic() + seconds

        async def one(number: int, client: httpx.AsyncClient) -> None:
            chance = random.Random(number)
            async with client:
                while time.monotonic() < until:
                    await self.ask(client, chance)

        await asyncio.gather(*(one(*numbered) for numbered in enumerate(clients)))

    def table(self) -> str:
        """Give what was measured as a table."""
        lines = [
            "| asked for | requests | median ms | 95 % | max |",
            "| --- | --- | --- | --- | --- |",
        ]
        for kind, times in [*sorted(self.times.items()), ("all", [*chain(*self.times.values())])]:
            high = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            lines.append(
                f"| {kind} | {len(times):,} | {statistics.median(times):,.0f} | {high:,.0f} | {max(times):,.0f} |"
            )
        return "\n".join(lines)


def gather(url: str, names: str = NAMES) -> Clients:
    """Ask a server what there is to ask about."""
    rows = httpx.post(f"{url}/sparql", data={"query": names}, timeout=60).json()
    found = [row["d"]["value"] for row in rows["results"]["bindings"]]
    knowledge = load_knowledge()
    library = {n: bind(q, knowledge, {}).text for n, q in load_queries().items()}
    return Clients(url, found, library)


def rest(process: int) -> None:
    """Wait until a process has done what it does after its start: pages read their lists ahead."""
    used = -1.0
    for _ in range(60):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        before, used = used, int(fields[11]) + int(fields[12])
        if used - before < 5:  # hundredths of a second
            return
        time.sleep(1)


def main() -> None:
    """Measure, and print what was found."""
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with serving(Path(folder), "--store", sys.argv[1]) as server:
            print(f"the server answers after {time.perf_counter() - start:.1f} s")
            rest(server.process.pid)
            for clients, time_of in ((1, min(10, seconds)), (count, seconds)):
                asked = gather(server.url)
                asyncio.run(asked.run(clients, time_of))
                total = sum(map(len, asked.times.values()))
                print(f"\n{clients} at once for {time_of:g} s: {total / time_of:,.0f} requests a second, "
                      f"{sum(asked.errors.values())} errors {dict(asked.errors) or ''}\n\n{asked.table()}")  # fmt: skip


if __name__ == "__main__":
    main()
