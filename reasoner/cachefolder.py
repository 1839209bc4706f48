"""The user's cache folder, which keeps what takes long to find out.

A cache that is missing, unwritable or damaged costs time, and nothing else.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def default_cache() -> Path:
    """Give the cache folder of the user who runs this."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mtus"


def kept_bytes(path: Path) -> bytes | None:
    """Read what is kept in a file; None if it is not there."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def kept_text(path: Path) -> str | None:
    """Read what is kept in a file; None if it is not there, or no text."""
    content = kept_bytes(path)
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def keep_bytes(path: Path, content: bytes) -> None:
    """Keep what a file is to hold, in full or not at all; its folder is made if need be."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)  # a full disk is not filled further


def keep_text(path: Path, text: str) -> None:
    """Keep a text in a file, in full or not at all; its folder is made if need be."""
    keep_bytes(path, text.encode("utf-8"))
