"""A release as an RO-Crate: its files as they are, and metadata that names each.

Source: RO-Crate Metadata Specification 1.1.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from reasoner.exports.folders import require_new, write_folder
from reasoner.exports.jsonld import context_document
from reasoner.knowledge import Knowledge
from reasoner.store.names import release_name
from reasoner.terms import data_folder

_LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
_TYPES = {
    ".ttl": "text/turtle", ".rq": "application/sparql-query", ".jsonld": "application/ld+json",
    ".txt": "text/plain",
}  # fmt: skip
_ABOUT = {
    "ontology": "what guidelines say, and the vocabularies that they say it in",
    "shapes": "how criteria are checked, and the forms of cases and determinations",
    "queries": "what can be asked",
}


def write_crate(knowledge: Knowledge, folder: Path) -> int:
    """Write a release as an RO-Crate, and give the number of its files.

    Args:
        knowledge: the release.
        folder: a folder that is empty or not there yet.

    Raises:
        InputError: if the folder holds something.
        MtusError: if it cannot be written.
    """
    require_new(folder)
    files = {
        **knowledge.sources.files,
        **dict(_files(data_folder("queries"), "queries/")),
        "mtus.context.jsonld": context_document().encode(),
    }
    text = json.dumps(_metadata(knowledge, files), indent=2, ensure_ascii=False)
    metadata = {"ro-crate-metadata.json": f"{text}\n".encode()}
    write_folder(folder, files | metadata)
    return len(files)


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".rq"):
            yield path + entry.name, entry.read_bytes()


def _metadata(knowledge: Knowledge, files: dict[str, bytes]) -> dict[str, Any]:
    modified = re.search(
        rb'dcterms:modified "([0-9-]+)"', knowledge.sources.files["ontology/core.ttl"]
    )
    tops = [name for name in _ABOUT if any(f.startswith(f"{name}/") for f in files)]
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "MTUS reasoner: a release of ontology, guidelines and shapes",
            "description": "The Medical Treatment Utilization Schedule as encoded: guidelines as "
            "RDF and OWL, criteria as SHACL shapes, and queries over them.",
            "datePublished": "" if modified is None else modified[1].decode(),
            "license": {"@id": _LICENSE},
            "author": {"@id": "#developers"},
            "version": version("mtus-reasoner"),
            "identifier": release_name(knowledge.release),
            "hasPart": [{"@id": f"{name}/"} for name in tops]
            + [{"@id": name} for name in files if "/" not in name],
        },
        {"@id": "#developers", "@type": "Organization", "name": "The MTUS reasoner developers"},
        {"@id": _LICENSE, "@type": "CreativeWork", "name": "Apache License 2.0"},
    ]
    for name in tops:
        parts = [{"@id": file} for file in files if file.startswith(f"{name}/")]
        graph.append(
            {
                "@id": f"{name}/",
                "@type": "Dataset",
                "name": name,
                "description": _ABOUT[name],
                "hasPart": parts,
            }
        )
    for name, data in files.items():
        graph.append(
            {
                "@id": name,
                "@type": "File",
                "name": name.rpartition("/")[2],
                "encodingFormat": _TYPES[Path(name).suffix],
                "contentSize": str(len(data)),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    return {
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
        ],
        "@graph": graph,
    }
