"""Where a thing is that prose names: in its own words, before it as an adjective, or after it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rdflib import URIRef

from reasoner.intake.lexicon import Lexicon
from reasoner.terms import CLINICAL, CORE


@dataclass(frozen=True, slots=True)
class Named:
    """A concept named in a clause; ``firm`` is its status where the words settle it."""

    concept: URIRef
    start: int
    end: int
    present: bool = True
    firm: bool = False
    by_name: bool = False
    region: URIRef | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a text names a body region."""

    region: URIRef
    start: int
    end: int


_SIDES = (
    (
        re.compile(r"\b(bilateral(?:ly)?|both|left and right|right and left)\b", re.I),
        CORE.Bilateral,
    ),
    (re.compile(r"\b(left(?:-sided)?|lt)\b", re.I), CORE.Left),
    (re.compile(r"\b(right(?:-sided)?|rt)\b", re.I), CORE.Right),
)
_LEVELS = (
    (re.compile(r"\bL\d(?:\s*(?:-|to|and|through|,)\s*[LS]?\d)*", re.I), "LumbarRegion"),
    (re.compile(r"\bS1\b"), "LumbarRegion"),
    (re.compile(r"\bC[2-7](?:\s*(?:-|to|and|through|,)\s*[CT]?\d)*\b"), "CervicalRegion"),
    (re.compile(r"\bT(?:[1-9]|1[0-2])\s*(?:-|to|and)\s*[TL]?\d{1,2}\b"), "ThoracicRegion"),
)
_BOTH = (
    (
        re.compile(r"\b(?:thoraco|dorso)-?lumbar|thoracic-lumbar\b", re.I),
        ("ThoracicRegion", "LumbarRegion"),
    ),
    (re.compile(r"\bcervico-?(?:thoracic|dorsal)\b", re.I), ("CervicalRegion", "ThoracicRegion")),
    (re.compile(r"\btrapez\w+", re.I), ("CervicalRegion", "ShoulderRegion")),
)


def find_places(text: str, lexicon: Lexicon) -> list[Place]:
    """Give where a text names a body region, levels of the spine and double regions included."""
    concepts = lexicon.knowledge.concepts
    found = [
        Place(m.concept, m.start, m.end)
        for m in lexicon.mentions(text, [CORE.BodyRegion])
        if not _NO_PLACE.search(text[max(0, m.start - 12) : m.end + 9])
    ]
    for pattern, name in _LEVELS:
        region = concepts.find(name)
        if region is not None:
            found.extend(Place(region, m.start(), m.end()) for m in pattern.finditer(text))
    for pattern, names in _BOTH:
        for match in pattern.finditer(text):
            found.extend(
                Place(region, match.start(), match.end())
                for region in map(concepts.find, names)
                if region is not None
            )
    return sorted(found, key=lambda place: (place.start, place.end, place.region))


_NO_PLACE = re.compile(
    r"\d[\s-]*(?:feet|foot)\b|\b(?:went|go|goes|come|came|put|call(?:ed)?|looked) back\b|\bback (?:to|and forth|at work|in)\b|\bface[- ]to[- ]face|\bhand(?:written| out|ed)|\bon the other hand", re.I
)  # fmt: skip
"""Where a word for a part of the body means something else."""
_INTO = re.compile(
    r"^[^.;]{0,25}?\b(?:to|of|in|over|at|about|along|on|from|within|around|down|into|across|throughout|for|involving|affecting|through|left|right|bilateral\w*|noted|is|are|was|were|:|greater)\b|^\s*[,(:-]?\s*$|^[\s(,:]+(?:the )?(?:left|right|bilateral|both)\b",
    re.I,
)
_JOINED = re.compile(r"\b(?:and|or)\s*$|/\s*$", re.I)
_SUBJECT = re.compile(
    r"^(?:\s+(?:spine|joint|region|area|muscles?|musculature|exam(?:ination)?|physical|paraspinal|paravertebral|on|examination|both|side|shoulders?))*\s+(?:has|had|have|revealed|reveals|showed|shows|noted|notes|demonstrated"
    r"|demonstrates|exhibited|exhibits|displayed|went|goes|gets|felt|feels|is|was|were|are|remains?)(?:\s+(?:noted|to|have|be|with|for|some|mild|moderate|severe|diffuse|increased|significant|slight|also|a|an|positive|marked)){0,4}\s+$",
    re.I,
)
"""A place that is the subject of what is found: "thoracic spine has tenderness"."""
_PAIRED = re.compile(r"^(?:\s|,|and\b|or\b|/|&|mild|moderate|muscle|paraspinal)*$", re.I)
_BOTH_IN = re.compile(
    r"^\s+(?:(?:is|was|were|are)\s+)?(?:also\s+)?(?:(?:noted|present|seen|found|documented|appreciated|elicited)\s+)?(?:to palpation\s+)?(?:in|of|over|at|to|on|throughout|along|about|around)\s+(?:the\s+)?(?:\w+\s+){0,2}$", re.I
)  # fmt: skip
_BARRIER = re.compile(
    r"\b(?:and (?:has|had|is|was|no)|with (?:no|normal|full)|but|which)\b|;", re.I
)
_MODIFIER = re.compile(
    r"^[\s,/&-]*(?:(?:and|or|spine|spinal|joint|line|region|area|muscles?|musculature|paraspinal|paravertebral|para|vertebral|sided?|pain|tenderness|tendon|ligaments?|myofascial|facet|disc|disk|intervertebral|muscle|soft|tissue|nerve|levels?|chronic|acute|severe|mild|moderate|grade|range|regions|of|motion|exam(?:ination)?|degenerative|lateral|medial|anterior|posterior|internal|external|both|bilateral|left|right|process(?:es)?|compartment|active|musculoskeletal|-)[\s,/&-]*){0,6}$",
    re.I,
)
_TREATED = re.compile(
    r"^(?:\s*\([^)]*\))?(?:\s+(?:sessions?|visits?|treatments?|therapy|injections?|scan|imaging|studies|study|#?\d+|x))*\s+(?:of|to|for|in|on)\s+(?:the |his |her |both )?",
    re.I,
)


def where_is(
    text: str,
    name: Named,
    places: list[Place],
    right: int,
    following: Named | None,
    *,
    treatment: bool,
) -> tuple[URIRef, ...]:
    """Give the regions that a name concerns: in its own words, before it, or after it."""
    inside = [p for p in places if name.start <= p.start and p.end <= name.end]
    if inside and not (name.end - name.start > 60 and len(inside) > 3):
        near = _before(text, name, places) if name.concept == CLINICAL.RadicularPain else []
        return distinct([*near, *inside])
    before = _before(text, name, places)
    if before:
        return distinct(before)
    if treatment:
        joint = _TREATED.match(text[name.end :])
        if joint and name.end + joint.end() <= right:
            ahead = [p for p in places if name.end <= p.start < right]
            return distinct(_run(text, ahead, name.end + joint.end()))
        return ()
    after = [
        p for p in places if name.end <= p.start < right and not _is_anothers(text, p, following)
    ]
    gap = text[name.end : after[0].start] if after else ""
    if after and _INTO.match(gap) and not _BARRIER.search(gap):
        return distinct(_chain(text, after))
    earlier = [p for p in places if p.end <= name.start]
    if (
        not after
        and not earlier
        and following is not None
        and _PAIRED.match(text[name.end : following.start])
    ):
        ahead = [p for p in places if following.end <= p.start]
        if ahead and _BOTH_IN.match(text[following.end : ahead[0].start]):
            return distinct(_chain(text, ahead))
    if earlier and not _BARRIER.search(text[earlier[-1].end : name.start]):
        return distinct(listed_before(text, earlier))
    if after and not _BARRIER.search(gap) and len(gap) < 60:
        return distinct(_chain(text, after))
    return ()


def _is_anothers(text: str, place: Place, following: Named | None) -> bool:
    """Tell whether a place stands before the next name as its adjective: "lumbar sprain"."""
    if following is None or place.end > following.start:
        return False
    gap = text[place.end : following.start]
    return "," not in gap and (
        (_MODIFIER.match(gap) is not None and _JOINED.search(gap) is None)
        or _SUBJECT.match(gap) is not None
    )


def _run(text: str, places: list[Place], at: int) -> list[Place]:
    """Give the places that follow a point in the text at once."""
    if not places or places[0].start - at > 30:
        return []
    return _chain(text, places)


def _chain(text: str, places: list[Place]) -> list[Place]:
    """Give a first place, and those that are listed with it."""
    kept = [places[0]]
    for place in places[1:]:
        gap = text[kept[-1].end : place.start]
        if len(gap) > 45 or re.search(
            r"\d{2}|\b(?:with|to|radiat\w*|down|into|reveal\w*|show\w*|is|was|were|has|had|due)\b|\.",
            gap,
        ):
            break
        kept.append(place)
    return kept


def listed_before(text: str, places: list[Place]) -> list[Place]:
    """Give a last place, and those before it in one list: "neck, back, and shoulder pain"."""
    kept = [places[-1]]
    joined = False
    for place in reversed(places[:-1]):
        gap = text[place.end : kept[0].start]
        if place.end > kept[0].start:
            kept.insert(0, place)
            continue
        if len(gap) > 40 or not re.fullmatch(
            r"(?:[\s,/&()-]|and|or|the|left|right|bilateral|muscles?|spine|joint|region|area|upper|lower|paraspinal|mid)*",
            gap,
            re.I,
        ):
            break
        if "," in gap and not joined and not re.search(r"\b(?:and|or)\b|&|/", gap):
            break  # two items of a longer list, not one item of several places
        joined = joined or re.search(r"\b(?:and|or)\b|&|/", gap) is not None
        kept.insert(0, place)
    return kept


def _before(text: str, name: Named, places: list[Place]) -> list[Place]:
    """Give places that stand right before a name, as an adjective does: "lumbar tenderness"."""
    earlier = [p for p in places if p.end <= name.start]
    if earlier:
        gap = text[earlier[-1].end : name.start]
        if "," not in gap and (
            (_MODIFIER.match(gap) and not _JOINED.search(gap)) or _SUBJECT.match(gap)
        ):
            return listed_before(text, earlier)
    return []


SPINE = frozenset({CLINICAL.CervicalRegion, CLINICAL.ThoracicRegion, CLINICAL.LumbarRegion})


def distinct(places: Iterable[Place]) -> tuple[URIRef, ...]:
    """Give the regions of places, once each; "paraspinal" adds none to a part of the spine."""
    places = list(places)
    if any(place.region in SPINE for place in places):
        places = [p for p in places if p.region != CLINICAL.SpinalRegion or p.end - p.start == 4]
    regions = dict.fromkeys(place.region for place in places)
    return tuple(regions)


def side_in(text: str) -> URIRef | None:
    """Give the side that a text names; two sides are both."""
    found = [side for pattern, side in _SIDES if pattern.search(text)]
    if CORE.Bilateral in found or len(found) > 1:
        return CORE.Bilateral
    return found[0] if found else None


def side_of(
    text: str, name: Named, places: list[Place], where: tuple[URIRef, ...]
) -> URIRef | None:
    """Give the side told with the place of a name."""
    if not where:
        return None
    own = [p for p in places if p.region in where]
    if not own:
        return None
    nearest = min(own, key=lambda p: min(abs(p.start - name.end), abs(name.start - p.end)))
    start = max(0, min(nearest.start - 28, name.start))
    own_words = re.sub(
        r"\b(?:right and left|left and right)\b",
        "bilateral",
        text[start : nearest.start],
        flags=re.I,
    )
    before = re.split(r"[,;]|\band\b", own_words)[-1]
    side = side_in(before)
    if side is None:
        side = side_in(re.split(r"[,;.]|\band\b", text[nearest.end : nearest.end + 40])[0])
    return side or side_in(re.split(r"[,;]", text[max(0, name.start - 25) : name.start])[-1])
