"""Expressions of SPARQL over solutions: values row by row, with errors as SPARQL has them.

A condition is 1 where it is true, 0 where it is false, and -1 where it is an error, as one about an
unbound variable is.
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from rdflib import Literal, URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus.frames import Source
from reasoner.corpus.literals import date_of, day_number
from reasoner.corpus.solutions import Solutions, value_of
from reasoner.corpus.sparqlparts import Binding, _UnsupportedPart, constant, duration
from reasoner.corpus.vectors import Array, np, objects, there

Value: TypeAlias = Callable[[Source, Solutions], Array]
"""Gives the value of an expression in each solution."""

Known: TypeAlias = Mapping[str, Binding]
"""The variables that solutions have."""

_PLAIN_PATTERN = re.compile(r"[A-Za-z0-9^$\[\]+*? -]*")
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip


def expression_of(expression: Any, known: Known) -> tuple[Value, str]:
    """Compile an expression.

    Args:
        expression: of the algebra that rdflib makes.
        known: the variables that solutions have.

    Returns:
        What gives its value, and the kind of that: ``num``, ``day``, ``lex``, ``node`` or ``bool``.
    """
    if isinstance(expression, Variable):
        return _variable(str(expression), known)
    if isinstance(expression, URIRef):
        return partial(term_of, expression), "node"
    if isinstance(expression, Literal):
        value, kind = constant(expression)
        return partial(_constant, value), kind
    made = _EXPRESSIONS.get(expression.name)
    if made is None:
        raise _UnsupportedPart(expression.name)
    return made(expression, known)


def condition_of(expression: Any, known: Known) -> Value:
    """Compile an expression that is a condition."""
    value, kind = expression_of(expression, known)
    if kind != "bool":
        raise _UnsupportedPart(f"a condition that is {kind}")
    return value


# What gives a value is a function of the module and no closure, so that what is compiled can be
# kept in a file.


def term_of(term: URIRef, source: Source, solutions: Solutions) -> Array:
    """Give a term's number in each solution."""
    return np.full(solutions.count, source.number(term), dtype=np.int64)


def _constant(value: Any, _: Source, solutions: Solutions) -> Array:
    return objects([value] * solutions.count)


def nodes_of(name: str, _: Source, solutions: Solutions) -> Array:
    """Give what a variable is bound to in each solution."""
    return solutions.nodes[name]


def _values(name: str, kind: str, source: Source, solutions: Solutions) -> Array:
    return value_of(source, solutions, name, kind)


def _variable(name: str, known: Known) -> tuple[Value, str]:
    if name not in known:
        raise _UnsupportedPart(f"?{name}, which is not bound,")
    kind = known[name].kind
    if kind is None:
        return partial(nodes_of, name), "node"
    return partial(_values, name, kind), kind


def _there(values: Array, kind: str) -> Array:
    """Tell where there is a value."""
    found: Array = values != 0 if kind == "node" else there(values)
    return found


def _lifted(
    made: Callable[[Any, Any], Any], left: Array, right: Array, kind: str
) -> tuple[Array, Array]:
    """Give what an operator makes of each two values, and where both are there."""
    both = _there(left, kind) & _there(right, kind)
    return made(left[both], right[both]), both


def _compared(compare: Callable[[Any, Any], Any], left: Array, right: Array, kind: str) -> Array:
    found, both = _lifted(compare, left, right, kind)
    told = np.full(len(left), -1, dtype=np.int8)
    told[both] = found.astype(np.int8)
    return told


def _logical(expression: CompValue, known: Known) -> tuple[Value, str]:
    parts = tuple(condition_of(p, known) for p in (expression.expr, *expression.other))
    all_of = expression.name == "ConditionalAndExpression"
    return partial(_settled, parts, 0 if all_of else 1), "bool"


def _settled(parts: Sequence[Value], settles: int, source: Source, solutions: Solutions) -> Array:
    told = np.stack([part(source, solutions) for part in parts])
    error = np.where((told == -1).any(axis=0), -1, 1 - settles)
    found: Array = np.where((told == settles).any(axis=0), settles, error).astype(np.int8)
    return found


def _relational(expression: CompValue, known: Known) -> tuple[Value, str]:
    left, kind = expression_of(expression.expr, known)
    if expression.op in ("IN", "NOT IN"):
        items = [expression_of(item, known) for item in expression.other]
        if any(k != kind for _, k in items):
            raise _UnsupportedPart("IN with values of several kinds")
        among = partial(_among, left, tuple(item for item, _ in items), kind)
        return (among if expression.op == "IN" else partial(_negated, among)), "bool"
    right, other = expression_of(expression.other, known)
    if kind != other or (kind not in ("num", "day") and expression.op not in ("=", "!=")):
        raise _UnsupportedPart(f"{kind} {expression.op} {other}")
    return partial(_related, expression.op, left, right, kind), "bool"


def _among(
    left: Value, items: Sequence[Value], kind: str, source: Source, solutions: Solutions
) -> Array:
    values = left(source, solutions)
    told = [_compared(operator.eq, values, item(source, solutions), kind) for item in items]
    found: Array = np.max(np.stack(told), axis=0)
    return found


def _related(
    sign: str, left: Value, right: Value, kind: str, source: Source, solutions: Solutions
) -> Array:
    return _compared(_COMPARISONS[sign], left(source, solutions), right(source, solutions), kind)


def _arithmetic(expression: CompValue, known: Known) -> tuple[Value, str]:
    value, kind = expression_of(expression.expr, known)
    for sign, other in zip(expression.op, expression.other, strict=True):
        if kind == "day" and sign == "-" and isinstance(other, Literal):
            value = partial(_earlier, value, *duration(other))
            continue
        right, right_kind = expression_of(other, known)
        if kind != "num" or right_kind != "num" or sign not in _ARITHMETIC:
            raise _UnsupportedPart(f"{kind} {sign} {right_kind}")
        value = partial(_calculated, sign, value, right)
    return value, kind


def _calculated(
    sign: str, left: Value, right: Value, source: Source, solutions: Solutions
) -> Array:
    values = left(source, solutions), right(source, solutions)
    found, both = _lifted(_ARITHMETIC[sign], *values, "num")
    results = objects([None] * solutions.count)
    results[both] = found
    return results


def _each(values: Array, give: Callable[[Any], Any]) -> Array:
    """Give what a function makes of each value that is there, once for each distinct one."""
    distinct = {v: give(v) for v in set(values.tolist()) if v is not None}
    return objects(distinct.get(v) for v in values.tolist())


def _earlier(value: Value, months: int, days: int, source: Source, solutions: Solutions) -> Array:
    def shift(number: int) -> int:
        day = date_of(number)
        year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
        last = monthrange(year, month + 1)[1]
        return day_number(day.replace(year=year, month=month + 1, day=min(day.day, last))) - days

    return _each(value(source, solutions), shift)


def _not_of(told: Array) -> Array:
    found: Array = np.where(told < 0, told, 1 - told)
    return found


def _not(expression: CompValue, known: Known) -> tuple[Value, str]:
    inner = condition_of(expression.expr, known)
    return partial(_negated, inner), "bool"


def _negated(inner: Value, source: Source, solutions: Solutions) -> Array:
    return _not_of(inner(source, solutions))


def _bound(expression: CompValue, known: Known) -> tuple[Value, str]:
    value, kind = _variable(str(expression.arg), known)
    return partial(_is_bound, value, kind), "bool"


def _is_bound(value: Value, kind: str, source: Source, solutions: Solutions) -> Array:
    return _there(value(source, solutions), kind).astype(np.int8)


def _coalesce(expression: CompValue, known: Known) -> tuple[Value, str]:
    parts = [expression_of(p, known) for p in expression.arg]
    kinds = {kind for _, kind in parts}
    if len(kinds) != 1 or "bool" in kinds:
        raise _UnsupportedPart("COALESCE of several kinds")
    (kind,) = kinds
    return partial(_first_there, tuple(part for part, _ in parts), kind), kind


def _first_there(parts: Sequence[Value], kind: str, source: Source, solutions: Solutions) -> Array:
    first, *rest = (part(source, solutions) for part in parts)
    for other in rest:
        first = np.where(_there(first, kind), first, other)
    return first


def _part_of_day(expression: CompValue, known: Known) -> tuple[Value, str]:
    value, kind = expression_of(expression.arg, known)
    if kind != "day":
        raise _UnsupportedPart(f"{expression.name} of {kind}")
    part = expression.name.removeprefix("Builtin_").lower()
    return partial(_part_of, part, value), "num"


def _part_of(part: str, value: Value, source: Source, solutions: Solutions) -> Array:
    return _each(value(source, solutions), lambda number: getattr(date_of(number), part))


def _regex(expression: CompValue, known: Known) -> tuple[Value, str]:
    value, kind = expression_of(expression.text, known)
    pattern = expression.pattern
    if kind != "lex" or dict.get(expression, "flags") or not isinstance(pattern, Literal):
        raise _UnsupportedPart("REGEX of this form")
    if not _PLAIN_PATTERN.fullmatch(str(pattern)):
        raise _UnsupportedPart(f"the pattern {pattern}")
    return partial(_matched, str(pattern), value), "bool"


def _matched(pattern: str, value: Value, source: Source, solutions: Solutions) -> Array:
    compiled = re.compile(pattern)
    found = _each(value(source, solutions), lambda text: int(bool(compiled.search(text))))
    return np.array([-1 if f is None else f for f in found.tolist()], dtype=np.int8)


_EXPRESSIONS: Mapping[str, Callable[[CompValue, Known], tuple[Value, str]]] = {
    "ConditionalAndExpression": _logical,
    "ConditionalOrExpression": _logical,
    "RelationalExpression": _relational,
    "AdditiveExpression": _arithmetic,
    "MultiplicativeExpression": _arithmetic,
    "UnaryNot": _not,
    "Builtin_BOUND": _bound,
    "Builtin_COALESCE": _coalesce,
    "Builtin_YEAR": _part_of_day,
    "Builtin_MONTH": _part_of_day,
    "Builtin_DAY": _part_of_day,
    "Builtin_REGEX": _regex,
}
