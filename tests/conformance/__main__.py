"""Print what each engine passes of the W3C SHACL test suite, and why not the rest.

Run as ``python -m tests.conformance``.
"""

from __future__ import annotations

import logging

from tests.conformance.known import BARE_PATH, FAILS
from tests.conformance.suite import all_tests, passes


def summary(engine: str) -> str:
    """Run the suite with one engine, and give its counts in a line."""
    run, _ = FAILS[engine]
    passed: dict[str, list[bool]] = {}
    for test in all_tests():
        passed.setdefault(test.name.split("/")[0], []).append(passes(test, run))
    every = [ok for of_part in passed.values() for ok in of_part]
    counts = [f"{part} {sum(ok)} of {len(ok)}" for part, ok in sorted(passed.items())]
    line = f"{engine}: {', '.join(counts)}, {sum(every)} of {len(every)} in all"
    if engine == "pyshifty":
        aside = sum(every) + len(BARE_PATH)
        line += f"; {aside} of {len(every)} with sh:resultPath left aside"
    return line


def main() -> None:
    """Print the summary of every engine and the table of what fails."""
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # the suite holds ill-typed literals
    for engine, (_, fails) in FAILS.items():
        print(summary(engine))
        for name, why in sorted(fails.items()):
            print(f"  {name}: {why}.")


if __name__ == "__main__":
    main()
