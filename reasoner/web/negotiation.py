"""Which of the formats that can be given is wanted most.

Source: RFC 9110, section 12.5.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

RESULTS = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""Media types of the answer to SELECT or ASK; the first is given to who takes any."""
RDF = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
}
"""Media types of a graph; the first is given to who takes any."""

_PART = re.compile(r"\s*([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)\s*((?:;[^,]*)?)$", re.A)
_QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.I | re.A)


def choose(accept: str | None, offered: Mapping[str, str]) -> str | None:
    """Give the media type that is wanted most, of those offered, or None if none is.

    Args:
        accept: the ``Accept`` header; None or empty takes anything.
        offered: media types, the preferred one first.
    """
    if accept is None or not accept.strip():
        return next(iter(offered))
    wanted: dict[str, float] = {}
    for part in accept.split(","):
        match = _PART.match(part)
        if match is None:
            continue
        quality = 1.0
        if (stated := _QUALITY.search(match[3])) is not None:
            quality = float(stated[1])
        wanted[f"{match[1]}/{match[2]}".lower()] = quality

    def quality_of(media: str) -> float:
        kind = media.partition("/")[0]
        for pattern in (media, f"{kind}/*", "*/*"):
            if pattern in wanted:
                return wanted[pattern]
        return 0.0

    best = max(offered, key=quality_of)
    return best if quality_of(best) > 0 else None
