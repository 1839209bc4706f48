"""Determinations as tables, in CSV or Parquet, with a dictionary of their columns.

Source: W3C Model for Tabular Data and Metadata on the Web, for ``csv-metadata.json``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from reasoner.errors import InputError, MtusError, Problem

Row: TypeAlias = tuple[Any, ...]
_KEYS = (
    "determination text The IRI of the determination.\nitem integer The number of the item, from 1."
)
_LAYOUT = {
    "determinations": (
        "A row for each determination.",
        """determination text The IRI of the determination.
case text The id of the case.
role text Who decides: imr or ur.
outcome text The decision on the case.
release text The SHA-256 of ontology, guidelines and shapes.
caseHash text The RDFC-1.0 hash of the case.
engine text The software and its version.
readings text The readings that were asked for, separated by spaces.
workerAge integer The worker's age in years.
workerSex text The worker's sex, as recorded.
workerOccupation text The worker's occupation, as recorded.
injuryDate date The day of the injury.
reviewDate date The day of the utilization review decision.
reviewDecision text What utilization review decided.
reviewGuidelines text What it relied on, as it cited it, separated by line breaks.""",
    ),
    "items": (
        "A row for each disputed item.",
        f"""{_KEYS}
request text The IRI of the request.
label text The request, in the words of the case file.
treatment text The treatment, as a name of the clinical vocabulary.
treatmentLabel text The treatment in words.
requestDate date The day that picks the edition of the guideline.
decision text Whether it is medically necessary.
basis text Why it is not.
outcome text The decision in the words of the role.
quantity integer How much is asked for in all.
granted integer How much of it was granted.
supported integer How much the guideline supports in all, where it is necessary as modified.
unit text What is counted by it.
dependsOn text The IRI of the request that this one falls with.
recommendation text The IRI of the recommendation that governs.
guideline text The document, by its short name.
section text Where the recommendation stands.
page text The page or pages.
stance text Recommended, option, not recommended or under study.
confidence text How well the encoding is attested.
cureNote text Why there is no cure, where one could be looked for.
nextSource text Where nothing governs, the next source to search.""",
    ),
    "criteria": (
        "A row for each criterion of each item.",
        f"""{_KEYS}
criterion text The IRI of the criterion.
shape text The IRI of its SHACL shape.
number text Its number.
statement text What has to hold.
outcome text Met, NotMet, NotDocumented or NotApplicable.
presumed boolean Whether the outcome rests on a presumption.
presumption text Which, if one is stated.
page text The page.
citedFrom text The document, where it is not the recommendation's own.
confidence text How well it is attested.
limit boolean Whether it bounds the quantity asked for.""",
    ),
    "evidence": (
        "A row for each fact, or the request itself, that a criterion's outcome rests on.",
        f"""{_KEYS}
criterion text The IRI of the criterion.
fact text The IRI of the fact or request.
label text The fact in words.
record text The record that documents it, in words; request for the request itself.
values text The values that were examined, separated by line breaks.
supports boolean Whether it speaks for the criterion.
page text The page of the record.
quote text The record's own words.""",
    ),
    "missing": (
        "A row for each thing that the record would have to document.",
        f"""{_KEYS}
criterion text The IRI of the criterion.
missing text What is missing.""",
    ),
    "sentences": (
        "A row for each entry of a rationale.",
        f"""{_KEYS}
sentence integer Its place, from 1.
text text The sentence, or a few that belong together.""",
    ),
    "sources": (
        "A row for each source of each entry of a rationale.",
        f"""{_KEYS}
sentence integer The place of the entry.
source text The IRI of a criterion, shape, fact, record, request, guideline or reading.""",
    ),
    "cures": (
        "A row for each smallest set of changes that would turn a decision.",
        f"""{_KEYS}
cure integer Its place, from 1.
text text The changes and what would follow.
resultingOutcome text The decision after them.""",
    ),
    "changes": (
        "A row for each change of a cure.",
        f"""{_KEYS}
cure integer The place of the cure.
change integer The place of the change, from 1.
kind text document or request.
text text The change in words.
criterion text The IRI of the criterion that it is for.""",
    ),
    "records": (
        "A row for each document of a case file.",
        """determination text The IRI of the determination.
record text The IRI of the record.
label text What it is.
title text Its title, as stated.""",
    ),
    "facts": (
        "A row for each fact in each record that documents it.",
        """determination text The IRI of the determination.
fact text The IRI of the fact.
label text The fact in words.
record text The IRI of a record that documents it.
page text The page of the record.
quote text The record's own words.""",
    ),
}
_DUCKDB = {"text": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
_CSVW = {"text": "string", "integer": "integer", "boolean": "boolean", "date": "date"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, its type (text, integer, boolean or date), what it means."""

    name: str
    type: str
    description: str


def _columns(layout: str) -> tuple[Column, ...]:
    return tuple(Column(*line.split(" ", 2)) for line in layout.split("\n"))


TABLES: Mapping[str, tuple[Column, ...]] = {
    name: _columns(columns) for name, (_, columns) in _LAYOUT.items()
}
"""The columns of each table."""


def rows_of(contracts: Iterable[Mapping[str, Any]]) -> dict[str, list[Row]]:
    """Give the rows of every table.

    Args:
        contracts: determinations in the form of the JSON contract.
    """
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for contract in contracts:
        iri, summary = contract["id"], contract["summary"]
        review = summary["utilizationReview"] or {"date": None, "decision": None, "guidelines": []}
        worker = summary["worker"]
        tables["determinations"].append((
            iri, contract["case"], contract["role"], contract["outcome"], contract["release"],
            contract["caseHash"], contract["engine"], " ".join(contract["readings"]) or None,
            worker["age"], worker["sex"], worker["occupation"], summary["injuryDate"],
            review["date"], review["decision"], "\n".join(review["guidelines"]) or None,
        ))  # fmt: skip
        tables["records"].extend((iri, r["id"], r["label"], r["title"]) for r in summary["records"])
        tables["facts"].extend(
            (iri, f["fact"], f["label"], record, f["page"], f["quote"])
            for f in summary["facts"]
            for record in (f["records"] or [None])
        )
        for number, item in enumerate(contract["items"], start=1):
            for name, row in _item_rows((iri, number), item):
                tables[name].append(row)
    return tables


def _item_rows(key: tuple[str, int], item: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    governing = item["recommendation"] or {}
    modified = item["modifiedTo"] or {}
    yield "items", (
        *key, item["request"], item["label"], item["treatment"], item["treatmentLabel"],
        item["requestDate"], item["decision"], item["basis"], item["outcome"], item["quantity"],
        item["granted"], modified.get("quantity"), modified.get("unit"), item["dependsOn"],
        governing.get("id"), governing.get("guideline"), governing.get("section"),
        governing.get("page"), governing.get("stance"), governing.get("confidence"),
        item["cureNote"], item["nextSource"],
    )  # fmt: skip
    for c in item["criteria"]:
        yield "criteria", (
            *key, c["id"], c["shape"], c["number"], c["statement"], c["outcome"], c["presumed"],
            c["presumption"], c["page"], c["citedFrom"], c["confidence"], c["limit"],
        )  # fmt: skip
        for e in c["evidence"]:
            yield "evidence", (
                *key, c["id"], e["fact"], e["label"], e["record"],
                "\n".join(e["values"]) or None, e["supports"], e["page"], e["quote"],
            )  # fmt: skip
        for missing in c["missing"]:
            yield "missing", (*key, c["id"], missing)
    for order, sentence in enumerate(item["rationale"], start=1):
        yield "sentences", (*key, order, sentence["text"])
        for source in sentence["sources"]:
            yield "sources", (*key, order, source)
    for order, cure in enumerate(item["cure"], start=1):
        yield "cures", (*key, order, cure["text"], cure["resultingOutcome"])
        for place, change in enumerate(cure["changes"], start=1):
            yield "changes", (
                *key, order, place, change["kind"], change["text"], change["criterion"],
            )  # fmt: skip


def write_tables(contracts: Iterable[Mapping[str, Any]], folder: Path, form: str) -> dict[str, int]:
    """Write every table into a folder, with its dictionary; give the number of rows of each.

    Args:
        contracts: determinations in the form of the JSON contract.
        folder: a folder that is empty or not there yet.
        form: ``csv`` or ``parquet``.

    Raises:
        InputError: if the folder holds something.
        MissingExtraError: if Parquet is asked for without the extra ``tables``.
        MtusError: if a file cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            [Problem("The folder is not empty.", str(folder), expected="a new folder")]
        )
    tables = rows_of(contracts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            if form == "csv":
                (folder / f"{name}.csv").write_text(to_csv(TABLES[name], rows), "utf-8")
            else:
                _write_parquet(name, rows, folder / f"{name}.parquet")
        (folder / "dictionary.md").write_text(dictionary(form), "utf-8")
        (folder / "csv-metadata.json").write_text(metadata(form), "utf-8")
    except OSError as error:
        raise MtusError(f"{folder} cannot be written: {error.strerror}") from error
    return {name: len(rows) for name, rows in tables.items()}


def to_csv(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    """Write rows as CSV; what has no value is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(tuple(map(_cell, row)) for row in rows)
    return stream.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _write_parquet(name: str, rows: Sequence[Row], path: Path) -> None:
    from reasoner.intake.parquet import engine
    from reasoner.wholefile import whole_file

    duckdb = engine()
    columns = TABLES[name]
    selected = ", ".join(
        f'CAST(unnest(?::VARCHAR[]) AS {_DUCKDB[c.type]}) AS "{c.name}"' for c in columns
    )
    values = [
        [None if row[n] is None else str(_cell(row[n])) for row in rows]
        for n, _ in enumerate(columns)
    ]
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with whole_file(path) as unfinished, duckdb.connect(":memory:", config=closed) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT {selected}", values)
        target = str(unfinished).replace("'", "''")
        try:
            connection.execute(f"COPY t TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        except duckdb.IOException as error:
            raise MtusError(f"{path} cannot be written: {str(error).splitlines()[0]}") from error


def dictionary(form: str) -> str:
    """Say what every column means, for people."""
    parts = ["# Data dictionary\n"]
    for name, columns in TABLES.items():
        parts.append(f"## {name}.{form}\n\n{_LAYOUT[name][0]}\n")
        parts.append("| column | type | meaning |\n| --- | --- | --- |")
        parts.extend(f"| `{c.name}` | {c.type} | {c.description} |" for c in columns)
        parts.append("")
    return "\n".join(parts)


def metadata(form: str) -> str:
    """Say what every column means, for programs."""
    tables = [
        {
            "url": f"{name}.{form}",
            "dc:description": _LAYOUT[name][0],
            "tableSchema": {
                "columns": [
                    {
                        "name": c.name,
                        "titles": c.name,
                        "datatype": _CSVW[c.type],
                        "dc:description": c.description,
                    }
                    for c in columns
                ]
            },
        }
        for name, columns in TABLES.items()
    ]
    document = {"@context": "http://www.w3.org/ns/csvw", "tables": tables}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
