"""CSV and Parquet, read back by Polars; no value is lost on the way from the JSON contract."""

from __future__ import annotations

import csv
import json

import polars
import pytest

from reasoner import InputError
from reasoner.exports.tables import TABLES, rows_of, write_tables

POLARS = {"text": polars.String, "integer": polars.Int64, "boolean": polars.Boolean, "date": polars.Date}  # fmt: skip


@pytest.fixture(scope="module", params=["csv", "parquet"])
def written(request, contracts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables") / "out"
    counts = write_tables(contracts, folder, request.param)
    return request.param, folder, counts


def test_every_value_comes_back(written, contracts):
    form, folder, counts = written
    expected = rows_of(contracts)
    for name, columns in TABLES.items():
        if form == "csv":
            types = {c.name: POLARS[c.type] for c in columns}
            table = polars.read_csv(folder / f"{name}.csv", schema=types)
        else:
            table = polars.read_parquet(folder / f"{name}.parquet")
            assert table.dtypes == [POLARS[c.type] for c in columns]
        assert table.columns == [c.name for c in columns]
        back = [
            tuple(str(v) if hasattr(v, "isoformat") else v for v in row) for row in table.rows()
        ]
        assert back == expected[name], name
        assert counts[name] == len(back)
        if name != "changes":
            assert back, name


def test_the_contract_can_be_told_from_the_tables(contracts):
    """What each criterion came to, its evidence and each sentence's sources, joined again."""
    tables = rows_of(contracts)
    for contract in contracts:
        for number, item in enumerate(contract["items"], start=1):
            key = (contract["id"], number)
            of = {name: [r[2:] for r in rows if r[:2] == key] for name, rows in tables.items()}
            assert [(r[0], r[4], r[5]) for r in of["criteria"]] == [
                (c["id"], c["outcome"], c["presumed"]) for c in item["criteria"]
            ]
            assert [(r[0], r[1]) for r in of["evidence"]] == [
                (c["id"], e["fact"]) for c in item["criteria"] for e in c["evidence"]
            ]
            assert [r[1] for r in of["sentences"]] == [s["text"] for s in item["rationale"]]
            assert of["sources"] == [
                (n, source)
                for n, s in enumerate(item["rationale"], start=1)
                for source in s["sources"]
            ]
            assert [r[2] for r in of["cures"]] == [c["resultingOutcome"] for c in item["cure"]]


def test_the_dictionary_names_every_column(written):
    form, folder, _ = written
    metadata = json.loads((folder / "csv-metadata.json").read_text())
    for table in metadata["tables"]:
        name = table["url"].removesuffix(f".{form}")
        columns = [c["name"] for c in table["tableSchema"]["columns"]]
        assert columns == [c.name for c in TABLES[name]]
        assert (folder / table["url"]).exists()
        if form == "csv":
            with (folder / table["url"]).open(newline="") as file:
                assert next(csv.reader(file)) == columns
    text = (folder / "dictionary.md").read_text()
    assert all(f"| `{c.name}` |" in text for columns in TABLES.values() for c in columns)


def test_a_folder_that_holds_something_is_left_alone(contracts, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        write_tables(contracts, tmp_path, "csv")
    assert [f.name for f in tmp_path.iterdir()] == ["mine"]
