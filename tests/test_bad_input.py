"""Every way in which a case file can be bad: what is said, and that nothing else happens.

Each folder of ``tests/bad`` holds a file and the exact message. After a message was changed on
purpose, ``python -m tests.test_bad_input`` writes what is said now; read the difference.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from reasoner import InputError, Knowledge, load_knowledge, parse_case, read_case
from reasoner.case import MAX_BYTES
from reasoner.casecheck import MAX_FACTS, MAX_REQUESTS

FOLDER = Path(__file__).resolve().parent / "bad"
LINELESS = {".jsonld", ".nq", ".nt", ".owl", ".rdf", ".trig", ".ttl", ".xml"}
BOUND = 20.0
"""Seconds; a hundred times what is needed on a machine that does nothing else."""

GOOD = """\
id: example
records:
  - {id: pr2, type: ProgressReport, date: 2014-08-19}
facts:
  - {is: Tenderness, region: CervicalRegion, in: pr2}
requests:
  - {treatment: TriggerPointInjection, region: CervicalRegion, quantity: 6}
"""
TURTLE = """\
@prefix clinical: <https://w3id.org/mtus/clinical#> .
@prefix core: <https://w3id.org/mtus/core#> .
<example> a core:Case ; core:request [ a clinical:TriggerPointInjection ] .
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_keywords: object) -> None:
        raise AssertionError("the network was touched")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


def files() -> list[Path]:
    return sorted(file for file in FOLDER.glob("*/case.*"))


def said(file: Path, knowledge: Knowledge) -> str:
    with pytest.raises(InputError) as caught:
        parse_case(file.read_bytes(), file.name, knowledge)
    return f"{caught.value}\n"


@pytest.mark.parametrize("file", files(), ids=lambda file: file.parent.name)
def test_bad_file_is_told_what_is_wrong(
    file: Path, knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(file, knowledge) == (file.parent / "expected.txt").read_text("utf-8")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("file", files(), ids=lambda file: file.parent.name)
def test_problem_says_where_it_is(file: Path, knowledge: Knowledge) -> None:
    with pytest.raises(InputError) as caught:
        parse_case(file.read_bytes(), file.name, knowledge)
    for problem in caught.value.problems:
        assert problem.file == file.name
        assert str(problem).startswith(file.name)
        about_the_file = problem.key is None and problem.node is None
        assert about_the_file or problem.line is not None or file.suffix in LINELESS
        if problem.line is not None:
            assert 1 <= problem.line <= file.read_bytes().count(b"\n") + 1


@pytest.mark.parametrize("file", files(), ids=lambda file: file.parent.name)
def test_message_is_plain(file: Path) -> None:
    text = (file.parent / "expected.txt").read_text("utf-8")
    assert "Traceback" not in text
    assert "mtus/shape/" not in text, "the name of a shape of ours tells a user nothing"
    for line in text.splitlines():
        assert line.isprintable()
        assert line.endswith((".", "?"))


def test_good_file_is_read(knowledge: Knowledge) -> None:
    assert parse_case(GOOD.encode(), "case.yaml", knowledge).identifier == "example"
    assert parse_case(TURTLE.encode(), "case.ttl", knowledge).identifier == "example"


def test_every_problem_of_a_file_is_told_at_once(knowledge: Knowledge) -> None:
    file = FOLDER / "every-problem" / "case.yaml"
    with pytest.raises(InputError) as caught:
        read_case(file, knowledge)
    assert [problem.line for problem in caught.value.problems] == [2, 2, 4, 6, 6, 6, 7, 7, 9, 10]


# Paths


def message(path: Path | str, knowledge: Knowledge) -> str:
    with pytest.raises(InputError) as caught:
        read_case(path, knowledge)
    return str(caught.value)


def test_folder_is_no_case_file(tmp_path: Path, knowledge: Knowledge) -> None:
    assert message(tmp_path, knowledge) == f"{tmp_path}: This is a folder. Expected a case file."


def test_absent_file_is_told(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "case.yaml"
    assert message(path, knowledge) == f"{path}: There is no such file."


def test_unreadable_file_is_told(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "case.yaml"
    path.symlink_to(path)
    assert message(path, knowledge).startswith(f"{path}: The file cannot be read: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is readable to the superuser")
def test_forbidden_file_is_told(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    assert message(path, knowledge) == f"{path}: The file cannot be read: Permission denied."


def test_path_that_cannot_be_is_told(knowledge: Knowledge) -> None:
    assert message("a\x00b.yaml", knowledge).startswith(r"a\x00b.yaml: The file cannot be read: ")


# Bounds of time and memory


def test_two_hundred_megabytes_are_not_read(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "case.yaml"
    with path.open("wb") as stream:
        stream.write(GOOD.encode())
        stream.truncate(200_000_000)
    tracemalloc.start()
    try:
        said = message(path, knowledge)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said == f"{path}: The file has 200 MB. Expected at most 5 MB."
    assert peak < 1_000_000


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
def test_endless_input_is_not_read_to_its_end(knowledge: Knowledge) -> None:
    tracemalloc.start()
    try:
        said = message("/dev/zero", knowledge)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said == "/dev/zero: The input has over 5 MB. Expected at most 5 MB."
    assert peak < 4 * MAX_BYTES


def _yaml_facts(count: int, fact: str = "{is: Tenderness, in: pr2}") -> str:
    return GOOD.replace("facts:\n", "facts:\n" + f"  - {fact}\n" * count)


def _xml(inside: str) -> str:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:e="https://example.org/">{inside}</rdf:RDF>'
    )


LARGE = {
    "facts.yaml": (_yaml_facts(MAX_FACTS), f"The case has {MAX_FACTS + 1:,} of them."),
    "requests.yaml": (
        GOOD + "  - {treatment: TriggerPointInjection}\n" * MAX_REQUESTS,
        f"The case has {MAX_REQUESTS + 1} of them.",
    ),
    "values.yaml": (_yaml_facts(20_000), "A case file holds at most 60,000 values."),
    "wrong.yaml": (
        _yaml_facts(5_000, "{is: Tendernes, region: neck, in: pr3}"),
        "Reading stopped here, after 200 problems.",
    ),
    "keys.yaml": (GOOD + "id: other\n" * 25_000, "This key already stands in line 1."),
    "brackets.yaml": ("[" * 4_900_000, "This nests deeper than 12 levels."),
    "scalar.yaml": ("id: " + "x" * 4_900_000 + "\n" + GOOD[12:], "cannot be an id"),
    "key.yaml": (GOOD + '? "' + "x" * 4_800_000 + '"\n: 1\n', "This is not a key of a case."),
    "spaces.yaml": (" " * 4_900_000 + "\n", "The file is empty."),
    "integer.jsonld": ('{"a": ' + "1" * 4_900_000 + "}", "is too large a number"),
    "long-name.jsonld": (
        '{"@context": {"a": "https://example.org/' + "x" * 100_000 + '"}, "a": ['
        + "1, " * 100_000 + "1]}",
        "A name has over 1,000 characters.",
    ),
    "contexts.jsonld": (
        '{"@context": [' + ", ".join(f'{{"k{i}": "https://example.org/"}}' for i in range(50_000))
        + '], "k1": 1}',
        "The contexts hold over 200 values.",
    ),
    "values.jsonld": ('{"a": [' + "1, " * 100_000 + "1]}", "The file holds over 50,000 values."),
    "brackets.jsonld": ('{"a": ' + "[" * 1_000_000, "nests deeper than 40 levels"),
    "prefix.ttl": (
        TURTLE + "@prefix a: <https://example.org/" + "x" * 1_000_000 + "> .\n<example> core:fact "
        + " , ".join(f"a:{i}" for i in range(10_000)) + " .",
        "the file has over 20,000,000 characters",
    ),
    "triples.ttl": (
        TURTLE + "<example> core:fact " + " , ".join(f"<#{i}>" for i in range(60_000)) + " .",
        "The file holds over 50,000 triples.",
    ),
    "chain.ttl": (
        f"{TURTLE}<example> core:fact {'[ core:documentedIn ' * 20_000}1{']' * 20_000} .",
        "No part of the case leads here.",
    ),
    "clique.ttl": (
        TURTLE + "".join(
            f"_:a{i} core:documentedIn _:a{j} .\n" for i in range(90) for j in range(90)
        ),
        "No part of the case leads here.",
    ),
    "siblings.ttl": (
        TURTLE + "<example> core:request " + " , ".join(
            "[ a clinical:TriggerPointInjection ; core:agent " + " , ".join(["[]"] * 40) + " ]"
            for _ in range(40)
        ) + " .",
        "An ingredient needs this key.",
    ),
    "depth.rdf": (_xml("<e:A><e:b>" * 200_000), "This nests deeper than 40 levels."),
    "attributes.rdf": (
        _xml("<e:A " + " ".join(f'e:k{i}="1"' for i in range(200_000)) + "/>"),
        "An element has over 100 attributes.",
    ),
    "elements.rdf": (_xml("<e:A/>" * 100_000), "The file holds over 50,000 triples."),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_input_ends_soon(name: str, knowledge: Knowledge) -> None:
    text, expected = LARGE[name]
    assert len(text) < MAX_BYTES, "the size alone refuses what is larger"
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        parse_case(text.encode(), name, knowledge)
    assert time.monotonic() - started < BOUND
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 200_000, "a message is for people"


@pytest.mark.parametrize("count", [0, 1, 7, 60, 400])
def test_cut_file_raises_no_other_error(count: int, knowledge: Knowledge) -> None:
    """Cut every bad file and every good one short: the answer is a case or an InputError."""
    for file in [*files(), FOLDER.parent.parent / "docs" / "examples" / "trigger-points.yaml"]:
        data = file.read_bytes()
        for part in (data[:count], data[count:]):
            with contextlib.suppress(InputError):
                parse_case(part, file.name, knowledge)


if __name__ == "__main__":
    shipped = load_knowledge()
    for bad in files():
        bad.with_name("expected.txt").write_text(said(bad, shipped), "utf-8")
