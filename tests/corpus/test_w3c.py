"""The W3C SHACL test suite by plans: what is compiled is right, all else is refused by name."""

from __future__ import annotations

from collections import Counter
from functools import cache

from reasoner.corpus.compiler import NotCompiledError
from tests.conformance.suite import ConformanceTest, all_tests, passes
from tests.corpus.encoded import report

CORE = [test for test in all_tests() if test.name.startswith("core/")]


def verdict(test: ConformanceTest) -> str:
    refused = []

    def engine(test: ConformanceTest):
        try:
            return report(test.data, test.shapes)
        except NotCompiledError as error:
            refused.append(str(error))
            raise

    right = passes(test, engine)
    return f"refused: {refused[0]}" if refused else "passed" if right else "wrong"


@cache
def verdicts() -> dict[str, str]:
    return {test.name: verdict(test) for test in CORE}


def test_no_answer_is_wrong(capsys):
    found = verdicts()
    counts = Counter(v.partition(":")[0] for v in found.values())
    why = Counter(v.rpartition(": ")[2] for v in found.values() if v.startswith("refused"))
    with capsys.disabled():
        print(
            f"\nW3C SHACL core by plans: {counts['passed']} passed, {counts['refused']} refused,"
            f" {counts['wrong']} wrong, of {len(CORE)}"
        )
        for reason, many in sorted(why.items()):
            print(f"  {many} refused: {reason}")
    assert not [name for name, v in found.items() if v == "wrong"]
    assert (counts["passed"], counts["refused"]) == (61, 37)
