"""The process that answers one query after another: ``python -m reasoner.web.worker FOLDER MB``.

It reads a job a line as JSON from its input, and writes a line of JSON, which says how many bytes
follow, and the bytes. It opens the copy of a store once, so that a query takes no start; it is
killed where a query goes on for too long, since Oxigraph cannot stop one.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pyoxigraph as ox

from reasoner.store.confinement import confine
from reasoner.store.ordering import ask_in_order
from reasoner.store.worker import Rows, TooManyRowsError, address_space

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV,
}  # fmt: skip
_RDF = {
    "turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD,
}  # fmt: skip


class _TooLargeError(Exception):
    """The answer has more bytes than it may have."""


class _Bounded(io.RawIOBase, BinaryIO):
    """Keeps what is written, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self.parts: list[bytes] = []
        self._room = most

    def write(self, data: Any, /) -> int:
        part = bytes(data)
        self._room -= len(part)
        if self._room < 0:
            raise _TooLargeError
        self.parts.append(part)
        return len(part)


def main() -> None:
    """Answer the jobs of the input until it ends."""
    confine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    store = ox.Store.read_only(sys.argv[1])
    if (space := address_space()) is not None:
        limit = space + int(sys.argv[2]) * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    _say(sys.stdout.buffer, {"kind": "ready"})
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # Should the server be killed, a query that runs ends by itself.
        used = resource.getrusage(resource.RUSAGE_SELF)
        ends = int(used.ru_utime + used.ru_stime + job["seconds"]) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))
        said, data = _work(store, job)
        said["grown"] = (address_space() or 0) - (space or 0)
        _say(sys.stdout.buffer, said, data)


def _say(out: BinaryIO, said: dict[str, Any], data: bytes = b"") -> None:
    out.write(json.dumps(said | {"bytes": len(data)}).encode() + b"\n" + data)
    out.flush()


def _work(store: ox.Store, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    out = _Bounded(job["size"])
    try:
        start = time.perf_counter()
        said = _graph(store, job, out) if "graph" in job else _query(store, job, out)
        said["took"] = time.perf_counter() - start
        return said, b"".join(out.parts)
    except TooManyRowsError:
        return {"kind": "rows"}, b""
    except _TooLargeError:
        return {"kind": "size"}, b""
    except (SyntaxError, ValueError) as error:
        return {"kind": "malformed", "error": " ".join(str(error).split())[:300]}, b""
    except MemoryError:
        return {"kind": "memory"}, b""
    except (OSError, RuntimeError) as error:
        return {"kind": "engine", "error": str(error)[:300]}, b""


def _query(store: ox.Store, job: dict[str, Any], out: _Bounded) -> dict[str, Any]:
    dataset = _dataset(job)

    def table_of(text: str) -> bytes | None:
        found = store.query(text, **dataset)
        if not isinstance(found, ox.QuerySolutions):
            return None
        kept = _Bounded(job["size"])
        found.serialize(Rows(kept, job["rows"]), format=ox.QueryResultsFormat.TSV)
        return b"".join(kept.parts)

    if job["results"] is not None:
        table = ask_in_order(job["query"], table_of)
        if table is not None:
            _write_table(table, job["results"], out)
            return {"kind": "results"}
    found = store.query(job["query"], **dataset)
    if isinstance(found, ox.QueryTriples):
        if job["rdf"] is None:
            return {"kind": "unacceptable", "of": "rdf"}
        _write(found, job["rdf"], out, job["rows"])
        return {"kind": "rdf"}
    if job["results"] is None:
        return {"kind": "unacceptable", "of": "results"}
    form = job["results"]
    found.serialize(out, format=_RESULTS[form])
    if isinstance(found, ox.QuerySolutions):
        _require_rows(b"".join(out.parts), form, job["rows"])
    return {"kind": "results"}


def _dataset(job: dict[str, Any]) -> dict[str, Any]:
    default, named = job.get("default"), job.get("named")
    if default is not None or named is not None:  # by the protocol, whatever the query says
        return {
            "default_graph": [ox.NamedNode(name) for name in default or ()],
            "named_graphs": [ox.NamedNode(name) for name in named or ()],
        }
    return {"use_default_graph_as_union": True} if job["union"] else {}


def _write_table(table: bytes, form: str, out: _Bounded) -> None:
    if form == "tsv":
        out.write(table)
        return
    solutions = ox.parse_query_results(table, format=ox.QueryResultsFormat.TSV)
    assert isinstance(solutions, ox.QuerySolutions)
    solutions.serialize(out, format=_RESULTS[form])


def _graph(store: ox.Store, job: dict[str, Any], out: _Bounded) -> dict[str, Any]:
    triples: Iterable[ox.Triple]
    if job["graph"] is None:
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None))
    else:
        name = ox.NamedNode(job["graph"])
        if not store.contains_named_graph(name):
            return {"kind": "absent"}
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, name))
    _write(triples, job["rdf"], out, None)
    return {"kind": "rdf"}


def _write(triples: Iterable[ox.Triple], form: str, out: _Bounded, rows: int | None) -> None:
    def counted() -> Iterator[ox.Triple]:
        for number, triple in enumerate(triples):
            if rows is not None and number >= rows:
                raise TooManyRowsError
            yield triple

    ox.serialize(counted(), out, format=_RDF[form])


def _require_rows(data: bytes, form: str, most: int) -> None:
    """Count the rows of what was written, where it is so long that they may be too many."""
    if len(data) <= most:
        return
    if form == "json":
        rows = len(json.loads(data)["results"]["bindings"])
    elif form == "xml":
        rows = data.count(b"<result>")  # in a value, < is escaped
    elif form == "tsv":
        rows = data.count(b"\n") - 1  # in a value, a line's end is escaped
    else:
        csv.field_size_limit(len(data) + 1)
        rows = sum(1 for _ in csv.reader(io.StringIO(data.decode(), newline=""))) - 1
    if rows > most:
        raise TooManyRowsError


if __name__ == "__main__":
    main()
