"""The commands of a store: load, status, backup, restore."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reasoner.store.loading import Loaded

store = typer.Typer(
    help="Keep cases and determinations in a store, and ask SPARQL of it.", no_args_is_help=True
)

StoreArgument = Annotated[
    str, typer.Argument(metavar="STORE", help="A folder, or the URL of a SPARQL 1.1 endpoint.")
]


class StatusFormat(StrEnum):
    """The forms that the status of a store can be written in."""

    TEXT = "text"
    JSON = "json"
    TURTLE = "turtle"


@store.command("load")
def load(
    place: StoreArgument,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...", help="Determinations in RDF; this release alone if none."
        ),
    ] = None,
    letters: Annotated[
        list[Path] | None,
        typer.Option("--letters", help="An issued letter; may be given again."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a case take the place of another of its id.")
    ] = False,
) -> None:
    """Load determinations, letters and this release; what is there already is left as it is.

    Every file is read and checked before anything is written.
    """
    from reasoner.knowledge import load_knowledge
    from reasoner.store.loading import Loader, open_store

    knowledge = load_knowledge()
    with open_store(place) as opened:
        loader = Loader(opened, replace=replace)
        if files:
            loader.add_files(files, knowledge)
        loader.add_release(knowledge)
        if letters:
            from reasoner.store.letters import add_letters

            add_letters(loader, letters, knowledge)
        print(_told(loader.loaded))


def _told(loaded: Loaded) -> str:
    kinds = ("release", "case", "determination", "letter")
    written = loaded.written
    counts = ", ".join(_counted(written[kind], kind) for kind in kinds if kind in written)
    known = f"; {loaded.known:,} there already" if loaded.known else ""
    return f"loaded {counts or 'nothing'}: {loaded.triples:,} triples{known}"


def _counted(number: int, kind: str) -> str:
    return f"{number:,} {kind}{'' if number == 1 else 's'}"


@store.command("status")
def status(
    place: StoreArgument,
    format: Annotated[
        StatusFormat, typer.Option("--format", help="How to write it; turtle is DCAT and VoID.")
    ] = StatusFormat.TEXT,
) -> None:
    """Say what is in a store."""
    from reasoner.store.catalogue import KINDS, describe
    from reasoner.store.status import read_entries

    entries = read_entries(place)
    if format is StatusFormat.TURTLE:
        print(describe(entries).decode(), end="")
        return
    counts = {kind: sum(e.kind == kind for e in entries.values()) for kind in KINDS}
    triples = sum(e.triples for e in entries.values())
    releases = sorted(
        (e for e in entries.values() if e.kind == "release"), key=lambda e: (e.issued, e.name)
    )
    if format is StatusFormat.JSON:
        told = {
            "store": place, "triples": triples, **{f"{kind}s": n for kind, n in counts.items()},
            "releaseHashes": [e.identifier for e in releases],
        }  # fmt: skip
        print(json.dumps(told, indent=2))
        return
    shown = ", ".join(
        _counted(counts[k], k) for k in ("case", "determination", "release", "letter")
    )
    print(f"{place}: {shown}")
    print(f"{triples:,} triples")
    for entry in releases:
        made = sum(entry.name in e.derived_from for e in entries.values())
        print(f"release {entry.identifier}: decided {_counted(made, 'determination')}")


@store.command("backup")
def backup(
    place: StoreArgument,
    target: Annotated[
        Path,
        typer.Argument(metavar="TARGET", help="FILE.nq.gz, or a folder that is not there yet."),
    ],
) -> None:
    """Take a backup of a store, as it is now."""
    from reasoner.store.backup import back_up

    print(f"wrote {target}: {back_up(place, target):,} quads")


@store.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="What mtus store backup wrote.")],
    place: StoreArgument,
) -> None:
    """Restore a backup into a store that is empty or not there yet."""
    from reasoner.store.backup import restore as restore_backup

    print(f"restored {place}: {restore_backup(source, place):,} quads")
