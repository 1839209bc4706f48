"""The invariants of the code's structure, each a test; ``docs/architecture.md`` lists them all."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph

from reasoner import Knowledge, Role, adjudicate, read_case
from reasoner.adjudication import decide
from reasoner.assessment import assess
from reasoner.classification import classify
from reasoner.cure import find_cures
from reasoner.decision import decide_item
from reasoner.rationale import explain
from reasoner.rdf import graph_of
from reasoner.selection import select

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reasoner"
EXAMPLE = ROOT / "docs" / "examples" / "trigger-points.yaml"

# The stages in their order. Stages of one rank do not import each other.
RANK = {
    "case": 0, "casecheck": 0, "casereader": 0, "casetree": 0, "rdfcase": 0, "rdfguard": 0,
    "yamlcase": 0, "yamltree": 0,
    "classification": 1, "derivation": 1,
    "selection": 2,
    "assessment": 3,
    "decision": 4,
    "adjudication": 5,
    "rationale": 6,
    "cure": 6, "witness": 6,
    "determination": 7, "contract": 7, "provenance": 7,
}  # fmt: skip
ONE_RANK = {  # what belongs to one stage, and may import each other
    0: {
        "case",
        "casecheck",
        "casereader",
        "casetree",
        "rdfcase",
        "rdfguard",
        "yamlcase",
        "yamltree",
    },
    1: {"classification", "derivation"},
    6: {"cure", "witness"},
    7: {"determination", "contract", "provenance"},
}
SURFACES = (
    "cli",
    "web",
    "modelcontext",
    "corpus",
    "intake",
    "authoring",
    "export",
    "verification",
    "queries",
    "store",
    "answers",
    "exports",
)

ENGINES = {
    "pyshacl": {"shacl"},
    "shifty": {"evidence"},
    "reasonable": {"closure"},
    "owlready2": {"authoring.dl"},
    # Lint looks for circles that the release may not have; the graph of why is one to look at.
    "networkx": {
        "precedence",
        "authoring.lint.precedence_cycle",
        "authoring.lint.governs_twice",
        "exports.whygraph",
    },
}


@cache
def modules() -> dict[str, ast.Module]:
    """Parse every module, by its name below ``reasoner``."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = ast.parse(file.read_text("utf-8"), str(file))
    return found


def imported(module: str, *, at_run_time: bool = True) -> Iterator[str]:
    """Give what a module imports, in functions too, but not for types alone."""
    skipped = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and at_run_time:
            skipped.update(map(id, ast.walk(node)))
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(module: str) -> set[str]:
    """Give the modules of this package that a module imports."""
    names = (name.removeprefix("reasoner.") for name in imported(module) if "reasoner" in name)
    return {name for name in names if name in modules()}


def reachable(*starts: str) -> set[str]:
    seen: set[str] = set()
    frontier = list(starts)
    while frontier:
        module = frontier.pop()
        if module not in seen:
            seen.add(module)
            frontier.extend(ours(module))
    return seen


@pytest.mark.parametrize("stage", RANK)
def test_stage_imports_no_later_stage(stage: str) -> None:
    rank = RANK[stage]
    for other in ours(stage) & set(RANK):
        beside = {stage, other} <= ONE_RANK.get(rank, set())
        assert RANK[other] < rank or beside, f"{stage} imports {other}"


@pytest.mark.parametrize("stage", [stage for stage, rank in RANK.items() if rank < 7])
def test_stage_reaches_no_later_stage_by_way_of_another_module(stage: str) -> None:
    later = {other for other, rank in RANK.items() if rank > RANK[stage]}
    assert not reachable(stage) & later


def test_knowledge_knows_no_stage() -> None:
    assert not reachable("knowledge") & set(RANK)


@pytest.mark.parametrize("stage", RANK)
def test_stage_imports_no_surface(stage: str) -> None:
    for module in ours(stage):
        assert not module.startswith(SURFACES), f"{stage} imports {module}"


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_has_one_importer(engine: str) -> None:
    importers = {
        module
        for module in modules()
        if any(name.split(".")[0] == engine for name in imported(module))
    }
    assert importers == ENGINES[engine]


FORBIDDEN = {
    "time", "socket", "ssl", "urllib", "http", "requests", "httpx", "ftplib", "smtplib",
    "locale", "random", "secrets", "uuid", "getpass", "platform", "subprocess", "asyncio",
    "select", "threading", "multiprocessing",
}  # fmt: skip
CALLS = re.compile(
    r"\b(date\.today|datetime\.(now|today|utcnow)|environ|getenv|expanduser|Path\.(home|cwd)|getcwd"
    r"|strftime|setlocale|urlopen)\b"
)
# The index of topics is kept in the user's cache folder: it says nothing that the sources do not.
KEEPS_A_CACHE = {"cachefolder", "topicindex"}


def test_no_stage_reads_a_clock_a_locale_the_environment_or_a_network() -> None:
    decide_with = reachable("adjudication", "rationale", "cure", "contract", "provenance")
    for module in sorted(decide_with - KEEPS_A_CACHE):
        if module.startswith("rendering"):
            continue  # held by its own tests; nothing is decided there
        roots = {name.split(".")[0] for name in imported(module)}
        assert not roots & FORBIDDEN, module
        for node in ast.walk(modules()[module]):
            if isinstance(node, ast.Attribute):
                assert not CALLS.search(ast.unparse(node)), f"{module}:{node.lineno}"


def test_no_stage_reads_the_cache_itself() -> None:
    for stage in RANK:
        assert not ours(stage) & KEEPS_A_CACHE


def test_module_fits_on_a_few_screens() -> None:
    for name in modules():
        path = PACKAGE / Path(*name.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert len(file.read_text("utf-8").splitlines()) <= 500, name


def test_no_module_is_a_drawer_of_odds_and_ends() -> None:
    vague = re.compile(r"(util|utils|helper|helpers|common|misc|tools|manager|base_?class)$")
    for name in modules():
        assert not vague.search(name.split(".")[-1]), name


def test_every_error_is_an_mtus_error() -> None:
    bases: dict[str, set[str]] = {}
    for module, tree in modules().items():
        if module == "web.assets":  # the build loads it by its path, where the package is not
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {ast.unparse(base).split(".")[-1] for base in node.bases}

    def is_error(name: str) -> bool:
        return name in ("Exception", "BaseException") or name.endswith(("Error", "Exception"))

    def leads_to_ours(name: str) -> bool:
        return name == "MtusError" or any(leads_to_ours(base) for base in bases.get(name, ()))

    for name, above in bases.items():
        # A name with an underscore is a signal within its module, and never leaves it.
        if not name.startswith("_") and any(is_error(base) for base in above):
            assert leads_to_ours(name), name


def _snapshot(graph: Graph) -> frozenset[tuple[object, ...]]:
    return frozenset(graph)


def test_no_stage_changes_its_input(knowledge: Knowledge) -> None:
    case = read_case(EXAMPLE, knowledge)
    (request,) = case.requests
    stated = _snapshot(case.graph)
    known = [
        knowledge.vocabulary,
        *(graph for topic in knowledge.topics for graph in (topic.graph, topic.shapes)),
    ]
    before = [_snapshot(graph) for graph in known]

    classified = classify(case, knowledge, case.request_date(request))
    inferred = _snapshot(classified.graph)
    selection = select(classified, knowledge, request)
    assert selection.governing is not None
    shapes = knowledge.shapes_of(selection.governing)[0].graph
    constraints = _snapshot(shapes)
    assessments = assess(classified, knowledge, selection.governing)[request]
    decision = decide_item(classified, knowledge, selection, assessments, {}, Role.IMR)
    explain(classified, knowledge, decision)
    find_cures(classified, knowledge, decision, Role.IMR)
    decide(case, knowledge, Role.UR)
    adjudicate(case, knowledge).to_dict()

    assert _snapshot(case.graph) == stated == _snapshot(graph_of(case.triples))
    assert _snapshot(classified.graph) == inferred
    assert _snapshot(shapes) == constraints
    assert [_snapshot(graph) for graph in known] == before


def test_deciding_twice_gives_the_same(knowledge: Knowledge) -> None:
    case = read_case(EXAMPLE, knowledge)
    once, again = (json.dumps(adjudicate(case, knowledge).to_dict()) for _ in range(2))
    assert once == again


PAGE = ROOT / "docs" / "architecture.md"


def test_every_invariant_of_the_page_is_held_by_a_test_that_exists() -> None:
    text = PAGE.read_text("utf-8")
    invariants = re.findall(r"^(\d+)\. (.+?)(?=^\d+\. |^#|\Z)", text, flags=re.M | re.S)
    assert [int(number) for number, _ in invariants] == list(range(1, len(invariants) + 1))
    for number, invariant in invariants:
        held = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", invariant)
        assert held, f"invariant {number} names no test"
        for file, test in held:
            assert re.search(rf"^def {test}\(", (ROOT / file).read_text("utf-8"), re.M), test


def test_map_shows_every_stage_and_nothing_that_is_gone() -> None:
    text = PAGE.read_text("utf-8")
    for stage in RANK:
        assert f"`{stage}`" in text, stage
    tables = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ")]
    for name in re.findall(r"`([a-z]+(?:/[a-z]*)?)`", " ".join(map(" ".join, tables))):
        beside, inside = ROOT / name, PACKAGE / name
        assert beside.is_dir() or inside.is_dir() or inside.with_suffix(".py").exists(), name
