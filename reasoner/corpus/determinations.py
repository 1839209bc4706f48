"""Determinations of a population as RDF, made case by case, with their rationales."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reasoner.case import read_case
from reasoner.corpus.quads import holds_many
from reasoner.corpus.tables import Progress, files_in, no_progress, write_text
from reasoner.determination import adjudicate
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.provenance import to_triples
from reasoner.serialization import to_turtle


def write_determinations(
    places: Sequence[Path],
    folder: Path,
    knowledge: Knowledge,
    role: Role = Role.IMR,
    progress: Progress = no_progress,
) -> int:
    """Write the determination of each case file as Turtle; those that are there are kept.

    Args:
        places: case files and folders of them.
        folder: where they go, each under the name of its case file.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        progress: told how many are written.

    Returns:
        How many determinations the folder has of these cases.

    Raises:
        InputError: if tables are given, which hold no quotes to cite, or a population in one file.
    """
    for place in places:
        if (place / "corpus.json").exists():
            raise InputError(
                [Problem("Determinations need case files.", str(place), expected="case files")]
            )
    files = files_in(places)
    for file in files:
        if holds_many(file):
            raise InputError([Problem("It holds many cases.", str(file), expected="case files")])
    written = 0
    for done, file in enumerate(files, 1):
        path = folder / f"{done:07}-{file.stem}.ttl"
        if path.exists():
            written += 1
        else:
            try:
                determination = adjudicate(read_case(file, knowledge), knowledge, role=role)
            except InputError:
                continue  # the table of refused files says why
            write_text(path, to_turtle(to_triples(determination)))
            written += 1
        progress(done, len(files))
    return written
