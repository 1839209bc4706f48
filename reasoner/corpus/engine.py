"""DuckDB and PyArrow, loaded when they are needed; nothing is fetched, nothing is installed.

Arrow reads and writes tables; DuckDB checks them, reads populations in RDF, and compares.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
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

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt])(i?)b\s*", re.IGNORECASE)


def bytes_of(memory: str) -> int | None:
    """Give how many bytes an amount such as ``3GB`` is; None if it is not of that form."""
    found = _SIZE.fullmatch(memory)
    if found is None:
        return None
    unit = (1024 if found[3] else 1000) ** ("kmgt".index(found[2].lower()) + 1)
    return int(float(found[1]) * unit)


_PREFIX = "mtus-corpus-"


def own_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a temporary folder that only its owner can read; what a run that was killed left goes.

    A folder is in use while a process holds the lock of a file in it.
    """
    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{_PREFIX}*"):
        with suppress(OSError), (left / "lock").open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    made = tempfile.TemporaryDirectory(prefix=_PREFIX)
    held = os.open(os.path.join(made.name, "lock"), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)  # held to the end of the process
    return made


@cache
def _spill(process: int) -> tempfile.TemporaryDirectory[str]:  # noqa: ARG001
    """Give the folder of a process for what exceeds memory; it goes at exit."""
    return own_folder()


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an error of DuckDB or Arrow into one that says in a line what could not be done.

    Raises:
        MtusError: if one of them stops, with its reason, or memory is short.
        KeyboardInterrupt: if it was interrupted.
    """
    import duckdb

    try:
        yield
    except MemoryError as error:
        raise MtusError(f"{what}: out of memory. Take fewer cases at once by --chunk.") from error
    except arrow().ArrowException as error:
        raise MtusError(f"{what}: {str(error).splitlines()[0]}") from error
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise MtusError(
            f"{what}: {str(error).splitlines()[0]} Give more by --memory, or fewer cases at once by"
            " --chunk."
        ) from error
    except duckdb.Error as error:
        raise MtusError(f"{what}: {str(error).splitlines()[0]}") from error


def arrow_table(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> Any:
    """Make an Arrow table of rows.

    Args:
        columns: the SQL type of each column.
        rows: the rows, in the order of the columns.
    """
    pa = arrow()
    kinds = {
        "BIGINT": pa.int64(), "INTEGER": pa.int32(), "VARCHAR": pa.string(), "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(), "DECIMAL(28,6)": pa.decimal128(28, 6),
        "DECIMAL(38,10)": pa.decimal128(38, 10),
    }  # fmt: skip
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pa.array(
            [None if v is None else Decimal(v) for v in values]
            if kind.startswith("DECIMAL")
            else list(values),
            type=kinds[kind],
        )
        for values, kind in zip(by_column, columns.values(), strict=True)
    ]
    return pa.table(arrays, names=list(columns))


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
    connection.register("loading", arrow_table(columns, rows))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM loading")
    connection.unregister("loading")


def text(value: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
