"""Which topic is about which treatment, and what prevails over what: made once a release.

A case needs the topics of its own treatments and no others; the index says which these are
before any of them is parsed. It is kept by release hash in the user's cache folder, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import URIRef

from reasoner.cachefolder import keep_text, kept_text
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


def cached_index(folder: Path, release: Sha256) -> TopicIndex | None:
    """Read the index of a release from a cache folder; None if it is not there."""
    text = kept_text(_file(folder, release))
    return None if text is None else parse_index(text)


def keep_index(folder: Path, release: Sha256, index: TopicIndex) -> None:
    """Keep the index of a release; without it the next process builds it again."""
    keep_text(_file(folder, release), index.to_json())


def _file(folder: Path, release: Sha256) -> Path:
    return folder / f"topics-{release}.json"
