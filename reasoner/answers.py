"""An answer as CSV, JSON, Parquet, or bars in a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from reasoner.errors import InputError, MtusError, Problem
from reasoner.queries import Answer, Value, as_table, shorten

_XSD = "http://www.w3.org/2001/XMLSchema#"
_WHOLE = {f"{_XSD}integer", f"{_XSD}int", f"{_XSD}long", f"{_XSD}nonNegativeInteger"}
_NUMBER = {*_WHOLE, f"{_XSD}decimal", f"{_XSD}double", f"{_XSD}float"}
_WIDTH = 40


def to_csv(answer: Answer) -> str:
    """Write an answer as CSV, with a line of columns."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(as_table(answer))
    return stream.getvalue()


def to_json(answer: Answer) -> str:
    """Write an answer as a list of objects, each value as text."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in as_table(answer)]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Bars:
    """The first column of numbers of an answer, to be drawn.

    Attributes:
        column: the name of the column.
        labels: what the other columns say of each row, shortened.
        values: the numbers.
    """

    column: str
    labels: tuple[str, ...]
    values: tuple[float, ...]

    @property
    def greatest(self) -> float:
        """The greatest of the numbers, signs aside; 1 if all are nothing."""
        return max(map(abs, self.values), default=0.0) or 1.0


def bars_of(answer: Answer) -> Bars:
    """Take the first column of numbers of an answer, with what stands beside it as labels.

    Raises:
        InputError: if no column holds numbers.
    """
    numeric = [
        n for n, _ in enumerate(answer.columns) if _type_of(answer, n) in ("BIGINT", "DOUBLE")
    ]
    if not numeric:
        raise InputError(
            [Problem("No column of the answer holds numbers.", "--format", expected="table or csv")]
        )
    column = numeric[0]
    return Bars(
        answer.columns[column],
        tuple(_label(row, numeric) for row in answer.rows),
        tuple(_number(row[column]) for row in answer.rows),
    )


def to_chart(answer: Answer) -> str:
    """Draw the first column of numbers as bars of text.

    Raises:
        InputError: if no column holds numbers.
    """
    if not answer.rows:
        return "no rows\n"
    bars = bars_of(answer)
    left, right = max(map(len, bars.labels)), max(len(shown(v)) for v in bars.values)
    lines = [f"{'':{left}}  {bars.column}"]
    for label, value in zip(bars.labels, bars.values, strict=True):
        bar = _bar(abs(value) / bars.greatest)
        lines.append(f"{label:{left}}  {shown(value):>{right}} {bar}".rstrip())
    return "\n".join(lines) + "\n"


def _label(row: Sequence[Value], numeric: Sequence[int]) -> str:
    words = [shorten(v) for n, v in enumerate(row) if n not in numeric and v is not None]
    text = " ".join(words[:2])
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _bar(share: float) -> str:
    eighths = round(share * _WIDTH * 8)
    return "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")


def shown(value: float) -> str:
    """Write a number for a reader."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"


def _number(value: Value) -> float:
    return float(value.value) if isinstance(value, ox.Literal) else 0.0


def write_parquet(answer: Answer, path: Path) -> None:
    """Write an answer as Parquet; a column has the type that all its values have, else text.

    Raises:
        MissingExtraError: if the extra ``tables`` is not installed.
        MtusError: if the file cannot be written.
    """
    from reasoner.intake.parquet import engine
    from reasoner.wholefile import whole_file

    duckdb = engine()
    types = [_type_of(answer, n) for n, _ in enumerate(answer.columns)]
    quoted = [f'"{name}"' for name in answer.columns]
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    columns = ", ".join(f"unnest(?::{t}[]) AS {q}" for t, q in zip(types, quoted, strict=True))
    values = [list(_cells(answer, n, kind)) for n, kind in enumerate(types)]
    with whole_file(path) as unfinished, duckdb.connect(":memory:", config=closed) as connection:
        connection.execute(f"CREATE TABLE answer AS SELECT {columns}", values)
        target = str(unfinished).replace("'", "''")
        try:
            connection.execute(f"COPY answer TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        except duckdb.IOException as error:
            raise MtusError(f"{path} cannot be written: {str(error).splitlines()[0]}") from error


def _type_of(answer: Answer, column: int) -> str:
    found = {
        value.datatype.value if isinstance(value, ox.Literal) else ""
        for row in answer.rows
        if (value := row[column]) is not None
    }
    if found and found <= _WHOLE:
        return "BIGINT"
    if found and found <= _NUMBER:
        return "DOUBLE"
    if found == {f"{_XSD}date"}:
        return "DATE"
    if found == {f"{_XSD}boolean"}:
        return "BOOLEAN"
    return "VARCHAR"


def _cells(answer: Answer, column: int, kind: str) -> Iterator[object]:
    for row in answer.rows:
        value = row[column]
        if value is None:
            yield None
        elif kind == "BIGINT":
            yield int(value.value)
        elif kind == "DOUBLE":
            yield float(value.value)
        elif kind == "DATE":
            yield date.fromisoformat(value.value)
        elif kind == "BOOLEAN":
            yield value.value == "true"
        else:
            yield shorten(value)
