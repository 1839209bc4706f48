"""The items of a replay as a Parquet file; the one importer of DuckDB here.

DuckDB writes Parquet out of one wheel, without NumPy or pandas. It is told to load no extension,
so it has nothing to fetch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from reasoner.errors import MissingExtraError
from reasoner.intake.replay import ReplayedItem
from reasoner.wholefile import whole_file

COLUMNS = {
    "letter": "VARCHAR",
    "n": "INTEGER",
    "request": "VARCHAR",
    "topic": "VARCHAR",
    "reviewerOutcome": "VARCHAR",
    "outcome": "VARCHAR",
    "agrees": "BOOLEAN",
    "reviewerGuidelines": "VARCHAR[]",
    "guideline": "VARCHAR",
    "reviewerReasons": "VARCHAR[]",
    "reasons": "VARCHAR[]",
    "facts": "INTEGER",
    "decision": "VARCHAR",
}
"""The columns, with their DuckDB types, in the order of the file."""

FORMAT = "mtus.replay/1"


def write_parquet(
    items: Iterable[ReplayedItem], summary: Mapping[str, Any], release: str, path: Path
) -> None:
    """Write a row for each item.

    Args:
        items: the items; none gives a file with its columns and no row.
        summary: what was counted; kept in the file's metadata under ``summary``, as JSON.
        release: the hash of the knowledge that decided; kept under ``release``.
        path: the file.

    Raises:
        MissingExtraError: if the extra ``tables`` is not installed.
        MtusError: if the file cannot be written.
    """
    duckdb = engine()
    rows = [item.to_dict() for item in items]
    columns = ", ".join(f'unnest(?::{kind}[]) AS "{name}"' for name, kind in COLUMNS.items())
    values = [[row[name] for row in rows] for name in COLUMNS]
    about = {"format": FORMAT, "release": release, "summary": json.dumps(summary)}
    metadata = ", ".join(f"{key}: {_quoted(value)}" for key, value in about.items())
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with whole_file(path) as unfinished, duckdb.connect(":memory:", config=closed) as connection:
        connection.execute(f"CREATE TABLE items AS SELECT {columns}", values)
        try:
            connection.execute(
                f"COPY items TO {_quoted(str(unfinished))}"
                f" (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
            )
        except duckdb.IOException as error:
            raise OSError(str(error).splitlines()[0]) from error


def engine() -> ModuleType:
    """Give DuckDB.

    Raises:
        MissingExtraError: if the extra ``tables`` is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("Writing Parquet", "tables") from error
    return duckdb


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
