"""Tables held against what they are to be: files, columns, rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoner.corpus.engine import Connection, arrow, text
from reasoner.corpus.schema import CASES, NODES, Property, part_name
from reasoner.errors import InputError, Problem, nearest_word, shown

_MOST = 5
"""Rows that an error names."""


def check_parts(folder: Path, parts: Iterable[int], known: Mapping[str, Property]) -> None:
    """Hold the files of parts against the columns that they are to have.

    Raises:
        InputError: with every file that is missing, cut short, or lacks a column.
    """
    pa = arrow()
    wanted: list[tuple[str, Mapping[str, str], bool]] = [
        ("cases", CASES, True),
        ("nodes", NODES, True),
        *((f"facts/{name}", property_.columns, False) for name, property_ in known.items()),
    ]
    problems = []
    for part in parts:
        for table, columns, needed in wanted:
            path = folder / table / part_name(part)
            if not path.exists():
                if needed:
                    problems.append(Problem("The part is missing.", str(path)))
                continue
            try:
                schema = pa.parquet.read_schema(path)
            except (OSError, pa.ArrowInvalid) as error:
                why = str(error).splitlines()[0]
                problems.append(Problem(f"The file is damaged: {why}", str(path)))
                continue
            for name, kind in columns.items():
                if name not in schema.names:
                    problems.append(Problem("The column is missing.", str(path), key=name))
                elif not _is_kind(schema.field(name).type, kind):
                    found = schema.field(name).type
                    problems.append(
                        Problem(f"The column holds {found}.", str(path), key=name, expected=kind)
                    )
    if problems:
        raise InputError(problems)


def _is_kind(found: Any, kind: str) -> bool:
    types = arrow().types
    tests = {
        "BIGINT": types.is_integer, "INTEGER": types.is_integer, "VARCHAR": types.is_string,
        "DATE": types.is_date, "BOOLEAN": types.is_boolean,
    }  # fmt: skip
    return bool(tests.get(kind, types.is_decimal)(found))


def check_rows(
    sql: Connection,
    folder: Path,
    parts: Sequence[int],
    known: Mapping[str, Property],
    terms: Sequence[str],
) -> None:
    """Hold rows against each other, and the words in them against the terms of a release.

    Args:
        sql: a database with the table ``term``.
        folder: the tables.
        parts: which parts of them.
        known: the properties, by name.
        terms: the terms, for the nearest one to what is unknown.

    Raises:
        InputError: with the file and row of what is unknown, twice there, or without a case.
    """

    def read(table: str) -> str | None:
        paths = [folder / table / part_name(part) for part in parts]
        there = ", ".join(text(str(path)) for path in paths if path.exists())
        options = "filename = true, file_row_number = true"
        return f"read_parquet([{there}], {options})" if there else None

    def unknown(table: str, column: str, what: str) -> Iterator[Problem]:
        source = read(table)
        if source is None:
            return
        words = f"SELECT DISTINCT {column} AS word FROM {source} WHERE {column} IS NOT NULL"
        if not sql.execute(
            f"SELECT 1 FROM ({words}) w ANTI JOIN term t ON t.name = w.word LIMIT 1"
        ).fetchall():
            return
        for file, row, word in sql.execute(
            f"SELECT s.filename, s.file_row_number + 1, s.{column} FROM {source} s"
            f" ANTI JOIN term t ON t.name = s.{column}"
            f" WHERE s.{column} IS NOT NULL ORDER BY 1, 2 LIMIT {_MOST}"
        ).fetchall():
            nearest = nearest_word(word, terms)
            yield Problem(
                f"row {row:,}: {shown(word)} is no {what} of this release.",
                file, key=column, nearest=nearest,
            )  # fmt: skip

    cases, nodes = read("cases"), read("nodes")
    problems = [
        Problem(f"row {row:,}: Case {number} is there twice.", file, key="case_no")
        for file, row, number in sql.execute(
            f"SELECT filename, file_row_number + 1, case_no FROM {cases}"
            " QUALIFY row_number() OVER (PARTITION BY case_no ORDER BY filename, file_row_number)"
            f" > 1 ORDER BY 1, 2 LIMIT {_MOST}"
        ).fetchall()
    ]
    problems += [
        Problem(f"row {row:,}: There is no case {number}.", file, key="case_no")
        for file, row, number in sql.execute(
            f"SELECT filename, file_row_number + 1, case_no FROM {nodes} n"
            f" ANTI JOIN (SELECT case_no FROM {cases}) c USING (case_no)"
            f" ORDER BY 1, 2 LIMIT {_MOST}"
        ).fetchall()
    ]
    problems += unknown("nodes", "kind", "concept")
    for name, property_ in known.items():
        if property_.kind in ("individual", "class"):
            problems += unknown(f"facts/{name}", "object", "term")
    if problems:
        raise InputError(problems)
