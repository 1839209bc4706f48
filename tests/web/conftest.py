"""A store that is served."""

from __future__ import annotations

import pytest

from tests.web.serving import make_store, serving

QUADS = "".join(
    f'<urn:s{n}> <urn:p> "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g{n % 2}> .\n'
    for n in range(3000)
) + (
    '<urn:x> <urn:q> "a \\"b\\"\\n<result>, {\\"x\\": 1},\\r\\n\\tc"@en <urn:text> .\n'
    "<urn:x> <urn:r> _:b <urn:text> .\n"
    '_:b <urn:q> "é\\u0000"^^<urn:type> <urn:text> .\n'
).replace("\\u0000", "")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of three graphs, which takes updates; a query may have 2,000 rows and 2 s."""
    folder = tmp_path_factory.mktemp("served")
    make_store(folder / "store", QUADS)
    limits = ("--time", "2", "--rows", "2000", "--memory", "300")
    with serving(folder, "--store", folder / "store", "--writable", *limits) as server:
        server.folder = folder / "store"
        yield server
