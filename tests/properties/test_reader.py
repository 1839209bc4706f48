"""Whatever is handed in, the reader gives a case or says what is wrong, and nothing else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasoner import InputError, parse_case
from reasoner.rdf import to_ntriples
from reasoner.rdfcase import RDF_FORMATS
from tests.properties.strategies import Drawn, cases, knowledge

ROOT = Path(__file__).resolve().parents[2]
SEEDS = [
    ROOT / "docs" / "examples" / "trigger-points.yaml",
    *sorted((ROOT / "tests" / "bad").glob("[jtx]*/case.*")),
]
SUFFIXES = [".yaml", ".json", *sorted(RDF_FORMATS)]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

words = st.sampled_from(
    ["core:fact", "a", ";", ".", "[", "]", "{", "}", "<", ">", '"', ":", "- ", "\n", "@context",
     "@id", "@import", "&a", "*a", "!!x", "---", "id", "facts", "is", "requests", "null", "1e999",
     "\x00", "\x1b", "\ud7ff", "\ufeff", "&amp;", "<!DOCTYPE", "<![CDATA[", "xmlns", "^^", "_:b"]
)  # fmt: skip


def read(data: bytes, name: str) -> None:
    with contextlib.suppress(InputError):
        parse_case(data, name, knowledge())


@settings(max_examples=150)
@given(st.binary(max_size=200), st.sampled_from(SUFFIXES))
def test_any_bytes_are_a_case_or_an_input_error(data: bytes, suffix: str) -> None:
    read(data, f"case{suffix}")


@settings(max_examples=150)
@given(st.lists(words | st.text(max_size=4), max_size=40), st.sampled_from(SUFFIXES))
def test_any_words_are_a_case_or_an_input_error(parts: list[str], suffix: str) -> None:
    read("".join(parts).encode(), f"case{suffix}")


@settings(max_examples=250, suppress_health_check=SLOW)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_file_is_a_case_or_an_input_error(file: Path, data: st.DataObject) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 12)))
        content[start:end] = data.draw(words | st.text(max_size=3)).encode()
    read(bytes(content), file.name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | words,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3),
    max_leaves=10,
)


@settings(max_examples=150, suppress_health_check=SLOW)
@given(
    cases(most_facts=2), st.sampled_from(["facts", "records", "requests", "worker"]), json_values
)
def test_any_value_in_a_key_is_a_case_or_an_input_error(
    drawn: Drawn, key: str, value: object
) -> None:
    text = json.dumps({**drawn.content, key: value})
    read(text.encode(), "case.yaml")
    named = text.replace("{", '{"@context": "https://w3id.org/mtus/context/case.jsonld", ', 1)
    read(named.encode(), "case.jsonld")


@settings(max_examples=60, suppress_health_check=SLOW)
@given(cases())
def test_what_was_read_reads_the_same(drawn: Drawn) -> None:
    case = drawn.read()
    again = parse_case(to_ntriples(case.triples), "case.nt", knowledge())
    assert again.triples == case.triples
    assert again.hash == case.hash
