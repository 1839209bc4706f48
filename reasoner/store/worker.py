"""The process that runs one query, and ends with it: ``python -m reasoner.store.worker``.

It reads what to do as JSON from its input, and writes lines: the columns as JSON, each row (of a
SELECT as TSV, which Oxigraph writes by itself), and an end as JSON, without which the answer is not
whole. Oxigraph cannot stop a query, and aborts the process when memory runs out; so the process is
what is stopped.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any, BinaryIO

import pyoxigraph as ox

from reasoner.errors import MtusError
from reasoner.store.confinement import confine
from reasoner.store.ordering import ask_in_order


def main() -> None:
    """Run the query that the input states."""
    task = json.load(sys.stdin)
    confine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Should whoever asked be killed, the query ends by itself.
    processor = int(task["seconds"]) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    if task.get("folder"):
        store = ox.Store.read_only(task["folder"])
    else:
        store = ox.Store()
        store.bulk_load(path=task["file"], format=ox.RdfFormat.N_QUADS)
    if (space := address_space()) is not None:
        limit = space + int(task["memory"]) * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    out = sys.stdout
    try:
        _work(store, task, out)
    except (SyntaxError, ValueError, OSError) as error:
        print(json.dumps({"error": str(error), "kind": type(error).__name__}), file=out)
    except MemoryError:
        print(json.dumps({"error": "", "kind": "MemoryError"}), file=out)
    out.flush()


def _work(store: ox.Store, task: dict[str, Any], out: Any) -> None:
    most = int(task["rows"])

    def ask(text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        return store.query(text, use_default_graph_as_union=task["union"])

    def table_of(text: str) -> bytes | None:
        found = ask(text)
        if not isinstance(found, ox.QuerySolutions):
            return None
        kept = io.BytesIO()
        found.serialize(Rows(kept, most), format=ox.QueryResultsFormat.TSV)
        return kept.getvalue()

    try:
        table = ask_in_order(task["query"], table_of)
    except TooManyRowsError:
        print(json.dumps({"error": "", "kind": "Rows"}), file=out)
        return
    if table is None:
        _answer(ask(task["query"]), most, out)
        return
    columns = [name[1:] for name in table.partition(b"\n")[0].decode().split("\t")]
    print(json.dumps({"columns": columns, "tsv": True}), file=out, flush=True)
    out.buffer.write(table)
    print("\n" + json.dumps({"end": True}), file=out)


class TooManyRowsError(MtusError):
    """The answer has more rows than it may have."""


class Rows(io.RawIOBase, BinaryIO):
    """Passes TSV on, of which each line is a row, up to a number of rows."""

    def __init__(self, out: BinaryIO, most: int) -> None:
        self._out = out
        self._room = most + 1  # and the line of the columns

    def write(self, data: Any, /) -> int:
        """Pass bytes on."""
        part = bytes(data)
        self._room -= part.count(b"\n")
        if self._room < 0:
            raise TooManyRowsError
        return self._out.write(part)


def _answer(found: object, rows: int, out: Any) -> None:
    if isinstance(found, ox.QueryBoolean):
        columns, solutions = ["answer"], iter([[ox.Literal(bool(found))]])
    elif isinstance(found, ox.QuerySolutions):
        columns = [v.value for v in found.variables]
        if columns:
            _answer_as_tsv(found, columns, rows, out)
            return
        solutions = (list(solution) for solution in found)
    else:
        assert isinstance(found, ox.QueryTriples)
        columns = ["subject", "predicate", "object"]
        solutions = ([t.subject, t.predicate, t.object] for t in found)
    print(json.dumps({"columns": columns}), file=out)
    for number, row in enumerate(solutions):
        if number >= rows:
            print(json.dumps({"error": "", "kind": "Rows"}), file=out)
            return
        print(json.dumps([_term(term) for term in row]), file=out)
    print(json.dumps({"end": True}), file=out)


def _answer_as_tsv(found: ox.QuerySolutions, columns: list[str], rows: int, out: Any) -> None:
    print(json.dumps({"columns": columns, "tsv": True}), file=out, flush=True)
    try:
        found.serialize(Rows(out.buffer, rows), format=ox.QueryResultsFormat.TSV)
        said: dict[str, Any] = {"end": True}
    except TooManyRowsError:
        said = {"error": "", "kind": "Rows"}
    print("\n" + json.dumps(said), file=out)


def _term(term: object) -> list[str] | None:
    if isinstance(term, ox.NamedNode):
        return ["iri", term.value]
    if isinstance(term, ox.BlankNode):
        return ["blank", term.value]
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return ["lang", term.value, term.language]
        return ["literal", term.value, term.datatype.value]
    return None


def address_space() -> int | None:
    """Give the bytes of memory that are mapped, or None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return None


if __name__ == "__main__":
    main()
