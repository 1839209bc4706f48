"""What the engines pass of the W3C SHACL test suite, pinned test by test."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance.__main__ import summary
from tests.conformance.known import BARE_PATH, FAILS
from tests.conformance.suite import SUITE, ConformanceTest, all_tests, by_pyshifty, passes

TESTS = all_tests()


def test_the_suite_is_complete():
    written = {
        str(file.relative_to(SUITE).with_suffix(""))
        for file in SUITE.rglob("*.ttl")
        if "sht:Validate" in file.read_text("utf-8")
    }
    assert {test.name.rsplit("/", 1)[0] for test in TESTS} == {
        name.rsplit("/", 1)[0] for name in written
    }
    assert len(TESTS) == len(written) == 121
    assert Counter(test.name.split("/")[0] for test in TESTS) == {"core": 98, "sparql": 23}


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
@pytest.mark.parametrize("engine", FAILS)
def test_an_engine_passes_exactly_what_the_table_says(engine: str, test: ConformanceTest):
    run, fails = FAILS[engine]
    assert passes(test, run) == (test.name not in fails), fails.get(test.name, "not in the table")


@pytest.mark.parametrize("test", [t for t in TESTS if t.name in BARE_PATH], ids=lambda t: t.name)
def test_pyshifty_differs_on_complex_paths_by_the_path_alone(test: ConformanceTest):
    assert passes(test, by_pyshifty, paths=False)


def test_the_table_names_no_test_that_is_not_there():
    names = {test.name for test in TESTS}
    for _, fails in FAILS.values():
        assert set(fails) <= names


def test_counts():
    assert summary("pySHACL") == "pySHACL: core 97 of 98, sparql 20 of 23, 117 of 121 in all"
    assert summary("pyshifty") == (
        "pyshifty: core 85 of 98, sparql 23 of 23, 108 of 121 in all;"
        " 120 of 121 with sh:resultPath left aside"
    )
