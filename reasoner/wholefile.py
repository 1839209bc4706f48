"""Files that are there in full or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reasoner.errors import MtusError


@contextmanager
def whole_file(path: Path, by: str = "") -> Iterator[Path]:
    """Give the name of a file to write beside ``path``; it takes that name once it is whole.

    Whatever stops the writing, ``path`` is left as it was.

    Args:
        path: the file.
        by: who writes it, where several may at once.

    Raises:
        MtusError: if the file cannot be written.
    """
    require_folder(path)
    unfinished = path.with_name(f".{path.name}{by}.part")
    try:
        try:
            yield unfinished
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise MtusError(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def new_file(path: Path, by: str = "") -> Iterator[Path]:
    """Give the name to write a file under that is there whole or not at all; its folder is made.

    Raises:
        MtusError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MtusError(f"{path} cannot be written: {error.strerror or error}") from error
    with whole_file(path, by) as unfinished:
        yield unfinished


def require_folder(path: Path) -> None:
    """Make sure that a file can be put where it shall go, before work is done for it.

    Raises:
        MtusError: if its folder does not exist, or a folder bears its name.
    """
    if path.is_dir():
        raise MtusError(f"{path} cannot be written: it is a folder; name a file")
    if not path.parent.is_dir():
        raise MtusError(f"{path} cannot be written: there is no folder {path.parent}")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8.

    Raises:
        MtusError: if the file cannot be written.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
