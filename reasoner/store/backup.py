"""Backup and restore: a file of N-Quads that any store reads, or a copy that opens as a store."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from reasoner.errors import InputError, MtusError, Problem
from reasoner.store.catalogue import ENTRIES, entries_of
from reasoner.store.embedded import EmbeddedStore, create, is_store, require_form, writing
from reasoner.store.journal import Commit
from reasoner.store.loading import GraphStore, is_url, open_store
from reasoner.store.names import CATALOGUE

_HEAD = b"# mtus.backup/1\n"
_TAIL = b"# end "
_BATCH = 50_000_000


def back_up(place: str, target: Path) -> int:
    """Take a backup of a store, and give the number of its quads.

    Args:
        place: a folder, or the URL of an endpoint.
        target: a file that ends in ``.nq.gz``, or a folder that is not there yet.

    Raises:
        InputError: if there is no such store, or the target will not do.
        MtusError: if the backup cannot be written; none is left then.
    """
    if target.exists():
        raise InputError(
            [Problem("There is something already.", str(target), expected="a new name")]
        )
    with open_store(place, new=False) as store:
        if target.name.endswith(".nq.gz"):
            return _dump(store, target)
        if not isinstance(store, EmbeddedStore):
            raise InputError(
                [
                    Problem(
                        "An endpoint is backed up into a file.", str(target), expected="FILE.nq.gz"
                    )
                ]
            )
        return _copy(store, target)


def _dump(store: GraphStore, target: Path) -> int:
    unfinished = target.with_name(f".{target.name}.part")
    digest, count = hashlib.sha256(), 0
    try:
        with gzip.open(unfinished, "wb", compresslevel=5) as file:
            file.write(_HEAD)
            for line in store.lines():
                file.write(line)
                digest.update(line)
                count += 1
            file.write(_TAIL + json.dumps([count, digest.hexdigest()]).encode() + b"\n")
        unfinished.replace(target)
    except OSError as error:
        raise MtusError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _copy(store: EmbeddedStore, target: Path) -> int:
    unfinished = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        create(unfinished)
        store.backup(unfinished / "data")
        unfinished.replace(target)
    except OSError as error:
        raise MtusError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return store.count()


def restore(backup: Path, place: str) -> int:
    """Restore a backup into a store that is empty or not there yet; give the number of quads.

    Raises:
        InputError: if the backup is none or is not whole, or the store is not empty.
        MtusError: if the store cannot be written.
    """
    if backup.is_dir():
        require_form(backup)
        if is_url(place):
            raise InputError(
                [
                    Problem(
                        "A folder is restored into a folder.", place, expected="a backup as .nq.gz"
                    )
                ]
            )
        return _restore_folder(backup, Path(place))
    expected = _check(backup)
    with open_store(place) as store:
        if entries_of(store.select(ENTRIES)):
            raise _not_empty(place)
        listed: list[bytes] = []
        batch: list[bytes] = []
        size = 0
        end = f"<{CATALOGUE}> .\n".encode()
        for line in _quads(backup):
            if line.endswith(end):
                listed.append(line)
                continue
            batch.append(line)
            size += len(line)
            if size > _BATCH:
                store.commit(Commit((), b"".join(batch)))
                batch, size = [], 0
        store.commit(Commit((), b"".join(batch)))
        store.commit(Commit((), b"".join(listed)))  # what is restored counts from here on
        count = sum(1 for _ in store.lines())
    if count != expected:
        raise MtusError(f"{place} holds {count:,} quads after the restore, not {expected:,}")
    return count


def _restore_folder(backup: Path, folder: Path) -> int:
    if is_store(folder):
        with writing(folder) as store:
            if entries_of(store.select(ENTRIES)):
                raise _not_empty(str(folder))
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise InputError(
            [Problem("This is no store.", str(folder), expected="a store, or a new folder")]
        )
    unfinished = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(backup, unfinished, ignore=shutil.ignore_patterns("served"))
        if folder.exists():
            folder.rmdir()
        unfinished.replace(folder)
    except OSError as error:
        raise MtusError(f"{folder} cannot be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    with writing(folder, new=False) as store:
        return store.count()


def _not_empty(place: str) -> InputError:
    return InputError([Problem("The store is not empty.", place, expected="a new or empty store")])


def _quads(backup: Path) -> Iterator[bytes]:
    with closing(gzip.open(backup, "rb")) as file:
        for line in file:
            if not line.startswith(b"#"):
                yield line


def _check(backup: Path) -> int:
    """Require that a backup is whole, and give the number of its quads."""
    digest, count, end, first = hashlib.sha256(), 0, None, True
    try:
        with gzip.open(backup, "rb") as file:
            for line in file:
                if first and line != _HEAD:
                    raise InputError(
                        [
                            Problem(
                                "This is no backup of a store.",
                                str(backup),
                                expected="mtus store backup's",
                            )
                        ]
                    )
                first = False
                if line.startswith(_TAIL):
                    end = json.loads(line[len(_TAIL) :])
                elif not line.startswith(b"#"):
                    digest.update(line)
                    count += 1
    except FileNotFoundError as error:
        raise InputError([Problem("There is no such file.", str(backup))]) from error
    except (OSError, EOFError, ValueError) as error:
        raise InputError([Problem(f"The backup is not whole: {error}.", str(backup))]) from error
    if end != [count, digest.hexdigest()]:
        raise InputError([Problem("The backup is not whole.", str(backup))])
    return count
