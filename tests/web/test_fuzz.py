"""The endpoint, asked whatever its OpenAPI allows and does not allow.

schemathesis makes the requests out of the description, sound and unsound, and holds each answer
against it: the status, the type of content and the schema have to be described, no status may be of
a failure, and what is unsound has to be refused.
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.web.serving import make_store, serving

TERMS = some.sampled_from(["?s", "?o", "<urn:s1>", "<urn:p>", '"x"', "1", "[]", "true", "'é'@fr"])
NODES = some.sampled_from(["?s", "<urn:s1>", "[]", "?o"])
PATTERN = some.builds("{} {} {} .".format, NODES, some.sampled_from(["?p", "<urn:p>", "a"]), TERMS)
GROUP = some.recursive(
    some.lists(PATTERN, max_size=3).map(" ".join),
    lambda inner: some.builds(
        "{} {{ {} }} {}".format,
        some.sampled_from(
            ["", "OPTIONAL", "MINUS", "GRAPH ?g", "GRAPH <urn:g>", "{ SELECT * {} }"]
        ),
        inner,
        some.sampled_from(["", "FILTER (BOUND(?s))", "VALUES ?o { 1 UNDEF }"]),
    ),
    max_leaves=3,
)
QUERIES = some.builds(
    "{} WHERE {{ {} }} LIMIT 5".format,
    some.sampled_from(
        ["SELECT *", "SELECT (COUNT(*) AS ?all)", "CONSTRUCT { ?s ?p ?o }", "DESCRIBE ?s", "SELECT ?s FROM <urn:g>"]
    ),
    GROUP,
) | some.just("ASK {}")  # fmt: skip
UPDATES = some.builds(
    "{} {{ GRAPH <urn:g> {{ <urn:a> <urn:b> {} }} }}".format,
    some.sampled_from(["INSERT DATA", "DELETE DATA"]),
    some.integers(0, 9).map(str),
)


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The description of a server, which takes updates; a query may take 5 s."""
    schemathesis.openapi.format("sparql-query", QUERIES)
    schemathesis.openapi.format("sparql-update", UPDATES)
    folder = tmp_path_factory.mktemp("fuzz")
    quads = "".join(f'<urn:s{n}> <urn:p> "{n}" <urn:g> .\n' for n in range(30))
    store = make_store(folder / "store", quads)
    with serving(folder, "--store", store, "--writable", "--time", "5") as server:
        yield schemathesis.openapi.from_url(f"{server.url}/openapi.json")
        assert server.still_answers()
        assert server.log() == ""


WAYS = [("/sparql", "GET"), ("/sparql", "POST"), ("/graphs", "GET"), ("/graphs", "HEAD")]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), WAYS)
def test_endpoint_keeps_to_its_description(described, path, method, mode):
    count = 15 if method == "POST" else 40  # an update takes a new copy of the store

    @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def holds(case):
        # That a graph is named or all are asked for, OpenAPI cannot say: neither is refused with 400.
        apart = [positive_data_acceptance] if path == "/graphs" else []
        case.call_and_validate(timeout=20, excluded_checks=apart)

    holds()


def test_description_names_every_way_in(described):
    paths = described.raw_schema["paths"]
    ours = {(path, method.upper()) for path in ("/sparql", "/graphs") for method in paths[path]}
    assert ours == set(WAYS)
