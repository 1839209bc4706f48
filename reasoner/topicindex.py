"""Which topic is about which treatment, and what prevails over what: made once a release.

A case needs the topics of its own treatments and no others; the index says which these are
before any of them is parsed. It is kept by release hash in the user's cache folder, as JSON. A
cache that is missing, unwritable or damaged costs time, and nothing else.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import URIRef

from reasoner.terms import Sha256

_FORMAT = 1


@dataclass(frozen=True)
class TopicIndex:
    """What is known of topics without parsing them.

    Attributes:
        about: for each treatment, the topics with a recommendation about it.
        displaced: for each guideline or recommendation, everything that it displaces.
    """

    about: Mapping[URIRef, tuple[str, ...]]
    displaced: Mapping[URIRef, frozenset[URIRef]]

    def to_json(self) -> str:
        """Write the index, sorted."""
        return json.dumps(
            {
                "format": _FORMAT,
                "about": {str(t): list(topics) for t, topics in sorted(self.about.items())},
                "displaced": {str(n): sorted(below) for n, below in sorted(self.displaced.items())},
            },
            indent=1,
        )


def parse_index(text: str) -> TopicIndex | None:
    """Read an index; None if it is damaged or of another format."""
    try:
        stated = json.loads(text)
        if stated["format"] != _FORMAT:
            return None
        return TopicIndex(
            {URIRef(t): tuple(topics) for t, topics in stated["about"].items()},
            {URIRef(n): frozenset(map(URIRef, below)) for n, below in stated["displaced"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def default_cache() -> Path:
    """Give the cache folder of the user who runs this."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mtus"


def cached_index(folder: Path, release: Sha256) -> TopicIndex | None:
    """Read the index of a release from a cache folder; None if it is not there."""
    try:
        return parse_index((folder / f"topics-{release}.json").read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def keep_index(folder: Path, release: Sha256, index: TopicIndex) -> None:
    """Keep the index of a release, so that it is there in full or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(index.to_json())
        Path(name).replace(folder / f"topics-{release}.json")
    except OSError:
        pass  # no cache, then: the next process builds the index again
