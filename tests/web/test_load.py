"""Fifty clients at once, in short; ``tests/benchmarks/serve.py`` asks for a minute."""

from __future__ import annotations

import asyncio

from reasoner import adjudicate, read_case
from reasoner.store.loading import Loader, open_store
from tests.benchmarks.serve import gather
from tests.web.serving import serving


def test_fifty_clients_at_once_are_answered_without_an_error(tmp_path, knowledge):
    store = str(tmp_path / "store")
    case = read_case("docs/examples/trigger-points.yaml", knowledge)
    with open_store(store) as opened:
        Loader(opened).add_determination(adjudicate(case, knowledge))
    with serving(tmp_path, "--store", store) as server:
        clients = gather(server.url)
        asyncio.run(clients.run(50, 4))
        assert not clients.errors
        assert {"one determination", "its graph", "library"} <= set(clients.times)
        assert sum(map(len, clients.times.values())) > 100
        assert server.still_answers()
        assert server.log() == ""
