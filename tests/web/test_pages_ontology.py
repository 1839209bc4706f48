"""The pages of the ontology, as the server gives them."""

from __future__ import annotations

from tests.web.pages import running


def test_ontology_is_served_term_by_term_and_a_name_of_none_is_not():
    with running() as web:
        index = web.get("/ontology", follow_redirects=True)
        assert index.status_code == 200
        assert 'href="/"' in index.text
        core = web.get("/ontology/core.html")
        assert core.headers["content-type"].startswith("text/html")
        assert 'id="Fact"' in core.text
        assert web.get("/ontology/ontology.css").headers["content-type"].startswith("text/css")
        assert web.get("/ontology/core.ttl").headers["content-type"].startswith("text/turtle")
        for name in ("no.html", "..%2fcore.ttl", "core"):
            assert web.get(f"/ontology/{name}").status_code == 404
