"""The same case and release give the same bytes, however it is written, wherever it runs."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasoner import Case, adjudicate, parse_case
from reasoner.rdf import to_oxigraph
from tests.properties.strategies import Drawn, cases, knowledge

ROOT = Path(__file__).resolve().parents[2]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def as_bytes(case: Case) -> bytes:
    return json.dumps(adjudicate(case, knowledge()).to_dict()).encode()


def rewritten(case: Case, seed: int) -> bytes:
    """Write a case as N-Triples: shuffled, ingredients and the like without names."""
    shuffle = random.Random(seed)
    nameless = sorted(
        {s for s, _, _ in case.triples if "#asked-" in s or s.endswith(("#worker", "#injury"))}
    )
    labels = [f"b{n}" for n in range(len(nameless))]
    shuffle.shuffle(labels)
    blank = {node: ox.BlankNode(label) for node, label in zip(nameless, labels, strict=True)}
    lines = [
        f"{ox.Triple(*(blank.get(t) or to_oxigraph(t) for t in triple))} .\n"  # type: ignore[arg-type,call-overload]
        for triple in sorted(case.triples)
    ]
    shuffle.shuffle(lines)
    return "".join(lines).encode()


@settings(max_examples=15, suppress_health_check=SLOW)
@given(cases(most_facts=5), st.integers(0, 999))
def test_order_and_labels_change_no_byte(drawn: Drawn, seed: int) -> None:
    case = drawn.read()
    other = parse_case(rewritten(case, seed), "case.nt", knowledge())
    assert as_bytes(other) == as_bytes(case)


PROGRAM = """
import hashlib, json, sys
from reasoner import adjudicate, load_knowledge, parse_case
knowledge = load_knowledge()
for text in json.load(sys.stdin):
    case = parse_case(text.encode(), "case.yaml", knowledge)
    print(hashlib.sha256(json.dumps(adjudicate(case, knowledge).to_dict()).encode()).hexdigest())
"""


@settings(max_examples=2, suppress_health_check=SLOW)
@given(st.lists(cases(most_facts=5), min_size=4, max_size=4))
def test_other_processes_and_hash_seeds_change_no_byte(drawn: list[Drawn]) -> None:
    texts = [json.dumps(one.content) for one in drawn]
    here = [hashlib.sha256(as_bytes(one.read())).hexdigest() for one in drawn]
    for seed, order in (("1", 1), ("4711", -1)):
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps(texts[::order]).encode(),
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Apia", "LC_ALL": "C"},
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        assert result.stdout.decode().split()[::order] == here
