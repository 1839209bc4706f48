"""mtus mcp, as a client sees it: over standard input and output, with the client of the protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client

from reasoner import adjudicate, read_case

EXAMPLE = Path("docs/examples/trigger-points.yaml")
CASE = EXAMPLE.read_text("utf-8")
POINTS = """facts:
  - {is: TriggerPoint, region: CervicalRegion, in: pr2, quote: a taut band in the right trapezius}
"""
WITH_POINTS = CASE.replace("facts:\n", POINTS, 1)
TOOLS = {
    "case_format", "find_concepts", "determine", "explain", "cure", "search_guidelines",
    "show_guideline", "list_queries", "query",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp") / "store"
    subprocess.run(
        [sys.executable, "-m", "reasoner", "determine", str(EXAMPLE), "--store", str(folder)],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def asked(store):
    """Every call of this module, in one session with one server; answers by the calls' names."""
    calls = {
        "format": ("case_format", {}),
        "concepts": ("find_concepts", {"words": "tender to palpation"}),
        "concepts of a kind": ("find_concepts", {"words": "neck", "kind": "BodyRegion"}),
        "kind unknown": ("find_concepts", {"words": "neck", "kind": "Bodyregoin"}),
        "determination": ("determine", {"case": CASE}),
        "utilization review": ("determine", {"case": CASE, "role": "ur"}),
        "explanation": ("explain", {"case": WITH_POINTS}),
        "criterion": ("explain", {"case": CASE, "criterion": "5"}),
        "no criterion": ("explain", {"case": CASE, "criterion": "55"}),
        "no request": ("explain", {"case": CASE, "request": 2}),
        "cure": ("cure", {"case": CASE}),
        "search": ("search_guidelines", {"words": "trigger point injection"}),
        "topic": ("show_guideline", {"topic": "chronic-pain-2009/trigger-points"}),
        "no topic": ("show_guideline", {"topic": "chronic-pain-2009/triger-points"}),
        "queries": ("list_queries", {}),
        "named query": ("query", {"query": "why-items-are-upheld"}),
        "sparql": ("query", {"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"}),
        "service": ("query", {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"}),
        "update": ("query", {"query": "DELETE WHERE { ?s ?p ?o }"}),
        "many rows": ("query", {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"}),
        "mistaken case": ("determine", {"case": CASE.replace("Tenderness", "Tendernes")}),
        "empty case": ("determine", {"case": ""}),
        "huge case": ("determine", {"case": "x" * 5_100_000}),
        "no reading": ("determine", {"case": CASE, "readings": ["upper-end-of-rang"]}),
        "wrong argument": ("determine", {"case": 7, "role": "judge"}),
    }  # fmt: skip

    async def ask():
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "reasoner", "mcp", "--store", str(store)]
        )
        async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
            told = await session.initialize()
            tools = await session.list_tools()
            return (
                told,
                tools.tools,
                {name: await session.call_tool(*call) for name, call in calls.items()},
            )

    return anyio.run(ask)


def text_of(result):
    return "\n".join(part.text for part in result.content)


def given(asked, name):
    result = asked[2][name]
    assert not result.is_error, text_of(result)
    return json.loads(text_of(result))


def refused(asked, name):
    result = asked[2][name]
    assert result.is_error, text_of(result)
    text = text_of(result)
    assert "Traceback" not in text
    return text


def test_every_tool_says_what_it_does_and_takes(asked):
    told, tools, _ = asked
    assert "silence" in told.instructions
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert len(tool.description) > 40
        assert tool.annotations.read_only_hint
        for argument in tool.input_schema["properties"].values():
            assert argument["description"]


def test_determine_gives_what_the_command_gives(asked, knowledge):
    case = read_case(EXAMPLE, knowledge)
    assert given(asked, "determination") == json.loads(
        json.dumps(adjudicate(case, knowledge).to_dict())
    )
    assert given(asked, "utilization review")["outcome"] == "Denied"


def test_explain_leads_to_pages_quotes_and_what_is_missing(asked):
    told = given(asked, "explanation")
    assert told["outcome"] == "Upheld"
    assert told["recommendation"]["page"] == "122"
    criteria = {c["number"]: c for c in told["criteria"]}
    assert criteria["5"]["outcome"] == "NotMet"
    assert criteria["5"]["confidence"]
    assert any(c["missing"] for c in told["criteria"] if c["outcome"] == "NotDocumented")
    quotes = [e["quote"] for c in told["criteria"] for e in c["evidence"] if e["quote"]]
    assert "a taut band in the right trapezius" in quotes
    assert all(sentence["sources"] for sentence in told["rationale"])


def test_explain_one_criterion_shows_its_shape(asked):
    told = given(asked, "criterion")
    assert [c["number"] for c in told["criteria"]] == ["5"]
    assert "sh:maxInclusive 4" in told["criteria"][0]["checkedBy"]


def test_cure_says_what_would_turn_it(asked, knowledge):
    decided = adjudicate(read_case(EXAMPLE, knowledge), knowledge).to_dict()["items"][0]
    told = given(asked, "cure")
    assert [way["text"] for way in told["ways"]] == [way["text"] for way in decided["cure"]]
    assert told["ways"] or told["note"]


def test_case_format_is_enough_to_write_a_case(asked, knowledge):
    told = given(asked, "format")
    facts = {key["key"] for key in told["forms"]["fact"]["keys"]}
    assert facts == {"id", *knowledge.case_format["fact"].keys}
    assert told["example"] == CASE


def test_concepts_are_found_by_the_words_of_records(asked):
    assert "CervicalRegion" in {c["name"] for c in given(asked, "concepts of a kind")["concepts"]}
    assert given(asked, "concepts")["concepts"][0]["name"] == "Tenderness"
    assert "BodyRegion" in refused(asked, "kind unknown")


def test_guidelines_are_searched_and_shown(asked):
    assert "chronic-pain-2009/trigger-points" in {
        f["topic"] for f in given(asked, "search")["found"]
    }
    shown = given(asked, "topic")["recommendations"][0]
    assert shown["criteria"][0]["page"]
    assert "trigger-points" in refused(asked, "no topic")


def test_queries_of_the_library_and_sparql_are_asked(asked):
    names = {q["name"]: q for q in given(asked, "queries")["queries"]}
    assert names["why-items-are-upheld"]["question"]
    rows = given(asked, "named query")
    assert "122" in {row["page"] for row in rows["rows"]}
    assert int(given(asked, "sparql")["rows"][0]["n"]) > 300


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no criterion", "no criterion 55"),
        ("no request", "1 request"),
        ("service", "SERVICE"),
        ("update", "query"),
        ("many rows", "200 rows"),
        ("mistaken case", "case:16: is"),
        ("mistaken case", "Tenderness"),
        ("empty case", "empty"),
        ("huge case", "5 MB"),
        ("no reading", "upper-end-of-range"),
        ("wrong argument", "role"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_so_that_it_can_be_mended(asked, name, message):
    assert message in refused(asked, name)


def test_without_a_store_a_query_says_what_is_wanted():
    from reasoner.errors import InputError
    from reasoner.modelcontext.calls import Tools

    with pytest.raises(InputError, match="--store"):
        Tools(store=None).query("why-items-are-upheld", {})
