"""Findings that prose states by a test and its result, rather than by a name.

"Straight leg raising was negative", "strength 4/5", "range of motion was full": each is a finding
that is present or absent, which the ontology names once and records word in many ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LESS = (
    r"(?:decreas\w+|diminish\w+|reduc(?:ed|tions? (?:of|in))|limited|limitations? (?:of|in)|restrict(?:ed|ions? (?:of|in)|ion)"
    r"|impair(?:ed|ments? (?:of|in))|loss of|lack of|poor|pain[- ]limited|abnormal|altered|less than full|sub-?optimal|compromised)"
)
_FULL = (
    r"(?:normal|full|fully|intact|unrestricted|(?:essentially |grossly )?within normal limits|WNL|well[- ]preserved|preserved"
    r"|unremarkable|symmetric(?:al)?|equal|unlimited|unaffected|unimpaired|grossly intact|pain[- ]free)"
)
_WORDS = r"(?:(?!\b(?:and|with|but|no|not|full|normal|intact|decreased|limited|restricted|unrestricted|positive|negative|is|was|were|are)\b)[\w'/-]+[\s,]+)"
_LINK = r"(?:(?:is|was|were|are|remain(?:s|ed)?|appear(?:s|ed)?|continue[sd]? to be|noted|found|be|to be|also|to|as|still|essentially|grossly|all|both|mildly|moderately|severely|slightly|markedly|significantly|somewhat|very|bilaterally|abnormal(?:ly)?|rated|measured|tested|at|the)[\s,]+)"

_MOTION = r"(?:(?:active|passive|active[- /](?:and )?passive)\s+)?(?:ranges? of motion|\bR\.?O\.?M\.?\b|\bmotion\b|\bmobility\b)"
_MOVES = r"(?:flexion|extension|abduction|adduction|(?:internal |external |lateral )?rotation|(?:lateral |side )?bending|supination|pronation|dorsiflexion)"
_STRENGTH = r"(?:(?:muscle |motor |grip |muscular )?strength(?: testing| test)?|(?:manual )?muscle testing|motor (?:function|power|exam(?:ination)?|testing|strength)|muscle power|\bgrip\b|motor\b)"
_SENSE = r"(?:sensation|sensory(?: exam(?:ination)?| function| testing| perception| response)?|sensibility|light touch|pin ?prick|dermatomal sensation)"
_REFLEX = r"(?:(?:deep )?(?:tendon )?reflex(?:es)?|\bDTRs?\b)"
_NERVE = r"neurologic(?:al)?(?:ly)?"
_GRADE_LOW = r"(?<![\d./-])(?:[0-3][+-]?|4[+-]?|5-)\s*(?:minus |plus )?(?:/|out of|of|over)\s*5(?![\d/])|(?<![\d./-])5 minus (?:out of|of|/) ?5"
_GRADE_FULL = r"(?<![\d./-])5\s*(?:/|out of|of|over|-)\s*5(?![\d/-])"


@dataclass(frozen=True, slots=True)
class Stated:
    """A finding that a text states in its own words.

    Attributes:
        present: whether the words affirm it; words around them can still negate that.
        firm: whether the words settle it, so that no negation around them is looked for.
        region: the region that a test is of, where its name settles that.
    """

    concept: str
    present: bool
    start: int
    end: int
    firm: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Wording:
    concept: str
    present: bool
    pattern: re.Pattern[str]
    firm: bool = False


def _wording(concept: str, present: bool, *patterns: str, firm: bool = False) -> Iterator[_Wording]:
    for pattern in patterns:
        yield _Wording(concept, present, re.compile(pattern, re.I), firm)


_LIMBS = (
    r"(?:arms?|legs?|(?:upper |lower )?extremit(?:y|ies)|hands?|f(?:oo|ee)t|thighs?|cal(?:f|ves)|buttocks?|fingers?|digits?|toes?|forearms?|elbows?|wrists?"
    r"|lower limbs?|upper limbs?|knees?|shins?|heels?|hips?|groin|shoulders?|trap\w*|ankles?)"
)

_WORDINGS: tuple[_Wording, ...] = (
    # motion
    *_wording("ReducedRangeOfMotion", True,
              rf"\b{_LESS}\s+{_WORDS}{{0,6}}{_MOTION}", rf"\b{_MOTION}\s+{_WORDS}{{0,9}}(?:that )?{_LINK}{{1,5}}{_LESS}\b(?! no)",
              rf"\b{_MOTION}[:,]?\s+(?:of the \w+ (?:\w+ )?)?(?:decreased|limited|restricted|reduced|diminished)\b",
              rf"\b{_MOVES}\s+{_WORDS}{{0,6}}{_LINK}{{0,4}}(?:limited|restricted|decreased|reduced|diminished)\b",
              rf"\b(?:limited|restricted|decreased|reduced|diminished)\s+{_WORDS}{{0,3}}{_MOVES}",
              r"\b(?:stiff|frozen) (?:neck|shoulder|back|knee)\b", r"\bunable to (?:fully )?(?:bend|flex|extend|rotate|abduct|raise)\b", r"\bdecreased (?:in )?ROM\b"),
    *_wording("ReducedRangeOfMotion", False,
              rf"\b{_FULL},?\s+(?:and\s+)?(?:painless\s+|pain[- ]free\s+|symmetric(?:al)?\s+)*{_WORDS}{{0,4}}{_MOTION}", rf"\b{_MOTION}\s+{_WORDS}{{0,9}}{_LINK}{{1,5}}{_FULL}\b",
              rf"\b{_MOTION}[:,]?\s+(?:full|normal|unrestricted|intact|WNL|within normal limits)\b", rf"\bno restrictions? (?:of|in|to) {_WORDS}{{0,3}}{_MOTION}",
              rf"\bno (?:loss|limitation) of {_WORDS}{{0,3}}{_MOTION}", firm=True),
    # strength
    *_wording("MotorDeficit", True,
              rf"\b{_LESS}\s+{_WORDS}{{0,4}}{_STRENGTH}", rf"\b{_STRENGTH}\s+{_WORDS}{{0,8}}{_LINK}{{1,4}}{_LESS}\b",
              rf"(?:{_STRENGTH}|weakness|resisted|flexors?|extensors?|abduction|flexion|dorsiflexion|quadriceps|deltoid|biceps|cuff)\b[^.;]{{0,60}}?(?:{_GRADE_LOW})", rf"(?:{_GRADE_LOW})\s+(?:\w+ ){{0,4}}strength",
              r"\b(?:motor |muscle )?weakness\b(?! of (?:abduction|external rotation))", r"\b(?:foot drop|paresis|muscle atrophy|atrophy)\b", r"\bmotor deficits?\b", r"\bweak(?:er)? (?:grip|leg|arm|hand|foot|ankle)s?\b",
              r"\bdecreased sensation (?:and )?motor strength\b"),
    *_wording("MotorDeficit", False,
              rf"\b{_FULL} (?:[\w/ -]{{1,30}}(?:, and | and |, )){{1,3}}(?:muscle |motor )?strength\b", rf"\b{_STRENGTH}(?:,| and|/)(?:(?!\b(?:is|was|were|are|but|with|decreased|diminished)\b)[^.;]){{0,60}}?\s{_LINK}{{1,4}}{_FULL}\b", r"\bsensorimotor (?:exam\w* |function )?(?:is |was |were )?(?:intact|normal)", r"\bmotor/sensory (?:exam\w* )?(?:is |was |were )?(?:intact|normal)", r"\b(?:motor and sensory|sensory and motor) (?:exam\w*|function\w*|testing) (?:is |was |were |are )?(?:intact|normal|unremarkable)",
              rf"\b{_FULL}\s+(?:and (?:equal|symmetric\w*)\s+)?{_WORDS}{{0,5}}{_STRENGTH}", rf"\b{_STRENGTH}\s+{_WORDS}{{0,9}}{_LINK}{{1,5}}{_FULL}\b",
              rf"\b{_STRENGTH}[:,]?\s+{_WORDS}{{0,5}}{_LINK}{{0,4}}(?:{_GRADE_FULL})", rf"(?:{_GRADE_FULL})\s+{_WORDS}{{0,5}}{_STRENGTH}", rf"\b{_STRENGTH}[:,]?\s+{_FULL}\b",
              rf"\b(?:motor|strength),? (?:and |strength,? (?:and )?)?(?:sensory|sensation)[^.;]{{0,30}}\b{_LINK}{{1,3}}{_FULL}\b",
              rf"\breflexes,?(?: and)? (?:muscle |motor )?strength,? and sensation {_LINK}{{1,3}}{_FULL}\b", r"\b(?:muscles?|back muscles?) displayed no weakness\b",
              r"\bno (?:sensory|motor)(?:,)? (?:or|and) (?:motor|sensory) (?:deficits?|loss|changes?|abnormalit\w+)", r"\bno deficits? in (?:\w+ (?:and|or) )?motor\b", r"\bno deficits in sensory and motor\b", firm=True),
    # sensation
    *_wording("SensoryDeficit", True,
              rf"\b{_LESS}\s+{_WORDS}{{0,4}}{_SENSE}", rf"\b{_SENSE}\s+{_WORDS}{{0,9}}{_LINK}{{1,4}}{_LESS}\b", r"\b(?:hypo?esthesia|hypesthesia|hypoaesthesia|dysesthesia|anesthesia) (?:in|over|of|at|along|to)\b",
              rf"\b{_SENSE}[:,]?\s+(?:{_WORDS}{{0,5}})(?:decreased|diminished|reduced)\b", r"\bsensory (?:deficits?|loss|changes?)\b", r"\bloss of sensation\b"),
    *_wording("SensoryDeficit", False,
              rf"\b{_FULL} (?:[\w/ -]{{1,30}}(?:, and | and |, )){{1,3}}{_SENSE}\b", rf"\b(?:sensation|sensory)(?:,| and|/)(?:(?!\b(?:is|was|were|are|but|with|decreased|diminished)\b)[^.;]){{0,60}}?\s{_LINK}{{1,4}}{_FULL}\b", r"\bsensorimotor (?:exam\w* |function )?(?:is |was |were )?(?:intact|normal)", r"\bmotor/sensory (?:exam\w* )?(?:is |was |were )?(?:intact|normal)", r"\b(?:motor and sensory|sensory and motor) (?:exam\w*|function\w*|testing) (?:is |was |were |are )?(?:intact|normal|unremarkable)",
              rf"\b{_FULL}\s+(?:to )?{_WORDS}{{0,4}}{_SENSE}", rf"\b(?:sensation|sensory|stimulation|sensibility|light touch)\b[^.;,]{{0,60}}?{_LINK}{{1,4}}(?:{_FULL})\b", rf"\b{_SENSE}[:,]?\s+{_FULL}\b",
              rf"\bmotor(?: strength| function)?,? (?:and )?sensa?(?:tion|ory)[^.;]{{0,30}}\b{_LINK}{{1,3}}{_FULL}\b",
              r"\bno (?:sensory|motor)(?:,)? (?:or|and) (?:motor|sensory) (?:deficits?|loss|changes?|abnormalit\w+)", r"\bno deficits? in sens", r"\bno (?:sensory (?:loss|deficit)|loss of sensation)", firm=True),
    # reflexes
    *_wording("ReflexDeficit", True,
              rf"\b(?:{_LESS}|absent|hypoactive|asymmetric(?:al)?|sluggish|trace)\s+{_WORDS}{{0,4}}{_REFLEX}", rf"\b{_REFLEX}\s+{_WORDS}{{0,8}}{_LINK}{{1,4}}(?:{_LESS}|absent|hypoactive|asymmetric\w*|0|trace)\b",
              rf"\bright [^,;]{{0,30}}{_REFLEX} 1\+.{{0,5}}(?=.*)(?<=1\+)"),
    *_wording("ReflexDeficit", False,
              rf"\b{_FULL} (?:[\w/ -]{{1,30}}(?:, and | and |, )){{1,3}}(?:deep tendon )?reflexes\b", rf"\b{_REFLEX}(?:,| and|/)(?:(?!\b(?:is|was|were|are|but|with|decreased|diminished)\b)[^.;]){{0,60}}?\s{_LINK}{{1,4}}{_FULL}\b",
              rf"(?<![\w+])(?:2\+|\+2|2/4)\s+(?:and (?:equal|symmetric\w*)\s+)?{_WORDS}{{0,4}}{_REFLEX}",
              rf"\b{_FULL}\s+(?:and (?:equal|symmetric\w*)\s+)?{_WORDS}{{0,5}}{_REFLEX}", rf"\b{_REFLEX}\b[^.;]{{0,60}}?{_LINK}{{1,4}}(?:{_FULL}|2\+|2 ?/ ?[24]|2 of 4|2\+? and)(?!\w)",
              rf"\b{_REFLEX}[:,]?\s+(?:{_FULL}|2\+|2/4)(?!\w)", rf"\breflexes,? (?:motor|muscle|strength)[^.;]{{0,40}}{_LINK}{{1,3}}{_FULL}\b", firm=True),
    # the nervous system as a whole
    *_wording("NeurologicDeficit", False,
              rf"\b{_NERVE}\s+(?:exam(?:ination)?s?\s+|findings\s+|status\s+|testing\s+)?(?:of [^.;,]{{0,40}} )?{_LINK}{{0,3}}(?:{_FULL}|non-?focal|negative)\b", rf"\b{_FULL}\s+{_WORDS}{{0,3}}{_NERVE}\s+(?:exam\w*|findings|function)",
              rf"\bno\s+(?:\w+\s+){{0,3}}{_NERVE}\s+(?:deficits?|findings?|abnormalit\w+|dysfunction|changes?|impairments?|compromise|signs?|symptoms?|loss)", rf"\bneurovascular(?:ly)?\s+(?:\w+ )?{_LINK}{{0,2}}intact\b", rf"\bwithout\s+(?:\w+\s+){{0,3}}{_NERVE}\s+(?:deficits?|findings?|compromise)", firm=True),
    *_wording("NeurologicDeficit", True, rf"\b{_NERVE} (?:deficits?|abnormalit\w+|impairments?|dysfunction)"),
    # pain that goes down a limb
    *_wording("RadicularPain", True,
              rf"\bradiat(?:es?|ed|ing|ion)\b(?! (?:factors|or (?:trauma)))[^.;]{{0,70}}?\b{_LIMBS}\b", r"\b(?:pain|symptoms?) [^.;,]{0,40}?\b(?:shoots?|shooting|travel(?:s|ing)?|go(?:es|ing)|extend(?:s|ing)|moves|moving|down)\s+(?:\w+\s+){0,2}?(?:in)?to (?:\w+\s+){0,4}?" + _LIMBS,
              rf"\bpain\b[^.;,]{{0,40}}\bdown (?:\w+\s+){{0,4}}?{_LIMBS}", r"\bradicular (?:pain|symptoms?|complaints?|features?|component|pattern)\b", r"\b(?:upper|lower) extremity radicular\b", r"\bradiating (?:pain|symptoms?)\b"),
    *_wording("RadicularPain", False, r"\b(?:no|den(?:ies|ied)(?: any)?|without) (?:\w+ ){0,2}?(?:radiat\w+|radicular \w+)", r"\bdoes not radiate\b", r"\bnon-?radiating\b", r"\bno evidence of radiating\b", firm=True),
    *_wording("Numbness", True, r"\bwent numb\b", r"\bnumb(?:ness)?\b", r"\btingl(?:ing|es?)\b", r"\bpar(?:a)?esthesias?\b", r"\bpins[- ]and[- ]needles\b"),
    *_wording("NeuropathicPain", True, r"\bburning (?:\w+ )?(?:pain|sensation|type pain)\b", r"\bpain (?:\w+ ){0,4}(?:as )?burning\b"),
    *_wording("MuscleSpasm", True, r"\b(?:myo|muscle |muscular |paraspinal )?spasms?\b", r"\bspasticity of the (?:paraspinal|muscle)"),
    *_wording("Tenderness", False, r"\bnon-?tender\b", firm=True),
    *_wording("Tenderness", True, r"\btender(?:ness)?\b(?: to palpation)?", r"\bTTP\b", r"\bpain (?:on|with|to|upon) (?:deep )?palpation\b", r"\bpainful to palpation\b"),
    *_wording("MeniscalSigns", True, r"\bjoint[- ]?line (?:\w+ )?tender\w*", r"\btender\w*[^.;,]{0,40}?joint[- ]?lines?\b"),
    *_wording("KneeInstability", True, r"\bknee instability\b", r"\bunstable knee\b", r"\bligament(?:ous)? laxity\b"),
    *_wording("MechanicalSymptoms", True, r"\blocking\b", r"\b(?<!from )catching\b(?! (?:a|the|an|him|her|it)\b)", r"\b(?:giving|gives|gave|give) (?:way|out)\b", r"\bbuckl(?:es|ing|ed)\b", r"\bpopping\b"),
    *_wording("UnableToBearWeight", True, r"\b(?:unable|inability|not able) to (?:bear weight|weight[- ]bear|walk|ambulate)\b", r"\bcan ?not (?:bear weight|walk)\b", r"\bnon[- ]?weight[- ]bearing\b"),
    *_wording("CarpalTunnelSigns", True, r"\bthenar (?:muscle )?(?:atrophy|wasting)\b"),
    *_wording("CaudaEquinaSigns", True, r"\b(?:bowel|bladder)(?: (?:or|and|/) ?(?:bowel|bladder))? (?:incontinence|dysfunction|retention|changes?|symptoms?|problems?)", r"\bincontinence\b", r"\bsaddle an(?:a)?esthesia\b", r"\bcauda equina\b"),
    *_wording("RedFlag", True, r"\bred[- ]flags?\b"),
    *_wording("SuspectedMeniscalTear", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for|suspicious for|internal derangement[^.;]{0,3})[^.;]{0,30}?\bmenisc\w+(?: tear\w*| injur\w*| patholog\w*)?", r"\bmenisc\w+ tear\w*[^.;,]{0,20}\b(?:suspected|possible|to be ruled out)", firm=True),
    *_wording("SuspectedCuffTear", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for|suspicious for)[^.;]{0,30}?\b(?:rotator )?cuff (?:tear\w*|injur\w*|patholog\w*)", r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for) (?:\w+ ){0,2}(?:supraspinatus|infraspinatus|subscapularis) (?:tendon )?tear", firm=True),
    *_wording("SuspectedLabralTear", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for)[^.;]{0,30}?\b(?:labr(?:al|um)|SLAP|Bankart)(?: tear\w*| lesion| injur\w*)?", firm=True),
    *_wording("SuspectedLigamentTear", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for)[^.;]{0,30}?\b(?:ACL|PCL|MCL|LCL|(?:cruciate|collateral) ligament|ligament(?:ous)?|TFCC) (?:tear\w*|injur\w*|rupture)", firm=True),
    *_wording("SuspectedTendonTear", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for)[^.;]{0,30}?\b(?:biceps|achilles|quadriceps|patellar?|tendon) (?:tendon )?(?:tear\w*|rupture\w*)", firm=True),
    *_wording("SuspectedFracture", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for|questionable)[^.;]{0,25}?\bfractures?\b", firm=True),
    *_wording("NerveEntrapmentSuspected", True, r"\b(?:rule out|r/o|suspect\w*|possible|probable|concern (?:for|of)|evaluate for)[^.;]{0,30}?\b(?:carpal tunnel|cubital tunnel|entrapment|peripheral neuropathy|nerve compression)", firm=True),
    # what treatment did
    *_wording("ConservativeCareFailed", True,
              r"\bfail(?:ed|ure of|ing)(?: to (?:improve|respond)(?: (?:with|to|from))?)?\s+(?:\w+ ){0,3}?(?:conservative|non-?operative|non-?surgical)(?: (?:care|treatments?|therap\w+|management|measures?))?", r"\b(?:conservative|non-?operative|non-?surgical) (?:care|treatments?|therap\w+|management|measures?)[^.;]{0,30}?\b(?:fail\w*|(?:has|have|did|was|were) not (?:\w+ )?(?:help|improve|been|effective|success)\w*|without (?:\w+ )?(?:relief|improvement|benefit|success))",
              r"\b(?:despite|refractory to|unresponsive to|(?:has|have|did) not (?:respond|improve)(?:ed|d)? (?:to|with|despite)|no (?:\w+ )?(?:improvement|relief|response) (?:with|from|to|despite)) (?:\w+ ){0,3}?(?:conservative|non-?operative|physical therapy|PT\b|therapy|chiropractic|treatments?|care|acupuncture)", r"\bfailed (?:\w+ ){0,4}?(?:physical therapy|PT\b|chiropractic|acupuncture)"),
    *_wording("FunctionalImprovement", True,
              r"\b(?:objective |objectively |significant |documented |increas\w+ (?:in )?|improv\w+ (?:in |of |with |with regard to )?)(?:functional|function)(?: improvements?| gains?| benefit| progress| capacity| status| abilit\w+| restoration)?", r"\bfunction(?:al(?: \w+)?)?\b[^.;,]{0,25}\b(?:has|have|had|is|was|were) (?:\w+ )?improv\w+", r"\bfunctional (?:improvements?|gains?|benefits?|progress)\b", r"\bincreased (?:ability|functional|tolerance)\b[^.;,]{0,30}",
              r"\b(?:improv\w+|increas\w+|better|gains? in) (?:\w+ ){0,3}?(?:range of motion|ROM|strength|flexibility|mobility|motion)\b", r"\bhelped (?:\w+ ){0,3}?(?:flexibility|mobility|range of motion|strength|function)", r"\b(?:range of motion|ROM|strength|flexibility|mobility) (?:has |have |had |is |was |were )?(?:been |\w+ly )?(?:improv\w+|increas(?:ed|ing))\b", r"\bable to (?:\w+ ){0,5}?(?:more|better|longer|further)\b"),
    *_wording("GainInDailyLiving", True, r"\b(?:improv\w+|increas\w+|better) (?:\w+ ){0,3}?(?:ADLs?|activities of daily living|daily activities|sleep)\b", r"\b(?:ADLs?|activities of daily living)[^.;,]{0,20}(?:improv\w+|increas\w+)"),
    *_wording("ReducedWorkRestrictions", True, r"\bwork restrictions? (?:have |has |had |were |was )?(?:been )?(?:reduc\w+|decreas\w+|lessen\w+|lift\w+|eased)", r"\b(?:reduc\w+|decreas\w+|fewer|lessen\w+) (?:\w+ )?work restrictions?"),
    *_wording("ReturnToWork", True, r"\b(?:has |have |had )?returned to (?:\w+ ){0,3}?(?:work|duty|duties)\b", r"\bback (?:at|to) (?:\w+ )?(?:work|duty)\b"),
    *_wording("PainImprovement", True,
              r"\b(?:pain|symptoms?|headaches?|discomfort)\b(?: (?:level|levels|score|intensity))?(?: (?!and\b|with\b|but\b)\w+){0,5}? (?:has |have |had |is |are |was |were )?(?:been )?(?:\w+ly )?(?:improv(?:ed|ing|ement)|decreas(?:ed|ing)|lessen(?:ed|ing)|reduc(?:ed|ing)|better|eas(?:ed|ing)|diminish(?:ed|ing)|less severe|less intense)\b(?! (?:by|with) (?:rest|ice|heat|sitting|lying|position|sleep|changing))", r"\b(?:decreas\w+|improv(?:es?|ed|ing|ement)(?: in| of)?|reduc(?:ed|es|ing|tion)(?: in| of)?|less(?:ened|ening)?|reliev\w+|relief (?:of|from)|help(?:s|ed|ful|ing)? (?:with |in )?|ameliorat\w+|attenuat\w+|alleviat\w+ (?:by|with)?) (?:the |his |her |their )?(?:\w+ ){0,2}?(?:pain|symptoms?|headaches?|discomfort)\b",
              r"\b(?:some|good|temporary|mild|moderate|significant|partial|much|excellent|adequate|\d{1,3} ?(?:%|percent)(?: of)?) (?:pain )?(?:relief|improvement|better|benefit)\b", r"\bfeel(?:s|ing)? (?:\w+ ){0,3}?better\b", r"\breportedly improved\b", r"\b\d{1,3}(?: ?- ?\d{1,3})? ?(?:%|percent) (?:better|improve\w*)"),
    *_wording("SubjectiveGain", True, r"\b(?:reported|reports|noted|notes|noticed|described|stated|admits?|feels?|felt) (?:\w+ ){0,4}?improv(?:ement|ed|ing)\b", r"\b(?:overall|general|gradual|slow|steady|slight|minimal|some|mild) improvement\b", r"\bfeel(?:s|ing)? (?:\w+ ){0,3}?better\b", r"\b\d{1,3}(?: ?- ?\d{1,3})? ?(?:%|percent) (?:better|improve\w*)"),
    *_wording("MentalStatusChange", False, r"\balert (?:and|&) ?(?:fully )?oriented\b", r"\bA ?& ?O ?x ?[34]\b", r"\boriented (?:to (?:person|time)|times (?:3|three)|x ?3)", firm=True),
    *_wording("ActivityLimitation", True,
              r"\b(?:difficult(?:y|ies)|trouble|problems?|limit(?:ed|ations?)|unable|inability|pain) (?:with|in|performing|doing|to perform|to do|during)?\s*(?:\w+ ){0,3}?(?:activities of daily living|ADL'?s?|daily activities|self[- ]care|household|chores|dressing|bathing|grooming)", r"\b(?:difficulty|difficulties|trouble) (?:with |in )?(?:\w+ )?(?:reaching|walking|standing|sitting|lifting|bending|squatting|kneeling|climbing|gripping|grasping|carrying|pushing|pulling|twisting|stooping|driving|exercising|sleeping|writing|typing|ambulating|overhead)", r"\b(?:unable|inability|not able) to (?:\w+ )?(?:reach|walk|stand|sit|lift|bend|squat|kneel|climb|grip|grasp|carry|push|pull|twist|drive|work|participate|use|sleep|perform|do|play|golf|run|exercise|stoop|dress|transfer|manage)\b", r"\b(?:activit(?:y|ies)|ADLs?|function(?:al)?) (?:\w+ )?(?:limitations?|restrictions?|(?:is|are|was|were) (?:limited|restricted|impaired))", r"\bnot tolerating (?:\w+ ){0,2}?(?:sitting|standing|walking)", r"\binterfer(?:es|ing|ed) with (?:\w+ ){0,3}?(?:activit|work|sleep|ADL|function)", r"\bunable to participate in golf"),
    *_wording("NondiagnosticPlainFilms", True,
              r"\b(?:x-?rays?|radiograph\w*|plain films?)\b[^.;]{0,60}?\b(?:(?:is|was|were|are|which|read as|interpreted as|reported as|noted to be|came back) (?:\w+ )?(?:negative|normal|unremarkable|within normal limits)|(?:show\w*|reveal\w*|demonstrat\w*|with) (?:no|normal|negative)\b|negative|unremarkable)", r"\b(?:normal|negative|unremarkable) (?:\w+ ){0,2}?(?:x-?rays?|radiograph\w*|plain films?)\b", firm=True),
    *_wording("MeniscalTear", True, r"\bmenisc\w+ (?:\w+ ){0,2}?tear\w*", r"\b(?:tear\w*|torn) (?:\w+ ){0,5}?(?:and/or )?menisc\w+", r"\bbucket[- ]handle tear"),
    *_wording("CompleteCruciateTear", True, r"\b(?:rupture|complete tear|full[- ]thickness tear) of the (?:\w+ )?(?:ACL|PCL|anterior cruciate|posterior cruciate)", r"\b(?:ACL|PCL|cruciate ligament) (?:rupture|complete tear)", r"\b(?:complete(?:ly)?|ruptured) (?:torn )?(?:ACL|anterior cruciate ligament)\b"),
    *_wording("SuspectedLigamentTear", True, r"\b(?:ACL|PCL|MCL|LCL|cruciate ligament|collateral ligament)\b[^.;,]{0,20}\b(?:possible|probable|suspected) (?:\w+ )?tear", firm=True),
    *_wording("PartialThicknessCuffTear", True, r"\b(?:partial(?:[- ]thickness)?|low[- ]grade|small|intrasubstance|interstitial) (?:\w+ ){0,3}?(?:(?:rotator )?cuff|supraspinatus|infraspinatus|subscapularis)(?: tendon)? tear\w*", r"\b(?:partial(?:[- ]thickness)?|low[- ]grade|small) (?:\w+ ){0,2}?tear\w* (?:of|in|involving) (?:the )?(?:\w+ ){0,3}?(?:(?:rotator )?cuff|supraspinatus|infraspinatus|subscapularis)"),
    *_wording("FullThicknessCuffTear", True, r"\b(?:full[- ]thickness|complete) (?:\w+ ){0,3}?(?:(?:rotator )?cuff|supraspinatus|infraspinatus|subscapularis)(?: tendon)? tear\w*", r"\b(?:full[- ]thickness|complete) (?:\w+ ){0,2}?tear\w* (?:of|in|involving) (?:the )?(?:\w+ ){0,3}?(?:(?:rotator )?cuff|supraspinatus|infraspinatus|subscapularis)"),
    *_wording("SignificantCuffTear", True, r"\b(?:large|massive|significant|retracted) (?:\w+ ){0,3}?(?:(?:rotator )?cuff|supraspinatus)(?: tendon)? tear\w*"),
    *_wording("ApprehensionSign", True, r"\bapprehension (?:with|in|on|at|during|is|was)\b(?! (?:negative|test|sign))", r"\bapprehensive (?:with|in|on|at|during)\b"),
    *_wording("ImpairedElevationOrRotation", True, r"\bweak(?:ness|er)?\b (?:\w+ ){0,3}?(?:of|in|with|on|to) (?:\w+ ){0,4}?(?:abduction|external rotation|internal rotation|elevation|forward flexion)\b", r"\b(?:abduction|external rotation|elevation|forward flexion) (?:\w+ ){0,2}?weakness\b"),
    *_wording("SuicidalOrHomicidalThoughts", True,  # that there is no plan or attempt does not deny the thoughts
              r"\b(?:suicid(?:al|e)|homicidal)\b(?! (?:(?:and|or|/) ?(?:homicidal |suicidal ))?(?:attempts?|plans?|gestures?|intent\w*))(?: (?:(?:and|or|/) ?(?:homicidal|suicidal) )?(?:ideations?|thoughts?|impulses|tendenc\w+))?"),
    *_wording("MoreThanOfficeCareNeeded", True, r"\b(?:higher|more intensive|greater|increased) level of (?:care|treatment|services)\b", r"\b(?:outpatient|office|weekly) (?:\w+ ){0,4}?(?:is |are |was |were )?(?:insufficient|not (?:been )?(?:sufficient|enough|adequate|effective)|inadequate|fail(?:ed|ing))", r"\b(?:requires?|needs?|in need of) (?:more )?intensive (?:\w+ ){0,2}?(?:treatment|program|care|therapy)"),
    *_wording("DisablingLegSymptoms", True, r"\b(?:severe|disabling|incapacitating|debilitating) (?:and \w+ )?(?:(?:left|right|bilateral) )?(?:leg|lower extremity|lower limb|radicular leg|sciatic) (?:\w+ )?(?:pain|symptoms)"),
    *_wording("DisablingArmSymptoms", True, r"\b(?:severe|disabling|incapacitating|debilitating) (?:and \w+ )?(?:(?:left|right|bilateral) )?(?:arm|upper extremity|upper limb) (?:\w+ )?(?:pain|symptoms)"),
    *_wording("SevereActivityPreventingPain", True, r"\b(?:unable|cannot|could not|inability) (?:to )?(?:\w+ )?(?:participate|engage|progress|tolerate|continue|do|perform) (?:\w+ ){0,3}?(?:therapy|PT|rehabilitation|exercises?) (?:\w+ ){0,3}?(?:due to|because of|secondary to) (?:\w+ ){0,3}?pain"),
    *_wording("RadiologistReport", True, r"\bofficial (?:\w+ ){0,2}?(?:MRI|X-?ray|CT|radiology|imaging|arthrogram|report)\b", r"\bradiologist(?:'s)? (?:\w+ )?(?:report\w*|read\w*|interpret\w*|not\w*|found|describ\w*)"),
    *_wording("ShoulderInstability", True, r"\bdislocat(?:ed|es|ing)\b[^.;]{0,40}\b(?:\d+|two|three|four|five|six|multiple|several|many|numerous) (?:\w+ )?(?:times|occasions)", r"\b(?:recurrent|repeated|multiple|persistent|chronic) (?:\w+ ){0,2}?(?:subluxations?|instability)(?: (?:events?|episodes?))?\b", r"\b(?:keeps|continues) (?:on )?(?:to )?dislocat\w+", r"\bfeel(?:s|ing)? (?:of )?(?:instability|unstable)\b[^.;]{0,20}\bshoulder", r"\bshoulder (?:\w+ ){0,2}?instability\b", r"\b(?:recurrent|multiple|repeated) (?:\w+ ){0,2}?dislocations?\b"),
    *_wording("Surgery", False, r"\b(?:no|den(?:ies|ied)(?: any)?|without) (?:\w+ ){0,2}?(?:prior|previous|past|history of) (?:\w+ )?surg(?:er(?:y|ies)|ical history)", r"\bsurgical history (?:is|was|were)? ?(?:stated to be |noted (?:as|to be) |reported as )?(?:none|negative|non-?contributory|unremarkable)\b", r"\bno (?:relevant )?surgical history\b", firm=True),
    *_wording("SurgeryUnderConsideration", True, r"\bsurg(?:ery|ical(?: intervention)?) (?:is|was|has been|were) (?:being )?(?:considered|recommended|discussed|contemplated|planned)", r"\bconsider(?:ing|ation of|ed)? (?:\w+ ){0,2}?surg\w+", r"\bsurgical candidate\b", r"\bcandidate for surg\w+"),
    *_wording("AcutePhase", True, r"\bacute (?:\w+ ){0,2}?pain\b"),
    *_wording("ChronicPhase", True, r"\bchronic (?:\w+ ){0,2}?pain\b"),
    *_wording("AberrantBehaviourDocumented", True, r"\bno (?:signs? of |evidence of |reported )?(?:aberrant|drug[- ]seeking|abuse|diversion)\b", r"\bdenie[sd] (?:any )?aberrant", firm=True),
    *_wording("AdverseEffectsDocumented", True, r"\bno (?:\w+ )?(?:side|adverse) effects?\b", r"\b(?:side|adverse) effects? (?:include[ds]?|of|were|are)\b", r"\bdenie[sd] (?:any )?(?:side|adverse) effects?", r"\btolerat(?:es?|ed|ing) (?:\w+ ){0,3}?medications?(?: well)?", firm=True),
    *_wording("AnalgesiaDocumented", True, r"\bpain[^.;]{0,40}\bfrom (?:an? )?\d{1,2}(?: ?/ ?10)? to (?:an? )?\d{1,2}(?: ?/ ?10)?\b[^.;]{0,40}\bmedications?", r"\b\d{1,2} ?/ ?10 without (?:\w+ )?medications?", r"\bmedications? (?:\w+ ){0,3}?(?:reduc\w+|decreas\w+|lower\w*) (?:\w+ ){0,3}?pain (?:\w+ ){0,3}?(?:from|by) \d"),
    *_wording("ActivitiesDocumented", True, r"\b(?:ADLs?|activities of daily living|function)\b[^.;]{0,40}\bwith (?:the use of )?(?:\w+ ){0,2}?medications?", r"\bmedications? (?:\w+ ){0,4}?(?:ADLs?|activities of daily living|to function)\b"),
    *_wording("HomeExerciseProgram", True, r"\bhome exercises?(?: program)?\b", r"\bHEP\b", r"\bself[- ]directed (?:home )?exercises?\b"),
    *_wording("SignificantChange", True, r"\b(?:significant|new|progressive) (?:\w+ )?(?:change|worsening|progression) (?:in|of) (?:symptoms|findings|condition)"),
)  # fmt: skip

# Tests with a result: the finding that a positive one is, and the words for the test.
_TESTS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (concept, region, re.compile(pattern, re.I))
    for concept, region, pattern in (
        ("PositiveTensionSign", "LumbarRegion", r"\b(?:(?:seated |supine |crossed |bilateral )?straight[- ]leg[- ]?(?:raising|raises?|raised)(?: tests?| testing)?|SLRs?\b|Las[eè]gue\w*(?:'s)?|slump(?: test)?|bowstring|femoral (?:nerve )?stretch(?: test)?|lumbar tension signs?)"),
        ("PositiveTensionSign", "CervicalRegion", r"\bSpurling(?:'?s)?(?: (?:sign|test|maneuver))?|\b(?:cervical|foraminal) compression(?: tests?)?"),
        ("PositiveTensionSign", "", r"\b(?:nerve (?:root )?)?tension signs?\b"),
        ("MeniscalSigns", "KneeRegion", r"\b(?:McMurray|Apley|Thess?aly)(?:'?s)?(?: (?:grind|compression))?(?: (?:sign|test|maneuver))?"),
        ("KneeInstability", "KneeRegion", r"\b(?:Lachman(?:n)?(?:'?s)?|(?:anterior|posterior) drawer|pivot[- ]shift|(?:varus|valgus) stress)(?: (?:sign|test|maneuver|testing))?"),
        ("CarpalTunnelSigns", "WristRegion", r"\b(?:Phalen|Durkan)(?:'?s)?(?: (?:sign|test|maneuver))?|\bcarpal (?:tunnel )?compression test|\bTinel(?:'?s)?(?: (?:sign|test))?(?! (?:\w+ ){0,4}(?:elbow|cubital|ulnar|ankle|tarsal|fibular|knee))"),
        ("CubitalTunnelSigns", "ElbowRegion", r"\bTinel(?:'?s)?(?: (?:sign|test))?(?= (?:\w+ ){0,4}(?:elbow|cubital|ulnar))|\belbow flexion test"),
        ("CuffTearSigns", "ShoulderRegion", r"\b(?:drop[- ]arm|lift[- ]?off|external rotation lag|belly press|hornblower)(?:'?s)?(?: (?:sign|test))?"),
        ("ApprehensionSign", "ShoulderRegion", r"\b(?:apprehension|relocation)(?: (?:sign|test))?\b"),
        ("FacetJointPain", "", r"\b(?:facet loading|Kemp(?:'?s)?)(?: (?:sign|test|maneuver))?"),
    )
)  # fmt: skip
_BEFORE = re.compile(
    r"\b(?<!is )(?<!was )(?<!were )(?<!are )(?<!remains )(positive|negative|\(\+\)|\(-\)|equivocal)\b(?P<between>(?: (?!and\b|is\b|was\b|were\b)[\w'/,-]+){0,8})\s*$",
    re.I,
)
_BEFORE_LIST = re.compile(
    r"\b(?<!is )(?<!was )(?<!were )(?<!are )(positive|negative)\b(?: (?!is\b|was\b|were\b|are\b|with\b)[\w'/,-]+){0,14}\s*(?:,|and|or)?\s*$",
    re.I,
)
_AFTER = re.compile(
    r"^(?:'s)?(?:\s*\([^)]*\))?(?:[\s,]+(?!positive|negative|but\b|while\b)[\w'/°+-]+){0,9}?[\s,:]*\b(?:is|was|were|are|remain(?:s|ed)|test|testing|tests|sign|bilaterally|:)?[\s,:]*(?:also |noted to be |to be |noted as )?\b(positive|negative|normal|equivocal)\b", re.I
)  # fmt: skip
_AS_WELL = re.compile(r"\b(positive|negative) as well as\s*$", re.I)


_TURNED = frozenset(
    {
        "PainImprovement", "FunctionalImprovement", "SubjectiveGain", "GainInDailyLiving", "RadicularPain", "ReducedRangeOfMotion",
        "MotorDeficit", "SensoryDeficit", "ReflexDeficit", "ReturnToWork", "ReducedWorkRestrictions",
    }
)  # fmt: skip
"""Findings that a "not" within their own words turns round: "symptoms have not improved"."""
_NOT = re.compile(r"\b(?:not|never|no|without)\b|n't\b", re.I)


def stated_findings(text: str) -> Iterator[Stated]:
    """Find what a clause states by a test and its result, in the order of the table."""
    for wording in _WORDINGS:
        for match in wording.pattern.finditer(text):
            turned = wording.present and wording.concept in _TURNED and _NOT.search(match[0])
            present = wording.present and not turned
            yield Stated(
                wording.concept, present, match.start(), match.end(), wording.firm or bool(turned)
            )
    for concept, region, pattern in _TESTS:
        for match in pattern.finditer(text):
            result = _result(text[: match.start()], text[match.end() :])
            if result is not None:
                yield Stated(concept, result, match.start(), match.end(), True, region)


def _result(before: str, after: str) -> bool | None:
    """Give the result of a test from the words around its name, or None."""
    found = _AS_WELL.search(before) or _BEFORE.search(before)
    if found is None:
        found = _AFTER.match(after) or _BEFORE_LIST.search(before)
    if found is None:
        return None
    word = found[1].lower()
    if word == "equivocal":
        return None
    negated = re.search(
        r"\b(?:no|not|without)\s*$",
        before[: found.start()] if found.re is not _AFTER else before,
        re.I,
    )
    present = word in ("positive", "(+)")
    return not present if negated and present else present
