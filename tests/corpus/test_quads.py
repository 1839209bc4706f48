"""A population in one file gives the rows that its cases give when they are read one by one.

Cases in normal form are told from others by queries. So cases of every kind are changed at random,
triple by triple, and each has to come out as the reader has it: the same rows, or the same refusal.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyoxigraph as ox
import pytest
from typer.testing import CliRunner

from reasoner.authoring.expectedcases import files_of, read_library_case
from reasoner.case import Case, parse_case, read_case
from reasoner.casecheck import check_case
from reasoner.cli import app
from reasoner.corpus import quads
from reasoner.corpus.drawn import case_file
from reasoner.corpus.generate import Generator
from reasoner.corpus.normalform import NormalForm
from reasoner.corpus.schema import Rows, properties
from reasoner.corpus.tables import write_tables
from reasoner.errors import InputError
from reasoner.rdf import to_oxigraph
from reasoner.rdfcase import read_rdf_case
from reasoner.terms import CORE
from tests.corpus.population import CASE

LIBRARY, FOUND = Path("tests/cases"), Path("tests/intake/as-found")
XSD = "http://www.w3.org/2001/XMLSchema#"
EVERY = 60
CHANGED = 1500

Triples = list[tuple[str, str, str]]
Terms = dict[str, Triples]
"""What each graph states, by its term, in terms of N-Quads."""


def stated(case: Case) -> Triples:
    return sorted((str(to_oxigraph(s)), str(to_oxigraph(p)), str(to_oxigraph(o)))
                  for s, p, o in case.triples)  # fmt: skip


def cases_of(knowledge) -> list[Case]:
    """Cases of the library, of letters, and drawn ones: all that a case can state is in them."""
    names = files_of(LIBRARY)[::EVERY]
    found = [read_library_case(LIBRARY, name, knowledge).case for name in names]
    found += [read_case(file, knowledge) for file in sorted(FOUND.glob("CM*.yaml"))[:30]]
    drawn = Generator.of(knowledge, 5).part(0, 40)
    found += [parse_case(case_file(c).encode(), f"{c['id']}.yaml", knowledge) for c in drawn]
    return found


@pytest.fixture(scope="module")
def plain(knowledge) -> Terms:
    """Cases in normal form, each with a name of its own."""
    found = {}
    for number, case in enumerate(cases_of(knowledge)):
        renamed = f"{case.iri}-{number}"
        found[f"<{renamed}>"] = [
            tuple(term.replace(f"<{case.iri}>", f"<{renamed}>")
                  .replace(f"<{case.iri}#", f"<{renamed}#") for term in triple)
            for triple in stated(case)
        ]  # fmt: skip
    return found


def write(population: Terms, path: Path, choose: random.Random | None = None) -> Path:
    """Write a population, its lines in an order of their own."""
    lines = [f"{s} {p} {o} {g} .\n" for g, said in population.items() for s, p, o in said]
    if choose is not None:
        choose.shuffle(lines)
    path.write_text("".join(lines), "utf-8")
    return path


def one_by_one(population: Terms, file: Path, knowledge) -> Rows:
    """Read each graph as a case file is read; the reference."""
    rows = Rows()
    for number, (graph, said) in enumerate(sorted(population.items())):
        source = f"{file} {graph}"
        text = "".join(f"{s} {p} {o} .\n" for s, p, o in said)
        try:
            case = read_rdf_case(text, source, ox.RdfFormat.N_TRIPLES, knowledge)
            check_case(case, knowledge)
            rows.add(number, case, knowledge)
        except InputError as error:
            rows.refused.append((source, str(error)))
    return rows


def written(folder: Path, knowledge) -> Rows:
    """Read tables back."""
    database = duckdb.connect()

    def table(name: str) -> list[tuple]:
        files = sorted(map(str, (folder / name).glob("*.parquet")))
        return database.execute("FROM read_parquet(?)", [files]).fetchall() if files else []

    facts = {name: table(f"facts/{name}") for name in properties(knowledge)}
    return Rows(
        table("cases"), table("nodes"), {k: v for k, v in facts.items() if v}, table("refused")
    )


def hold(found: Rows, reference: Rows) -> None:
    assert dict(found.refused) == dict(reference.refused)
    assert sorted(found.cases) == sorted(reference.cases)
    assert sorted(found.nodes, key=str) == sorted(reference.nodes, key=str)
    assert set(found.facts) == set(reference.facts)
    for name, facts in reference.facts.items():
        assert sorted(found.facts[name]) == sorted(facts), name


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """The sources of the cases that were read one by one."""
    sources: list[str] = []
    read = quads._read

    def noted(task):
        sources.append(task[1])
        return read(task)

    monkeypatch.setattr(quads, "_read", noted)
    return sources


def test_cases_in_normal_form_are_read_by_queries(plain, tmp_path, knowledge, told):
    file = write(plain, tmp_path / "population.nq", random.Random(1))
    made = write_tables([file], tmp_path / "tables", knowledge, part=50)
    assert (made.cases, made.refused) == (len(plain), 0)
    assert made.parts == -(-len(plain) // 50)
    hold(written(tmp_path / "tables", knowledge), one_by_one(plain, file, knowledge))
    # Reviewers are checked by shapes that are not compiled; nothing else is read by itself.
    reviewed = f"<{CORE.reviewer}>"
    assert {s.split(" ")[1] for s in told} == {
        g for g, said in plain.items() if any(p == reviewed for _, p, _ in said)
    }


TERMS = (
    '"x"', '""', '"yes"', '"x"@en', '"a\\nb\\t\\"c\\" \\\\ d"', '"a\\u0007b"', '"a\\u00E9b"', '"Ärger"',
    '"\u0301 a mark first"', '"\U0001f468\u200d\U0001f469 joined"',
    f'"x"^^<{XSD}string>', f'"5"^^<{XSD}integer>', f'"05"^^<{XSD}integer>', f'"-1"^^<{XSD}integer>',
    f'"+5"^^<{XSD}integer>', f'"999999999999999999999"^^<{XSD}integer>', f'"5.50"^^<{XSD}decimal>',
    f'"5."^^<{XSD}decimal>', f'"50"^^<{XSD}decimal>', f'"5e1"^^<{XSD}double>', f'"-0"^^<{XSD}integer>',
    f'"2014-02-30"^^<{XSD}date>', f'"1850-01-01"^^<{XSD}date>', f'"2013-01-01"^^<{XSD}date>',
    f'"2035-01-01"^^<{XSD}date>', f'"2014-08-19Z"^^<{XSD}date>', f'"true"^^<{XSD}boolean>',
    f'"1"^^<{XSD}boolean>', f'"6 months"^^<{CORE.Quantity}>', f'"6  months"^^<{CORE.Quantity}>',
    f'"6 months"^^<{XSD}string>', f'"10 mg/d"^^<{CORE.Quantity}>', f'"6 \\u006Donths"^^<{CORE.Quantity}>',
    "_:b", "<{case}>", "<{case}#>", "<{case}#missing>", "<{case}#worker>", "<urn:other>",
    f"<{CORE.Present}>", f"<{CORE.Absent}>", f"<{CORE.Case}>", f"<{CORE.Fact}>", f"<{CORE.Record}>",
)  # fmt: skip
IDS = ("supposed-x", "worker", "fact-1", "x" * 101, "ä", "a/b", "1", "-a", "record-1", "_:x")


def changed(graph: str, said: Triples, choose: random.Random) -> tuple[str, Triples]:
    """Change one thing of a case, or a few."""
    said = list(said)
    for _ in range(choose.choice((1, 1, 1, 2, 3))):
        at = choose.randrange(len(said))
        s, p, o = said[at]
        other = choose.choice(said)
        case = graph[1:-1]
        match choose.randrange(11):
            case 0:
                del said[at]
            case 1:
                said.append(other)
            case 2:
                said[at] = (s, p, choose.choice([t for t in said if t[1] == p])[2])
            case 3:
                said[at] = (s, p, choose.choice(TERMS).replace("{case}", case))
            case 4:
                said[at] = (s, other[1], o)
            case 5:
                said[at] = (choose.choice((other[0], "_:b", "<urn:x>", f"<{case}#new>")), p, o)
            case 6:
                said.append((other[0], p, o))
            case 7:
                said.append((s, p, choose.choice(TERMS).replace("{case}", case)))
            case 8:  # another name for a part, everywhere
                new = f"<{case}#{choose.choice(IDS)}>"
                if "#" in s and not s.startswith("_:"):
                    said = [(new if a == s else a, b, new if c == s else c) for a, b, c in said]
            case 9:  # another place, or another day, in the kind of literal that stands there
                literals = [t for t in said if t[2].startswith('"') and t[1] == p]
                if literals:
                    said[at] = (s, p, choose.choice(literals)[2])
            case _:  # requests that depend on each other, and days out of their order
                requests = [b[2] for b in said if b[1] == f"<{CORE.request}>"]
                day = f'"{choose.choice((2010, 2014, 2019))}-06-01"^^<{XSD}date>'
                said.append(choose.choice((
                    (choose.choice(requests or [s]), f"<{CORE.dependsOn}>", choose.choice(requests or [o])),
                    (other[0], f"<{CORE.date}>", day),
                    (other[0], f"<{CORE.onset}>", day),
                    (choose.choice(requests or [s]), f"<{CORE.granted}>", f'"3"^^<{XSD}integer>'),
                )))  # fmt: skip
    return graph, said or [(graph, f"<{CORE.title}>", '"x"')]


@pytest.mark.parametrize("seed", range(3))
def test_changed_cases_come_out_as_the_reader_has_them(plain, tmp_path, knowledge, told, seed):
    choose = random.Random(seed)
    population: Terms = {}
    for number in range(CHANGED // 3):
        graph, said = choose.choice(list(plain.items()))
        new = f"{graph[:-1]}-c{number}"
        renamed = [tuple(t.replace(graph[:-1], new) for t in triple) for triple in said]
        name, triples = changed(f"{new}>", renamed, choose)
        population[name] = triples
    file = write(population, tmp_path / "population.nq", choose)
    write_tables([file], tmp_path / "tables", knowledge, part=200)
    reference = one_by_one(population, file, knowledge)
    hold(written(tmp_path / "tables", knowledge), reference)
    # Some changes leave a case in normal form, and some that do not are no fault.
    assert len(population) // 20 < len(told) < len(population)
    assert len(population) // 5 < len(reference.refused) < len(told)


def test_a_shape_that_is_not_looked_at_leaves_every_case_to_the_reader(
    plain, tmp_path, knowledge, told, monkeypatch
):
    monkeypatch.setattr(NormalForm, "_knows_the_shapes", lambda _: False)
    some = dict(list(plain.items())[:20])
    file = write(some, tmp_path / "population.nq")
    write_tables([file], tmp_path / "tables", knowledge)
    assert len(told) == len(some)
    hold(written(tmp_path / "tables", knowledge), one_by_one(some, file, knowledge))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.parquet")}


def test_a_large_file_is_read_by_way_of_the_disk(plain, tmp_path, knowledge, monkeypatch):
    file = write(plain, tmp_path / "population.nq", random.Random(2))
    write_tables([file], tmp_path / "small", knowledge, part=60)
    monkeypatch.setattr(quads, "_LARGE", 0)
    write_tables([file], tmp_path / "large", knowledge, part=60)
    assert bytes_of(tmp_path / "large") == bytes_of(tmp_path / "small")


def test_memory_is_what_it_is_told_to_be(plain, tmp_path, knowledge):
    file = write(plain, tmp_path / "population.nq", random.Random(2))
    with quads.Quads(file, knowledge, 1, "500MiB") as found:
        asked = found.sql.execute("SELECT current_setting('memory_limit')").fetchone()
    assert asked == ("500.0 MiB",)


@pytest.mark.parametrize("form", ["comments", "crlf", "spaces", "trig"])
def test_a_file_in_another_hand_gives_the_same_rows(plain, tmp_path, knowledge, form):
    some = dict(list(plain.items())[:30])
    text = write(some, tmp_path / "plain.nq").read_text("utf-8")
    name = "population.trig" if form == "trig" else "population.nq"
    other = {
        "comments": lambda: "# a population\n\n" + text,
        "crlf": lambda: text.replace("\n", "\r\n"),
        "spaces": lambda: text.replace("> .\n", ">\t.\n"),
        "trig": lambda: ox.serialize(ox.parse(text, format=ox.RdfFormat.N_QUADS),
                                     format=ox.RdfFormat.TRIG).decode(),
    }[form]()  # fmt: skip
    file = tmp_path / name
    file.write_bytes(other.encode())
    write_tables([file], tmp_path / "tables", knowledge)
    hold(written(tmp_path / "tables", knowledge), one_by_one(some, file, knowledge))


def refusal(file: Path, tmp_path: Path, knowledge) -> str:
    with pytest.raises(InputError) as refused:
        write_tables([file], tmp_path / "tables", knowledge)
    assert not (tmp_path / "tables" / "corpus.json").exists()
    return str(refused.value)


def spoilt(plain: Terms, tmp_path: Path, spoil) -> Path:
    file = write(dict(list(plain.items())[:30]), tmp_path / "population.nq")
    file.write_bytes(spoil(file.read_bytes()))
    return file


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda b: b + b"<urn:a> <urn:b> .\n", "malformed"),
        (lambda b: b[:-20], "malformed"),
        (lambda b: b + b'<urn:a> <urn:b> "a <b>" .\n', "in no named graph"),
        (lambda b: b + b"<urn:a> <urn:b> <urn:c> .\n", "in no named graph"),
        (lambda b: b + b"<urn:a> <urn:b> <urn:c> _:g .\n", "in no named graph"),
        (lambda b: b + b"<urn:a> <urn:b> <urn:c> <urn:{> .\n", "malformed"),
        (lambda b: b + b'<urn:a> <urn:b> "\xff" <urn:g> .\n', "population.nq"),
    ],
)
def test_a_spoilt_file_is_refused_as_a_whole(plain, tmp_path, knowledge, monkeypatch, spoil, said):
    monkeypatch.setattr(quads, "holds_many", lambda _: True)
    monkeypatch.setattr("reasoner.corpus.tables.holds_many", lambda _: True)
    file = spoilt(plain, tmp_path, spoil)
    text = refusal(file, tmp_path, knowledge)
    assert said in text
    assert str(file) in text


def test_a_line_that_only_a_case_spoils_refuses_that_case(plain, tmp_path, knowledge):
    some = dict(list(plain.items())[:30])
    graph = next(iter(some))
    some[graph] = [*some[graph], (graph, f"<{CORE.title}>", '"an "unescaped" mark"')]
    file = write(some, tmp_path / "population.nq")
    made = write_tables([file], tmp_path / "tables", knowledge)
    assert (made.cases, made.refused) == (29, 1)
    (why,) = written(tmp_path / "tables", knowledge).refused
    assert graph in why[0]
    assert "malformed" in why[1]


def test_a_control_character_refuses_its_case(plain, tmp_path, knowledge):
    """N-Quads may have it as it is; then the file is written anew before it is read."""
    some = dict(list(plain.items())[:30])
    graph = next(iter(some))
    some[graph] = [(s, p, '"a\x01b"' if o.startswith('"') and o.endswith('"') else o)
                   for s, p, o in some[graph]] + [(graph, f"<{CORE.title}>", '"a\x01b"')]  # fmt: skip
    file = write(some, tmp_path / "population.nq")
    made = write_tables([file], tmp_path / "tables", knowledge)
    assert (made.cases, made.refused) == (29, 1)
    hold(written(tmp_path / "tables", knowledge), one_by_one(some, file, knowledge))


def test_one_case_in_several_graphs_is_still_one_case(tmp_path, knowledge):
    case = parse_case(CASE.format(n=4).encode(), "a.yaml", knowledge)
    said = stated(case)
    half = {"<urn:one>": said[::2], "<urn:two>": said[1::2]}
    file = write(half, tmp_path / "case.nq")
    assert not quads.holds_many(file)
    made = write_tables([file], tmp_path / "tables", knowledge)
    assert (made.cases, made.refused) == (1, 0)
    assert read_case(file, knowledge).triples == case.triples


def test_files_of_both_kinds_are_numbered_together(plain, tmp_path, knowledge):
    some = dict(list(plain.items())[:30])
    population = write(some, tmp_path / "population.nq")
    (tmp_path / "a.yaml").write_text(CASE.format(n=1), "utf-8")
    made = write_tables([population, tmp_path / "a.yaml"], tmp_path / "tables", knowledge, part=16)
    assert (made.cases, made.parts) == (31, 3)
    found = written(tmp_path / "tables", knowledge)
    assert sorted(n for n, *_ in found.cases) == list(range(31))
    assert min(found.cases)[1] == "tpi-1"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def tpi(numbers: Iterable[int], knowledge) -> Terms:
    cases: Sequence[Case] = [
        parse_case(CASE.format(n=n).encode(), f"{n}.yaml", knowledge) for n in numbers
    ]
    return {f"<{case.iri}>": stated(case) for case in cases}


def test_a_population_is_determined_and_compared_from_its_file(tmp_path, knowledge):
    file = write(tpi(range(1, 9), knowledge), tmp_path / "population.nq")
    done = run("corpus", "determine", file, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    outcomes = dict(
        duckdb.execute(
            f"SELECT outcome, count(*) FROM '{tmp_path}/out/items/*.parquet'"
            " WHERE request = 'q' GROUP BY 1"
        ).fetchall()
    )
    assert outcomes == {"Overturned": 4, "Upheld": 4}
    change = "trigger-points#criterion-5.maxInclusive=6"
    done = run("whatif", file, "--set", change, "--out", tmp_path / "whatif", "--sample", 8)
    assert done.exit_code == 0, done.output
    assert "8 cases drawn of 8" in (tmp_path / "whatif" / "summary.md").read_text("utf-8")
    done = run("corpus", "determine", file, "--out", tmp_path / "other", "--rdf", tmp_path / "rdf")
    assert isinstance(done.exception, InputError)
