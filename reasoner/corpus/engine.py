"""DuckDB and PyArrow, loaded when they are needed; nothing is fetched, nothing is installed.

The plans are SQL, made as text. The same expressions through Ibis 12 took 0.11 s a recommendation
to build and compile, 20 s for the library; the text takes milliseconds.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, TypeAlias

from reasoner.errors import MissingExtraError, MtusError

Connection: TypeAlias = Any
"""A DuckDB connection; its stubs are not relied on, for the extra may be absent."""


def arrow() -> Any:
    """Give PyArrow.

    Raises:
        MissingExtraError: if the extra ``corpus`` is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("A corpus", "corpus") from error
    return pyarrow


def connect(memory: str | None = None, threads: int | None = None) -> Connection:
    """Open a database in memory that spills to disk when memory is short.

    Args:
        memory: how much it may take, ``3GB`` unless it is told; what is more goes to disk.
        threads: how many threads it may use.

    Raises:
        MissingExtraError: if the extra ``corpus`` is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("A corpus", "corpus") from error
    arrow()
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
    config["memory_limit"] = memory or "3GB"
    config["temp_directory"] = os.path.join(_spill(os.getpid()).name, str(next(_CONNECTIONS)))
    if threads is not None:
        config["threads"] = str(threads)
    with explained("The database cannot be opened"):
        connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection


_CONNECTIONS = count()


@cache
def _spill(process: int) -> tempfile.TemporaryDirectory[str]:
    """Make the folder for what exceeds memory; only its owner can read it, and it goes at exit."""
    return tempfile.TemporaryDirectory(prefix=f"mtus-corpus-{process}-")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an error of DuckDB into one that says in a line what could not be done.

    Raises:
        MtusError: if DuckDB stops, with its reason.
        KeyboardInterrupt: if it was interrupted.
    """
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise MtusError(
            f"{what}: {str(error).splitlines()[0]} Give more by --memory, or fewer cases at once by"
            " --chunk."
        ) from error
    except duckdb.Error as error:
        raise MtusError(f"{what}: {str(error).splitlines()[0]}") from error


def load(
    connection: Connection, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Make a table of rows.

    Args:
        connection: the database.
        name: the table; one of that name is replaced.
        columns: the SQL type of each column.
        rows: the rows, in the order of the columns.
    """
    pa = arrow()
    kinds = {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(),
        "DECIMAL(38,10)": pa.decimal128(38, 10),
    }
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pa.array(list(values), type=kinds[kind])
        for values, kind in zip(by_column, columns.values(), strict=True)
    ]
    connection.register("loading", pa.table(arrays, names=list(columns)))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM loading")
    connection.unregister("loading")


def text(value: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
