"""A store takes cases and determinations, embedded and at an endpoint, and gives them back."""

from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from reasoner import InputError, MtusError
from reasoner.provenance import to_triples
from reasoner.rdf import quads
from reasoner.serialization import to_turtle
from reasoner.store import embedded, reading
from reasoner.store.asking import Limits, ask, place_of
from reasoner.store.backup import back_up, restore
from reasoner.store.catalogue import describe
from reasoner.store.graphs import case_terms, content_hash, split
from reasoner.store.journal import Commit
from reasoner.store.loading import Loader, open_store
from reasoner.store.names import CATALOGUE, release_name
from reasoner.store.reading import read_lines
from reasoner.store.status import read_entries

EVERYTHING = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }"


def keep(place, *determinations, **options):
    with open_store(place) as store:
        loader = Loader(store, **options)
        for determination in determinations:
            loader.add_determination(determination)
        return loader.loaded


def graph(place, name):
    with place_of(place) as where:
        answer = ask(where, f"SELECT ?s ?p ?o WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
    return {ox.Triple(*row) for row in answer.rows}


def in_store(place):
    with place_of(place) as where:
        rows = ask(where, EVERYTHING, Limits(rows=1_000_000)).rows
    return {row for row in rows if not any(isinstance(term, ox.BlankNode) for term in row)}


def test_determination_is_there_as_it_was_made(place, example):
    keep(place, example)
    expected = {quad.triple for quad in quads(to_triples(example))}
    assert graph(place, example.iri) | graph(place, example.case.iri) == expected
    assert content_hash(map(str, graph(place, example.case.iri))) == example.case.hash


def test_every_case_keeps_its_hash(determinations, tmp_path):
    keep(place := str(tmp_path / "store"), *determinations)
    for determination in determinations:
        assert (
            content_hash(map(str, graph(place, determination.case.iri))) == determination.case.hash
        )


def test_catalogue_lists_every_graph_with_its_origin(place, example, knowledge):
    keep(place, example)
    entries = read_entries(place)
    release = release_name(knowledge.release)
    assert set(entries) == {str(example.iri), str(example.case.iri), release}
    assert entries[str(example.iri)].derived_from == (str(example.case.iri), release)
    for name, entry in entries.items():
        assert entry.triples == len(graph(place, name))


def test_what_is_there_is_not_written_again(place, example):
    keep(place, example)
    before = in_store(place)
    loaded = keep(place, example)
    assert (loaded.triples, loaded.known) == (0, 2)
    assert in_store(place) == before


def test_other_case_of_the_same_id_is_refused(place, example, other):
    keep(place, example)
    before = in_store(place)
    with pytest.raises(InputError, match="--replace"):
        keep(place, other)
    assert in_store(place) == before


def test_replaced_case_takes_its_determinations_with_it(place, example, other):
    keep(place, example)
    keep(place, other, replace=True)
    assert str(example.iri) not in read_entries(place)
    assert graph(place, example.iri) == set()
    assert content_hash(map(str, graph(place, other.case.iri))) == other.case.hash


def test_description_is_dcat_and_void(place, example):
    keep(place, example)
    described = Graph().parse(data=describe(read_entries(place)).decode(), format="turtle")
    found = described.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX void: <http://rdfs.org/ns/void#> "
        "SELECT ?d ?n WHERE { ?c a dcat:Catalog ; dcat:dataset ?d . ?d void:triples ?n }"
    )
    assert len(list(found)) == 3


def test_backup_restores_into_either_kind(place, example, tmp_path):
    keep(place, example)
    backup = tmp_path / "backup.nq.gz"
    count = back_up(place, backup)
    target = str(tmp_path / "restored")
    assert restore(backup, target) == count
    assert in_store(target) == in_store(place)
    with pytest.raises(InputError, match="not empty"):
        restore(backup, place)


def test_backup_goes_back_to_an_endpoint(endpoint, example, tmp_path):
    folder = str(tmp_path / "store")
    keep(folder, example)
    back_up(folder, tmp_path / "backup.nq.gz")
    restore(tmp_path / "backup.nq.gz", endpoint)
    assert in_store(endpoint) == in_store(folder)


def test_folder_backup_opens_as_a_store(example, other, tmp_path):
    folder, copy = str(tmp_path / "store"), tmp_path / "copy"
    keep(folder, example)
    count = back_up(folder, copy)
    before = in_store(folder)
    keep(folder, other, replace=True)
    assert in_store(str(copy)) == before
    assert restore(copy, str(tmp_path / "again")) == count
    assert in_store(str(tmp_path / "again")) == before


def test_cut_backup_is_refused(example, tmp_path):
    folder, backup = str(tmp_path / "store"), tmp_path / "backup.nq.gz"
    keep(folder, example)
    back_up(folder, backup)
    backup.write_bytes(backup.read_bytes()[:-300])
    with pytest.raises(InputError, match="not whole"):
        restore(backup, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_files_are_read_in_every_format(determinations, knowledge, tmp_path):
    whole = [quad for d in determinations for quad in quads(to_triples(d))]
    (tmp_path / "all.nq").write_bytes(ox.serialize(whole, format=ox.RdfFormat.N_QUADS))
    for number, determination in enumerate(determinations):
        (tmp_path / f"{number}.ttl").write_text(to_turtle(to_triples(determination)))
    one, many = str(tmp_path / "one"), str(tmp_path / "many")
    with open_store(one) as store:
        Loader(store).add_files([tmp_path / "all.nq"], knowledge)
    with open_store(many) as store:
        Loader(store).add_files(sorted(tmp_path.glob("*.ttl")), knowledge)
    keep(direct := str(tmp_path / "direct"), *determinations)

    def without_catalogue(place):
        return {row for row in in_store(place) if row[0] != ox.NamedNode(CATALOGUE)}

    assert without_catalogue(one) == without_catalogue(many) == without_catalogue(direct)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[: len(text) // 2], r"broken\.ttl"),
        (lambda text: text.replace("core:quantity 6", "core:quantity 5"), "not whole"),
        (lambda text: text + "<urn:x> <urn:y> <urn:z> .", "leads to <urn:x>"),
        (lambda text: text.replace("core:Determination", "core:Case"), "no determination"),
        (lambda text: text + "[] <urn:y> <urn:z> .", "blank node"),
    ],
)
def test_file_that_is_not_right_stops_the_load(spoil, message, example, determinations, knowledge, tmp_path):  # fmt: skip
    (tmp_path / "good.ttl").write_text(to_turtle(to_triples(determinations[0])))
    (tmp_path / "broken.ttl").write_text(spoil(to_turtle(to_triples(example))))
    with open_store(str(tmp_path / "store")) as store:
        loader = Loader(store)
        with pytest.raises(InputError, match=message):
            loader.add_files([tmp_path / "good.ttl", tmp_path / "broken.ttl"], knowledge)
        assert loader.loaded.triples == 0
    assert read_entries(str(tmp_path / "store")) == {}


def test_determination_of_an_unknown_release_is_refused(example, knowledge, tmp_path):
    text = to_turtle(to_triples(example)).replace(knowledge.release, "0" * 64)
    (tmp_path / "old.ttl").write_text(text)
    with (
        open_store(str(tmp_path / "store")) as store,
        pytest.raises(InputError, match="release 0000"),
    ):
        Loader(store).add_files([tmp_path / "old.ttl"], knowledge)


def test_every_triple_of_a_determination_has_its_place(determinations, knowledge):
    terms = case_terms(knowledge)
    for determination in determinations:
        triples = [quad.triple for quad in quads(to_triples(determination))]
        case, own = split(map(str, triples), "x", terms)
        assert set(case.triples) == {q.triple for q in quads(determination.case.triples)}
        assert set(case.triples) | set(own.triples) == set(triples)
        assert not set(case.triples) & set(own.triples)


def test_second_writer_is_told(example, tmp_path):
    from reasoner.store.embedded import reading, writing

    with writing(tmp_path / "store"):
        with (
            pytest.raises(MtusError, match="another process"),
            writing(tmp_path / "store", wait=0.1),
        ):
            pass
        with pytest.raises(MtusError, match="writing"), reading(tmp_path / "store", wait=0.1):
            pass


def test_store_of_another_form_is_refused(tmp_path):
    (tmp_path / "mtus-store.json").write_text(json.dumps({"format": "mtus.store/0"}))
    with pytest.raises(InputError, match=r"mtus\.store/0"), open_store(str(tmp_path)):
        pass


def test_folder_that_is_no_store_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="no store"), open_store(str(tmp_path)):
        pass
    assert [f.name for f in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(InputError, match="no such store"):
        read_entries(str(tmp_path / "nothing"))


def test_full_disk_is_told_and_what_was_finished_stays(example, other, tmp_path):
    """A limit on the size of files stands for a full disk."""
    import subprocess
    import sys

    folder = str(tmp_path / "store")
    keep(folder, example)
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from reasoner.errors import MtusError\n"
        "from reasoner.store.embedded import writing\n"
        "from reasoner.store.journal import Commit\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n"
        "    with writing(Path(sys.argv[1])) as store:\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))\n"
        "        store.commit(Commit((), b'<urn:a> <urn:b> <urn:c> <urn:g> .\\n' * 1000))\n"
        "except MtusError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, check=True
    )
    assert "cannot be written" in done.stdout
    assert graph(folder, "urn:g") == set()
    assert str(example.iri) in read_entries(folder)


@given(st.sampled_from(["", "@en", "^^<urn:t>"]), st.text(max_size=8))
def test_lines_of_a_file_are_its_triples(kind, text):
    value = ox.Literal(text, language="en") if kind == "@en" else ox.Literal(text)
    if kind == "^^<urn:t>":
        value = ox.Literal(text, datatype=ox.NamedNode("urn:t"))
    triples = [
        ox.Triple(ox.NamedNode("urn:a#b"), ox.NamedNode("urn:p"), end)
        for end in (value, ox.NamedNode("urn:x:é"), ox.BlankNode("b1"))
    ]
    graphs = [ox.DefaultGraph(), ox.NamedNode("urn:g"), ox.NamedNode("urn:h")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "some.nq"
        for graph in graphs:
            said = [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]
            file.write_bytes(ox.serialize(said, format=ox.RdfFormat.N_QUADS))
            assert list(read_lines(file)) == list(map(str, triples))


@pytest.fixture
def in_parts(monkeypatch):
    monkeypatch.setattr(reading, "_PART", 5000)
    monkeypatch.setattr(reading, "cores", lambda: 2)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n# that is all"])
def test_large_file_is_read_in_parts_as_if_whole(end, in_parts, determinations, tmp_path):
    said = [quad for d in determinations for quad in quads(to_triples(d))]
    text = ox.serialize(said, format=ox.RdfFormat.N_QUADS).removesuffix(b"\n") + end
    (tmp_path / "all.nq").write_bytes(text)
    assert len(text) > 20_000
    assert list(read_lines(tmp_path / "all.nq")) == [str(quad.triple) for quad in said]


def test_line_that_is_wrong_in_a_large_file_is_named(in_parts, knowledge, tmp_path):
    lines = ["<urn:a> <urn:b> <urn:c> .\n"] * 2000
    lines[1500] = "<urn:a> <urn:b> <c> .\n"
    (tmp_path / "all.nt").write_text("".join(lines))
    with pytest.raises(InputError, match="1501"):
        list(read_lines(tmp_path / "all.nt"))


def test_store_is_laid_out_after_a_load_that_is_much_of_it(
    determinations, knowledge, tmp_path, monkeypatch
):
    arranged = []
    monkeypatch.setattr(embedded.EmbeddedStore, "arrange", lambda self: arranged.append(self))
    for number, determination in enumerate(determinations):
        (tmp_path / f"{number}.ttl").write_text(to_turtle(to_triples(determination)))
    for number in (0, 1):
        with open_store(str(tmp_path / "store")) as store:
            Loader(store).add_files([tmp_path / f"{number}.ttl"], knowledge)
    assert len(arranged) == 1  # the first brought the release; the second is little beside it


@pytest.mark.parametrize("small", [0, 200_000])
def test_commit_that_the_database_does_not_take_stays_in_the_journal(small, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_SMALL", small)
    apply = embedded._apply

    def fail(database, commit):
        if b"urn:full" in commit.quads:
            raise OSError("No space left on device")
        apply(database, commit)

    def write():
        with open_store(str(tmp_path)) as store:
            store.commit(Commit((), b"<urn:a> <urn:b> <urn:full> <urn:g> .\n"))
            store.commit(Commit((), b"<urn:a> <urn:b> <urn:other> <urn:g> .\n"))

    with monkeypatch.context() as full:
        full.setattr(embedded, "_apply", fail)
        with pytest.raises(MtusError, match="is in the journal") as failure:
            write()
    del failure
    gc.collect()  # the failure holds the database, which would stay open
    assert ox.NamedNode("urn:full") in {triple.object for triple in graph(str(tmp_path), "urn:g")}


def test_large_commits_are_there_when_they_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_SMALL", 0)
    counts = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    lines = [b"".join(b"<urn:s%d> <urn:p> <urn:o> <urn:g%d> .\n" % (n, g) for n in range(500))
             for g in range(20)]  # fmt: skip
    with open_store(str(tmp_path / "store")) as store:
        for number, quads in enumerate(lines):
            store.commit(Commit((), quads))
            found = list(store.select(counts))
            assert sorted(found) == sorted((f"urn:g{g}", "500") for g in range(number + 1))
        for quads in lines:
            store.commit(Commit((), quads.replace(b"urn:o", b"urn:q")))
        store.commit(Commit(("urn:g3",), b""))
        assert sum(1 for _ in store.lines()) == 19 * 1000
