"""Parts of a SPARQL query: literals and durations, patterns and conditions taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rdflib import XSD, Literal
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus.literals import day_number

_MONTHS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?")
_DAYS = re.compile(r"P(\d+)D")


class _UnsupportedPart(Exception):
    """Something of a query is not compiled; never leaves the modules of SPARQL."""


@dataclass(frozen=True)
class Binding:
    """What is known of a variable before anything is asked.

    Attributes:
        node: whether it is bound to nodes, and not to what an expression made.
        kind: of its value: ``num``, ``day`` or ``lex``; None where it has none.
        always: whether it is bound in every solution.
    """

    node: bool
    kind: str | None
    always: bool = True


def pattern_of(graph: CompValue) -> CompValue:
    """Give the algebra of the pattern of EXISTS, which rdflib leaves as it was parsed."""
    if graph.name in ("GroupGraphPatternSub", "SubSelect"):
        return translateGroupGraphPattern(graph)
    return graph


def conjuncts(expression: CompValue) -> list[CompValue]:
    """Give the conditions that a condition asks for together."""
    if getattr(expression, "name", None) != "ConditionalAndExpression":
        return [expression]
    return [c for part in (expression.expr, *expression.other) for c in conjuncts(part)]


def constant(literal: Literal) -> tuple[int | Decimal | str, str]:
    """Give the value of a literal, and its kind."""
    value = literal.value
    if literal.datatype in (XSD.integer, XSD.decimal) and isinstance(value, int | Decimal):
        return value, "num"
    if literal.datatype == XSD.date and isinstance(value, date):
        return day_number(value), "day"
    if literal.datatype in (None, XSD.string) and literal.language is None:
        return str(literal), "lex"
    raise _UnsupportedPart(f"the literal {literal.n3()}")


def duration(literal: Literal) -> tuple[int, int]:
    """Give a duration as months and days."""
    months, days = _MONTHS.fullmatch(str(literal)), _DAYS.fullmatch(str(literal))
    if literal.datatype == XSD.yearMonthDuration and months is not None:
        return 12 * int(months.group(1) or 0) + int(months.group(2) or 0), 0
    if literal.datatype == XSD.dayTimeDuration and days is not None:
        return 0, int(days.group(1))
    raise _UnsupportedPart(f"the duration {literal}")
