"""A folder of files that is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from reasoner.errors import InputError, MtusError, Problem


def require_new(folder: Path) -> None:
    """Require that a folder is empty or not there yet.

    Raises:
        InputError: if it holds something, or is no folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            [Problem("The folder is not empty.", str(folder), expected="a new folder")]
        )


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder, all of them or none.

    Args:
        folder: a folder that is empty or not there yet.
        files: the content of each, by its path within the folder.

    Raises:
        InputError: if the folder holds something.
        MtusError: if it cannot be written; nothing is left behind then.
    """
    require_new(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise MtusError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        unfinished.chmod(0o755)
        for name, data in files.items():
            path = unfinished / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        unfinished.replace(folder)
    except OSError as error:
        raise MtusError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
