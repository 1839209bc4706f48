"""The release as an RO-Crate, read by rocrate-py; every file is there as it was."""

from __future__ import annotations

import hashlib

import pytest
from rocrate.rocrate import ROCrate

from reasoner import InputError
from reasoner.exports.rocrate import write_crate
from reasoner.knowledge import load_knowledge

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def folder(knowledge, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crate") / "release"
    write_crate(knowledge, folder)
    return folder


def test_every_file_is_named_with_its_hash(folder, knowledge):
    crate = ROCrate(folder)
    files = {e.id: e for e in crate.get_entities() if "File" in e.type}
    on_disk = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(files) == on_disk - {"ro-crate-metadata.json"}
    for name, entity in files.items():
        data = (folder / name).read_bytes()
        assert entity["sha256"] == hashlib.sha256(data).hexdigest(), name
        assert entity["contentSize"] == str(len(data))


def test_the_root_says_what_an_ro_crate_has_to(folder, knowledge):
    root = ROCrate(folder).root_dataset
    for key in ("name", "description", "datePublished", "license", "hasPart"):
        assert root.get(key), key
    assert root["identifier"].endswith(knowledge.release)


def test_the_release_can_be_loaded_from_it(folder, knowledge, tmp_path):
    again = load_knowledge(folder / "ontology", folder / "shapes", cache=tmp_path)
    assert again.release == knowledge.release


def test_the_same_release_gives_the_same_bytes(folder, knowledge, tmp_path):
    write_crate(knowledge, tmp_path / "again")
    name = "ro-crate-metadata.json"
    assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    with pytest.raises(InputError, match="not empty"):
        write_crate(knowledge, folder)
