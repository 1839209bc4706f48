"""`mtus format` changes the layout of Turtle, and nothing that it states."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.authoring.turtlefiles import turtle_files
from reasoner.authoring.turtleformat import PREDICATES, format_turtle
from reasoner.errors import InputError
from reasoner.rdf import canonical_hash, parse_triples

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = turtle_files(ROOT)
SAMPLE = [
    "ontology/core.ttl", "ontology/readings.ttl", "ontology/alignments.ttl", "shapes/guideline.ttl",
    "ontology/guidelines/chronic-pain-2009/trigger-points.ttl",
    "shapes/criteria/chronic-pain-2009/trigger-points.ttl",
    "shapes/criteria/opioids-2016/opioids-ongoing.ttl",
]  # fmt: skip

MESSY = """# A file of its own.
@prefix z: <http://z/> .
@prefix unused: <http://unused/> .
PREFIX sh: <http://www.w3.org/ns/shacl#>
@prefix : <http://x/> .
:a z:q 2 , 10 , "b"@en ,"a"^^z:t;  # why q
  a :T, :S ; # the last
  .


# About b
:b-10 sh:in ( :one "two" [ z:q 1 ; a :U ] ) ; sh:path :p .   # after b
[] z:q [ ] , [ ] .
:c z:list :i10, :i9, <http://y> , :i1 ; z:text \"\"\"two
lines # and no comment\"\"\" .
"""
TIDY = """# A file of its own.

@prefix : <http://x/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix z: <http://z/> .

# the last
:a a :S , :T ;
    # why q
    z:q 2 ,
        10 ,
        "a"^^z:t ,
        "b"@en .

# About b
# after b
:b-10 sh:path :p ;
    sh:in ( :one "two" [ a :U ; z:q 1 ] ) .
[] z:q [] ,
        [] .
:c z:list :i1 ,
        :i9 ,
        :i10 ,
        <http://y> ;
    z:text \"\"\"two
lines # and no comment\"\"\" .
"""


def hashed(text: str) -> str:
    return canonical_hash(parse_triples(text.encode(), ox.RdfFormat.TURTLE))


def test_layout_is_as_it_is_described():
    assert format_turtle(MESSY) == TIDY


@pytest.mark.parametrize("file", SAMPLE)
def test_files_of_the_library_state_the_same_and_are_laid_out_once(file):
    text = (ROOT / file).read_text()
    laid_out = format_turtle(text)
    assert hashed(laid_out) == hashed(text)
    assert format_turtle(laid_out) == laid_out


def test_every_file_of_the_library_is_laid_out(run):
    done = run("format_turtle_files", "--check", "--in", str(ROOT))
    assert done.code == 0, f"run: mtus format\n{done.out}"


def test_every_comment_is_kept():
    for file in FILES[::10]:
        text = file.read_text()
        before = sorted(line.strip() for line in text.splitlines() if line.strip().startswith("#"))
        after = format_turtle(text).splitlines()
        assert before == sorted(line.strip() for line in after if line.strip().startswith("#"))


def test_statements_stay_in_the_order_of_the_author():
    text = "@prefix : <http://x/> .\n:b :p 1 .\n:a :p 1 .\n:b :p 2 .\n"
    assert [line[:2] for line in format_turtle(text).splitlines()[2:]] == [":b", ":a", ":b"]


def test_order_of_writing_does_not_matter_within_a_statement():
    text = (ROOT / SAMPLE[4]).read_text()
    begin = text.index(":recommendation a core:Recommendation ;")
    end = text.index(" .\n", begin)
    head, *pairs = text[begin:end].split(" ;\n")
    shuffled = pairs[:]
    random.Random(7).shuffle(shuffled)
    assert shuffled != pairs
    other = text[:begin] + " ;\n".join([head, *shuffled]) + text[end:]
    assert format_turtle(other) == format_turtle(text)


def test_a_changed_bound_is_a_diff_of_two_lines():
    text = (ROOT / SAMPLE[5]).read_text()
    one = format_turtle(text).splitlines()
    other = format_turtle(text.replace("sh:maxInclusive 4 .", "sh:maxInclusive 6 .")).splitlines()
    assert len(one) == len(other)
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 1


def test_what_is_in_brackets_is_broken_where_it_does_not_fit():
    names = " ".join(f":a-rather-long-name-{n}" for n in range(9))
    laid_out = format_turtle(
        f"@prefix : <http://x/> .\n:s :p ( {names} ) ; :q [ :r ( {names} ) ] ."
    )
    assert max(map(len, laid_out.splitlines())) <= 120
    assert format_turtle(laid_out) == laid_out
    assert "    :q [\n        :r (\n            :a-rather-long-name-0\n" in laid_out


def test_no_predicate_is_listed_twice():
    assert len(set(PREDICATES)) == len(PREDICATES)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("@prefix : <http://x/> .\n:a :b :c\n:d :e :f .\n", 3, "no Turtle"),
        ("@prefix : <http://x/> .\n\n:a :b 'open .\n", 3, "no Turtle"),
        ("@prefix : <http://x/> .\n@prefix : <http://y/> .\n:a :b :c .", 2, "two namespaces"),
        ("@base <http://x/> .\n<a> <b> <c> .\n@base <http://y/> .\n", 3, "second base"),
    ],
)
def test_what_is_no_turtle_is_refused_with_its_line(text, line, said):
    with pytest.raises(InputError, match=said) as caught:
        format_turtle(text, "bad.ttl")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.file == "bad.ttl"


names = st.sampled_from([":a", ":b", ":b-2", ":b-10", "<http://y/c>", "z:d"])
literals = st.sampled_from(['"x"', '"x"@en', '"1"^^z:t', "1", "1.5", "true", "'it''s'", '"# no"'])
literals = literals.filter(lambda text: "''" not in text)
terms = st.recursive(
    names | literals,
    lambda below: (
        st.lists(below, max_size=4).map(lambda items: "( " + " ".join(items) + " )")
        | st.lists(st.tuples(names, below), min_size=1, max_size=3).map(
            lambda pairs: "[ " + " ; ".join(f"{p} {o}" for p, o in pairs) + " ]"
        )
    ),
    max_leaves=12,
)
space = st.sampled_from([" ", "\n", "\n\n", " # note\n", "\n# note\n"])


@given(
    st.lists(st.tuples(names, names, st.lists(terms, min_size=1, max_size=3), space), max_size=6)
)
def test_any_turtle_states_the_same_after(statements):
    text = "@prefix : <http://x/> .\n@prefix z: <http://z/> .\n" + "".join(
        f"{s}{gap}{p} {f'{gap},'.join(objects)}{gap}.{gap}" for s, p, objects, gap in statements
    )
    laid_out = format_turtle(text)
    assert hashed(laid_out) == hashed(text)
    assert format_turtle(laid_out) == laid_out


@pytest.fixture
def two_files(tmp_path):
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(MESSY)
    return tmp_path


def test_check_names_files_and_writes_nothing(run, two_files):
    (two_files / "b.ttl").write_text(TIDY)
    done = run("format_turtle_files", "--check", str(two_files / "a.ttl"), str(two_files / "b.ttl"))
    assert done.code == 1
    assert "a.ttl is laid out otherwise" in done.out
    assert "-  a :T, :S ; # the last" in done.out
    assert "b.ttl" not in done.out
    assert (two_files / "a.ttl").read_text() == MESSY


def test_files_are_laid_out_and_then_stay(run, two_files):
    files = [str(two_files / name) for name in ("a.ttl", "b.ttl")]
    assert run("format_turtle_files", *files).code == 0
    assert (two_files / "a.ttl").read_text() == TIDY
    done = run("format_turtle_files", "--check", *files)
    assert done.code == 0
    assert "2 of 2 files were laid out already." in done.out


def test_nothing_is_written_if_one_file_is_no_turtle(run, two_files):
    (two_files / "b.ttl").write_text("no turtle")
    done = run("format_turtle_files", *(str(two_files / n) for n in ("a.ttl", "b.ttl", "c.ttl")))
    assert done.code == 2
    assert "b.ttl:1: The file is no Turtle" in done.out
    assert "c.ttl: The file cannot be read" in done.out
    assert (two_files / "a.ttl").read_text() == MESSY


def test_whole_tree_is_laid_out(run, tmp_path):
    for name in ("ontology/readings", "shapes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    before = {f: hashed(f.read_text()) for f in turtle_files(tmp_path)}
    assert run("format_turtle_files", "--in", str(tmp_path)).code == 0
    assert run("format_turtle_files", "--check", "--in", str(tmp_path)).code == 0
    assert {f: hashed(f.read_text()) for f in turtle_files(tmp_path)} == before


def test_new_topics_are_laid_out_at_once(run, tree):
    """What `mtus guideline new` writes is in this layout."""
    topic = "chronic-pain-2009/pillows"
    done = run(
        "new_guideline_topic", topic, "--title", "Pillows", "--treatment", "TherapeuticPillow",
        "--section", "Pillows", "--page", "1", "--stance", "Option", "--noun", "pillow",
        "--attestation", "RecalledLow", "--criterion", "NSAIDs have failed. = NSAID failed",
        "--criterion", "At most two. = at most 2", "--criterion", "x = no Radiculopathy",
        "--in", str(tree),
    )  # fmt: skip
    assert done.code == 0, done.out
    files = [
        str(tree / f"{part}/{topic}.ttl") for part in ("ontology/guidelines", "shapes/criteria")
    ]
    done = run("format_turtle_files", "--check", *files)
    assert done.code == 0, done.out
