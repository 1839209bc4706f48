"""Topics compiled for populations, and kept in the user's cache folder.

To compile a release takes seconds, and to read what was compiled a tenth of one. What is kept is a
pickle of values and of functions of the modules named here, and nothing else is read from one. It
is kept under a hash of all that it follows from: the files of the topic, the vocabularies, the
readings taken, and this program.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rdflib import URIRef

from reasoner.cachefolder import keep_bytes, kept_bytes
from reasoner.corpus.axioms import Rules, rules_of
from reasoner.corpus.compiler import NotCompiledError
from reasoner.corpus.criteria import Compiled, compile_recommendation
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge

MOST_KEPT = 1000
"""Files in the folder; those that were not asked for the longest go."""


@dataclass(frozen=True)
class CompiledTopic:
    """A topic as populations are decided by it.

    Attributes:
        recommendations: what it says.
        rules: its axioms.
        plans: what those recommendations are compiled to that require something and can be.
    """

    recommendations: tuple[Recommendation, ...]
    rules: Rules
    plans: Mapping[URIRef, Compiled]


def compile_topic(name: str, knowledge: Knowledge) -> CompiledTopic:
    """Compile a topic.

    Raises:
        KnowledgeError: if it is malformed, or an axiom is of a form that is not compiled.
    """
    topic = knowledge.topic(name)
    plans = {}
    for recommendation in topic.recommendations:
        if recommendation.requires is not None:
            try:
                plans[recommendation.iri] = compile_recommendation(recommendation, knowledge)
            except NotCompiledError:
                continue  # an error where it governs a request, and only there
    return CompiledTopic(topic.recommendations, rules_of([topic], knowledge), plans)


class CompiledTopics:
    """The topics of a release, compiled when they are asked for.

    Args:
        knowledge: the ontology, guidelines and shapes.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._topics: dict[str, CompiledTopic] = {}

    def topic(self, name: str) -> CompiledTopic:
        """Give a topic, as it is kept or as it is compiled now.

        Raises:
            KnowledgeError: if it is malformed, or an axiom is of a form that is not compiled.
        """
        if name not in self._topics:
            folder = self._knowledge.cache
            file = None if folder is None else folder / "plans" / f"{self._hash(name)}.plan"
            found = None if file is None else read_topic(file)
            if found is None:
                found = compile_topic(name, self._knowledge)
                if file is not None:
                    keep_topic(file, found)
            self._topics[name] = found
        return self._topics[name]

    def _hash(self, name: str) -> str:
        """Hash all that a compiled topic follows from."""
        sources = self._knowledge.sources
        digest = self._of_all.copy()
        files = (sources.guideline_of(name), *sources.shapes_of(name))
        _add(digest, ((file, sources.files[file]) for file in files))
        hashed: str = digest.hexdigest()
        return hashed

    @cached_property
    def _of_all(self) -> Any:
        """Hash what all topics follow from: every file but those of topics, and the readings."""
        sources = self._knowledge.sources
        digest = hashlib.sha256(_program().encode())
        of_topics = {
            f for t in sources.topics for f in (sources.guideline_of(t), *sources.shapes_of(t))
        }
        shared = sorted(sources.files.keys() - of_topics)
        _add(digest, ((file, sources.files[file]) for file in shared))
        _add(digest, ((name, b"taken") for name in self._knowledge.chosen))
        return digest


def _add(digest: Any, parts: Iterable[tuple[str, bytes]]) -> None:
    for name, content in parts:
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)


@cache
def _program() -> str:
    """Hash this program, and say by which library it reads queries."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    files = sorted((*root.glob("*.py"), *(root / "corpus").glob("*.py")))
    _add(digest, ((str(file.relative_to(root)), file.read_bytes()) for file in files))
    return f"{digest.hexdigest()} {version('rdflib')}"


def keep_topic(file: Path, topic: CompiledTopic) -> None:
    """Keep a compiled topic; without it the next process compiles it again."""
    packed = zlib.compress(pickle.dumps(topic, protocol=5), 1)
    keep_bytes(file, hashlib.sha256(packed).digest() + packed)
    kept = list(file.parent.glob("*.plan"))
    if len(kept) > MOST_KEPT:
        for old in sorted(kept, key=lambda f: f.stat().st_mtime)[: MOST_KEPT // 2]:
            old.unlink(missing_ok=True)


def read_topic(file: Path) -> CompiledTopic | None:
    """Read a compiled topic; None if it is not there, or not as it was kept."""
    content = kept_bytes(file)
    if content is None or hashlib.sha256(content[32:]).digest() != content[:32]:
        return None
    try:
        found = _Reader(io.BytesIO(zlib.decompress(content[32:]))).load()
    except (pickle.UnpicklingError, zlib.error, ValueError, TypeError, AttributeError, EOFError):
        return None
    with suppress(OSError):
        os.utime(file)
    return found if isinstance(found, CompiledTopic) else None


_MODULES = frozenset(
    f"reasoner.{name}"
    for name in (
        "corpus.axioms", "corpus.compiler", "corpus.criteria", "corpus.expressions",
        "corpus.frames", "corpus.kept", "corpus.patterns", "corpus.sparqlconstraints", "guidelines",
    )
)  # fmt: skip
_OTHERS = frozenset(
    {("builtins", "frozenset"), ("builtins", "set"), ("datetime", "date"), ("decimal", "Decimal"),
     ("functools", "partial"), ("rdflib.term", "Literal"), ("rdflib.term", "URIRef")}
)  # fmt: skip


class _Reader(pickle.Unpickler):
    """Reads values, and functions of the modules that compile; refuses all else."""

    def find_class(self, module: str, name: str) -> Any:
        if module in _MODULES:
            found = super().find_class(module, name)
            if getattr(found, "__module__", None) == module:
                return found
        elif (module, name) in _OTHERS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is nothing that is kept")
