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


def kept_text(path: Path) -> str | None:
    """Read what is kept in a file; None if it is not there, or no text."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def keep_text(path: Path, text: str) -> None:
    """Keep a text in a file, in full or not at all; its folder is made if need be."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)  # a full disk is not filled further
