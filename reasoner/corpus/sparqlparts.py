"""Parts of a SPARQL query: literals and durations as SQL, patterns and conditions taken apart."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rdflib import XSD, Literal, Variable
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus.engine import text

_MONTHS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?")
_DAYS = re.compile(r"P(\d+)D")


class _UnsupportedPart(Exception):
    """Something of a query is not compiled; never leaves the two modules of SPARQL."""


def pattern_of(graph: CompValue) -> CompValue:
    """Give the algebra of the pattern of EXISTS, which rdflib leaves as it was parsed."""
    if graph.name in ("GroupGraphPatternSub", "SubSelect"):
        return translateGroupGraphPattern(graph)
    return graph


def apart(triples: list[tuple[Any, Any, Any]]) -> bool:
    """Tell whether triples fall into parts that share no variable."""
    parts: list[set[Any]] = []
    for subject, _, value in triples:
        here = {t for t in (subject, value) if isinstance(t, Variable)}
        meeting = [part for part in parts if part & here]
        parts = [part for part in parts if not part & here] + [here.union(*meeting)]
    return len(parts) > 1


def conjuncts(expression: CompValue) -> list[CompValue]:
    """Give the conditions that a condition asks for together."""
    if getattr(expression, "name", None) != "ConditionalAndExpression":
        return [expression]
    return [c for part in (expression.expr, *expression.other) for c in conjuncts(part)]


def constant(literal: Literal) -> tuple[str, str]:
    """Give a literal as SQL, and the kind of its value."""
    if literal.datatype in (XSD.integer, XSD.decimal):
        return str(literal.value), "num"
    if literal.datatype == XSD.date and isinstance(literal.value, date):
        return f"DATE '{literal.value}'", "day"
    if literal.datatype in (None, XSD.string) and literal.language is None:
        return text(str(literal)), "lex"
    raise _UnsupportedPart(f"the literal {literal.n3()}")


def interval(literal: Literal) -> str:
    """Give a duration of months or of days as SQL."""
    months, days = _MONTHS.fullmatch(str(literal)), _DAYS.fullmatch(str(literal))
    if literal.datatype == XSD.yearMonthDuration and months is not None:
        number = 12 * int(months.group(1) or 0) + int(months.group(2) or 0)
        return f"INTERVAL {number} MONTH"
    if literal.datatype == XSD.dayTimeDuration and days is not None:
        return f"INTERVAL {int(days.group(1))} DAY"
    raise _UnsupportedPart(f"the duration {literal}")
