"""What decides a case beside the release: our modules and the engines, as one hash.

What a case gave is kept between runs. It is taken from there only as long as that which decided it
is the same, and the release says nothing of the code.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

_FIRST = "reasoner.authoring.decidedcases"
_ENGINES = ("rdflib", "pyshacl", "pyshifty", "pyoxigraph", "reasonable", "PyYAML")
_IMPORTED = re.compile(r"^\s*(?:from|import) (reasoner(?:\.\w+)+)", re.MULTILINE)
_ROOT = Path(__file__).resolve().parents[2]


def deciding_code(root: Path = _ROOT) -> str:
    """Give a hash of the modules that read, decide and compare cases, and of the engines' versions.

    Args:
        root: the folder that the package stands in.
    """
    return code_behind(_FIRST, root)


@cache
def code_behind(module: str, root: Path = _ROOT) -> str:
    """Give a hash of a module and all that it imports, and of the engines' versions.

    Args:
        module: its full name.
        root: the folder that the package stands in.
    """
    digest = hashlib.sha256()
    for name, content in sorted(_imported_by(root, module).items()):
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    for engine in _ENGINES:
        digest.update(f"{engine} {version(engine)}\n".encode())
    return digest.hexdigest()


def _imported_by(root: Path, first: str) -> dict[str, bytes]:
    """Give the source of a module and of all that it imports, however late, by their names."""
    found: dict[str, bytes] = {}
    left = [first]
    while left:
        name = left.pop()
        path = root / (name.replace(".", "/") + ".py")
        if name not in found and path.is_file():
            found[name] = path.read_bytes()
            left += _IMPORTED.findall(found[name].decode("utf-8"))
    return found
