"""A release by name: a folder that holds ontology and shapes, or a revision of the source tree.

A revision is read from git without touching what is checked out; nothing is fetched.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge, load_knowledge

_FOLDERS = ("ontology", "shapes")


def load_release(name: str, tree: Path = Path()) -> Knowledge:
    """Load a release.

    Args:
        name: a folder, or a git revision: a tag, a branch, a commit.
        tree: the source tree whose revisions are meant.

    Raises:
        InputError: if the name is neither, or the revision holds no release.
        KnowledgeError: if its files are malformed.
    """
    folder = Path(name)
    if folder.is_dir():
        missing = [f for f in _FOLDERS if not (folder / f).is_dir()]
        if missing:
            raise _refused(f"{name} holds no folder {missing[0]}.")
        return load_knowledge(*(folder / f for f in _FOLDERS))
    with tempfile.TemporaryDirectory(prefix="mtus-release-") as place:
        _extract(name, tree, Path(place))
        # The files are read into memory whole; the folder may go.
        return load_knowledge(*(Path(place) / f for f in _FOLDERS))


def _refused(message: str) -> InputError:
    expected = "a folder with ontology and shapes, or a revision of the source tree"
    return InputError([Problem(message, "RELEASE", expected=expected)])


def _git(tree: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(tree), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise _refused("git is not installed, so that a revision cannot be read.") from error
    if done.returncode:
        raise _refused(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout


def _extract(name: str, tree: Path, place: Path) -> None:
    try:
        commit = _git(tree, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    except InputError as error:
        raise _refused(f"{name} is no folder, and no revision of {tree.resolve()}.") from error
    below = _git(tree, "rev-parse", "--show-prefix").decode().strip()
    root = Path(_git(tree, "rev-parse", "--show-toplevel").decode().strip())
    paths = [below + folder for folder in _FOLDERS]
    packed = _git(root, "archive", "--format=tar", commit.decode().strip(), "--", *paths)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    if below:
        for folder in _FOLDERS:
            (place / below / folder).rename(place / folder)
