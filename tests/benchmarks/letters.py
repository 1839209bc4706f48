"""How many letters a minute are read, decided and compared, on one core.

    python -m tests.benchmarks.letters

Takes the published letters if this machine has them (see ``MTUS_LETTERS``), else those of the
tests, each five times. Times are of the processor, loading of the knowledge left out.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable

from reasoner.intake.casefile import to_case_file
from reasoner.intake.letter import read_letter
from reasoner.intake.replay import replay_letters
from tests.intake.measure import HERE, letter_files, lexicon


def timed(what: Callable[[], object]) -> float:
    """Give the seconds of processor time that a call takes."""
    start = time.process_time()
    what()
    return time.process_time() - start


def main() -> None:
    """Measure, and print a Markdown table."""
    files = letter_files() or sorted((HERE / "letters").glob("*.txt")) * 5
    words = lexicon()
    loaded = timed(lambda: words.entries)
    letters = []
    read = timed(lambda: letters.extend(read_letter(file) for file in files))
    written = timed(lambda: [to_case_file(letter, words) for letter in letters])
    first = timed(lambda: list(replay_letters(files, words.knowledge, words)))
    again = timed(lambda: list(replay_letters(files, words.knowledge, words)))
    items = sum(len(letter.items) for letter in letters)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"{len(files)} letters, {items} items\n")
    print("| what | seconds | letters a minute |\n| --- | --- | --- |")
    for label, seconds in (
        ("read the letters", read),
        ("write case files of them", written),
        ("replay, topics parsed as they are first needed", first),
        ("replay again", again),
    ):
        print(f"| {label} | {seconds:.1f} | {len(files) / seconds * 60:,.0f} |")
    print(f"\nGathering the labels of the vocabulary takes {loaded:.2f} s, once.")


if __name__ == "__main__":
    main()
