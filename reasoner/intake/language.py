"""How clinical prose says a thing: sentences and clauses, and the cues around a name.

Rules in the manner of NegEx and ConText (Chapman et al., 2001; Harkema et al., 2009): around a
name they tell whether it is affirmed, negated, only suspected, or asked for rather than given.
When unsure, nothing is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"once": 1, "twice": 2, "thrice": 3, "twenty-four": 24, "thirty": 30, "thirty-six": 36}


def number_of(text: str | None) -> int | None:
    """Give the number that digits or a number word stand for."""
    if text is None:
        return None
    return int(text) if text.isdigit() else NUMBERS.get(text.lower())


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that states one thing, or a list of things.

    Attributes:
        start: its place in the whole text.
        sentence: the sentence that it belongs to, without what is asked for or decided in others.
        sentence_start: the place of that sentence.
        previous: the clauses of the sentence before it, as one text.
    """

    text: str
    start: int
    sentence: str
    sentence_start: int
    previous: str


_SENTENCE = re.compile(
    r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z(\"\[])|(?<=[a-z0-9)%\"]{2})\.(?=[A-Z][a-z]+[\s,])"
)
_NO_END = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|vs|No|approx|e\.g|i\.e|St|Fig|M\.D|Inc|q\.d|b\.i\.d|t\.i\.d)\.$", re.I
)
_CLAUSE = re.compile(
    r";|,? (?:but|however|although|though|while|except(?: for)?|whereas|otherwise)\b|,? \bthen,? "
    r"|, (?:and|which|who|that) (?:he|she|they|it|the (?:injured worker|patient|applicant))\b"
    r"|(?<=[a-z]{3}): (?!(?:none|negative|normal|unremarkable|no)\b)(?=[a-z]* ?[A-Za-z]+ [a-z]+)", re.I
)  # fmt: skip


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """Split a text into sentences, each with its place."""
    start = 0
    for gap in _SENTENCE.finditer(text):
        if _NO_END.search(text[start : gap.start()]):
            continue
        yield text[start : gap.start()], start
        start = gap.end()
    if start < len(text):
        yield text[start:], start


def clauses(text: str) -> Iterator[Clause]:
    """Split a text into clauses, each with its sentence."""
    for sentence, at in sentences(text):
        start = 0
        for gap in _CLAUSE.finditer(sentence):
            if gap.start() > start:
                yield Clause(
                    sentence[start : gap.start()], at + start, sentence, at, sentence[:start]
                )
            start = gap.end() if gap[0].startswith((";", ":")) else gap.start()
        if start < len(sentence):
            yield Clause(sentence[start:], at + start, sentence, at, sentence[:start])


# What is said of the dispute is no documentation of the worker.

_DISPUTE = re.compile(
    r"\b(utili[sz]ation review|UR (?:dated|decision|physician|denied|determined|report|\()|non-?\s?certifi\w*"
    r"|claims administrator|(?:previous(?:ly)?|prior) (?:denial|denied|review(?:ed)?|determination|non-?certified)"
    r"|(?:was|were|been) (?:previously )?(?:denied|non-?certified|modified)\b|rationale for (?:the )?denial"
    r"|peer review|IMR eligible|denied certification|original request|requests? (?:was|were) (?:denied|modified)"
    r"|lack of (?:clear )?(?:documentation|evidence)|(?:is|are|was|were) not medically necessary"
    r"|(?:approximately )?the requested (?:\w+ ){1,4}(?:was|were|is|are) )", re.I
)  # fmt: skip


def is_dispute(sentence: str) -> bool:
    """Tell whether a sentence speaks of the dispute: a review, its reasons, what it granted."""
    return _DISPUTE.search(sentence) is not None


_MECHANISM = re.compile(r"\b(mechanism of injury|injury occurred|occurred when)\b", re.I)


def is_mechanism(sentence: str) -> bool:
    """Tell whether a sentence tells how the injury came about."""
    return _MECHANISM.search(sentence) is not None


# Negation and doubt

_NEGATING = re.compile(
    r"\b(no longer (?:has |have |had |any |experienc\w+ )*|(?:not|never|n't|cannot) (?:\w+ly |to )?(?:have|had|report\w*|complain\w*(?: of)?|show\w*|reveal\w*|demonstrat\w*|exhibit\w*|endors\w*|noted?|display\w*|experienc\w*|elicit\w*|indicate|suggest|mention)(?: any| of| an?)*"
    r"|no|not|non(?=[- ]?$)|free from|denie[sd]|denying|denies any|without|negative for|negative|absence of|absent|free of|lack of|lacks"
    r"|nor|neither|never|none|failed to (?:show|demonstrate|reveal)|unremarkable for|ruled out|rules out"
    r"|(?:is|was|were|are|has|have|had|do|does|did|could|would|can)n't|cannot|resolution of|resolved)\b",
    re.I,
)  # fmt: skip
_NEGATED_AFTER = re.compile(
    r"^(?:\s*\([^)]*\))?(?:\s*:\s*|\s+(?:(?:test|sign|testing)\s+)?(?:(?:of|in|at|over|to|on)\s+(?:\w+\s+){1,5})?(?:(?:is|was|are|were|has been|have been|had been)\s+)(?:noted\s+(?:to be|as)\s+|stated\s+to\s+be\s+)?|\s+)"
    r"(?:negative\b(?!\s+(?:for|\w+ (?:raise|sign|test)))|absent\b|denied\b|ruled out|resolved\b|none\b|not (?:noted|present|seen|documented|found|reported|appreciated"
    r"|observed|identified|evident|apparent|elicited|palpated)|unremarkable\b)", re.I
)  # fmt: skip
_NOT_NEGATING = re.compile(
    r"\b(not only|no (?:significant |lasting |sustained |further |real )?(?:change|relief|improvement|benefit|increase|better"
    r"|further|more than)|not (?:\w+ly )?(?:improv|help|reliev|respond|control|resolv|subsid|better|chang|effective|benefi"
    r"|tolerat|working|clear|certain|known|limited to|adequate|beneficial|provided|specified|included|listed|due"
    r"|yet|as|able|at|been|work)\w*|without (?:\w+ ){0,2}(?:relief|improvement|benefit|change|contrast|help|documentation|success)"
    r"|unable|did not (?:help|improve|respond|relieve|tolerate)|no difference|no evidence of improvement)\b", re.I
)  # fmt: skip
_STOPS_NEGATION = re.compile(
    r"\b(?:has|have|had|is|are|was|were|with|reports?|reported|shows?|showed|reveals?|revealed|noted|complain\w*|but|remain\w*"
    r"|positive|due to|secondary to|because|as well as|however|there|after|since|despite)\b|:", re.I
)  # fmt: skip
_OF_NO = re.compile(
    r"^(?:\s+(?:reported|noted|documented|positive|complaints?|reports?|of|current|significant|obvious|overt|associated|other|new|visible|palpable|further|known|subjective|objective|having|had|any|has|have|been|experiencing))+\b", re.I
)  # fmt: skip
"""Words after a negation that belong to it: "no reported numbness", "denies having pain"."""
_UNSURE = re.compile(
    r"\b(possibl[ey]|probabl[ey]|suspect(?:ed|s|ing)?|suspicio(?:n|us)(?: for| of)?|rule[sd]? out|ruling out|r/o|versus"
    r"|vs\.?|may (?:have|be|represent)|might|could (?:be|have|represent)|question(?:able)?(?: of)?|concern(?:ing|ed|s)? (?:for|of)"
    r"|evaluate for|to assess for|if |risk (?:of|for)|family history|suggest(?:s|ive|ing|ed)? (?:of )?|differential|history in the family|(?:his|her|their) (?:mother|father|brother|sister|son|daughter|wife|husband|spouse|parents?|children)"
    r"|prevent|avoid|in case of|potential(?:ly)?|would|should)\b", re.I
)  # fmt: skip
_UNSURE_AFTER = re.compile(
    r"^[\s,]*(?:is|was|are|were)?\s*(?:suspected|questioned|possible|(?:to be )?ruled out|not (?:excluded|ruled out)|versus|vs\b)",
    re.I,
)


def is_unsure(before: str, after: str) -> bool:
    """Tell whether what stands between two texts is only suspected, or said of a risk."""
    near = re.split(r"[.;]", before)[-1][-70:]
    found = list(_UNSURE.finditer(near))
    if found and not re.search(
        r",\s+(?:and )?\w+|\band (?:has|had|is|was)\b|\b(?:given|due to|because|despite|since|after|based on)\b",
        near[found[-1].end() :],
    ):
        return True
    return _UNSURE_AFTER.match(after) is not None


def is_negated(before: str, after: str, *, through_and: bool = True) -> bool:
    """Tell whether what stands between two texts is negated.

    Args:
        before: the text before it, in its clause.
        after: the text after it.
        through_and: whether a negation reaches past "and", as it does over plain names.
    """
    told = _NOT_NEGATING.sub(lambda match: "~" * len(match[0]), before)
    cues = list(_NEGATING.finditer(told))
    if cues:
        between = _OF_NO.sub(" ", told[cues[-1].end() :])
        if not _STOPS_NEGATION.search(between):
            return _reaches(cues[-1][0].lower(), between, after, through_and)
    return _NEGATED_AFTER.match(after) is not None


def _reaches(cue: str, between: str, after: str, through_and: bool) -> bool:
    """Tell whether a negation reaches over a list to what stands at its end.

    "No a, b, or c" negates all three; "no a or b, c" and "no a, with c" do not negate c.
    """
    if len(between) > 150 or (cue in ("not", "negative", "absent") and len(between.split()) > 5):
        return False
    if (not through_and or cue.endswith(" of")) and re.search(r"\band\b", between):
        return False
    if "," not in between or re.search(r"\b(?:or|nor)\s*(?:\w+\s+){0,3}$", between):
        return True
    if re.search(r"\b(?:or|nor)\b[^,]*,", between) and not _denies(cue):
        return False
    # The list goes on: it is one if "or" comes later, among short items.
    following = re.match(r"(?:[^.;,]{0,40}, ){0,8}[^.;,]{0,30}\b(?:or|nor)\b", after.lstrip(" "))
    goes_on = following is not None or re.match(r"[^.;,]{0,25}\b(?:or|nor)\b", after)
    if goes_on or _denies(cue):
        return True
    # "No swelling, spasm, bruising." Items that stand alone are the list; one with a place is not.
    items = between.split(",")
    return all(len(item.split()) <= 4 for item in items[:-1]) and (
        re.match(r"\s*(?:[,.;]|$|and\b|(?:was|were|is|are) (?:noted|seen|present|found))", after)
        is not None
    )


def _denies(cue: str) -> bool:
    return cue in ("denies", "denied", "denying", "denies any", "negative for", "free of")


# Care that was given, against care that is asked for

_ASKED = re.compile(
    r"\b(request(?:ed|s|ing)?|RFA|authori[sz]\w+|treatment plan|plan (?:of care|was|is|included|includes|consist\w*)"
    r"|recommend(?:ed|s|ing|ation|ations)?|appeal\w*|(?:was|were|is|are|also|been) ordered|orders? (?:for|an?\b)|order(?:ed|ing) (?:an?|for|of|the)"
    r"|seeking|sought|referr(?:ed|al)|dispute[ds]?|approv(?:ed|al)|to (?:begin|start|initiate|undergo|consider|pursue|obtain|order)|pending"
    r"|propos\w+|intent on|pursuit of|consider(?:ed|ing|ation)?|would like|awaiting|scheduled|plans? (?:for|to)|will (?:order|request|need|require|start)"
    r"|advised|suggest\w+|needs?|wants?|candidate for|eligible|at issue|prescription for (?:an?\b|PT|physical|occupational|chiro|acu))\b",
    re.I,
)  # fmt: skip
_GIVEN = re.compile(
    r"\b((?<!plan of )(?<!treatment )(?:treatments?|therap(?:y|ies)|care)(?: and (?:evaluations?|diagnostics?|diagnostic (?:testing|studies)))? (?:to date|has (?:\w+ )?included|have (?:\w+ )?included"
    r"|included|includes|include|thus far|rendered|received|history)|treatment and (?:diagnostic|evaluation)\w*|diagnostics? (?:to date|(?:studies|testing|tests|imaging)(?: to date)? (?:has|have|had|includ\w+|of|reveal\w*|show\w*|consist\w*|were|was|performed))"
    r"|(?:prior|previous|past|relevant|conservative|initial) (?:\w+ )?(?:treatments?|care|therap\w+|management|medications?)"
    r"|(?:treatments?|care|therapy) (?:has|have) (?:\w+ )?(?:consisted of|involved|been)|(?:current |present |home |outpatient |prior )?medications?(?: list)?(?=\s*:)|following treatments?|treated (?:with|by)|underwent|undergone|undergoing|undergo(?:es)?|completed|complet(?:es|ion of)|received|receiving|has had|had had|have had|attended"
    r"|has been (?:taking|using|doing|on|given|attending|receiving)|medications?(?: list| regimen)?(?:,? (?:on|from|dated|as of) (?:\w+ \d{1,2}, \d{4}|[\d/-]+))?,? (?:were |was |are |have |has |are documented as )?(?:noted to |stated to )?"
    r"(?:include[ds]?|including|consist\w*|list(?:ed|s)?|are|were|was|is)"
    r"|(?:current|prescribed|present|home) (?:\w+ )?me?di(?:c)?ations?|medication regimen of|taking|takes|took|(?<!as )prescribed|prescribes|dispensed|provided with|was given|were given|given an?"
    r"|tried|trial(?:ed|led)? of|trialed|status[- ]post|s/p|failed|has done|using|uses|used|participat\w+|in physical therapy|on (?:an? )?(?:\w+ )?NSAIDs?"
    r"|continu(?:e|ed|es|ing)(?: with| to take| on)?|renewed|refill(?:ed|s)?(?: of)?|discontinu\w+(?: of)?|stop(?:ped)?|managed with|is on|was on|reportedly on|been on|remains on"
    r"|performed|obtained|post[- ]op(?:erative)?(?:ly)?|history of|wearing|wears|wore|ambulat\w+ with|walk(?:s|ed|ing) with|applied|administered|injected|had an?|benefit(?:ed)? from|responded to|response to"
    r"|relie(?:f|ved) (?:from|with|by)|improve(?:d|ment) (?:with|from|after)|after|following|despite|depending on|change[sd]? from|switch\w* (?:from|to)|changed to|has started|started on|began|begun)\b",
    re.I,
)  # fmt: skip
_COUNTED = re.compile(
    rf"\b(?:\d{{1,3}}|{'|'.join(NUMBERS)}) (?:authori[sz]ed|approved|requested)\b", re.I
)
"""Of visits counted, how many were authorized says nothing against those that were given."""
_SLIGHT = re.compile(
    r"^(?:continu|renew|refill|discontinu|stop|start|begun|began|change|switch|after|following|despite|on )", re.I
)  # fmt: skip
"""Cues of care given that reach only to what they stand before."""
_GIVEN_AFTER = re.compile(
    r"^[^.;]{0,60}?\b(helped|help(?:s|ing)?|helpful|(?:was|were|is|are|has been|have been) (?:also )?(?:\w+ly )?(?:prescribed|dispensed|given|administered|performed|completed|tried|provided|(?:in)?consistent|negative|positive|normal|unremarkable|abnormal|significant|remarkable|read"
    r"|obtained|taken|received|helpful|beneficial|effective|ineffective|not|continued|renewed|started|discontinued|done|noted|used|injected|attempted|worsening)"
    r"|(?:did|does|has|have) not|improv\w+|relie(?:ves?|ved|ving)|reduc(?:es|ed|ing)|provid(?:es|ed|ing)|reveal\w*|show(?:s|ed|ing)?|demonstrat\w+|dated"
    r"|reports? dated|(?:sessions?|visits?|treatments?) (?:were |was |have been )?(?:completed|attended|to date|received|helped)|failed|report)\b",
    re.I,
)  # fmt: skip
_NOT_GIVEN = re.compile(
    r"\b(?:has|have|had|did|was|were|is)\s+(?:not|never)(?: yet)?\s+(?:\w+\s+)?(?:had|started?|begun|begin|tried|try|received?|attended|attend|completed|undergone|undergo|been (?:given|prescribed|treated with"
    r"|on|tried)|taking|take|taken|used?|participat\w+(?: in)?|attempted)\b|\bno (?:prior|previous|earlier|history of)\b|\bwithout (?:prior|previous|a trial of|any)\b"
    r"|\bnever (?:had|tried|received|underwent|used|took)\b|\bdenie[sd] (?:any )?(?:prior|previous|use of|taking|having)\b|\bnot (?:currently )?(?:taking|using)\b|\bnaive to\b", re.I
)  # fmt: skip


_WITHHELD_AFTER = re.compile(
    r"^\s+(?:(?:sessions?|visits?|treatments?)\s+)?(?:has|have|had|was|were)\s+(?:not|never)\s+(?:yet\s+)?(?:been\s+)?(?:yet\s+)?(?:started|begun|tried|initiated|given|done|received|attempted|completed|undertaken)\b", re.I
)  # fmt: skip
_NONE_WAS = re.compile(
    r"^\s+(?:(?:sessions?|visits?|treatments?)\s+)?(?:(?:has|have|had|was|were)\s+(?:been\s+)?(?:provided|given|done|received|tried|attempted|completed|performed|started|undertaken)|to date|so far|thus far)\b", re.I
)  # fmt: skip


def was_withheld(before: str, after: str) -> bool:
    """Tell whether the words around a treatment say that it was not given."""
    if _WITHHELD_AFTER.match(after):
        return True
    if re.search(r"\bno\s+(?:formal\s+)?$", before, re.I) and (
        _NONE_WAS.match(after)
        or re.search(
            r"\b(?:has had|have had|had|received|undergone|underwent|attended)\s+no\s+(?:formal\s+)?$",
            before,
            re.I,
        )
    ):
        return True
    found = list(_NOT_GIVEN.finditer(before))
    return bool(found) and not re.search(
        r"\b(?:but|has|have|had|was|were|is)\b", before[found[-1].end() :]
    )


def was_given(clause: Clause, start: int, end: int) -> bool:
    """Tell whether a treatment named in a clause was given, rather than asked for.

    The nearest cue before it decides, in its clause or else in its sentence; without one, what
    is said of it after.
    """
    before, after = clause.text[:start], clause.text[end:]
    for text in (before, clause.previous):
        told = _COUNTED.sub(lambda m: "~" * len(m[0]), text)
        asked = [m.end() for m in _ASKED.finditer(told)]
        given = [(m.end(), m[0]) for m in _GIVEN.finditer(text)]
        if asked or given:
            reach = text[given[-1][0] :] if given else ""
            if given and _SLIGHT.match(given[-1][1]) and re.search(r"[,;]|\band\b", reach):
                given = [cue for cue in given if not _SLIGHT.match(cue[1])]
            if not asked and not given:
                continue
            if (given[-1][0] if given else -1) > (asked[-1] if asked else -1):
                return not re.match(
                    r"[^,;.]{0,40}\b(?:was|were|is|are) (?:also )?(?:ordered|requested|sought|recommended|pending|denied|proposed)",
                    after,
                )
            return text is before and not given and _completed_of(after)
    if re.match(
        r"[^;.]{0,60}\b(?:was|were|is|are|be) (?:also )?(?:all )?(?:ordered|requested|sought|recommended|pending|proposed|planned|considered)\b",
        after,
    ):
        return False
    return _GIVEN_AFTER.match(after) is not None or _GIVEN.match(after.lstrip(" (,")) is not None


def _completed_of(after: str) -> bool:
    return re.match(r"[^,;.]{0,30}\bcompleted\b", after) is not None
